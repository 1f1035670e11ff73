"""A pool as the body of Batch's own API, version 2025-06-01: what every client sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imagefleet.domain import durations
from imagefleet.domain.fleet import AutoScale, BlobMount

if TYPE_CHECKING:
    from imagefleet.domain.fleet import Mount, ResourceFile, StartTask
    from imagefleet.domain.samples.context import Context


def body(of: Context) -> dict[str, Any]:
    """The pool as JSON values; what is not set is absent, because empty values are refused."""
    settings = of.settings
    return present(
        {
            "id": of.pool.pool_id.value,
            "displayName": settings.display_name,
            "vmSize": settings.vm_size,
            "virtualMachineConfiguration": {
                "imageReference": {"virtualMachineImageId": of.pool.image_version_id},
                "nodeAgentSKUId": of.pool.node_agent_sku.value,
                "osDisk": {"caching": caching(of)},
            },
            **_scale(of),
            "taskSlotsPerNode": settings.tasks_per_node,
            "enableInterNodeCommunication": settings.inter_node_communication or None,
            "networkConfiguration": _network(of),
            "startTask": _start_task(settings.start_task),
            "mountConfiguration": [_mount(mount) for _, mount in sorted(settings.mounts.items())],
            "metadata": pairs(settings.metadata),
        }
    )


def caching(of: Context) -> str:
    """The caching of the OS disk in the data plane's spelling, `readwrite`."""
    return of.settings.os_disk_caching.value.lower()


def present(values: dict[str, Any]) -> dict[str, Any]:
    """Values without those that are absent or empty."""
    return {key: value for key, value in values.items() if value not in (None, [], {})}


def pairs(values: Any) -> list[dict[str, str]]:
    """A mapping as the service has it: name and value, in the order of names."""
    return [{"name": name, "value": value} for name, value in sorted(values.items())]


def _scale(of: Context) -> dict[str, Any]:
    scale = of.settings.scale
    if isinstance(scale, AutoScale):
        return {
            "enableAutoScale": True,
            "autoScaleFormula": scale.formula,
            "autoScaleEvaluationInterval": durations.from_minutes(
                scale.evaluation_interval_minutes
            ),
        }
    return {
        "targetDedicatedNodes": scale.dedicated,
        "targetLowPriorityNodes": scale.low_priority,
        "resizeTimeout": of.pool.resize_timeout.value if of.pool.resize_timeout else None,
    }


def _network(of: Context) -> dict[str, Any]:
    no_address = {"provision": "nopublicipaddresses"}
    return present(
        {
            "subnetId": of.settings.subnet_id,
            "publicIPAddressConfiguration": None if of.settings.public_ip else no_address,
        }
    )


def _start_task(task: StartTask | None) -> dict[str, Any] | None:
    if task is None:
        return None
    administrator = {"autoUser": {"scope": "pool", "elevationLevel": "admin"}}
    return present(
        {
            "commandLine": task.command_line,
            "userIdentity": administrator if task.elevated else None,
            "waitForSuccess": task.wait_for_success,
            "maxTaskRetryCount": task.max_task_retry_count,
            "environmentSettings": pairs(task.environment),
            "resourceFiles": [_resource_file(file) for file in task.resource_files],
        }
    )


def _resource_file(file: ResourceFile) -> dict[str, Any]:
    return present(
        {
            "httpUrl": file.http_url,
            "autoStorageContainerName": file.auto_storage_container,
            "filePath": file.file_path,
            "identityReference": {"resourceId": file.identity} if file.identity else None,
        }
    )


def _mount(mount: Mount) -> dict[str, Any]:
    if isinstance(mount, BlobMount):
        blob = {
            "accountName": mount.account_name,
            "containerName": mount.container,
            "relativeMountPath": mount.path,
            "identityReference": {"resourceId": mount.identity},
            "blobfuseOptions": mount.options,
        }
        return {"azureBlobFileSystemConfiguration": present(blob)}
    nfs = {
        "source": mount.source,
        "relativeMountPath": mount.path,
        "mountOptions": mount.options,
    }
    return {"nfsMountConfiguration": present(nfs)}
