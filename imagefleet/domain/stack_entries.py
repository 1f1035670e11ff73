"""Which entry of the stack file a resource of the fleet was made from, told by its URN.

The components build logical names from the project's name and the keys of the stack file
(`imagefleet.domain.naming`); here the same names are built from the file's keys and compared.
Whatever has another name, or was not made by `ImageFleet`, has no entry: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from imagefleet.domain import naming, roles
from imagefleet.domain.fault import Path

_FLEET: Final = "imagefleet:index:ImageFleet"
_GALLERY: Final = "imagefleet:compute:Gallery"
_DEFINITION: Final = "imagefleet:compute:ImageDefinition"
_VERSION: Final = "imagefleet:compute:ReplicatedImageVersion"
_IMAGE: Final = "imagefleet:compute:ManagedImage"
_SNAPSHOTS: Final = "imagefleet:compute:SourceSnapshots"
_ACCESS: Final = "imagefleet:authorization:GalleryAccess"
_ACCOUNT: Final = "imagefleet:batch:BatchAccount"
_POOL: Final = "imagefleet:batch:BatchPool"

# Of what the façade makes itself.
_OWN: Final[Mapping[str, Path]] = {
    "azure-native:resources:ResourceGroup": ("resourceGroup",),
    "pulumi:providers:azure-native": ("gallery",),
}
_MACHINE: Final = "deploymentConfiguration.virtualMachineConfiguration"
# The key behind a property, below the entry; only where the one is the other and nothing more.
_SETTINGS: Final[Mapping[str, Mapping[str, Path]]] = {
    _DEFINITION: {
        "architecture": ("architecture",),
        "description": ("description",),
        "endOfLifeDate": ("endOfLife",),
        "galleryImageName": ("name",),
        "hyperVGeneration": ("generation",),
        "identifier": ("identifier",),
        "osType": ("osType",),
    },
    _VERSION: {
        "publishingProfile.endOfLifeDate": ("endOfLife",),
        "publishingProfile.excludeFromLatest": ("excludeFromLatest",),
        "publishingProfile.storageAccountType": ("storageAccountType",),
        "storageProfile.osDiskImage": ("osDiskCaching",),
        "storageProfile.source": ("source",),
    },
    _ACCOUNT: {
        "accountName": ("name",),
        "autoStorage": ("autoStorage",),
        "identity": ("identities",),
        "keyVaultReference": ("keyVault",),
        "location": ("location",),
        "poolAllocationMode": ("allocationMode",),
        "publicNetworkAccess": ("publicNetworkAccess",),
    },
    _POOL: {
        f"{_MACHINE}.imageReference": ("image",),
        f"{_MACHINE}.nodeAgentSkuId": ("nodeAgent",),
        f"{_MACHINE}.osDisk": ("osDiskCaching",),
        "displayName": ("displayName",),
        "identity": ("identities",),
        "interNodeCommunication": ("interNodeCommunication",),
        "metadata": ("metadata",),
        "mountConfiguration": ("mounts",),
        "networkConfiguration.publicIPAddressConfiguration": ("publicIp",),
        "networkConfiguration.subnetId": ("subnetId",),
        "poolName": ("id",),
        "scaleSettings.autoScale": ("autoscale",),
        "scaleSettings.autoScale.evaluationInterval": ("autoscale", "evaluationIntervalMinutes"),
        "scaleSettings.autoScale.formula": ("autoscale", "formula"),
        "scaleSettings.fixedScale": ("nodes",),
        "scaleSettings.fixedScale.resizeTimeout": ("nodes", "resizeTimeoutMinutes"),
        "scaleSettings.fixedScale.targetDedicatedNodes": ("nodes", "dedicated"),
        "scaleSettings.fixedScale.targetLowPriorityNodes": ("nodes", "lowPriority"),
        "startTask": ("startTask",),
        "taskSlotsPerNode": ("tasksPerNode",),
        "vmSize": ("vmSize",),
    },
}
_STEP: Final = re.compile(r"[^.\[\]]+")


class StackEntries:
    """The entries of one stack file, found by the URNs of the resources made from them.

    `fleet` is what stands at `imagefleet:fleet`, as plain values; what is malformed is passed over.
    """

    def __init__(self, project: str, fleet: Mapping[str, object]) -> None:
        self._project = project
        self._fleet = fleet
        self._entries = dict(_named(project, fleet))

    def of(self, urn: str, prop: str = "") -> Path | None:
        """Return the way from `imagefleet:fleet` to the entry, () for that of the fleet itself.

        With `prop`, a property of the resource, it goes on to the entry's own key for it, as far
        as that key is there. None where the resource is not made from this stack file.
        """
        parts = urn.split("::", 3)
        if len(parts) < 4 or parts[1] != self._project:  # noqa: PLR2004 urn::project::types::name
            return None
        types, name = parts[2].split("$"), parts[3]
        if types[0] != _FLEET:
            return None
        component = next(each for each in reversed(types) if each.startswith("imagefleet:"))
        if component == _FLEET:
            return () if types == [_FLEET] else _OWN.get(types[-1])
        entry = self._entries.get((component, name))
        return None if entry is None else self._setting(component, entry, prop)

    def _setting(self, component: str, entry: Path, prop: str) -> Path:
        if prop == "options.protect" and self._has(("protect",)):
            return ("protect",)
        steps = _STEP.findall(prop)
        settings = _SETTINGS.get(component, {})
        for end in range(len(steps), 0, -1):
            below = settings.get(".".join(steps[:end]))
            if below and self._has((*entry, *below)):
                return (*entry, *below)
        return entry

    def _has(self, path: Path) -> bool:
        value: object = self._fleet
        for step in path:
            if not isinstance(value, Mapping) or step not in value:
                return False
            value = value[step]
        return True


def _named(project: str, fleet: Mapping[str, object]) -> Iterator[tuple[tuple[str, str], Path]]:
    """Yield every component and child by component type and logical name, with its entry."""
    yield (_GALLERY, project), ("gallery",)
    yield (_ACCESS, f"{project}-access"), ("access",)
    for key in _mapping(fleet.get("access")):
        for role in ("custom", *roles.BUILT_IN_GRANT):
            yield (_ACCESS, f"{project}-access-{key}-{role}"), ("access", key)
    for key in _mapping(fleet.get("accounts")):
        yield (_ACCOUNT, f"{project}-{key}"), ("accounts", key)
    for key, image in _mapping(fleet.get("images")).items():
        yield (_DEFINITION, f"{project}-{key}"), ("images", key)
        for version, settings in _mapping(_mapping(image).get("versions")).items():
            yield from _of_version(project, key, version, _mapping(settings))
    for key, pool in _mapping(fleet.get("pools")).items():
        versions, fixed = _mapping(pool).get("versions"), _mapping(pool).get("id")
        for version in versions if isinstance(versions, list) else []:
            name = naming.pool_key(key, str(version), None if fixed is None else str(fixed))
            yield (_POOL, f"{project}-{name}"), ("pools", key)


def _of_version(
    project: str, key: str, version: str, settings: Mapping[str, object]
) -> Iterator[tuple[tuple[str, str], Path]]:
    entry = ("images", key, "versions", version)
    name = f"{project}-{naming.version_key(key, version)}"
    for component in (_VERSION, _IMAGE, _SNAPSHOTS):
        yield (component, name), entry
    disks = (*entry, "source", "snapshots")
    snapshots = _mapping(_mapping(settings.get("source")).get("snapshots"))
    if "osDisk" in snapshots:
        yield (_SNAPSHOTS, f"{name}-{naming.disk_role(None)}"), (*disks, "osDisk")
    for lun in _mapping(snapshots.get("dataDisks")):
        if lun.isdecimal():
            role = naming.disk_role(int(lun))
            yield (_SNAPSHOTS, f"{name}-{role}"), (*disks, "dataDisks", lun)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
