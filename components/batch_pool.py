"""A Batch pool whose nodes start from one gallery image version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import batch

from components.references import known
from imagefleet.domain import durations
from imagefleet.domain.fleet import BlobMount, FixedScale, Mount, Pool, ResourceFile, StartTask
from imagefleet.domain.fleet_plan import PoolPlan

# What Batch changes only at zero nodes, or not at all (Azure documentation, Batch pool update
# properties). The provider has no such list for Batch: without it a change previews calmly as an
# update and is refused when applied.
FIXED_PROPERTIES = (
    "deploymentConfiguration",
    "vmSize",
    "networkConfiguration",
    "interNodeCommunication",
    "taskSlotsPerNode",
    "mountConfiguration",
    "userAccounts",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPoolArgs:
    """What `BatchPool` needs: its plan, its account, its image version, what it waits for.

    `after` are the role assignments without which Azure refuses to make the pool.
    """

    plan: PoolPlan
    account_name: pulumi.Input[str]
    resource_group_name: pulumi.Input[str]
    image_version_id: pulumi.Input[str]
    after: Sequence[pulumi.Resource] = ()


class BatchPool(pulumi.ComponentResource):
    """A pool from a gallery image version, named by id and nothing else (D65, D71, D73).

    A new image version is another pool beside this one, because the version is part of its key
    and id. What Batch cannot change while nodes run (size, network, mounts and the like)
    replaces the pool, and the old one goes first: its id can exist only once, with a stamped
    version as with a fixed id. Scale, start task, metadata and identity change in place.
    A label never replaces a pool: a changed display name is left for Batch to accept (at zero
    nodes) or refuse, and Azure tags, which Batch cannot change on a pool, are left out.
    """

    pool_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: BatchPoolArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        plan, settings = args.plan, args.plan.settings
        props = {
            "poolId": plan.id,
            "imageVersionId": plan.image_version_id,
            "nodes": plan.nodes.value,
            "replacedOnImageChange": plan.replaced_on_image_change,
        }
        super().__init__("imagefleet:batch:BatchPool", name, props, opts)
        pool = batch.Pool(
            name,
            pool_name=plan.pool_id.value,
            account_name=args.account_name,
            resource_group_name=args.resource_group_name,
            display_name=settings.display_name,
            vm_size=settings.vm_size,
            deployment_configuration=_deployment(args),
            scale_settings=_scale(plan),
            identity=_identity(settings),
            network_configuration=_network(settings),
            start_task=_start_task(settings.start_task),
            mount_configuration=_mounts(settings.mounts),
            task_slots_per_node=settings.tasks_per_node,
            inter_node_communication=_inter_node(settings),
            metadata=_metadata(settings.metadata),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                replace_on_changes=list(FIXED_PROPERTIES),
                delete_before_replace=True,
            ),
        )
        self.pool_id = known(pool, plan.id)
        self.register_outputs({"poolId": self.pool_id})


def _deployment(args: BatchPoolArgs) -> batch.DeploymentConfigurationArgs:
    plan = args.plan
    return batch.DeploymentConfigurationArgs(
        virtual_machine_configuration=batch.VirtualMachineConfigurationArgs(
            # `id` excludes every other part of a reference, `version` above all
            image_reference=batch.ImageReferenceArgs(id=args.image_version_id),
            node_agent_sku_id=plan.node_agent_sku.value,
            os_disk=batch.OSDiskArgs(
                caching=batch.CachingType(plan.settings.os_disk_caching.value)
            ),
        )
    )


def _scale(plan: PoolPlan) -> batch.ScaleSettingsArgs:
    scale = plan.settings.scale
    if isinstance(scale, FixedScale):
        return batch.ScaleSettingsArgs(
            fixed_scale=batch.FixedScaleSettingsArgs(
                target_dedicated_nodes=scale.dedicated,
                target_low_priority_nodes=scale.low_priority,
                resize_timeout=plan.resize_timeout.value if plan.resize_timeout else None,
            )
        )
    return batch.ScaleSettingsArgs(
        auto_scale=batch.AutoScaleSettingsArgs(
            formula=scale.formula,
            evaluation_interval=durations.from_minutes(scale.evaluation_interval_minutes),
        )
    )


def _identity(settings: Pool) -> batch.BatchPoolIdentityArgs | None:
    if not settings.identities:
        return None
    return batch.BatchPoolIdentityArgs(
        type=batch.PoolIdentityType.USER_ASSIGNED,
        user_assigned_identities=list(settings.identities),
    )


def _network(settings: Pool) -> batch.NetworkConfigurationArgs | None:
    if settings.subnet_id is None and settings.public_ip:
        return None
    no_public_ip = batch.PublicIPAddressConfigurationArgs(
        provision=batch.IPAddressProvisioningType.NO_PUBLIC_IP_ADDRESSES
    )
    return batch.NetworkConfigurationArgs(
        subnet_id=settings.subnet_id,
        public_ip_address_configuration=None if settings.public_ip else no_public_ip,
    )


def _inter_node(settings: Pool) -> batch.InterNodeCommunicationState:
    if settings.inter_node_communication:
        return batch.InterNodeCommunicationState.ENABLED
    return batch.InterNodeCommunicationState.DISABLED


def _start_task(task: StartTask | None) -> batch.StartTaskArgs | None:
    if task is None:
        return None
    administrator = batch.UserIdentityArgs(
        auto_user=batch.AutoUserSpecificationArgs(
            scope=batch.AutoUserScope.POOL, elevation_level=batch.ElevationLevel.ADMIN
        )
    )
    return batch.StartTaskArgs(
        command_line=task.command_line,
        user_identity=administrator if task.elevated else None,
        wait_for_success=task.wait_for_success,
        max_task_retry_count=task.max_task_retry_count,
        environment_settings=[
            batch.EnvironmentSettingArgs(name=name, value=value)
            for name, value in sorted(task.environment.items())
        ]
        or None,
        resource_files=[_resource_file(file) for file in task.resource_files] or None,
    )


def _resource_file(file: ResourceFile) -> batch.ResourceFileArgs:
    return batch.ResourceFileArgs(
        http_url=file.http_url,
        auto_storage_container_name=file.auto_storage_container,
        file_path=file.file_path,
        identity_reference=_node_identity(file.identity),
    )


def _node_identity(identity: str | None) -> batch.ComputeNodeIdentityReferenceArgs | None:
    return batch.ComputeNodeIdentityReferenceArgs(resource_id=identity) if identity else None


def _mounts(mounts: Mapping[str, Mount]) -> list[batch.MountConfigurationArgs] | None:
    # in the order of their keys: another order in the stack file must not replace the pool
    return [_mount(mount) for _, mount in sorted(mounts.items())] or None


def _mount(mount: Mount) -> batch.MountConfigurationArgs:
    if isinstance(mount, BlobMount):
        return batch.MountConfigurationArgs(
            azure_blob_file_system_configuration=batch.AzureBlobFileSystemConfigurationArgs(
                account_name=mount.account_name,
                container_name=mount.container,
                relative_mount_path=mount.path,
                identity_reference=_node_identity(mount.identity),
                blobfuse_options=mount.options,
            )
        )
    return batch.MountConfigurationArgs(
        nfs_mount_configuration=batch.NFSMountConfigurationArgs(
            source=mount.source, relative_mount_path=mount.path, mount_options=mount.options
        )
    )


def _metadata(metadata: Mapping[str, str]) -> list[batch.MetadataItemArgs] | None:
    return [
        batch.MetadataItemArgs(name=name, value=value) for name, value in sorted(metadata.items())
    ] or None
