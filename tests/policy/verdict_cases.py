"""A case of each verdict for every rule: which change of its good example leads to which answer.

A rule's own examples are its passing and its failing case. `UNDECIDED` names the place in the good
example where an unknown leaves the rule open, `NOT_APPLICABLE` a stack of its own types that it is
not about; a rule that is about every resource of its types is asked about another type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from rules import ALL_RULES, Rule, StackRule, examples, tokens
from rules.lineage_samples import DISK, IMAGE, SNAPSHOT, changed
from rules.verdicts import Edition, Sample
from tests.policy.judging import UNKNOWN
from tests.policy.places import Place, put

VERDICTS = ("pass", "fail", "not-applicable", "undecided")
Stack = tuple[Sample, ...]


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a rule answers on a stack, as the worst of its answers; `path` is that of the doubt."""

    rule: Rule | StackRule
    verdict: str
    stack: Stack
    edition: Edition = Edition.CHINA
    path: str = ""

    def __str__(self) -> str:
        return f"{self.rule.id}-{self.verdict}"


def _empty(kind: str) -> Stack:
    return (Sample(type=kind, props={}),)


_MACHINE = "deploymentConfiguration.virtualMachineConfiguration"
_OTHER_TYPE = (Sample(type="azure-native:network:VirtualNetwork", props={"location": "x"}),)
_MACHINE_ALONE = (examples.machine(),)
_DISK_ALONE = (DISK,)
_VERSION_ALONE = examples.together(examples.version())
_GENERATION_1 = (examples.definition({"hyperVGeneration": "V1", "features": None}),)
_MARKETPLACE = examples.lone_pool(
    {"imageReference": {"publisher": "canonical", "offer": "ubuntu-24_04-lts", "sku": "server"}}
)
_AUTOSCALED = examples.lone_pool(
    {"/scaleSettings": {"autoScale": {"formula": "$TargetDedicatedNodes = 4;"}}}
)

_REPLICAS = "publishingProfile.targetRegions[0].regionalReplicaCount"
UNDECIDED: Mapping[str, tuple[str, str]] = {
    "template-resources-checked": ("it", "properties"),
    "no-opaque-template": ("it", "properties"),
    "local-package-version": ("it", "azureApiVersion"),
    "image-generalized": ("it", "osState"),
    "image-no-trusted-launch": ("it", "features[0].name"),
    "image-security-type-explicit": ("it", "features[0].name"),
    "image-security-type-gen": ("it", "features[0].name"),
    "image-not-expired": ("it", "endOfLifeDate"),
    "image-os-type-matches": ("image", "storageProfile.osDisk.osType"),
    "image-generation-matches": ("disk", "hyperVGeneration"),
    "version-name-semver": ("it", "galleryImageVersionName"),
    "version-full-replication": ("it", "publishingProfile.replicationMode"),
    "version-no-uefi-keys": ("it", "securityProfile"),
    "version-os-disk-unencrypted": ("it", "publishingProfile.targetRegions[0]"),
    "version-os-disk-platform-key": ("it", "publishingProfile.targetRegions[0]"),
    "version-host-caching": ("it", "storageProfile.osDiskImage.hostCaching"),
    "version-source-allowed": ("it", "storageProfile.source.id"),
    "version-source-direct": ("it", "storageProfile.source.id"),
    "version-source-vhd": ("it", "storageProfile.osDisk.osState"),
    "version-excluded-from-latest": ("version", "publishingProfile.targetRegions[0].name"),
    "replica-in-account-region": ("version", "publishingProfile.targetRegions[0].name"),
    "version-own-region": ("it", "publishingProfile.targetRegions[0].name"),
    "replica-count-for-nodes": (
        "version",
        _REPLICAS,
    ),
    "replica-count-for-all-pools": (
        "version",
        _REPLICAS,
    ),
    "replica-headroom": ("version", _REPLICAS),
    "cross-subscription-registered": ("pool", f"{_MACHINE}.imageReference.id"),
    "same-tenant": ("ours", "tenantId"),
    "cloud-consistent": ("azure", "environment"),
    "account-entra-only": ("it", "allowedAuthenticationModes[0]"),
    "account-user-subscription-keyvault": ("it", "allowedAuthenticationModes[0]"),
    "account-autostorage-identity": ("it", "autoStorage.authenticationMode"),
    "role-not-reader": ("grant", "roleDefinitionId"),
    "role-grants-begin-get-access": ("role", "permissions[0].actions[3]"),
    "role-scope-covers-image": ("grant", "scope"),
    "role-scope-not-too-wide": ("grant", "roleDefinitionId"),
    "role-principal-type": ("grant", "principalType"),
    "role-exists-for-pool-identity": ("grant", "roleDefinitionId"),
    "builder-no-trusted-launch": ("vm", "securityProfile.securityType"),
    "builder-security-type-explicit": ("vm", "securityProfile.securityType"),
    "builder-security-type-stated": ("vm", "securityProfile.securityType"),
    "builder-first-party-image": ("vm", "storageProfile.imageReference.publisher"),
    "builder-image-custom": ("vm", "storageProfile.imageReference"),
    "builder-managed-disks": ("vm", "storageProfile.osDisk"),
    "builder-caching-read-write": ("vm", "storageProfile.osDisk.caching"),
    "builder-no-ephemeral-os": ("vm", "storageProfile.osDisk"),
    "builder-default-temp-drive": ("vm", "hardwareProfile.vmSize"),
    "builder-data-disks-lun": ("vm", "storageProfile.dataDisks[0].lun"),
    "builder-no-implicit-extensions": ("vm", "osProfile"),
    "builder-extension-operations-off": ("vm", "osProfile.allowExtensionOperations"),
    "builder-os-disk-unencrypted": ("vm", "storageProfile.osDisk.encryptionSettings.enabled"),
    "builder-no-cmk-or-host-encryption": ("vm", "storageProfile.osDisk"),
    "builder-no-confidential-disk": ("vm", "storageProfile.osDisk"),
    "snapshot-full": ("it", "creationData.createOption"),
    "snapshot-from-managed-disk": ("it", "creationData.createOption"),
    "snapshot-imported": ("it", "creationData.createOption"),
    "snapshot-no-trusted-launch": ("it", "creationData.createOption"),
    "managed-image-generalized": ("it", "storageProfile.osDisk.osState"),
    "managed-image-source-state": ("it", "storageProfile.osDisk.osState"),
    "image-from-snapshots": ("it", "storageProfile.osDisk.snapshot.id"),
    "pool-no-trusted-launch": ("pool", f"{_MACHINE}.osDisk"),
    "pool-extensions": ("pool", _MACHINE),
    "pool-gallery-image-id": ("pool", f"{_MACHINE}.imageReference.id"),
    "pool-not-managed-image": ("pool", f"{_MACHINE}.imageReference.id"),
    "pool-not-shared-community": ("pool", f"{_MACHINE}.imageReference"),
    "pool-version-pinned": ("pool", f"{_MACHINE}.imageReference.id"),
    "pool-uses-generalized-image": ("definition", "osState"),
    "pool-node-agent-os": ("pool", f"{_MACHINE}.nodeAgentSkuId"),
    "pool-node-agent-sku": ("pool", f"{_MACHINE}.nodeAgentSkuId"),
    "pool-node-agent-sku-likely": ("pool", f"{_MACHINE}.nodeAgentSkuId"),
    "pool-node-agent-retired": ("pool", f"{_MACHINE}.nodeAgentSkuId"),
    "pool-resize-timeout": ("pool", "scaleSettings.fixedScale.targetDedicatedNodes"),
    "pool-resize-timeout-stepped": ("pool", "scaleSettings.fixedScale.targetDedicatedNodes"),
    "pool-autoscale-exempt": ("pool", "scaleSettings"),
    "pool-os-disk-caching": ("pool", f"{_MACHINE}.osDisk.caching"),
    "pool-ephemeral-placement": ("pool", f"{_MACHINE}.osDisk.ephemeralOSDiskSettings.placement"),
    "pool-temp-drive-size": ("pool", "vmSize"),
    "pool-no-linux-disk-encryption": ("pool", _MACHINE),
    "pool-data-disks-vs-image": ("pool", f"{_MACHINE}.dataDisks[0].lun"),
    "image-protect": ("version", "safetyProfile.blockDeletionBeforeEndOfLife"),
    "image-no-purchase-plan": ("it", "purchasePlan"),
    "same-tenant-auxiliary": ("it", "delegatedManagedIdentityResourceId"),
    "builder-no-plan": ("vm", "plan"),
    "builder-licence-noted": ("vm", "licenseType"),
}

NOT_APPLICABLE: Mapping[str, Stack] = {
    "image-security-type-explicit": _GENERATION_1,
    "image-no-purchase-plan": _MACHINE_ALONE,
    "image-os-type-matches": _empty(tokens.MANAGED_IMAGE),
    "image-generation-matches": _empty(tokens.MANAGED_IMAGE),
    "image-chain-complete": _MARKETPLACE,
    "version-source-vhd": _VERSION_ALONE,
    "version-excluded-from-latest": _VERSION_ALONE,
    "replica-in-account-region": _MARKETPLACE,
    "version-own-region": _VERSION_ALONE,
    "replica-count-for-nodes": _MARKETPLACE,
    "replica-count-for-all-pools": _MARKETPLACE,
    "replica-headroom": _MARKETPLACE,
    "cross-subscription-registered": _MARKETPLACE,
    "same-tenant": _MARKETPLACE,
    "same-tenant-auxiliary": _MARKETPLACE,
    "account-user-subscription-keyvault": _empty(tokens.BATCH_ACCOUNT),
    "account-autostorage-identity": _empty(tokens.BATCH_ACCOUNT),
    "role-not-reader": _empty(tokens.ROLE_ASSIGNMENT),
    "role-grants-begin-get-access": _empty(tokens.ROLE_ASSIGNMENT),
    "role-scope-covers-image": _empty(tokens.ROLE_ASSIGNMENT),
    "role-principal-type": _empty(tokens.ROLE_ASSIGNMENT),
    "role-exists-for-pool-identity": _MARKETPLACE,
    "builder-no-trusted-launch": _MACHINE_ALONE,
    "builder-security-type-explicit": _MACHINE_ALONE,
    "builder-security-type-stated": _MACHINE_ALONE,
    "builder-first-party-image": _MACHINE_ALONE,
    "builder-image-custom": _MACHINE_ALONE,
    "builder-no-plan": _MACHINE_ALONE,
    "builder-licence-noted": _MACHINE_ALONE,
    "builder-managed-disks": _MACHINE_ALONE,
    "builder-caching-read-write": _MACHINE_ALONE,
    "builder-no-ephemeral-os": _MACHINE_ALONE,
    "builder-default-temp-drive": _MACHINE_ALONE,
    "builder-data-disks-lun": _VERSION_ALONE,
    "builder-no-extensions": _MACHINE_ALONE,
    "builder-no-implicit-extensions": _MACHINE_ALONE,
    "builder-extension-operations-off": _MACHINE_ALONE,
    "builder-os-disk-unencrypted": _MACHINE_ALONE,
    "builder-no-cmk-or-host-encryption": _MACHINE_ALONE,
    "builder-no-confidential-disk": _MACHINE_ALONE,
    "managed-image-source-state": _empty(tokens.MANAGED_IMAGE),
    "pool-version-pinned": _MARKETPLACE,
    "pool-uses-generalized-image": _MARKETPLACE,
    "pool-node-agent-os": _MARKETPLACE,
    "pool-node-agent-sku": _MARKETPLACE,
    "pool-node-agent-sku-likely": _MARKETPLACE,
    "pool-node-agent-retired": _empty(tokens.BATCH_POOL),
    "pool-resize-timeout": _AUTOSCALED,
    "pool-resize-timeout-stepped": _AUTOSCALED,
    "pool-autoscale-exempt": _MARKETPLACE,
    "pool-data-disks-vs-image": _MARKETPLACE,
    "image-protect": _VERSION_ALONE,
}

# Rules that say nothing in edition china: their cases are of edition global.
_TYPED = examples.definition(
    {"features": [{"name": "SecurityType", "value": "TrustedLaunchSupported"}]}
)
_OPEN = examples.definition({"features": [{"name": "SecurityType", "value": UNKNOWN}]})
_PLAN = {"name": "pro", "publisher": "contoso", "product": "linux"}
_LOCKED = {"securityProfile": {"securityType": "TrustedLaunch"}}
_STANDARD = {"securityProfile": {"securityType": "Standard"}}
_NAMED_DISK = replace(SNAPSHOT, depends={"creationData": ("disk",)})
GLOBAL: Mapping[str, Mapping[str, Stack]] = {
    "image-trusted-launch-supported": {
        "pass": (examples.definition(),),
        "fail": (_TYPED,),
        "not-applicable": _OTHER_TYPE,
        "undecided": (_OPEN,),
    },
    "image-purchase-plan-noted": {
        "pass": (examples.definition(),),
        "fail": (examples.definition({"purchasePlan": _PLAN}),),
        "not-applicable": _MACHINE_ALONE,
        "undecided": (examples.definition({"purchasePlan": UNKNOWN}),),
    },
    "image-security-type-agrees": {
        "pass": (changed(DISK, **_LOCKED), changed(_NAMED_DISK, **_LOCKED)),
        "fail": (changed(DISK, **_LOCKED), changed(_NAMED_DISK, **_STANDARD)),
        "not-applicable": _MARKETPLACE,
        "undecided": (
            changed(DISK, securityProfile={"securityType": UNKNOWN}),
            changed(_NAMED_DISK, **_LOCKED),
        ),
    },
}

# Stacks of their own for rules whose example has no place that an unknown leaves open.
_ON_SOME_MACHINE = Sample(
    type=tokens.VIRTUAL_MACHINE_EXTENSION,
    name="extension",
    props={"vmName": UNKNOWN, "vmExtensionName": "setup", "resourceGroupName": "fleet"},
)
_OF_SOME_SNAPSHOT = replace(
    changed(IMAGE, storageProfile={"osDisk": {"snapshot": {"id": UNKNOWN}}}), depends={}
)
OWN_UNDECIDED: Mapping[str, tuple[Stack, str]] = {
    "builder-no-extensions": ((*examples.captured(), _ON_SOME_MACHINE), "vmName"),
    "image-chain-complete": ((_OF_SOME_SNAPSHOT,), "storageProfile.osDisk.snapshot.id"),
}

# What no stack can show, and where it is tested instead.
WITHOUT: Mapping[tuple[str, str], str] = {
    ("pack-settings", "pass"): "about the pack's settings: test_exemptions.py",
    ("pack-settings", "fail"): "about the pack's settings: test_exemptions.py",
    ("pack-settings", "not-applicable"): "every run has settings; asked once: test_exemptions.py",
    ("pack-settings", "undecided"): "settings come as literals, before the program runs",
    ("not-covered", "undecided"): "a resource's type is always known",
    ("ignore-changes-hides-constraint", "undecided"): "resource options are always known",
    ("exemptions", "pass"): "about the run: test_exemptions.py",
    ("exemptions", "fail"): "about the run: test_exemptions.py",
    ("exemptions", "not-applicable"): "every run has exemptions, or none; asked once",
    ("exemptions", "undecided"): "the file is read before the program runs",
    ("rules-sound", "pass"): "about other rules' answers: test_faults.py",
    ("rules-sound", "fail"): "about other rules' answers: test_faults.py",
    ("rules-sound", "not-applicable"): "every resource has answers",
    ("rules-sound", "undecided"): "a rule broke or did not",
    ("undecided", "pass"): "about other rules' answers: test_honesty.py",
    ("undecided", "fail"): "about other rules' answers: test_honesty.py",
    ("undecided", "not-applicable"): "every resource has answers",
    ("undecided", "undecided"): "it tells what is undecided, and is not so itself",
    ("undecided-noted", "pass"): "about other rules' answers: test_honesty.py",
    ("undecided-noted", "fail"): "about other rules' answers: test_honesty.py",
    ("undecided-noted", "not-applicable"): "every resource has answers",
    ("undecided-noted", "undecided"): "it tells what is undecided, and is not so itself",
}

# Cases whose verdict is another one in edition global, where the two texts differ.
_NOT_IN_GLOBAL = (
    "builder-no-plan",
    "image-no-purchase-plan",
    "pool-no-trusted-launch",
    "snapshot-no-trusted-launch",
    "version-no-uefi-keys",
    "version-os-disk-unencrypted",
)
OTHERWISE: Mapping[tuple[str, str], str] = {
    ("image-no-trusted-launch", "fail"): "not-applicable",
    **{(name, verdict): "not-applicable" for name in _NOT_IN_GLOBAL for verdict in VERDICTS},
}

# Cases whose verdict is another one in the newest API version.
NEWER_API: Mapping[tuple[str, str], str] = {
    ("builder-security-type-stated", verdict): "not-applicable" for verdict in VERDICTS
}


def cases() -> Iterator[Case]:
    """Yield every case, in the order of the pack."""
    for rule in ALL_RULES:
        if rule.id in GLOBAL:
            for verdict, stack in GLOBAL[rule.id].items():
                yield Case(rule=rule, verdict=verdict, stack=stack, edition=Edition.GLOBAL)
            continue
        if rule.good:
            yield Case(rule=rule, verdict="pass", stack=rule.good)
        if rule.bad:
            yield Case(rule=rule, verdict="fail", stack=rule.bad)
        if (rule.id, "not-applicable") not in WITHOUT:
            other = NOT_APPLICABLE.get(rule.id, _OTHER_TYPE)
            yield Case(rule=rule, verdict="not-applicable", stack=other)
        yield from _undecided(rule)


def _undecided(rule: Rule | StackRule) -> Iterator[Case]:
    if rule.id in OWN_UNDECIDED:
        stack, path = OWN_UNDECIDED[rule.id]
        yield Case(rule=rule, verdict="undecided", stack=stack, path=path)
    if rule.id in UNDECIDED:
        name, path = UNDECIDED[rule.id]
        stack = tuple(
            replace(one, props=put(one.props, _place(path), UNKNOWN)) if one.name == name else one
            for one in rule.good
        )
        yield Case(rule=rule, verdict="undecided", stack=stack, path=path)


def _place(path: str) -> Place:
    """Return the steps of a path as people write it: `a.b[0].c`."""
    steps = path.replace("[", ".").replace("]", "").split(".")
    return tuple(int(step) if step.isdigit() else step for step in steps)


CASES: tuple[Case, ...] = tuple(cases())
