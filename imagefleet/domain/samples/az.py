"""The Azure CLI route (D64 to D70)."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from imagefleet.domain.fleet import AutoScale
from imagefleet.domain.samples.body import body
from imagefleet.domain.samples.context import Sample, beyond_the_data_plane
from imagefleet.domain.samples.prose import commented

if TYPE_CHECKING:
    from imagefleet.domain.samples.context import Context

_FILE = "pool.json"


def az(of: Context) -> Sample:
    """Shell commands that sign in with Entra ID and make the pool.

    Options where all that the pool has can be said with them, else a file with the whole body.
    """
    left_out = tuple(beyond_the_data_plane(of))
    quoted = shlex.quote
    text = f"""#!/bin/sh
# Make a Batch pool from a gallery image (D64 to D70).
set -eu
{commented(left_out, "#")}
az cloud set --name {quoted(of.profile.cli_name)}
az login
az account set --subscription {quoted(of.subscription_id)}

# Entra ID, never the account's key: with a key the service refuses the image (D67, D68).
unset AZURE_BATCH_ACCESS_KEY
az batch account login --name {quoted(of.account.name)} \\
    --resource-group {quoted(of.account.resource_group)}

# Operating system and lineage of the image must fit the node agent (D66, D69).
{_create(of)}

# Nodes come up after this.
az batch pool show --pool-id {quoted(of.pool.pool_id.value)} \\
    --query "{{state: state, allocation: allocationState, nodes: currentDedicatedNodes}}"
"""
    return Sample(text=text, left_out=left_out)


def _create(of: Context) -> str:
    if not _fits_options(of):
        document = json.dumps(body(of), indent=2, ensure_ascii=False)
        return f"cat > {_FILE} <<'POOL'\n{document}\nPOOL\naz batch pool create --json-file {_FILE}"
    return " \\\n    ".join(["az batch pool create", *_options(of)])


def _fits_options(of: Context) -> bool:
    settings, task = of.settings, of.settings.start_task
    in_a_file = (
        isinstance(settings.scale, AutoScale),  # no option for the interval of evaluation
        settings.mounts,
        settings.subnet_id,
        not settings.public_ip,
        settings.display_name,
        task is not None
        and (task.elevated or task.resource_files or task.environment or task.max_task_retry_count),
    )
    return not any(in_a_file)


def _options(of: Context) -> list[str]:
    settings, quoted = of.settings, shlex.quote
    options = [
        f"--id {quoted(of.pool.pool_id.value)}",
        f"--vm-size {quoted(settings.vm_size)}",
        *_scale_options(of),
        f"--image {quoted(of.pool.image_version_id)}",
        f"--node-agent-sku-id {quoted(of.pool.node_agent_sku.value)}",
        f"--os-disk-caching {settings.os_disk_caching.value.lower()}",
        f"--task-slots-per-node {settings.tasks_per_node}",
    ]
    if settings.inter_node_communication:
        options.append("--enable-inter-node-communication")
    if settings.start_task is not None:
        options.append(f"--start-task-command-line {quoted(settings.start_task.command_line)}")
        if settings.start_task.wait_for_success:
            options.append("--start-task-wait-for-success")
    if settings.metadata:
        pairs = (f"{name}={value}" for name, value in sorted(settings.metadata.items()))
        options.append(f"--metadata {' '.join(map(quoted, pairs))}")
    return options


def _scale_options(of: Context) -> list[str]:
    scale = of.settings.scale
    if isinstance(scale, AutoScale):
        return []
    options = [f"--target-dedicated-nodes {scale.dedicated}"]
    if scale.low_priority:
        options.append(f"--target-low-priority-nodes {scale.low_priority}")
    if of.pool.resize_timeout is not None:
        options.append(f"--resize-timeout {of.pool.resize_timeout.value}")
    return options
