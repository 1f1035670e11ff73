"""How an answer differs from an official one: fields, kinds, and the case of enum values."""

from __future__ import annotations

import json
import re

# Fields of official answers that the model does not give, with the reason; the paths are suffixes
# of a field's path, without list indices.
NOT_MODELLED = {
    "storageProfile.osDiskImage": "the disks of an image lie outside, and so does their size",
    "storageProfile.dataDiskImages": "the disks of an image lie outside, and so does their size",
    "storageProfile.osDisk.diskSizeGB": "the content of disks is not modelled",
    "storageProfile.dataDisks.diskSizeGB": "the content of disks is not modelled",
    "properties.diskSizeGB": "the content of disks is not modelled",
    "sizeInGB": "the content of disks is not modelled",
    "creationData.sourceUniqueId": "the source lies outside, and so does its id",
    "locationMappings": "edge zones are not modelled",
    "nextLink": "this list is over; pages are tested with real clients",
}
# Lists of official answers that are empty here, with the reason; suffixes too.
EMPTY = {
    "safetyProfile.policyViolations": "nobody looks for violations",
    "properties.privateEndpointConnections": "networks are not modelled",
    "value.capabilities": "the catalogue of images does not know what is installed on them",
    "resourceTypes.locations": "the first provider's types are global",
}
# Fields of single examples that the model does not give, with the reason.
CONTRADICTIONS = {
    (
        "compute-images/Image_CreateFromAVM.json",
        "properties.storageProfile",
    ): "the machine lies outside, and so do its disks",
    ("batch/PoolList.json", "value.properties.resizeOperationStatus.errors"): "the pool of the "
    "example had no room to grow; here it has",
    (
        "batch/PoolUpdate_ResizePool.json",
        "properties.autoScaleRun",
    ): "a pool of fixed scale has no autoscale run",
    (
        "batch/PoolUpdate_ResizePool.json",
        "properties.scaleSettings.fixedScale.nodeDeallocationOption",
    ): "a read shows it in resizeOperationStatus alone",
    (
        "compute-gallery/GalleryImageVersion_Update.json",
        "properties.publishingProfile.targetRegions.encryption",
    ): "the request puts the regions without it",
    (
        "compute-gallery/Gallery_Get_WithManagedIdentity.json",
        "identity.userAssignedIdentities.*.tenantId",
    ): "such an identity has clientId and principalId",
    (
        "compute-images/Image_Get.json",
        "properties.storageProfile.osDisk.managedDisk",
    ): "the disk of the example has three sources",
    (
        "compute-images/Image_Get.json",
        "properties.storageProfile.osDisk.blobUri",
    ): "the disk of the example has three sources",
    (
        "compute-images/Image_Get.json",
        "properties.storageProfile.dataDisks.managedDisk",
    ): "the disk of the example has three sources",
    (
        "compute-images/Image_Get.json",
        "properties.storageProfile.dataDisks.blobUri",
    ): "the disk of the example has three sources",
}


def shortcomings(name, document, body, status):
    """Return how an answer falls short of an example's, but for what is known not to be there."""
    wanted = document["responses"][status].get("body")
    if wanted is None:
        return []
    asked = json.dumps(document["parameters"])
    return [
        text
        for text in differences(wanted, body, "")
        if not _left_out(name, text, asked) and not _echoed(text, asked)
    ]


def _echoed(text, asked):
    """Whether a value that differs in case is spelled as in the request."""
    match = re.search(r": must be spelled '.*', got '(.*)'$", text)
    return match is not None and json.dumps(match[1]) in asked


def _left_out(name, text, asked):
    """Whether a shortcoming is one that is known, and not of something the request gave."""
    path, _, rest = text.rpartition(": ")
    plain = re.sub(r"/[^:]*/userAssignedIdentities/[^.]*", "*", re.sub(r"\[\d+\]", "", path))
    if rest == "must not be empty":
        return any(plain.endswith(end) for end in EMPTY)
    if rest != "absent":
        return False
    if (name, plain) in CONTRADICTIONS:
        return True
    field = plain.rpartition(".")[2]
    given = f'"{field}"' in asked
    if field in {"osDiskImage", "dataDiskImages"}:  # these are under `encryption` too
        given = '"storageProfile": {"osDiskImage"' in asked
    return not given and any(plain.endswith(end) for end in NOT_MODELLED)


def differences(wanted, found, path):
    """Return what is missing or of another kind in an answer, as `path: what`."""
    if isinstance(wanted, dict):
        yield from _object_differences(wanted, found, path)
    elif isinstance(wanted, list):
        if not isinstance(found, list):
            yield f"{path}: must be a list, got {found!r}"
        elif wanted and not found:
            yield f"{path}: must not be empty"
        elif wanted:
            yield from differences(wanted[0], found[0], f"{path}[0]")
    elif isinstance(wanted, str) and isinstance(found, str):
        if wanted != found and wanted.casefold() == found.casefold() and "/" not in wanted:
            yield f"{path}: must be spelled '{wanted}', got '{found}'"
    elif not _same_kind(wanted, found):
        yield f"{path}: must be {type(wanted).__name__}, got {found!r}"


def _object_differences(wanted, found, path):
    if not isinstance(found, dict):
        yield f"{path}: must be an object, got {found!r}"
        return
    for name, value in wanted.items():
        at = f"{path}.{name}".strip(".")
        if value is None:
            continue
        if name not in found:
            yield f"{at}: absent"
        else:
            yield from differences(value, found[name], at)


def _same_kind(wanted, found):
    if isinstance(wanted, bool) or isinstance(found, bool):
        return isinstance(wanted, bool) and isinstance(found, bool)
    numbers = isinstance(wanted, int | float) and isinstance(found, int | float)
    return numbers or type(wanted) is type(found)
