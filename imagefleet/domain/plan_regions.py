"""Plans the target regions of image versions: which regions, and how many replicas in each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from imagefleet.domain import naming, pools, replication, sources
from imagefleet.domain.fleet_plan import Derived, TargetRegionPlan
from imagefleet.domain.regions import normalise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagefleet.domain.fleet import Fleet, ImageVersion

Demand = dict[str, dict[str, int]]
"""Region -> plan key of a pool -> its nodes, for one image version."""

_POOLS_SHOWN = 6
"""Pools a reason names, the largest first; a fleet may have a thousand."""


def demands(fleet: Fleet) -> Mapping[tuple[str, str], Demand]:
    """For each (image, version) that pools run: the nodes of each pool in each region."""
    found: dict[tuple[str, str], Demand] = defaultdict(dict)
    for key, pool in sorted(fleet.pools.items()):
        region = normalise(fleet.accounts[pool.account].location)
        for version in pool.versions:
            of_region = found[pool.image, version].setdefault(region, {})
            of_region[naming.pool_key(key, version, pool.id)] = pools.nodes(pool.scale)
    return found


def target_regions(
    version: ImageVersion, demand: Demand, home: str | None
) -> tuple[TargetRegionPlan, ...]:
    """The target regions of a version: home first, the others by name.

    `home` is the region the version is made in, always a target (Azure documentation, Create an
    image version); None for an existing version, whose home is not ours to choose.
    """
    extra = {normalise(name): count for name, count in sorted(version.extra_regions.items())}
    wanted = set(demand) | set(extra) | ({home} if home is not None else set())
    order = sorted(wanted, key=lambda name: (name != home, name))
    return tuple(
        _target(name, demand.get(name, {}), version, (extra.get(name), name == home))
        for name in order
    )


def _target(
    name: str, of_pools: Mapping[str, int], version: ImageVersion, why: tuple[int | None, bool]
) -> TargetRegionPlan:
    asked, _ = why
    counts = tuple(of_pools.values())
    total = sum(counts)
    minimum = max(version.minimum_replicas, asked or 0)
    recommended = replication.recommended(total)
    return TargetRegionPlan(
        name=name,
        nodes=total,
        pools=tuple(sorted(of_pools)),
        minimum=replication.largest(counts),
        floor=replication.floor(counts),
        replicas=_replicas(of_pools, version, why, replication.planned(counts, minimum)),
        recommended=Derived(
            value=recommended,
            reason=(
                f"the gallery's own advice, shown beside ours and not deployed: 1 replica for "
                f"{replication.GALLERY_NODES_PER_REPLICA} nodes created at once, at least "
                f"{replication.GALLERY_MINIMUM} in production; {total} nodes -> {recommended}"
            ),
            sources=(replication.GALLERY_SOURCE,),
        ),
    )


def _replicas(
    of_pools: Mapping[str, int],
    version: ImageVersion,
    why: tuple[int | None, bool],
    planned: int,
) -> Derived[int]:
    asked, is_home = why
    reasons: list[str] = []
    cited: list[str] = []
    floor = replication.floor(of_pools.values())
    if of_pools:
        reasons.append(_floor_reason(of_pools, floor))
        cited += replication.SOURCES
    elif is_home:
        reasons.append(
            "the home region must be among the targets, with one replica at least; no pool of this "
            "fleet runs there"
        )
        cited.append(sources.IMAGE_VERSION)
    if asked is not None:
        reasons.append(f"extraRegions asks for {asked}")
        cited.append("D29")
    if version.minimum_replicas > 1:
        reasons.append(f"minimumReplicas is {version.minimum_replicas}")
        cited.append("D93")
    if floor + replication.HEADROOM > replication.MAXIMUM:
        reasons.append(f"the service allows at most {replication.MAXIMUM}")
        cited.append(replication.LIMIT_SOURCE)
    return Derived(
        value=planned,
        reason=f"{'; '.join(reasons)}; that makes {planned}",
        sources=tuple(dict.fromkeys(cited)),
    )


def _floor_reason(of_pools: Mapping[str, int], floor: int) -> str:
    by_size = sorted(of_pools.items(), key=lambda item: (-item[1], item[0]))
    shown, rest = by_size[:_POOLS_SHOWN], by_size[_POOLS_SHOWN:]
    parts = [_share(key, nodes) for key, nodes in shown]
    if rest:
        counts = [nodes for _, nodes in rest]
        parts.append(
            f"{len(rest)} more pools with {sum(counts)} nodes -> {replication.floor(counts)}"
        )
    total = f" (together {floor})" if len(of_pools) > 1 else ""
    return (
        f"one replica for every {replication.NODES_PER_REPLICA} nodes: {', '.join(parts)}{total}, "
        f"and {replication.HEADROOM} of headroom"
    )


def _share(key: str, nodes: int) -> str:
    return f"{key} with {nodes} nodes -> {replication.required(nodes)}"
