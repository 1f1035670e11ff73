"""Faults of what image versions are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from imagefleet.domain import arm_ids, clouds, lineage, version_order
from imagefleet.domain.fault import (
    Fault,
    dotted,
    duplicates,
    id_faults,
    signed,
    typed_id,
    without_query,
)
from imagefleet.domain.fleet import (
    ImageVersionSource,
    ManagedImageSource,
    SnapshotSource,
    VhdSource,
    VirtualMachineSource,
)
from imagefleet.domain.security import SecurityType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagefleet.domain.fault import Path
    from imagefleet.domain.fleet import Fleet, Image, Source

LUN_MAXIMUM: Final = 63
"""Logical unit numbers go from 0 to 63 (Batch REST API and Azure Compute REST API, data disks)."""


def faults(fleet: Fleet) -> Iterator[Fault]:
    """Faults of the sources of all versions."""
    for key, image in sorted(fleet.images.items()):
        for number, version in sorted(image.versions.items()):
            if version.source is None:
                continue
            path = ("images", key, "versions", number, "source")
            yield from _path_faults(path, image, version.source)
            yield from _source_faults(fleet, path, version.source)
    yield from _cycle_faults(fleet)


def _cycle_faults(fleet: Fleet) -> Iterator[Fault]:
    """Versions that are made from each other: none of them could be made first."""
    for cycle in version_order.cycles(fleet):
        key, number = cycle[0]
        names = [dotted(("images", *place[:1], "versions", *place[1:])) for place in cycle]
        way = f" by way of {', '.join(names[1:])}" if len(names) > 1 else ""
        message = (
            f"makes {names[0]} from itself{way}; name a source outside the fleet for one of them"
        )
        yield Fault(path=("images", key, "versions", number, "source"), value=None, message=message)


def _path_faults(path: Path, image: Image, source: Source) -> Iterator[Fault]:
    """Faults of passing through a managed image, which all but one kind of source do."""
    if isinstance(source, ImageVersionSource):
        return
    wrong = lineage.managed_image_fault(image.architecture, SecurityType.STANDARD)
    if wrong is not None:
        message = (
            f"passes through a managed image, and {wrong}; make the version outside and name it by "
            "id, or copy one with imageVersion"
        )
        yield Fault(path=path, value=str(image.architecture), message=message)


def _source_faults(fleet: Fleet, path: Path, source: Source) -> Iterator[Fault]:
    match source:
        case SnapshotSource():
            yield from _snapshot_faults((*path, "snapshots"), source)
        case VirtualMachineSource():
            at = (*path, "virtualMachine")
            yield from id_faults(at, source.virtual_machine, arm_ids.VIRTUAL_MACHINE)
        case ManagedImageSource():
            yield from id_faults(
                (*path, "managedImage"), source.managed_image, arm_ids.MANAGED_IMAGE
            )
        case ImageVersionSource():
            yield from _copy_faults(path, source)
        case VhdSource():
            yield from _vhd_faults(fleet, (*path, "vhd"), source.uri)


def _snapshot_faults(path: Path, source: SnapshotSource) -> Iterator[Fault]:
    disks = [((*path, "osDisk"), source.os_disk)]
    for lun, disk in sorted(source.data_disks.items()):
        at = (*path, "dataDisks", str(lun))
        disks.append((at, disk))
        if not 0 <= lun <= LUN_MAXIMUM:
            message = f"must have a logical unit number from 0 to {LUN_MAXIMUM} as its key"
            yield Fault(path=at, value=lun, message=message)
    for at, disk in disks:
        yield from id_faults(at, disk, arm_ids.DISK, arm_ids.SNAPSHOT)
    same = ((at, disk, arm_ids.try_parse(disk) or disk) for at, disk in disks)
    yield from duplicates(same, "is one disk used twice")


def _copy_faults(path: Path, source: ImageVersionSource) -> Iterator[Fault]:
    at = (*path, "imageVersion")
    yield from id_faults(at, source.image_version, arm_ids.IMAGE_VERSION)
    parsed = typed_id(source.image_version, arm_ids.IMAGE_VERSION)
    if parsed is not None and parsed.name.lower() == "latest":
        message = "must name a version by number: what 'latest' means changes"
        yield Fault(path=at, value=source.image_version, message=message)


def _vhd_faults(fleet: Fleet, path: Path, uri: str) -> Iterator[Fault]:
    shown = without_query(uri)
    if signed(uri) or "?" in uri or "#" in uri:
        message = (
            "must be the plain URI of the blob, without a query: a SAS is a secret and would be "
            "kept in state; the service reads the blob with your own rights"
        )
        yield Fault(path=path, value=shown, message=message)
        return
    try:
        parts = urlsplit(uri)
        host, user = (parts.hostname or "").lower(), parts.username
    except ValueError:
        host, user, parts = "", None, urlsplit("")
    suffix = f".blob.{clouds.profile(fleet.cloud).storage_suffix.value}"
    if user is not None or parts.scheme != "https" or not parts.path.lower().endswith(".vhd"):
        message = f"must be https://<account>{suffix}/<container>/<name>.vhd"
        yield Fault(path=path, value="" if user is not None else shown, message=message)
    elif not host.endswith(suffix) or host == suffix:
        message = (
            f"must be a blob in the {fleet.cloud} cloud, whose hosts are <account>{suffix}: images "
            "are made in the cloud the blob is in"
        )
        yield Fault(path=path, value=shown, message=message)
