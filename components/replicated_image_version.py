"""One version of an image, replicated to wherever pools start from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import compute

from components.references import day_or_absent, known, tags_or_absent
from imagefleet.domain.fleet_plan import ImageVersionPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicatedImageVersionArgs:
    """What `ReplicatedImageVersion` needs: its plan, its parents' names, its source's id."""

    plan: ImageVersionPlan
    gallery_name: pulumi.Input[str]
    definition_name: pulumi.Input[str]
    resource_group_name: pulumi.Input[str]
    source_id: pulumi.Input[str]
    tags: Mapping[str, str]
    protect: bool


class ReplicatedImageVersion(pulumi.ComponentResource):
    """An image version with the replicas that its plan asks for in each region (D9, D29, D91).

    Replicas and regions change in place. Source, caching, storage account type and replication
    mode do not change at all under one version number: Azure refuses it, and nothing here
    replaces a version that pools may be running; a new number is the way.
    """

    version_id: pulumi.Output[str]
    replicas: Mapping[str, int]

    def __init__(
        self,
        name: str,
        args: ReplicatedImageVersionArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        plan = args.plan
        self.replicas = {region.name: region.replicas.value for region in plan.regions}
        # not the nodes: of a version that no pool lists they are what could come, and no change
        props = {"imageVersionId": plan.id, "replicas": self.replicas}
        super().__init__("imagefleet:compute:ReplicatedImageVersion", name, props, opts)
        hours = f"{plan.create_timeout_hours.value}h" if plan.create_timeout_hours else None
        version = compute.GalleryImageVersion(
            name,
            gallery_image_version_name=plan.version,
            gallery_image_name=args.definition_name,
            gallery_name=args.gallery_name,
            resource_group_name=args.resource_group_name,
            location=plan.location,
            publishing_profile=_publishing_profile(plan),
            storage_profile=_storage_profile(args),
            tags=tags_or_absent(args.tags),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect or None,
                # a new region is copied to as slowly as the first one
                custom_timeouts=pulumi.CustomTimeouts(create=hours, update=hours),
                # a fixed name cannot exist twice, so the old one goes first
                delete_before_replace=True,
            ),
        )
        self.version_id = known(version, plan.id)
        self.register_outputs({"imageVersionId": self.version_id, "replicas": self.replicas})


def _publishing_profile(
    plan: ImageVersionPlan,
) -> compute.GalleryImageVersionPublishingProfileArgs:
    settings = plan.settings
    return compute.GalleryImageVersionPublishingProfileArgs(
        target_regions=[
            compute.TargetRegionArgs(name=region.name, regional_replica_count=region.replicas.value)
            for region in plan.regions
        ],
        replication_mode=compute.ReplicationMode.FULL,
        storage_account_type=settings.storage_account_type,
        exclude_from_latest=settings.exclude_from_latest,
        end_of_life_date=day_or_absent(settings.end_of_life),
    )


def _storage_profile(
    args: ReplicatedImageVersionArgs,
) -> compute.GalleryImageVersionStorageProfileArgs:
    return compute.GalleryImageVersionStorageProfileArgs(
        source=compute.GalleryArtifactVersionFullSourceArgs(id=args.source_id),
        # set at every hop, because which one Batch honours is not documented (D55)
        os_disk_image=compute.GalleryOSDiskImageArgs(
            host_caching=compute.HostCaching(args.plan.settings.os_disk_caching.value)
        ),
    )
