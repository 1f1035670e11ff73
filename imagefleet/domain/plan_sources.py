"""Plans what an image version is made from: snapshots of disks, and the managed image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import arm_ids, naming, own_ids
from imagefleet.domain.fleet import (
    ImageVersionSource,
    ManagedImageSource,
    SnapshotSource,
    VhdSource,
    VirtualMachineSource,
)
from imagefleet.domain.fleet_plan import ManagedImagePlan, SnapshotPlan
from imagefleet.domain.regions import normalise

if TYPE_CHECKING:
    from imagefleet.domain.fleet import Fleet, Image, Source


def managed_image(
    fleet: Fleet, image_key: str, version: str, source: Source
) -> ManagedImagePlan | None:
    """The managed image that `source` becomes on its way to a version (D25, D33 to D36).

    None for sources that a version can be made from as they are: a managed image, another version.
    """
    if isinstance(source, ManagedImageSource | ImageVersionSource):
        return None
    image = fleet.images[image_key]
    name = naming.managed_image_name(image_key, version)
    snapshots = _snapshots(fleet, image_key, version, source)
    ids = {snapshot.role: snapshot.id for snapshot in snapshots}
    disks = source if isinstance(source, SnapshotSource) else None
    return ManagedImagePlan(
        key=naming.version_key(image_key, version),
        name=name,
        id=arm_ids.managed_image(own_ids.group(fleet), name),
        location=normalise(fleet.location),
        os_type=image.os_type,
        generation=image.generation,
        caching=image.versions[version].os_disk_caching,
        snapshots=snapshots,
        os_snapshot_id=ids.get(naming.disk_role(None), disks.os_disk) if disks else None,
        data_snapshot_ids={
            lun: ids.get(naming.disk_role(lun), disk)
            for lun, disk in (sorted(disks.data_disks.items()) if disks else ())
        },
        virtual_machine_id=(
            source.virtual_machine if isinstance(source, VirtualMachineSource) else None
        ),
        vhd_uri=source.uri if isinstance(source, VhdSource) else None,
    )


def source_id(source: Source | None, made: ManagedImagePlan | None) -> str | None:
    """The ARM id a version is made from: the managed image planned for it, or its own source."""
    if made is not None:
        return made.id
    match source:
        case ManagedImageSource():
            return source.managed_image
        case ImageVersionSource():
            return source.image_version
        case _:
            return None


def _snapshots(
    fleet: Fleet, image_key: str, version: str, source: Source
) -> tuple[SnapshotPlan, ...]:
    """Snapshots the fleet takes itself: one for each disk id; ids of snapshots are used as is."""
    if not isinstance(source, SnapshotSource):
        return ()
    disks: list[tuple[int | None, str]] = [(None, source.os_disk)]
    disks.extend(sorted(source.data_disks.items()))
    image = fleet.images[image_key]
    return tuple(
        _snapshot(fleet, image, (image_key, version, naming.disk_role(lun)), disk)
        for lun, disk in disks
        if not arm_ids.spells(disk, arm_ids.SNAPSHOT)
    )


def _snapshot(fleet: Fleet, image: Image, key: tuple[str, str, str], disk: str) -> SnapshotPlan:
    image_key, version, role = key
    name = naming.snapshot_name(image_key, version, role)
    boots = role == naming.disk_role(None)
    return SnapshotPlan(
        key=naming.snapshot_key(image_key, version, role),
        role=role,
        name=name,
        id=arm_ids.snapshot(own_ids.group(fleet), name),
        location=normalise(fleet.location),
        source_id=disk,
        os_type=image.os_type if boots else None,
        generation=image.generation if boots else None,
    )
