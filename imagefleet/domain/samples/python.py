"""The Python route (D75 to D83), with azure-batch 15 and azure-identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import durations
from imagefleet.domain.fleet import AutoScale, BlobMount, Caching
from imagefleet.domain.samples.context import Sample, beyond_the_data_plane
from imagefleet.domain.samples.prose import commented
from imagefleet.domain.samples.syntax import Call, Raw, Value, literal, source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagefleet.domain.fleet import Mount, ResourceFile, StartTask
    from imagefleet.domain.samples.context import Context

_CACHING = {
    Caching.NONE: "NONE",
    Caching.READ_ONLY: "READ_ONLY",
    Caching.READ_WRITE: "READ_WRITE",
}


def python(of: Context) -> Sample:
    """A program that signs in with Entra ID and makes the pool."""
    left_out = tuple(beyond_the_data_plane(of))
    text = f'''"""Make a Batch pool from a gallery image (D75 to D83).

pip install "azure-batch>=15.1,<16" "azure-identity>=1.27,<2"

Sign in before: `az login`, a managed identity, or a service principal in AZURE_TENANT_ID,
AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (D76). An account key is refused (D21, D22).
"""

from __future__ import annotations

from datetime import timedelta

from azure.batch import BatchClient, models
from azure.identity import DefaultAzureCredential
{commented(left_out, "#")}
# `az batch account show --query accountEndpoint` prints the account's own.
ENDPOINT = {literal(of.endpoint)}
AUTHORITY = {literal(of.profile.authority_host)}
# Without it azure-batch asks for a token of the public cloud, whatever cloud this is (D78).
SCOPE = {literal(of.profile.batch_scope)}


def connect() -> BatchClient:
    """Sign in and return a client of the account."""
    credential = DefaultAzureCredential(authority=AUTHORITY)
    return BatchClient(ENDPOINT, credential, credential_scopes=[SCOPE])


def pool() -> models.BatchPoolCreateOptions:
    """The pool: the image by its id and nothing else (D81), the agent that fits it (D82)."""
    return {source(_pool(of), 1)}


def main() -> None:
    """Make the pool; nodes come up after this returns."""
    with connect() as client:
        client.create_pool(pool())
        made = client.get_pool({literal(of.pool.pool_id.value)})
        print(made.id, made.state, made.allocation_state)


if __name__ == "__main__":
    main()
'''
    return Sample(text=text, left_out=left_out)


def _pool(of: Context) -> Call:
    settings = of.settings
    machine = Call(
        "models.VirtualMachineConfiguration",
        {
            "image_reference": Call(
                "models.BatchVmImageReference",
                {"virtual_machine_image_id": of.pool.image_version_id},
            ),
            "node_agent_sku_id": of.pool.node_agent_sku.value,
            "os_disk": Call(
                "models.BatchOsDisk",
                {"caching": Raw(f"models.CachingType.{_CACHING[settings.os_disk_caching]}")},
            ),
        },
    )
    mounts = [_mount(mount) for _, mount in sorted(settings.mounts.items())]
    return Call(
        "models.BatchPoolCreateOptions",
        {
            "id": of.pool.pool_id.value,
            "display_name": settings.display_name,
            "vm_size": settings.vm_size,
            "virtual_machine_configuration": machine,
            **_scale(of),
            "task_slots_per_node": settings.tasks_per_node,
            "enable_inter_node_communication": settings.inter_node_communication or None,
            "network_configuration": _network(of),
            "start_task": _start_task(settings.start_task),
            "mount_configuration": mounts or None,
            "metadata": _pairs("models.BatchMetadataItem", settings.metadata),
        },
    )


def _scale(of: Context) -> dict[str, Value]:
    scale = of.settings.scale
    if isinstance(scale, AutoScale):
        return {
            "enable_auto_scale": True,
            "auto_scale_formula": scale.formula,
            "auto_scale_evaluation_interval": _minutes(scale.evaluation_interval_minutes),
        }
    timeout = of.pool.resize_timeout
    seconds = durations.seconds(timeout.value) if timeout is not None else None
    return {
        "target_dedicated_nodes": scale.dedicated,
        "target_low_priority_nodes": scale.low_priority,
        "resize_timeout": None if seconds is None else _minutes(int(seconds) // durations.MINUTE),
    }


def _minutes(count: int) -> Raw:
    return Raw(f"timedelta(minutes={count})")


def _network(of: Context) -> Call | None:
    if of.settings.subnet_id is None and of.settings.public_ip:
        return None
    no_address = Call(
        "models.BatchPublicIpAddressConfiguration",
        {
            "ip_address_provisioning_type": Raw(
                "models.IpAddressProvisioningType.NO_PUBLIC_IP_ADDRESSES"
            )
        },
    )
    return Call(
        "models.NetworkConfiguration",
        {
            "subnet_id": of.settings.subnet_id,
            "public_ip_address_configuration": None if of.settings.public_ip else no_address,
        },
    )


def _start_task(task: StartTask | None) -> Call | None:
    if task is None:
        return None
    administrator = Call(
        "models.UserIdentity",
        {
            "auto_user": Call(
                "models.AutoUserSpecification",
                {
                    "scope": Raw("models.AutoUserScope.POOL"),
                    "elevation_level": Raw("models.ElevationLevel.ADMIN"),
                },
            )
        },
    )
    return Call(
        "models.BatchStartTask",
        {
            "command_line": task.command_line,
            "user_identity": administrator if task.elevated else None,
            "wait_for_success": task.wait_for_success,
            "max_task_retry_count": task.max_task_retry_count,
            "environment_settings": _pairs("models.EnvironmentSetting", task.environment),
            "resource_files": [_file(file) for file in task.resource_files] or None,
        },
    )


def _file(file: ResourceFile) -> Call:
    return Call(
        "models.ResourceFile",
        {
            "http_url": file.http_url,
            "auto_storage_container_name": file.auto_storage_container,
            "file_path": file.file_path,
            "identity_reference": _identity(file.identity) if file.identity else None,
        },
    )


def _mount(mount: Mount) -> Call:
    if isinstance(mount, BlobMount):
        blob = Call(
            "models.AzureBlobFileSystemConfiguration",
            {
                "account_name": mount.account_name,
                "container_name": mount.container,
                "relative_mount_path": mount.path,
                "identity_reference": _identity(mount.identity),
                "blobfuse_options": mount.options,
            },
        )
        return Call("models.MountConfiguration", {"azure_blob_file_system_configuration": blob})
    nfs = Call(
        "models.NfsMountConfiguration",
        {
            "source": mount.source,
            "relative_mount_path": mount.path,
            "mount_options": mount.options,
        },
    )
    return Call("models.MountConfiguration", {"nfs_mount_configuration": nfs})


def _identity(resource_id: str) -> Call:
    return Call("models.BatchNodeIdentityReference", {"resource_id": resource_id})


def _pairs(name: str, values: Mapping[str, str]) -> list[Value] | None:
    items = sorted(values.items())
    return [Call(name, {"name": key, "value": value}) for key, value in items] or None
