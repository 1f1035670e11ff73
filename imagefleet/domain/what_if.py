"""A fleet as it would be with other numbers of nodes, to plan before a stack file is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from imagefleet.domain.fleet import AutoScale, FixedScale

if TYPE_CHECKING:
    from imagefleet.domain.fleet import Fleet


def with_nodes(fleet: Fleet, every: int | None, of_pools: Mapping[str, int]) -> Fleet:
    """The fleet with `of_pools` nodes in those pools, and `every` nodes in all others.

    None leaves the others as they are. A fixed pool keeps its low-priority nodes as far as the
    number goes, and gets the rest as dedicated ones; one without dedicated nodes gets none. An
    autoscale pool gets another ceiling. Raises `KeyError` for a pool that the fleet does not have.
    """
    unknown = sorted(set(of_pools) - set(fleet.pools))
    if unknown:
        raise KeyError(unknown[0])
    wanted = {key: of_pools.get(key, every) for key in fleet.pools}
    pools = {
        key: pool
        if (nodes := wanted[key]) is None
        else replace(pool, scale=_scaled(pool.scale, nodes))
        for key, pool in fleet.pools.items()
    }
    return replace(fleet, pools=pools)


def _scaled(scale: FixedScale | AutoScale, nodes: int) -> FixedScale | AutoScale:
    if isinstance(scale, AutoScale):
        return replace(scale, maximum_nodes=nodes)
    low = nodes if scale.low_priority and not scale.dedicated else min(scale.low_priority, nodes)
    return replace(scale, dedicated=nodes - low, low_priority=low)
