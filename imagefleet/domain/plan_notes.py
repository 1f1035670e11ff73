"""Notes of a plan: what a person should know before `up` and no check can settle."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from imagefleet.domain import (
    autoscale,
    node_agents,
    regions,
    replication,
    sources,
    vm_sizes,
)
from imagefleet.domain.clouds import Cloud
from imagefleet.domain.fleet import (
    AutoScale,
    GrantRole,
    GrantScope,
    SnapshotSource,
    VhdSource,
    VirtualMachineSource,
)
from imagefleet.domain.fleet_plan import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagefleet.domain.fleet import Fleet, Image, ImageVersion, Pool
    from imagefleet.domain.fleet_plan import GalleryPlan, ImageVersionPlan

WARNED_BEFORE: Final = timedelta(days=365)
"""How long before the end of a base image's support a note speaks of it; our own figure."""


def notes(
    fleet: Fleet,
    gallery: GalleryPlan,
    image_versions: tuple[ImageVersionPlan, ...],
    today: date | None,
) -> tuple[Note, ...]:
    """All notes of a fleet; those about dates only when `today` is given."""
    found: list[Note] = [*_of_regions(fleet), *_of_gallery(gallery), *_of_access(fleet)]
    for key, image in sorted(fleet.images.items()):
        found += _of_image(fleet, key, image, today)
    found += _of_existing(image_versions)
    found += _of_crowded_regions(image_versions)
    found += _of_spare(image_versions)
    for key, pool in sorted(fleet.pools.items()):
        found += _of_pool(fleet, key, pool, today)
    return tuple(found)


def _of_regions(fleet: Fleet) -> Iterator[Note]:
    built = [
        version
        for image in fleet.images.values()
        for version in image.versions.values()
        if version.source is not None
    ]
    if built:
        yield Note(
            where="location",
            message=(
                f"snapshots, managed images and image versions are made in "
                f"{regions.normalise(fleet.location)}: what they are made from must be there too"
            ),
            sources=(sources.IMAGE_VERSION,),
        )
    places = {"location": fleet.location} | {
        f"accounts.{key}.location": account.location for key, account in fleet.accounts.items()
    }
    if fleet.gallery.location is not None:
        places["gallery.location"] = fleet.gallery.location
    for where, name in sorted(places.items()):
        if regions.standing(name, fleet.cloud) == regions.Standing.UNLISTED:
            yield Note(
                where=where,
                message=f"'{name}' is not in our list of regions of {regions.AS_OF}; check it",
                sources=(regions.SOURCE,),
            )


def _of_gallery(gallery: GalleryPlan) -> Iterator[Note]:
    if gallery.foreign_subscription:
        yield Note(
            where="gallery.id",
            message=(
                "the gallery is in another subscription: both must belong to one Microsoft Entra "
                "tenant, and Microsoft.Batch must be registered in the gallery's"
            ),
            sources=("D27", "D28"),
        )


def _of_access(fleet: Fleet) -> Iterator[Note]:
    for key, grant in sorted(fleet.access.items()):
        if grant.scope == GrantScope.GALLERY:
            yield Note(
                where=f"access.{key}.scope",
                message=(
                    "no source says whether rights at the gallery cover beginGetAccess; if pools "
                    "are refused for missing rights, set scope: resourceGroup"
                ),
                sources=("D32",),
            )
        if grant.role == GrantRole.BUILTIN and fleet.cloud != Cloud.PUBLIC:
            yield Note(
                where=f"access.{key}.role",
                message=(
                    f"the built-in roles are those of the public cloud; that the {fleet.cloud} "
                    "cloud has them under the same GUIDs is unconfirmed. role: custom depends on "
                    "none"
                ),
                sources=("D30",),
            )


def _of_image(fleet: Fleet, key: str, image: Image, today: date | None) -> Iterator[Note]:
    where = f"images.{key}"
    if node_agents.base_image(image.base_image) is None:
        base = image.base_image
        yield Note(
            where=f"{where}.baseImage",
            message=(
                f"{base.publisher}/{base.offer}/{base.sku} is not in our catalogue of "
                f"{node_agents.AS_OF}: only first-party images that Batch supports may be the "
                "base, without licence or purchase terms"
            ),
            sources=("D40", "D41", "D43"),
        )
    yield from _end_of_life(where, image.end_of_life, today)
    for number, version in sorted(image.versions.items()):
        at = f"{where}.versions.{number}"
        yield from _end_of_life(at, version.end_of_life, today)
        yield from _of_source(at, version)
        for name in sorted(version.extra_regions):
            if regions.standing(name, fleet.cloud) == regions.Standing.UNLISTED:
                yield Note(
                    where=f"{at}.extraRegions",
                    message=f"'{name}' is not in our list of regions of {regions.AS_OF}; check it",
                    sources=(regions.SOURCE,),
                )


def _of_existing(image_versions: tuple[ImageVersionPlan, ...]) -> Iterator[Note]:
    """Replicas that a version made elsewhere must already have."""
    for version in image_versions:
        if not version.existing or not version.regions:
            continue
        needed = ", ".join(
            f"{region.name} ({region.replicas.value} replicas, {region.floor} at the least)"
            for region in version.regions
        )
        yield Note(
            where=f"images.{version.image_key}.versions.{version.version}.id",
            message=f"the version exists and is left alone; it must be replicated to {needed}",
            sources=("D29", "D91", "D93"),
        )


def _of_crowded_regions(image_versions: tuple[ImageVersionPlan, ...]) -> Iterator[Note]:
    """Regions whose pools would have more replicas than the service allows, each its own."""
    for version in image_versions:
        for region in version.regions:
            if region.pools and region.floor > replication.MAXIMUM:
                yield Note(
                    where=f"images.{version.image_key}.versions.{version.version}",
                    message=(
                        f"{len(region.pools)} pools in {region.name} would need {region.floor} "
                        f"replicas if all started at once, and the service allows "
                        f"{replication.MAXIMUM}: start them one after another"
                    ),
                    sources=("D91", replication.LIMIT_SOURCE),
                )


def _of_spare(image_versions: tuple[ImageVersionPlan, ...]) -> Iterator[Note]:
    """Versions that no pool lists and that are kept for pools to go back to."""
    for version in image_versions:
        kept = [region for region in version.regions if region.floor]
        if version.existing or not kept or any(region.pools for region in version.regions):
            continue
        places = ", ".join(f"{region.replicas.value} in {region.name}" for region in kept)
        yield Note(
            where=f"images.{version.image_key}.versions.{version.version}",
            message=(
                f"no pool lists this version, and its replicas are kept ({places}), each billed as "
                "a snapshot of the image: pools can go back to it at once. When none will, take "
                "the version out of the stack file"
            ),
            sources=("D91", sources.GALLERY),
        )


def _of_source(where: str, version: ImageVersion) -> Iterator[Note]:
    match version.source:
        case SnapshotSource(data_disks=disks) if disks:
            yield Note(
                where=f"{where}.source.snapshots.dataDisks",
                message=(
                    "data disks are attached to every node as they are: each node must mount them "
                    "before use, in the start task or from the image itself"
                ),
                sources=("D14", "D49"),
            )
        case VirtualMachineSource():
            yield Note(
                where=f"{where}.source.virtualMachine",
                message=(
                    "the machine must be generalized, marked so and deallocated, and cannot be "
                    "started again; an image from snapshots of its disks would leave it alive"
                ),
                sources=("D35", "D37", sources.CAPTURE),
            )
        case VhdSource():
            yield Note(
                where=f"{where}.source.vhd",
                message="nothing can show that the VHD is generalized: make sure that it is",
                sources=("D36", "D37"),
            )


def _end_of_life(where: str, ends: date | None, today: date | None) -> Iterator[Note]:
    if ends is None or today is None or ends > today:
        return
    yield Note(
        where=f"{where}.endOfLife",
        message=f"the end of life was {ends}; the date only informs, nodes still start from it",
        sources=(sources.GALLERY,),
    )


def _of_pool(fleet: Fleet, key: str, pool: Pool, today: date | None) -> Iterator[Note]:
    where = f"pools.{key}"
    yield from _support_end(fleet, where, pool, today)
    if vm_sizes.look_up(pool.vm_size).temp_disk is False:
        yield Note(
            where=f"{where}.vmSize",
            message=(
                f"{pool.vm_size} has no temporary disk, which the node agent expects by default; "
                "a size with a 'd' in its name has one"
            ),
            sources=("D50", "D51", vm_sizes.SOURCE),
        )
    if pool.id is not None:
        yield Note(
            where=f"{where}.id",
            message=(
                "the id is fixed: a change of image, size or network deletes the pool, and its "
                "running tasks, before it is made again"
            ),
            sources=(sources.BATCH_POOL_API,),
        )
    if isinstance(pool.scale, AutoScale) and autoscale.ceiling(pool.scale.formula) is None:
        yield Note(
            where=f"{where}.autoscale.formula",
            message=(
                "the formula shows no upper bound, so replicas rest on maximumNodes alone: a "
                f"min({pool.scale.maximum_nodes}, ...) around the target would hold it"
            ),
            sources=("D91", autoscale.SOURCE),
        )


def _support_end(fleet: Fleet, where: str, pool: Pool, today: date | None) -> Iterator[Note]:
    """A node agent or base image whose support ends within a year, or has ended.

    What ended before the day of the catalogue is a fault already; `today` may be later.
    """
    if today is None:
        return
    base = fleet.images[pool.image].base_image
    found = node_agents.support(base, pool.node_agent)
    if found.ends is None or found.ends - today > WARNED_BEFORE:
        return
    entry = node_agents.base_image(base)
    name = node_agents.normalise(pool.node_agent or (entry.agent if entry else ""))
    if found.ended(today):
        when = f"ended on {found.ends}"
        advice = (
            "new pools may be refused and nodes taken away, custom images included: make an image "
            "on a newer base"
        )
    else:
        when = f"ends on {found.ends}"
        advice = "custom images end with their base, so plan an image on a newer one"
    yield Note(
        where=where,
        message=f"support for {name} with image {pool.image}'s base {when}; {advice}",
        sources=("D69", found.source, sources.BATCH_BEST_PRACTICES),
    )
