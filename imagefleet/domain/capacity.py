"""How large a plan can become: nodes and cores of all its pools at their ceilings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagefleet.domain import vm_sizes

if TYPE_CHECKING:
    from imagefleet.domain.fleet_plan import FleetPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """Nodes and cores when every pool has all its nodes, old and new versions together.

    `unknown_sizes` are VM sizes whose cores are not counted because the table lacks them.
    """

    nodes: int
    cores: int
    unknown_sizes: tuple[str, ...]


def capacity(plan: FleetPlan) -> Capacity:
    """The most nodes and cores of a plan."""
    sizes = {pool.settings.vm_size: vm_sizes.look_up(pool.settings.vm_size) for pool in plan.pools}
    return Capacity(
        nodes=sum(pool.nodes.value for pool in plan.pools),
        cores=sum(
            pool.nodes.value * (sizes[pool.settings.vm_size].vcpus or 0) for pool in plan.pools
        ),
        unknown_sizes=tuple(sorted(name for name, size in sizes.items() if size.vcpus is None)),
    )
