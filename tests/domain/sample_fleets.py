"""Pools that use everything a sample can say, for the tests of samples."""

from __future__ import annotations

from imagefleet.domain.fleet import (
    AutoScale,
    BlobMount,
    Caching,
    FixedScale,
    Fleet,
    NfsMount,
    ResourceFile,
    StartTask,
)
from tests.domain import fleets

AWKWARD = "sh -c 'echo \"$HOME\" \\ {braces} \u2028 100% «ü» `id`; exit 0'\n# two lines"
"""Every character that a language could stumble over."""


def rich() -> Fleet:
    """One pool with all of it, one that autoscales, one that is as plain as can be."""
    task = StartTask(
        command_line=AWKWARD,
        elevated=True,
        wait_for_success=False,
        max_task_retry_count=3,
        environment={"B": AWKWARD, "A": "1"},
        resource_files=(
            ResourceFile(http_url="https://example.com/a", file_path="a", identity=fleets.IDENTITY),
            ResourceFile(auto_storage_container="files"),
        ),
    )
    blob = BlobMount(account_name="data", container="c", identity=fleets.IDENTITY, path="c")
    return fleets.fleet(
        pools={
            "all": fleets.pool(
                scale=FixedScale(dedicated=7, low_priority=5, resize_timeout_minutes=90),
                display_name='Frames, "overnight"',
                identities=(fleets.IDENTITY,),
                subnet_id=fleets.SUBNET,
                public_ip=False,
                start_task=task,
                mounts={"z": NfsMount(source="h:/e", path="e", options="-o ro"), "b": blob},
                tasks_per_node=4,
                inter_node_communication=True,
                os_disk_caching=Caching.READ_ONLY,
                metadata={"owner": "we & you", "b": "2"},
            ),
            "grows": fleets.pool(
                scale=AutoScale(
                    formula="$TargetDedicatedNodes =\n min(5, $PendingTasks.GetSample(1));",
                    maximum_nodes=5,
                    evaluation_interval_minutes=20,
                )
            ),
            "plain": fleets.pool(),
        }
    )
