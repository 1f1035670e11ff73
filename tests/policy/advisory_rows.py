"""For each advisory rule, and each of edition global, the one change that breaks the rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from imagefleet.domain import arm_ids, image_access
from rules.example_stacks import ABROAD, GROUP_ID
from rules.examples import DEFINITION_ID, MACHINE_ID, VERSION_ID, put
from rules.lineage_samples import COMPUTE, DEFINITION, VERSION, changed
from rules.verdicts import Sample
from tests.policy.mutation_rows import CONFIGURATION, REFERENCE, REGION, STACK, Row

_OLD_VERSION = "2020-05-01"
_BLOB = "https://account.blob.core.chinacloudapi.cn/vhds/render.vhd"
_ACCOUNT = f"{GROUP_ID}/providers/Microsoft.Storage/storageAccounts/a"
_NODES = "scaleSettings.fixedScale.targetDedicatedNodes"
_TIMEOUT = "scaleSettings.fixedScale.resizeTimeout"
_SCRIPT = {"name": "setup", "publisher": "Microsoft.Azure.Extensions", "type": "CustomScript"}
_OWNER = f"/providers/{arm_ids.ROLE_DEFINITION}/{image_access.OWNER.guid}"
_BASE = {"publisher": "canonical", "offer": "ubuntu-24_04-lts", "sku": "server"}


def _named(name: str) -> Sample:
    return next(one for one in STACK if one.name == name)


def _pool(changes: Mapping[str, Any], **said: Any) -> Sample:
    """A second pool, which runs the first one's version unless it says otherwise."""
    props: Mapping[str, Any] = changed(_named("pool"), poolName="other").props
    for path, value in changes.items():
        props = put(props, path, value)
    return replace(_named("pool"), name="other", props=props, **said)


def _of_an_image_outside(changes: Mapping[str, Any]) -> Sample:
    """A second pool, whose image is in a gallery outside: no line and no replicas to judge."""
    outside = VERSION_ID.replace("galleries/fleet", "galleries/outside")
    return _pool({f"{REFERENCE}.id": outside, **changes}, depends={"accountName": ("account",)})


def _line_of_its_own(
    definition: Mapping[str, Any], pool: Mapping[str, Any], storage: Mapping[str, Any] | None = None
) -> tuple[Sample, ...]:
    """A definition, its version of an uploaded disk, and a pool on it."""
    target = {"targetRegions": [{"name": REGION, "regionalReplicaCount": 2}]}
    names = {"galleryImageName": "bare"}
    uploaded = {"hostCaching": "ReadWrite", "source": {"storageAccountId": _ACCOUNT, "uri": _BLOB}}
    version = changed(
        VERSION,
        location=REGION,
        publishingProfile=target,
        storageProfile={"osDiskImage": uploaded, **(storage or {})},
        **names,
    )
    id_ = f"{DEFINITION_ID.replace('images/render', 'images/bare')}/versions/1.0.0"
    return (
        replace(changed(DEFINITION, **names, **definition), name="bare", protect=True),
        replace(
            version,
            name="bare-version",
            protect=True,
            depends={"galleryImageName": ("bare",)},
        ),
        _pool(
            {f"{REFERENCE}.id": id_, **pool},
            depends={"deploymentConfiguration": ("bare-version",), "accountName": ("account",)},
        ),
    )


def _target(**target: Any) -> dict[str, Any]:
    return {
        "publishingProfile.targetRegions": [{"name": REGION, "regionalReplicaCount": 2, **target}]
    }


_ABOUT_THE_PROGRAM: Mapping[str, Row] = {
    "not-covered": Row(more=(Sample(type="azure:batch/pool:Pool", name="classic", props={}),)),
    "no-opaque-template": Row(
        of="template",
        props={"properties": {"mode": "Incremental", "templateLink": {"id": "a spec"}}},
    ),
    "local-package-version": Row(of="account", props={"azureApiVersion": _OLD_VERSION}),
    "ignore-changes-hides-constraint": Row(of="definition", said={"ignore_changes": ("features",)}),
    "image-protect": Row(of="definition", said={"protect": False}),
    "cloud-consistent": Row(of="ours", props={"environment": "public"}),
}

_ABOUT_IMAGES: Mapping[str, Row] = {
    "image-security-type-explicit": Row(of="definition", props={"features": None}),
    "image-security-type-gen": Row(of="definition", props={"features": None}),
    "image-not-expired": Row(of="definition", props={"endOfLifeDate": "2020-01-01T00:00:00Z"}),
    "image-chain-complete": Row(
        of="image", props={"storageProfile.osDisk.snapshot": None}, said={"depends": {}}
    ),
    "image-from-snapshots": Row(
        of="image",
        props={
            "storageProfile.osDisk.snapshot": None,
            "storageProfile.osDisk.managedDisk": {"id": f"{COMPUTE}/disks/builder-os"},
        },
        said={"depends": {"storageProfile": ("disk",)}},
    ),
    "managed-image-source-state": Row(
        of="image",
        props={"storageProfile": None, "sourceVirtualMachine": {"id": MACHINE_ID}},
        said={"depends": {"sourceVirtualMachine": ("vm",)}},
    ),
    "snapshot-imported": Row(
        of="snapshot",
        props={"creationData": {"createOption": "Import", "sourceUri": _BLOB}},
        said={"depends": {}},
    ),
    "version-os-disk-platform-key": Row(
        of="version", props=_target(encryption={"osDiskImage": {"diskEncryptionSetId": "an id"}})
    ),
    "version-host-caching": Row(
        of="version", props={"storageProfile.osDiskImage.hostCaching": "None"}
    ),
    "version-source-direct": Row(
        of="version",
        props={
            "storageProfile.source": None,
            "storageProfile.osDiskImage.source": {"id": f"{COMPUTE}/snapshots/render-os"},
        },
        said={"depends": {"galleryImageName": ("definition",), "storageProfile": ("snapshot",)}},
    ),
    "version-source-vhd": Row(
        of="version",
        props={
            "storageProfile.source": None,
            "storageProfile.osDiskImage.source": {"storageAccountId": _ACCOUNT, "uri": _BLOB},
        },
        said={"depends": {"galleryImageName": ("definition",)}},
    ),
    "version-excluded-from-latest": Row(
        of="version",
        props={"publishingProfile.excludeFromLatest": True},
        more=(_pool({f"{REFERENCE}.id": DEFINITION_ID}),),
    ),
    "version-own-region": Row(of="version", props={"location": "chinaeast3"}),
    "replica-count-for-all-pools": Row(more=(_pool({_NODES: 591}),)),
    "replica-headroom": Row(of="pool", props={_NODES: 599}),
}

_ABOUT_ACCESS: Mapping[str, Row] = {
    "cross-subscription-registered": Row(of="ours", props={"subscriptionId": ABROAD}),
    "same-tenant-auxiliary": Row(
        of="grant", props={"delegatedManagedIdentityResourceId": MACHINE_ID}
    ),
    "account-user-subscription-keyvault": Row(
        of="account", props={"poolAllocationMode": "UserSubscription"}
    ),
    "account-autostorage-identity": Row(
        of="account", props={"autoStorage": {"authenticationMode": "StorageKeys"}}
    ),
    "role-scope-not-too-wide": Row(
        of="grant",
        props={"roleDefinitionId": _OWNER},
    ),
    "role-principal-type": Row(of="grant", props={"principalType": "User"}),
    "role-exists-for-pool-identity": Row(without="grant"),
}

_ABOUT_BUILDERS: Mapping[str, Row] = {
    "builder-security-type-stated": Row(
        of="vm", props={"azureApiVersion": "2024-07-01", "securityProfile": None}
    ),
    "builder-image-custom": Row(of="vm", props={"storageProfile.imageReference": {"id": "an id"}}),
    "builder-licence-noted": Row(of="vm", props={"licenseType": "RHEL_BYOS"}),
    "builder-caching-read-write": Row(of="vm", props={"storageProfile.osDisk.caching": "ReadOnly"}),
    "builder-default-temp-drive": Row(of="vm", props={"hardwareProfile.vmSize": "Standard_D4s_v5"}),
    "builder-data-disks-lun": Row(
        of="vm", props={"storageProfile.dataDisks": [{"lun": 0, "createOption": "Empty"}]}
    ),
    "builder-no-implicit-extensions": Row(
        of="vm",
        props={"osProfile.linuxConfiguration.patchSettings.patchMode": "AutomaticByPlatform"},
    ),
    "builder-extension-operations-off": Row(
        of="vm", props={"osProfile.allowExtensionOperations": True}
    ),
    "builder-no-cmk-or-host-encryption": Row(
        of="vm", props={"securityProfile.encryptionAtHost": True}
    ),
}

_ABOUT_POOLS: Mapping[str, Row] = {
    "pool-extensions": Row(of="pool", props={f"{CONFIGURATION}.extensions": [_SCRIPT]}),
    "pool-node-agent-sku-likely": Row(
        more=_line_of_its_own(
            {"identifier": _BASE}, {f"{CONFIGURATION}.nodeAgentSkuId": "batch.node.el 9"}
        )
    ),
    "pool-node-agent-retired": Row(
        more=(_of_an_image_outside({f"{CONFIGURATION}.nodeAgentSkuId": "batch.node.ubuntu 16.04"}),)
    ),
    "pool-resize-timeout-stepped": Row(
        more=(_of_an_image_outside({_NODES: 1001, _TIMEOUT: "PT16M"}),)
    ),
    "pool-os-disk-caching": Row(of="pool", props={f"{CONFIGURATION}.osDisk.caching": "None"}),
    "pool-temp-drive-size": Row(of="pool", props={"vmSize": "Standard_D4s_v5"}),
    "pool-data-disks-vs-image": Row(
        more=_line_of_its_own(
            {},
            {f"{CONFIGURATION}.dataDisks": [{"lun": 0, "diskSizeGB": 64}]},
            {"dataDiskImages": [{"lun": 0, "source": {"id": f"{COMPUTE}/snapshots/data"}}]},
        )
    ),
}

ADVISORY_ROWS: Mapping[str, Row] = {
    **_ABOUT_THE_PROGRAM,
    **_ABOUT_IMAGES,
    **_ABOUT_ACCESS,
    **_ABOUT_BUILDERS,
    **_ABOUT_POOLS,
}

_LOCKED = {"securityProfile": {"securityType": "TrustedLaunch"}}
_SUPPORTED = [{"name": "SecurityType", "value": "TrustedLaunchSupported"}]
_PLAN = {"name": "pro", "publisher": "contoso", "product": "linux"}

# Rules that judge in edition global alone.
GLOBAL_ROWS: Mapping[str, Row] = {
    "image-security-type-agrees": Row(of="snapshot", props=_LOCKED),
    "image-trusted-launch-supported": Row(of="definition", props={"features": _SUPPORTED}),
    "image-purchase-plan-noted": Row(of="definition", props={"purchasePlan": _PLAN}),
}
