"""Faults of images: keys, definitions, base images, and the numbers of their versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imagefleet.domain import (
    arm_ids,
    lineage,
    naming,
    node_agents,
    own_ids,
    regions,
    replication,
    version_order,
    versions,
)
from imagefleet.domain.fault import Fault, dotted, duplicates, id_faults, named, typed_id
from imagefleet.domain.faults_fleet import ACKNOWLEDGE, needs_acknowledgement
from imagefleet.domain.fleet import Architecture, Generation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from imagefleet.domain.fault import Path
    from imagefleet.domain.fleet import Fleet, Image, ImageVersion

STORAGE_TYPES: Final = ("Standard_LRS", "Standard_ZRS", "Premium_LRS", "PremiumV2_LRS")
"""Storage of an image version (Azure documentation, Compute Gallery)."""


def faults(fleet: Fleet, on: date) -> Iterator[Fault]:
    """Faults of all images; support that ended by `on` is over."""
    images = sorted(fleet.images.items())
    made = version_order.makers(fleet)
    for key, image in images:
        yield from _key_faults(key, image)
        yield from _base_faults(("images", key), image, on)
        for number, version in sorted(image.versions.items()):
            path = ("images", key, "versions", number)
            yield from named(path, number, versions.fault(number))
            yield from _version_faults(fleet, path, version)
            yield from _existing_faults(fleet, (key, number), version)
            yield from _made_faults((*path, "id"), version.id, made)
    keys = ((("images", key), key, key.lower()) for key, _ in images)
    yield from duplicates(keys, "differs from another key in case only, which Azure disregards")
    names = (
        (("images", key, "name"), name, name.lower())
        for key, image in images
        for name in (naming.definition_name(key, image.name),)
        if image.name is not None or naming.definition_fault(key) is None
    )
    yield from duplicates(names, "is the name of a definition in the gallery")
    triples = (
        (
            ("images", key, "identifier"),
            f"{image.identifier.publisher}/{image.identifier.offer}/{image.identifier.sku}",
            tuple(
                part.lower()
                for part in (
                    image.identifier.publisher,
                    image.identifier.offer,
                    image.identifier.sku,
                )
            ),
        )
        for key, image in images
    )
    yield from duplicates(triples, "identifies a definition within the gallery")


def _key_faults(key: str, image: Image) -> Iterator[Fault]:
    path = ("images", key)
    yield from named(path, key, naming.key_fault(key))
    if image.name is not None and not image.existing:
        yield from named((*path, "name"), image.name, naming.definition_fault(image.name))
    if image.name is None and not image.existing and naming.key_fault(key) is None:
        wrong = naming.definition_fault(key)
        if wrong is not None:
            message = f"is the definition's name too, which {wrong}; set name"
            yield Fault(path=path, value=key, message=message)
    for number in image.versions:
        snapshot = naming.snapshot_name(key, number, naming.disk_role(0))
        if versions.fault(number) is None and len(snapshot) > naming.RESOURCE_NAME_MAXIMUM:
            message = (
                f"is too long: names such as {snapshot} may have at most "
                f"{naming.RESOURCE_NAME_MAXIMUM} characters"
            )
            yield Fault(path=path, value=key, message=message)
            return


def _base_faults(path: Path, image: Image, on: date) -> Iterator[Fault]:
    base = image.base_image
    at = (*path, "baseImage")
    shown = f"{base.publisher}/{base.offer}/{base.sku}"
    if image.architecture == Architecture.ARM64 and image.generation == Generation.V1:
        message = "must be V2 for an Arm64 image: Arm64 machines are of generation 2 only"
        yield Fault(path=(*path, "generation"), value=str(image.generation), message=message)
    if lineage.has_purchase_plan(base):
        message = (
            "must not be a third-party image with licence and purchase terms (D43); take a "
            "first-party one that Batch supports"
        )
        yield Fault(path=at, value=shown, message=message)
    own = lineage.Traits(generation=image.generation, architecture=image.architecture)
    for text in lineage.disagreements(lineage.base_traits(base), own):
        yield Fault(path=at, value=shown, message=f"does not fit the image: {text}")
    entry = node_agents.base_image(base)
    if entry is None:
        return
    if node_agents.os_type(entry.agent) != image.os_type:
        message = f"is a {node_agents.os_type(entry.agent)} image, and osType is {image.os_type}"
        yield Fault(path=at, value=shown, message=message)
    if entry.ended(on):
        message = (
            f"is no longer supported by Batch since {entry.ends} ({entry.source}), and custom "
            f"images end with their base; node agents in support: {', '.join(node_agents.skus(on))}"
        )
        yield Fault(path=at, value=shown, message=message)


def _version_faults(fleet: Fleet, path: Path, version: ImageVersion) -> Iterator[Fault]:
    if (version.source is None) == (version.id is None):
        given = "neither" if version.source is None else "both"
        message = "must have exactly one of source (made by the fleet) and id (existing)"
        yield Fault(path=path, value=given, message=message)
    if version.storage_account_type not in STORAGE_TYPES:
        yield Fault(
            path=(*path, "storageAccountType"),
            value=version.storage_account_type,
            message=f"must be one of {', '.join(STORAGE_TYPES)}",
        )
    yield from _count_faults((*path, "minimumReplicas"), version.minimum_replicas)
    for name, count in sorted(version.extra_regions.items()):
        at = (*path, "extraRegions", name)
        yield from named(at, name, regions.fault(name, fleet.cloud))
        yield from _count_faults(at, count)
    names = (
        ((*path, "extraRegions", name), name, regions.normalise(name))
        for name in sorted(version.extra_regions)
    )
    yield from duplicates(names, "is a region spelled twice")


def _count_faults(path: Path, count: int) -> Iterator[Fault]:
    if not 1 <= count <= replication.MAXIMUM:
        message = f"must be 1 to {replication.MAXIMUM} replicas, the most in one region"
        yield Fault(path=path, value=count, message=message)


def _existing_faults(fleet: Fleet, keys: tuple[str, str], version: ImageVersion) -> Iterator[Fault]:
    """Faults of the id of an existing version."""
    if version.id is None:
        return
    key, number = keys
    path = ("images", key, "versions", number, "id")
    yield from id_faults(path, version.id, arm_ids.IMAGE_VERSION)
    parsed = typed_id(version.id, arm_ids.IMAGE_VERSION)
    if parsed is None:
        return
    if parsed.name != number:
        message = f"ends in version {parsed.name} and stands under {number}; both must be one"
        yield Fault(path=path, value=version.id, message=message)
    if needs_acknowledgement(fleet, version.id, arm_ids.IMAGE_VERSION):
        yield Fault(path=path, value=version.id, message=ACKNOWLEDGE)
    image = fleet.images[key]
    own = arm_ids.try_parse(own_ids.definition(fleet, key))
    if not image.existing and parsed.parent == own:
        message = (
            "lies in the definition that this fleet would make; a version that exists has one "
            f"already: set images.{key}.existing: true"
        )
        yield Fault(path=path, value=version.id, message=message)


def _made_faults(
    path: Path, text: str | None, made: Mapping[str, version_order.Place]
) -> Iterator[Fault]:
    """A fault when what is named as existing is made by the same fleet."""
    parsed = typed_id(text, arm_ids.IMAGE_VERSION)
    if parsed is not None and parsed.key in made:
        key, number = made[parsed.key]
        message = (
            f"is made by this fleet as {dotted(('images', key, 'versions', number))}, so that its "
            "replicas follow the pools that list it there; let the pools name that image"
        )
        yield Fault(path=path, value=text, message=message)
