"""The whole path of a fleet, from disks to pools: the one component that knows the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_azure_native as azure_native
from pulumi_azure_native import resources

from components.batch_account import BatchAccount, BatchAccountArgs
from components.batch_pool import BatchPool, BatchPoolArgs
from components.gallery import Gallery, GalleryArgs
from components.gallery_access import GalleryAccess, GalleryAccessArgs
from components.image_definition import ImageDefinition, ImageDefinitionArgs
from components.managed_image import ManagedImage, ManagedImageArgs
from components.references import MadeIds, known, tags_or_absent
from components.replicated_image_version import (
    ReplicatedImageVersion,
    ReplicatedImageVersionArgs,
)
from components.source_snapshots import SourceSnapshots, SourceSnapshotsArgs
from imagefleet.domain.fleet_plan import (
    AccountPlan,
    DefinitionPlan,
    FleetPlan,
    ImageVersionPlan,
    ManagedImagePlan,
    PoolPlan,
)


class ImageFleet(pulumi.ComponentResource):
    """Everything that a fleet plan says: images, gallery, versions, access, accounts, pools.

    What exists already is used by its id: no resource and no component is made for it. Every
    mapping is keyed as the plan is. Logical names are `name` and a key of the stack file.
    """

    gallery_id: pulumi.Output[str]
    image_versions: Mapping[str, Mapping[str, Any]]
    accounts: Mapping[str, Mapping[str, Any]]
    pools: Mapping[str, pulumi.Output[str]]
    endpoints: Mapping[str, str]

    def __init__(
        self, name: str, plan: FleetPlan, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        self.endpoints = {key: each.value for key, each in plan.cloud.endpoints.items()}
        props = {"cloud": plan.cloud.cloud.value, "galleryId": plan.gallery.id}
        super().__init__("imagefleet:index:ImageFleet", name, props, opts)
        build = _Builder(self, name, plan)
        build.gallery()
        for definition in plan.definitions:
            build.definition(definition)
        for version in plan.image_versions:
            build.version(version)
        build.access()
        for account in plan.accounts:
            build.account(account)
        for pool in plan.pools:
            build.pool(pool)

        self.gallery_id = pulumi.Output.from_input(build.id_of(plan.gallery.id))
        self.image_versions = build.image_versions
        self.accounts = build.accounts
        self.pools = build.pools
        self.register_outputs(
            {"galleryId": self.gallery_id, "pools": self.pools, "endpoints": self.endpoints}
        )


class _Builder:
    """Makes the parts in order, and remembers what each made for those that refer to it.

    `ids` maps the ARM id of everything made here to an output that depends on it, so that a
    reference to something outside the stack is simply one that is not in it. The plan has each
    version after those that it is made from.
    """

    def __init__(self, fleet: ImageFleet, name: str, plan: FleetPlan) -> None:
        self.fleet, self.name, self.plan = fleet, name, plan
        self.ids = MadeIds()
        self.definition_names: dict[str, pulumi.Input[str]] = {}
        self.account_names: dict[str, pulumi.Input[str]] = {}
        self.account_groups: dict[str, pulumi.Input[str]] = {}
        self.image_versions: dict[str, dict[str, Any]] = {}
        self.accounts: dict[str, dict[str, Any]] = {}
        self.pools: dict[str, pulumi.Output[str]] = {}
        self.assignments: Sequence[pulumi.Resource] = ()
        self.group_name = self._resource_group()
        self.gallery_name: pulumi.Input[str] = plan.gallery.name
        self.gallery_group = (
            plan.gallery.resource_group if plan.gallery.existing else self.group_name
        )
        self.provider = self._gallery_provider()

    def id_of(self, arm_id: str) -> pulumi.Input[str]:
        return self.ids.get(arm_id, arm_id)

    def _options(self, *, in_gallery: bool = False) -> pulumi.ResourceOptions:
        providers: list[pulumi.ProviderResource] | None = None
        if in_gallery and self.provider:
            providers = [self.provider]
        return pulumi.ResourceOptions(parent=self.fleet, providers=providers)

    def _resource_group(self) -> pulumi.Input[str]:
        plan = self.plan.resource_group
        if plan.existing:
            return plan.name
        group = resources.ResourceGroup(
            self.name,
            resource_group_name=plan.name,
            location=plan.location,
            tags=tags_or_absent(self.plan.tags),
            # a fixed name cannot exist twice, so the old one goes first
            opts=pulumi.ResourceOptions(parent=self.fleet, delete_before_replace=True),
        )
        self.ids[plan.id] = known(group, plan.id)
        return known(group, plan.name)

    def _gallery_provider(self) -> azure_native.Provider | None:
        """A provider for a gallery in another subscription; its cloud is written out.

        An explicit provider says `public` unless told, and takes its credentials from the
        environment, not from the stack's `azure-native` configuration.
        """
        if not self.plan.gallery.foreign_subscription:
            return None
        return azure_native.Provider(
            f"{self.name}-gallery",
            subscription_id=self.plan.gallery.subscription_id,
            environment=self.fleet.endpoints["environment"],
            opts=pulumi.ResourceOptions(parent=self.fleet),
        )

    def gallery(self) -> None:
        if self.plan.gallery.existing:
            return
        args = GalleryArgs(
            plan=self.plan.gallery,
            resource_group_name=self.gallery_group,
            tags=self.plan.tags,
            protect=self.plan.protect,
        )
        gallery = Gallery(self.name, args, self._options(in_gallery=True))
        self.ids[self.plan.gallery.id] = gallery.gallery_id
        self.gallery_name = gallery.gallery_name

    def definition(self, plan: DefinitionPlan) -> None:
        self.definition_names[plan.key] = plan.name
        if plan.existing:
            return
        args = ImageDefinitionArgs(
            plan=plan,
            location=self.plan.gallery.location,
            gallery_name=self.gallery_name,
            resource_group_name=self.gallery_group,
            tags=self.plan.tags,
            protect=self.plan.protect,
        )
        made = ImageDefinition(f"{self.name}-{plan.key}", args, self._options(in_gallery=True))
        self.definition_names[plan.key] = made.definition_name

    def version(self, plan: ImageVersionPlan) -> None:
        if plan.managed_image:
            self._managed_image(plan.managed_image)
        if plan.source_id and not plan.existing:
            self._replicated_version(plan, plan.source_id)
        # of a version made elsewhere only the need is known, not what it has
        counted = "replicasNeeded" if plan.existing else "replicas"
        self.image_versions[plan.key] = {
            "id": self.id_of(plan.id),
            counted: {region.name: region.replicas.value for region in plan.regions},
        }

    def _managed_image(self, plan: ManagedImagePlan) -> None:
        name = f"{self.name}-{plan.key}"
        if plan.snapshots:
            snapshots = SourceSnapshots(
                name,
                SourceSnapshotsArgs(
                    snapshots=plan.snapshots,
                    resource_group_name=self.group_name,
                    tags=self.plan.tags,
                ),
                self._options(),
            )
            self.ids.update(snapshots.snapshot_ids)
        args = ManagedImageArgs(
            plan=plan,
            resource_group_name=self.group_name,
            tags=self.plan.tags,
            snapshot_ids=self.ids,
        )
        self.ids[plan.id] = ManagedImage(name, args, self._options()).image_id

    def _replicated_version(self, plan: ImageVersionPlan, source_id: str) -> None:
        args = ReplicatedImageVersionArgs(
            plan=plan,
            gallery_name=self.gallery_name,
            definition_name=self.definition_names[plan.image_key],
            resource_group_name=self.gallery_group,
            source_id=self.id_of(source_id),
            tags=self.plan.tags,
            protect=self.plan.protect,
        )
        name = f"{self.name}-{plan.key}"
        version = ReplicatedImageVersion(name, args, self._options(in_gallery=True))
        self.ids[plan.id] = version.version_id

    def access(self) -> None:
        if not self.plan.grants:
            return
        args = GalleryAccessArgs(
            grants=self.plan.grants, custom_role=self.plan.custom_role, scopes=self.ids
        )
        access = GalleryAccess(f"{self.name}-access", args, self._options(in_gallery=True))
        self.assignments = access.assignments

    def account(self, plan: AccountPlan) -> None:
        self.account_names[plan.key] = plan.name
        self.account_groups[plan.key] = plan.resource_group
        self.accounts[plan.key] = {"id": plan.id}
        if plan.existing:
            return
        args = BatchAccountArgs(
            plan=plan,
            resource_group_name=self.group_name,
            tags=self.plan.tags,
        )
        account = BatchAccount(f"{self.name}-{plan.key}", args, self._options())
        self.account_names[plan.key] = account.account_name
        self.account_groups[plan.key] = self.group_name
        self.accounts[plan.key] = {"id": account.account_id, "endpoint": account.endpoint}

    def pool(self, plan: PoolPlan) -> None:
        args = BatchPoolArgs(
            plan=plan,
            account_name=self.account_names[plan.account_key],
            resource_group_name=self.account_groups[plan.account_key],
            image_version_id=self.id_of(plan.image_version_id),
            after=self.assignments,
        )
        pool = BatchPool(f"{self.name}-{plan.key}", args, self._options())
        self.pools[plan.key] = pool.pool_id
