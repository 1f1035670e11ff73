"""Microsoft.Compute: snapshots and managed images.

A snapshot's source and an image's source never change. Disk and virtual machine ids are outside;
a snapshot that is here must lie in the image's region, and must not come from a Trusted Launch
disk, which no managed image can hold.
"""

from __future__ import annotations

from typing import Any

from imagefleet.domain import arm_ids, naming
from imagefleet.domain import security as security_types
from imagefleet.offline import clock
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import Outcome, Put, ResourceType, at, region
from imagefleet.offline.services import references
from imagefleet.offline.services.managed_identity import stable_guid
from imagefleet.offline.store import Record
from imagefleet.offline.values import Properties

DEFAULT_GENERATION = "V1"
# What each way of making a snapshot or disk must be told, by creation option.
_NEEDED = {
    "copy": "sourceResourceId",
    "copystart": "sourceResourceId",
    "restore": "sourceResourceId",
    "import": "sourceUri",
    "importsecure": "sourceUri",
}
_SOURCES = ("snapshot", "managedDisk", "blobUri")


def invalid(message: str, path: str) -> AzureError:
    """Return the error with which Compute refuses a value."""
    return AzureError("InvalidParameter", message, target=path)


def fixed(path: str) -> AzureError:
    """Return the error with which Compute refuses to change what is fixed at creation."""
    message = (
        f"Changing property '{path}' is not allowed; it is fixed when the resource is created: "
        "make a new one under another name"
    )
    return AzureError("PropertyChangeNotAllowed", message, status=409, target=path)


def require_name(put: Put, wrong: str | None, what: str) -> None:
    """Refuse a name that breaks the service's rule."""
    if wrong:
        message = f"the {what} name '{put.name}' {wrong}"
        raise AzureError("InvalidResourceName", message, target=put.id)


def require_region(put: Put, source: Record | None, source_id: str) -> None:
    """Refuse a source in another region than the resource that is made from it."""
    if source is None:
        return
    there, here = region(source.state.get("location")), region(put.body.get("location"))
    if there != here:
        message = (
            f"source '{source_id}' is not found in {here}: it is in {there}, and a source must be "
            f"in the region of what is made from it ('{put.id}')"
        )
        raise AzureError("ResourceNotFound", message, status=404, target=source_id)


def _put_snapshot(put: Put) -> Outcome:
    require_name(put, naming.snapshot_fault(put.name), "snapshot")
    creation = put.body["creationData"]
    option = str(creation["createOption"]).casefold()
    needed = _NEEDED.get(option)
    if needed and not creation.get(needed):
        path = f"creationData.{needed}"
        message = f"'{path}' is required with createOption '{creation['createOption']}'"
        raise invalid(message, path)
    inherited: Properties = {}
    source_id = creation.get("sourceResourceId")
    if source_id and needed == "sourceResourceId":
        source = references.find(put.transaction, source_id)
        if option != "copystart":
            require_region(put, source, source_id)
        if source is not None:
            inherited = _inherited(source)
    sku = at(put.body, "sku", "name") or "Standard_LRS"
    derived = {
        **inherited,
        **{name: put.body[name] for name in inherited if name in put.body},
        "diskState": "Unattached",
        "encryption": put.body.get("encryption") or {"type": "EncryptionAtRestWithPlatformKey"},
        "incremental": put.body.get("incremental", False),
        "networkAccessPolicy": put.body.get("networkAccessPolicy", "AllowAll"),
        "publicNetworkAccess": put.body.get("publicNetworkAccess", "Enabled"),
        "sku": {"name": sku, "tier": sku.split("_")[0]},
        "timeCreated": clock.timestamp(put.now if put.old is None else put.old.created),
        "uniqueId": stable_guid(put.id, "unique"),
    }
    return Outcome(derived=derived)


def _inherited(source: Record) -> Properties:
    """Return what a copy takes over from a snapshot that is here."""
    taken = ("osType", "hyperVGeneration", "securityProfile", "purchasePlan")
    return {name: source.state[name] for name in taken if name in source.state}


def _put_image(put: Put) -> Outcome:
    require_name(put, naming.managed_image_fault(put.name), "image")
    machine = at(put.body, "sourceVirtualMachine", "id")
    profile = put.body.get("storageProfile") or {}
    disk = profile.get("osDisk")
    if not machine and not disk:
        message = f"image '{put.name}' must have 'sourceVirtualMachine' or 'storageProfile.osDisk'"
        raise invalid(message, "storageProfile")
    generation = put.body.get("hyperVGeneration")
    if disk:
        source = None if machine else _source(put, disk, "storageProfile.osDisk")
        generation = _generation(disk, generation, source)
    luns = [item["lun"] for item in profile.get("dataDisks", ())]
    if len(set(luns)) != len(luns):
        message = f"the LUNs of image '{put.name}' must be distinct, got {luns}"
        raise invalid(message, "storageProfile.dataDisks")
    for item in profile.get("dataDisks", ()):
        _source(put, item, f"storageProfile.dataDisks[{item['lun']}]")
    derived: Properties = {"hyperVGeneration": generation or DEFAULT_GENERATION}
    if profile:
        derived["storageProfile"] = {
            **profile,
            **({"osDisk": {"caching": "None", **disk}} if disk else {}),
            "dataDisks": profile.get("dataDisks", []),
            "zoneResilient": profile.get("zoneResilient", False),
        }
    return Outcome(derived=derived)


def _generation(disk: Properties, generation: Any, source: Record | None) -> Any:
    """Check the OS disk against its source; return the image's generation."""
    if source is None:
        return generation
    kind = source.state.get("osType")
    if kind and kind != disk["osType"]:
        message = f"'{source.id}' holds {kind}, so the image's osType cannot be {disk['osType']}"
        raise invalid(message, "storageProfile.osDisk.osType")
    there = source.state.get("hyperVGeneration")
    if generation and there and generation != there:
        message = (
            f"'{source.id}' has the Hypervisor generation '{there}', the image cannot have "
            f"'{generation}'"
        )
        raise invalid(message, "hyperVGeneration")
    return generation or there


def _source(put: Put, disk: Properties, path: str) -> Record | None:
    given = [name for name in _SOURCES if disk.get(name)]
    if len(given) != 1:
        got = ", ".join(given) or "none"
        message = f"'{path}' must have exactly one of {', '.join(_SOURCES)}, got {got}"
        raise invalid(message, path)
    if given == ["blobUri"]:
        return None
    source_id = str(at(disk, given[0], "id"))
    source = references.find(put.transaction, source_id)
    require_region(put, source, source_id)
    security = at(source.state if source else {}, "securityProfile", "securityType")
    if security not in (None, security_types.SecurityType.STANDARD):
        message = (
            f"'{source_id}' has the security type '{security}', and a managed image can only hold "
            "a Standard one; make the gallery image version from the snapshot, or rebuild the VM"
        )
        raise AzureError("OperationNotAllowed", message, status=409, target=path)
    return source


SNAPSHOT = ResourceType(
    module="compute",
    name="Snapshot",
    arm_type=arm_ids.SNAPSHOT,
    api_version="2024-03-02",
    id_template=(
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
        "/providers/Microsoft.Compute/snapshots/{snapshotName}"
    ),
    force_new=frozenset({"location"}),
    immutable={
        "creationData.createOption": fixed,
        "creationData.sourceResourceId": fixed,
        "creationData.sourceUri": fixed,
        "incremental": fixed,
    },
    put=_put_snapshot,
)
IMAGE = ResourceType(
    module="compute",
    name="Image",
    arm_type=arm_ids.MANAGED_IMAGE,
    api_version="2024-11-01",
    id_template=(
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
        "/providers/Microsoft.Compute/images/{imageName}"
    ),
    force_new=frozenset({"location"}),
    immutable={
        "sourceVirtualMachine.id": fixed,
        "hyperVGeneration": fixed,
        "storageProfile.osDisk.snapshot.id": fixed,
        "storageProfile.osDisk.managedDisk.id": fixed,
        "storageProfile.osDisk.blobUri": fixed,
        "storageProfile.osDisk.osType": fixed,
        "storageProfile.osDisk.osState": fixed,
        "storageProfile.dataDisks": fixed,
    },
    put=_put_image,
)
