"""Plans the gallery, its image definitions and their versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imagefleet.domain import (
    arm_ids,
    naming,
    own_ids,
    plan_regions,
    plan_sources,
    sources,
    version_order,
)
from imagefleet.domain.fleet_plan import (
    DefinitionPlan,
    Derived,
    GalleryPlan,
    ImageVersionPlan,
    ResourceGroupPlan,
)
from imagefleet.domain.regions import normalise
from imagefleet.domain.security import SecurityType

if TYPE_CHECKING:
    from imagefleet.domain.fleet import Fleet, Image
    from imagefleet.domain.fleet_plan import TargetRegionPlan

CREATE_HOURS: Final = 4
CREATE_HOURS_PER_REGION: Final = 1
"""Hours to wait for a version: our own figures. Replication "can take hours" (Azure documentation,
Compute Gallery), and tools that give up after one leave a version behind that then succeeds."""


def resource_group(fleet: Fleet) -> ResourceGroupPlan:
    """The fleet's resource group."""
    return ResourceGroupPlan(
        name=fleet.resource_group.name,
        existing=fleet.resource_group.existing,
        location=normalise(fleet.location),
        id=own_ids.group(fleet),
    )


def gallery(fleet: Fleet) -> GalleryPlan:
    """The gallery: a new one in the fleet's group, or the existing one its id names."""
    stated = fleet.gallery
    location = normalise(stated.location or fleet.location)
    if stated.id is None:
        name = stated.name or ""
        return GalleryPlan(
            name=name,
            resource_group=fleet.resource_group.name,
            subscription_id=fleet.subscription_id,
            location=location,
            id=own_ids.gallery(fleet),
            existing=False,
            foreign_subscription=False,
            description=stated.description,
        )
    parsed = arm_ids.parse_as(stated.id, arm_ids.GALLERY)
    subscription = parsed.subscription_id or fleet.subscription_id
    return GalleryPlan(
        name=parsed.name,
        resource_group=parsed.resource_group or "",
        subscription_id=subscription,
        location=location,
        id=str(parsed),
        existing=True,
        foreign_subscription=subscription.lower() != fleet.subscription_id.lower(),
        description=stated.description,
    )


def definitions(fleet: Fleet, in_gallery: GalleryPlan) -> tuple[DefinitionPlan, ...]:
    """The image definitions, by the images' keys."""
    return tuple(_definition(key, image, in_gallery) for key, image in sorted(fleet.images.items()))


def image_versions(
    fleet: Fleet, of_images: tuple[DefinitionPlan, ...]
) -> tuple[ImageVersionPlan, ...]:
    """The image versions, each after those it is made from, otherwise by image key and number."""
    definition_of = {definition.key: definition for definition in of_images}
    listed, spare = plan_regions.demands(fleet), plan_regions.spare_demands(fleet)
    return tuple(
        _version(
            fleet,
            (definition_of[key], number),
            listed.get((key, number), {}),
            spare.get((key, number), {}),
        )
        for key, number in version_order.in_order(fleet)
    )


def foreign_definition(image: Image, own_id: str) -> str | None:
    """The definition that all versions of an image lie in, when that is not the fleet's own.

    Such versions were made elsewhere and are named by id; the fleet then makes no definition.
    """
    parents: list[str] = []
    for version in image.versions.values():
        parsed = arm_ids.try_parse(version.id) if version.id is not None else None
        parent = parsed.parent if parsed is not None else None
        if parent is None:
            return None
        parents.append(str(parent))
    if not parents or not all(arm_ids.same(parents[0], parent) for parent in parents):
        return None
    return None if arm_ids.same(parents[0], own_id) else min(parents)


def _definition(key: str, image: Image, in_gallery: GalleryPlan) -> DefinitionPlan:
    name = naming.definition_name(key, image.name)
    own_id = arm_ids.image_definition(in_gallery.id, name)
    foreign = foreign_definition(image, own_id)
    definition_id = own_id if foreign is None else foreign
    existing = image.existing or foreign is not None
    return DefinitionPlan(
        key=key,
        name=arm_ids.parse(definition_id).name,
        id=definition_id,
        existing=existing,
        image=image,
        security_type=_security_type() if image.write_security_type and not existing else None,
    )


def _security_type() -> Derived[str]:
    return Derived(
        value=str(SecurityType.STANDARD),
        reason=(
            "Batch supports no Trusted Launch, so images are of the standard type; it is written "
            "out because newer versions of the service make TrustedLaunchSupported the default"
        ),
        sources=("D19", "D20", sources.GALLERY),
    )


def _version(
    fleet: Fleet,
    place: tuple[DefinitionPlan, str],
    listed: plan_regions.Demand,
    spare: plan_regions.Demand,
) -> ImageVersionPlan:
    definition, version = place
    settings = definition.image.versions[version]
    existing = settings.id is not None
    home = normalise(fleet.location)
    made = (
        plan_sources.managed_image(fleet, definition.key, version, settings.source)
        if settings.source is not None and not existing
        else None
    )
    targets = plan_regions.target_regions(settings, listed, spare, None if existing else home)
    return ImageVersionPlan(
        key=naming.version_key(definition.key, version),
        image_key=definition.key,
        version=version,
        id=(
            str(arm_ids.parse(settings.id))
            if settings.id is not None
            else arm_ids.image_version(definition.id, version)
        ),
        existing=existing,
        location=home,
        settings=settings,
        managed_image=made,
        source_id=None if existing else plan_sources.source_id(settings.source, made),
        regions=targets,
        create_timeout_hours=None if existing else _create_timeout(targets),
    )


def _create_timeout(targets: tuple[TargetRegionPlan, ...]) -> Derived[int]:
    count = len(targets)
    hours = CREATE_HOURS + CREATE_HOURS_PER_REGION * count
    return Derived(
        value=hours,
        reason=(
            f"replication can take hours, and giving up early leaves a half-made version behind: "
            f"{CREATE_HOURS} hours and {CREATE_HOURS_PER_REGION} for each target region, of which "
            f"there {'is 1' if count == 1 else f'are {count}'}"
        ),
        sources=(sources.GALLERY,),
    )
