"""Batch pools: how long a resize may take, and how many nodes and task slots they may have."""

from __future__ import annotations

from typing import Final

from imagefleet.domain.fleet import AllocationMode, AutoScale, FixedScale

MINUTES_PER_STEP: Final = 15
NODES_PER_STEP: Final = 1_000
"""At least 15 minutes of resize timeout for every 1,000 nodes (D95; 2,000 -> 30 minutes, D96)."""

RESIZE_TIMEOUT_MINIMUM: Final = 5
"""Minutes; the service refuses less (Batch REST API, FixedScaleSettings)."""

RESIZE_TIMEOUT_DEFAULT: Final = 15
"""Minutes; what the service takes where none is set (Batch REST API, FixedScaleSettings)."""

RESIZE_SOURCES: Final = ("D94", "D95", "D96")

EVALUATION_MINIMUM: Final = 5
EVALUATION_MAXIMUM: Final = 168 * 60
"""Minutes between runs of an autoscale formula: 5 minutes to 168 hours (Batch REST API)."""

INTER_NODE_MAXIMUM: Final = {
    AllocationMode.BATCH_SERVICE: 100,
    AllocationMode.USER_SUBSCRIPTION: 80,
}
"""Most nodes of a pool with inter-node communication (Azure documentation, Batch quotas)."""

SLOTS_PER_VCPU: Final = 4
SLOTS_MAXIMUM: Final = 256
"""Task slots of a node: at most 4 for a vCPU, and 256 (Batch REST API, taskSlotsPerNode)."""

ACCOUNTS_IN_REGION_MAXIMUM: Final = 50
"""Most Batch accounts of a subscription in a region (Azure documentation, Batch quotas)."""

MOUNTS_MAXIMUM: Final = 10
"""Most mounts of a node (Azure documentation, Batch quotas)."""


def nodes(scale: FixedScale | AutoScale) -> int:
    """The most nodes a pool can have: both targets of a fixed one, the ceiling of autoscale."""
    if isinstance(scale, AutoScale):
        return scale.maximum_nodes
    return scale.dedicated + scale.low_priority


def resize_timeout_minutes(node_count: int) -> int:
    """Minutes a resize to `node_count` nodes may take: `15 x ceil(nodes / 1,000)`, 15 at least.

    D95 says nothing about numbers between the thousands; rounding up satisfies every reading.
    Raises `ValueError` for a negative number of nodes.
    """
    return MINUTES_PER_STEP * max(1, steps(node_count))


def steps(node_count: int) -> int:
    """How many thousands of nodes there are, a begun one counted: 1,001 -> 2."""
    if node_count < 0:
        message = f"a pool cannot have {node_count} nodes"
        raise ValueError(message)
    return -(-node_count // NODES_PER_STEP)


def linear_resize_timeout_seconds(node_count: int) -> int:
    """The least seconds that any reading of D95 allows: 15 minutes a thousand, in proportion."""
    return -(-node_count * MINUTES_PER_STEP * 60 // NODES_PER_STEP)


def inter_node_maximum(mode: AllocationMode) -> int:
    """The most nodes a pool with inter-node communication can have in an account of this mode."""
    return INTER_NODE_MAXIMUM[mode]


def task_slots_maximum(vcpus: int | None) -> int:
    """The most task slots of a node; the service's 256 where the vCPUs are not known."""
    return SLOTS_MAXIMUM if vcpus is None else min(SLOTS_PER_VCPU * vcpus, SLOTS_MAXIMUM)
