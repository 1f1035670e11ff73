"""What a gallery image version may be made from, and how the source must fit the definition."""

from __future__ import annotations

from typing import Any

from imagefleet.domain import arm_ids, security
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import Put, at
from imagefleet.offline.services import references, security_features
from imagefleet.offline.services.compute_images import invalid, require_region
from imagefleet.offline.store import Record

# Definitions whose versions may only come from a VHD, a managed image or another version
# (Azure documentation, Compute Gallery; the others answer InvalidParameter).
_NO_DISK_SOURCE = frozenset(
    {
        security.SecurityType.TRUSTED_LAUNCH_SUPPORTED,
        security.SecurityType.TRUSTED_LAUNCH_AND_CONFIDENTIAL_VM_SUPPORTED,
        security.SecurityType.CONFIDENTIAL_VM_SUPPORTED,
    }
)


def require_source(put: Put, definition: Record | None) -> tuple[str, ...]:
    """Check the one source of a version; return the ids it depends on.

    Raises `AzureError` where there is none or more than one, where it is missing or in another
    region, or where it does not fit the definition.
    """
    profile = put.body["storageProfile"]
    whole = _whole_source(profile.get("source") or {})
    disk = (profile.get("osDiskImage") or {}).get("source")
    if (whole is None) == (disk is None):
        message = (
            "'storageProfile' must have either 'source' with one of id, virtualMachineId and "
            "communityGalleryImageId, or 'osDiskImage'"
        )
        raise invalid(message, "storageProfile")
    ids = [whole] if whole else _disk_ids(profile)
    for source_id in ids:
        if put.old is not None:
            continue  # a source may go once the version has been made
        source = _existing(put, source_id)
        require_region(put, source, source_id)
        if definition is not None:
            _require_fit(definition, source, source_id)
    return tuple(ids)


def _whole_source(source: Any) -> str | None:
    given = [
        str(source[name])
        for name in ("id", "virtualMachineId", "communityGalleryImageId")
        if source.get(name)
    ]
    if len(given) > 1:
        message = "'storageProfile.source' must have one of id, virtualMachineId, communityGallery"
        message = f"{message}ImageId, got {len(given)}"
        raise invalid(message, "storageProfile.source")
    return given[0] if given else None


def _disk_ids(profile: Any) -> list[str]:
    images = [profile["osDiskImage"], *(profile.get("dataDiskImages") or [])]
    luns = [item["lun"] for item in images[1:]]
    if len(set(luns)) != len(luns):
        message = f"the LUNs of dataDiskImages must be distinct, got {luns}"
        raise invalid(message, "storageProfile.dataDiskImages")
    ids: list[str] = []
    for image in images:
        source = image.get("source") or {}
        vhd = source.get("uri") and source.get("storageAccountId")
        if bool(source.get("id")) == bool(vhd):
            message = "each disk image must have a source: 'id', or 'uri' and 'storageAccountId'"
            raise invalid(message, "storageProfile.osDiskImage.source")
        ids.append(str(source.get("id") or source["storageAccountId"]))
    return ids


def _existing(put: Put, source_id: str) -> Record | None:
    try:
        return references.find(put.transaction, source_id)
    except AzureError as error:
        message = (
            f"source '{source_id}' is not found; please check that it exists and is in the region "
            f"of the image version, {put.body['location']}"
        )
        raise AzureError(error.code, message, status=404, target=source_id) from error


def _require_fit(definition: Record, source: Record | None, source_id: str) -> None:
    parsed = arm_ids.try_parse(source_id)
    direct = parsed is not None and any(
        parsed.is_a(kind) for kind in (arm_ids.DISK, arm_ids.SNAPSHOT, arm_ids.VIRTUAL_MACHINE)
    )
    kind = security_features.security_type(definition)
    if direct and kind in _NO_DISK_SOURCE:
        message = (
            f"'{source_id}' cannot be the source: only VHD, managed image and gallery image "
            f"version sources are supported for '{kind}' images; make a managed image first"
        )
        raise invalid(message, "storageProfile.source")
    if source is None:
        return
    state = source.state
    of_version = source.type == arm_ids.IMAGE_VERSION
    os_type = at(state, "storageProfile", "osDisk", "osType") or state.get("osType")
    pairs = (
        ("OS state", at(state, "storageProfile", "osDisk", "osState"), "osState"),
        ("Hypervisor generation", state.get("hyperVGeneration"), "hyperVGeneration"),
        ("OS type", os_type, "osType"),
    )
    for what, there, name in () if of_version else pairs:
        wanted = definition.state.get(name)
        if there and wanted and there != wanted:
            message = (
                f"the resource with id '{source_id}' has a different {what} ['{there}'] than the "
                f"parent gallery image {what} ['{wanted}']"
            )
            raise invalid(message, f"storageProfile ({name})")
    locked = at(state, "securityProfile", "securityType")
    if locked not in (None, security.SecurityType.STANDARD) and kind not in security.LOCKED_TYPES:
        message = (
            f"'{source_id}' has the security type '{locked}' and the image definition "
            f"'{definition.name}' is {kind or 'Standard'}"
        )
        raise invalid(message, "storageProfile.osDiskImage")
