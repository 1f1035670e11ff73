"""A compliant stack, and for each mandatory rule the one change to it that breaks the rule.

Those of the advisory rules are in `advisory_rows`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from imagefleet.domain import roles
from rules import tokens
from rules.example_stacks import ABROAD, CUSTOM_ROLE, HOME, assigned, custom_role
from rules.examples import GALLERY_ID, MACHINE, MANAGED_IMAGE_ID, POOL, VERSION_ID, put
from rules.lineage_samples import COMPUTE, DEFINITION, DISK, IMAGE, SNAPSHOT, VERSION, changed
from rules.verdicts import Sample

REGION = "chinanorth3"
CONFIGURATION = "deploymentConfiguration.virtualMachineConfiguration"
REFERENCE = f"{CONFIGURATION}.imageReference"
_READER_ROLE = f"/providers/Microsoft.Authorization/roleDefinitions/{roles.READER.guid}"
_NAMED = {"accountName": "fleet", "resourceGroupName": "fleet"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One change: of the sample `of` (properties by path, or what is `said` beside them).

    Or a sample that is gone (`without`) or added (`more`), or a setting of the rule.
    """

    of: str = ""
    props: Mapping[str, Any] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    without: str = ""
    more: tuple[Sample, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def stack(self) -> tuple[Sample, ...]:
        """Return the compliant stack with this change."""
        kept = (one for one in STACK if one.name != self.without)
        return (*(self._changed(one) if one.name == self.of else one for one in kept), *self.more)

    def _changed(self, sample: Sample) -> Sample:
        props: Mapping[str, Any] = sample.props
        for path, value in self.props.items():
            props = put(props, path, value)
        return replace(sample, props=props, **self.said)


def template(kind: str) -> dict[str, Any]:
    """Return a deployment's properties with one resource of the ARM type `kind`."""
    resource = {"type": kind, "apiVersion": "2024-05-01", "name": "fleet", "properties": {}}
    return {"mode": "Incremental", "template": {"resources": [resource]}}


def _compliant() -> tuple[Sample, ...]:
    tenant = {"tenantId": HOME, "subscriptionId": HOME}
    targets = {"targetRegions": [{"name": REGION, "regionalReplicaCount": 2}]}
    account = {**_NAMED, "location": REGION, "allowedAuthenticationModes": ["AAD"]}
    made = (
        Sample(
            type=tokens.VIRTUAL_MACHINE,
            name="vm",
            props={**MACHINE, "location": REGION, "azureApiVersion": "2025-11-01"},
        ),
        replace(DISK, depends={"creationData": ("vm",)}),
        SNAPSHOT,
        IMAGE,
        replace(DEFINITION, protect=True),
        replace(changed(VERSION, location=REGION, publishingProfile=targets), protect=True),
        Sample(type=tokens.BATCH_ACCOUNT, name="account", props=account),
        Sample(
            type=tokens.BATCH_POOL,
            name="pool",
            props=POOL,
            depends={"deploymentConfiguration": ("version",), "accountName": ("account",)},
        ),
        custom_role(roles.NEEDED),
        replace(assigned(CUSTOM_ROLE), depends={"roleDefinitionId": ("role",)}),
        Sample(
            type=tokens.DEPLOYMENT,
            name="template",
            props={
                "resourceGroupName": "fleet",
                "properties": template("Microsoft.Network/virtualNetworks"),
            },
        ),
    )
    return (
        Sample(type=tokens.PROVIDER, name="ours", props=tenant),
        Sample(type=tokens.PROVIDER, name="theirs", props=tenant),
        *(replace(one, provider="theirs" if one.name == "version" else "ours") for one in made),
    )


STACK = _compliant()

_EXTENSION = Sample(
    type=tokens.VIRTUAL_MACHINE_EXTENSION,
    name="extension",
    props={
        "vmName": "builder",
        "vmExtensionName": "setup",
        "resourceGroupName": "fleet",
        "publisher": "Microsoft.Azure.Extensions",
        "type": "CustomScript",
    },
    depends={"vmName": ("vm",)},
    provider="ours",
)
_COMMUNITY = "/CommunityGalleries/g/Images/i"
_EPHEMERAL = {"ephemeralOSDiskSettings": {"placement": "ResourceDisk"}}
_IN_NODE = {"targets": ["TemporaryDisk"]}
_PLAN = {"name": "pro", "publisher": "contoso", "product": "linux"}
_ENCRYPTED = {"securityProfile": {"confidentialVMEncryptionType": "EncryptedWithPmk"}}


def _regions(**target: Any) -> dict[str, Any]:
    whole = {"name": REGION, "regionalReplicaCount": 2, **target}
    return {"publishingProfile.targetRegions": [whole]}


def _reference(**reference: Any) -> dict[str, Any]:
    return {REFERENCE: reference}


ROWS: Mapping[str, Row] = {
    "pack-settings": Row(options={"edition": "none"}),
    "template-resources-checked": Row(of="template", props={"properties": template("")}),
    "image-generalized": Row(
        more=(
            replace(
                changed(DEFINITION, galleryImageName="spare", osState="Specialized"), name="spare"
            ),
        )
    ),
    "image-no-trusted-launch": Row(
        of="definition",
        props={"features": [{"name": "SecurityType", "value": "TrustedLaunch"}]},
    ),
    "image-no-purchase-plan": Row(of="definition", props={"purchasePlan": _PLAN}),
    "image-os-type-matches": Row(of="disk", props={"osType": "Windows"}),
    "image-generation-matches": Row(of="disk", props={"hyperVGeneration": "V1"}),
    "version-name-semver": Row(of="version", props={"galleryImageVersionName": "1.0"}),
    "version-full-replication": Row(
        of="version", props={"publishingProfile.replicationMode": "Shallow"}
    ),
    "version-no-uefi-keys": Row(
        of="version",
        props={"securityProfile.uefiSettings.signatureTemplateNames": ["NoSignatureTemplate"]},
    ),
    "version-os-disk-unencrypted": Row(
        of="version", props=_regions(encryption={"osDiskImage": _ENCRYPTED})
    ),
    "version-source-allowed": Row(
        of="version",
        props={"storageProfile.source": {"communityGalleryImageId": _COMMUNITY}},
    ),
    "replica-in-account-region": Row(of="account", props={"location": "chinaeast3"}),
    "replica-count-for-nodes": Row(of="version", props=_regions(regionalReplicaCount=0)),
    "same-tenant": Row(of="theirs", props={"tenantId": ABROAD}),
    "account-entra-only": Row(
        of="account", props={"allowedAuthenticationModes": ["AAD", "SharedKey"]}
    ),
    "role-not-reader": Row(of="grant", props={"roleDefinitionId": _READER_ROLE}),
    "role-grants-begin-get-access": Row(
        of="role", props={"permissions": [{"actions": list(roles.READ_IMAGE)}]}
    ),
    "role-scope-covers-image": Row(of="grant", props={"scope": f"{GALLERY_ID}-other"}),
    "builder-no-trusted-launch": Row(
        of="vm", props={"securityProfile.securityType": "TrustedLaunch"}
    ),
    "builder-security-type-explicit": Row(of="vm", props={"securityProfile": None}),
    "builder-first-party-image": Row(
        of="vm", props={"storageProfile.imageReference.publisher": "contoso"}
    ),
    "builder-no-plan": Row(of="vm", props={"plan": _PLAN}),
    "builder-managed-disks": Row(
        of="vm", props={"storageProfile.osDisk.vhd": {"uri": "https://example.invalid/os.vhd"}}
    ),
    "builder-no-ephemeral-os": Row(
        of="vm", props={"storageProfile.osDisk.diffDiskSettings": {"option": "Local"}}
    ),
    "builder-no-extensions": Row(more=(_EXTENSION,)),
    "builder-os-disk-unencrypted": Row(
        of="vm", props={"storageProfile.osDisk.encryptionSettings": {"enabled": True}}
    ),
    "builder-no-confidential-disk": Row(
        of="disk", props={"securityProfile.securityType": "TrustedLaunch"}
    ),
    "snapshot-full": Row(of="snapshot", props={"incremental": True}),
    "snapshot-from-managed-disk": Row(
        of="snapshot", props={"creationData.sourceResourceId": f"{COMPUTE}/snapshots/older"}
    ),
    "snapshot-no-trusted-launch": Row(
        of="snapshot",
        props={"creationData.securityDataUri": "https://example.invalid/guest-state.vhd"},
    ),
    "managed-image-generalized": Row(
        of="image", props={"storageProfile.osDisk.osState": "Specialized"}
    ),
    "pool-no-trusted-launch": Row(
        of="pool", props={f"{CONFIGURATION}.securityProfile.securityType": "trustedLaunch"}
    ),
    "pool-gallery-image-id": Row(of="pool", props=_reference(id=VERSION_ID, version="latest")),
    "pool-not-managed-image": Row(of="pool", props=_reference(id=MANAGED_IMAGE_ID)),
    "pool-not-shared-community": Row(
        of="pool",
        props=_reference(communityGalleryImageId=f"{_COMMUNITY}/Versions/1.0.0"),
    ),
    "pool-version-pinned": Row(
        of="pool",
        props={"upgradePolicy.automaticOSUpgradePolicy.enableAutomaticOSUpgrade": True},
    ),
    "pool-uses-generalized-image": Row(of="definition", props={"osState": "Specialized"}),
    "pool-node-agent-os": Row(
        of="pool", props={f"{CONFIGURATION}.nodeAgentSkuId": "batch.node.windows amd64"}
    ),
    "pool-node-agent-sku": Row(
        of="pool", props={f"{CONFIGURATION}.nodeAgentSkuId": "batch.node.el 9"}
    ),
    "pool-resize-timeout": Row(of="pool", props={"scaleSettings.fixedScale.resizeTimeout": "PT1M"}),
    "pool-autoscale-exempt": Row(
        of="pool", props={"scaleSettings.autoScale": {"formula": "$TargetDedicatedNodes = 4;"}}
    ),
    "pool-ephemeral-placement": Row(
        of="pool",
        props={f"{CONFIGURATION}.osDisk": _EPHEMERAL},
    ),
    "pool-no-linux-disk-encryption": Row(
        of="pool",
        props={f"{CONFIGURATION}.diskEncryptionConfiguration": _IN_NODE},
    ),
}
