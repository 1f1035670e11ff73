"""The ARM ids of what a fleet makes or names as its own, from the stack file's names alone.

They answer for any fleet, also for one with faults: what is wrong is looked for before there is
a plan, and both must mean the same things.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import arm_ids, naming
from imagefleet.domain.fleet import ImageVersionSource, ManagedImageSource, SnapshotSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagefleet.domain.fleet import Account, Fleet, Source


def group(fleet: Fleet) -> str:
    """The id of the fleet's resource group."""
    return arm_ids.resource_group(fleet.subscription_id, fleet.resource_group.name)


def gallery(fleet: Fleet) -> str:
    """The id of the gallery: the stated one, else that of the gallery that will be made."""
    if fleet.gallery.id is not None:
        return fleet.gallery.id.rstrip("/")
    return arm_ids.gallery(group(fleet), fleet.gallery.name or "-")


def definition(fleet: Fleet, key: str) -> str:
    """The id that the definition of an image has in the gallery."""
    name = naming.definition_name(key, fleet.images[key].name)
    return arm_ids.image_definition(gallery(fleet), name)


def account(fleet: Fleet, stated: Account) -> str:
    """The id of a Batch account: the stated one, else that of the account that will be made."""
    if stated.id is not None:
        return stated.id
    return arm_ids.batch_account(group(fleet), stated.name or "-")


def of_version(fleet: Fleet, key: str, number: str, source: Source) -> Iterator[str]:
    """The ids of all that is made for one version from `source`: image version, image, snapshots.

    Snapshots that exist already are used as they are; none is made of them.
    """
    yield arm_ids.image_version(definition(fleet, key), number)
    if isinstance(source, ManagedImageSource | ImageVersionSource):
        return
    yield arm_ids.managed_image(group(fleet), naming.managed_image_name(key, number))
    if not isinstance(source, SnapshotSource):
        return
    for lun, disk in ((None, source.os_disk), *source.data_disks.items()):
        if not arm_ids.spells(disk, arm_ids.SNAPSHOT):
            name = naming.snapshot_name(key, number, naming.disk_role(lun))
            yield arm_ids.snapshot(group(fleet), name)
