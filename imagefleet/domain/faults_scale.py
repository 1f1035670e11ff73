"""Faults of how many nodes a pool has and how it gets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import autoscale, pools
from imagefleet.domain.fault import Fault
from imagefleet.domain.fleet import AutoScale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagefleet.domain.fault import Path
    from imagefleet.domain.fleet import Account, FixedScale, Pool


def scale_faults(path: Path, pool: Pool, account: Account | None) -> Iterator[Fault]:
    """Faults of a pool's scale; a fixed pool of no node at all is allowed, to be resized later."""
    if isinstance(pool.scale, AutoScale):
        at = (*path, "autoscale")
        yield from _autoscale_faults(at, pool.scale)
        where: Path = (*at, "maximumNodes")
    else:
        where = (*path, "nodes")
        yield from _fixed_faults(where, pool.scale)
    if not pool.inter_node_communication or account is None:
        return
    most = pools.inter_node_maximum(account.allocation_mode)
    count = pools.nodes(pool.scale)
    if count > most:
        message = (
            f"must be at most {most} nodes with interNodeCommunication in an account of mode "
            f"{account.allocation_mode}"
        )
        yield Fault(path=where, value=count, message=message)


def _fixed_faults(path: Path, scale: FixedScale) -> Iterator[Fault]:
    for name, count in (("dedicated", scale.dedicated), ("lowPriority", scale.low_priority)):
        if count < 0:
            message = "must be a whole number of at least 0"
            yield Fault(path=(*path, name), value=count, message=message)
    stated = scale.resize_timeout_minutes
    if stated is None:
        return
    count = max(0, scale.dedicated) + max(0, scale.low_priority)
    least = pools.resize_timeout_minutes(count)
    if stated < least:
        message = (
            f"must be at least {least} minutes for {count} nodes, {pools.MINUTES_PER_STEP} for "
            f"every {pools.NODES_PER_STEP} (D95); it can raise the derived timeout, never lower it"
        )
        yield Fault(path=(*path, "resizeTimeoutMinutes"), value=stated, message=message)


def _autoscale_faults(path: Path, scale: AutoScale) -> Iterator[Fault]:
    if scale.maximum_nodes < 1:
        message = "must be a whole number of at least 1: replicas are derived from it"
        yield Fault(path=(*path, "maximumNodes"), value=scale.maximum_nodes, message=message)
    interval = scale.evaluation_interval_minutes
    if not pools.EVALUATION_MINIMUM <= interval <= pools.EVALUATION_MAXIMUM:
        message = (
            f"must be {pools.EVALUATION_MINIMUM} to {pools.EVALUATION_MAXIMUM} minutes "
            f"({pools.EVALUATION_MAXIMUM // 60} hours)"
        )
        yield Fault(path=(*path, "evaluationIntervalMinutes"), value=interval, message=message)
    at = (*path, "formula")
    if not autoscale.sets_target(scale.formula):
        message = "must set $TargetDedicatedNodes or $TargetLowPriorityNodes"
        yield Fault(path=at, value=scale.formula, message=message)
        return
    shown = autoscale.ceiling(scale.formula)
    if shown is not None and shown > scale.maximum_nodes >= 1:
        message = (
            f"can ask for {shown} nodes, and maximumNodes is {scale.maximum_nodes}: raise that, "
            "so that replicas are enough, or lower the formula's bound"
        )
        yield Fault(path=at, value=scale.formula, message=message)
