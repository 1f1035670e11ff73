"""An image definition in the gallery: what an image is, apart from any version of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import compute

from components.references import day_or_absent, known, tags_or_absent
from imagefleet.domain.fleet import ImageIdentifier
from imagefleet.domain.fleet_plan import DefinitionPlan, Derived
from imagefleet.domain.security import SECURITY_TYPE_FEATURE

# What Azure fixes when a definition is made; the provider has no such list for Compute, so a
# change would preview as an update and fail when applied (Azure documentation, shared galleries).
FIXED_PROPERTIES = (
    "osType",
    "osState",
    "hyperVGeneration",
    "architecture",
    "identifier",
    "purchasePlan",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDefinitionArgs:
    """What `ImageDefinition` needs: its plan, and where its gallery is."""

    plan: DefinitionPlan
    location: str
    gallery_name: pulumi.Input[str]
    resource_group_name: pulumi.Input[str]
    tags: Mapping[str, str]
    protect: bool


class ImageDefinition(pulumi.ComponentResource):
    """A generalized image definition; the OS state is no argument (D37, D38).

    The security type is written out, because newer API versions change what its absence means
    (D20); a purchase plan cannot be given (D43). A change of what Azure fixes at creation
    replaces the definition, old one first, and with it every version that the fleet made.
    """

    definition_id: pulumi.Output[str]
    definition_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: ImageDefinitionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        plan, image = args.plan, args.plan.image
        super().__init__(
            "imagefleet:compute:ImageDefinition", name, {"definitionId": plan.id}, opts
        )
        definition = compute.GalleryImage(
            name,
            gallery_image_name=plan.name,
            gallery_name=args.gallery_name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            os_type=compute.OperatingSystemTypes(image.os_type.value),
            os_state=compute.OperatingSystemStateTypes.GENERALIZED,
            hyper_v_generation=compute.HyperVGeneration(image.generation.value),
            architecture=compute.Architecture(image.architecture.value),
            identifier=_identifier(image.identifier),
            features=_features(plan.security_type),
            description=image.description,
            end_of_life_date=day_or_absent(image.end_of_life),
            tags=tags_or_absent(args.tags),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect or None,
                replace_on_changes=list(FIXED_PROPERTIES),
                # a fixed name cannot exist twice, so the old one goes first
                delete_before_replace=True,
            ),
        )
        self.definition_id = known(definition, plan.id)
        self.definition_name = known(definition, plan.name)
        self.register_outputs({"definitionId": self.definition_id})


def _identifier(identifier: ImageIdentifier) -> compute.GalleryImageIdentifierArgs:
    return compute.GalleryImageIdentifierArgs(
        publisher=identifier.publisher, offer=identifier.offer, sku=identifier.sku
    )


def _features(
    security_type: Derived[str] | None,
) -> list[compute.GalleryImageFeatureArgs] | None:
    if security_type is None:
        return None
    return [compute.GalleryImageFeatureArgs(name=SECURITY_TYPE_FEATURE, value=security_type.value)]
