"""The Compute Gallery that holds the fleet's images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import compute

from components.references import known, tags_or_absent
from imagefleet.domain.fleet_plan import GalleryPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryArgs:
    """What `Gallery` needs: its plan, and the name of the resource group as an output of it."""

    plan: GalleryPlan
    resource_group_name: pulumi.Input[str]
    tags: Mapping[str, str]
    protect: bool


class Gallery(pulumi.ComponentResource):
    """A new gallery (D63). An existing one is used by its id and needs no component.

    `gallery_id` and `gallery_name` are known at the first preview. It shares nothing with the
    public or the community: access is granted by `GalleryAccess` alone.
    """

    gallery_id: pulumi.Output[str]
    gallery_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: GalleryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        plan = args.plan
        props = {"galleryId": plan.id, "location": plan.location}
        super().__init__("imagefleet:compute:Gallery", name, props, opts)
        gallery = compute.Gallery(
            name,
            gallery_name=plan.name,
            resource_group_name=args.resource_group_name,
            location=plan.location,
            description=plan.description,
            tags=tags_or_absent(args.tags),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect or None,
                # a fixed name cannot exist twice, so the old one goes first
                delete_before_replace=True,
            ),
        )
        self.gallery_id = known(gallery, plan.id)
        self.gallery_name = known(gallery, plan.name)
        self.register_outputs({"galleryId": self.gallery_id, "galleryName": self.gallery_name})
