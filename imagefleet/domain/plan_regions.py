"""Plans the target regions of image versions: which regions, and how many replicas in each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagefleet.domain import naming, pools, replication, sources
from imagefleet.domain.fleet_plan import Derived, TargetRegionPlan
from imagefleet.domain.regions import normalise

if TYPE_CHECKING:
    from imagefleet.domain.fleet import Fleet, ImageVersion
    from imagefleet.domain.version_order import Place

Demand = dict[str, dict[str, int]]
"""Region -> plan key of a pool -> its nodes, for one image version."""

_SPARE = (
    "no pool lists this version; it keeps what the pools of its image would need, ready for going "
    "back, and so that taking a version from a pool's list removes the pool and nothing else"
)

_POOLS_SHOWN = 6
"""Pools a reason names, the largest first; a fleet may have a thousand."""


def demands(fleet: Fleet) -> Mapping[Place, Demand]:
    """For each version that pools list: the nodes of each pool in each region."""
    found: dict[Place, Demand] = defaultdict(dict)
    for key, pool in sorted(fleet.pools.items()):
        region = normalise(fleet.accounts[pool.account].location)
        for version in pool.versions:
            of_region = found[pool.image, version].setdefault(region, {})
            of_region[naming.pool_key(key, version, pool.id)] = pools.nodes(pool.scale)
    return found


def spare_demands(fleet: Fleet) -> Mapping[Place, Demand]:
    """For each version of the fleet's own that no pool lists: what its image's pools would need.

    A version is taken from a pool's list while nodes still start from it, and the pool goes after
    that: replicas that went first would be missing. So the version stays as it was as far as a
    plan can know, until it is taken out of the stack file.
    """
    of_images: dict[str, Demand] = defaultdict(dict)
    for key, pool in sorted(fleet.pools.items()):
        region = normalise(fleet.accounts[pool.account].location)
        of_images[pool.image].setdefault(region, {})[key] = pools.nodes(pool.scale)
    listed = {(pool.image, number) for pool in fleet.pools.values() for number in pool.versions}
    return {
        (key, number): of_images[key]
        for key, image in fleet.images.items()
        for number, version in image.versions.items()
        if version.id is None and (key, number) not in listed and key in of_images
    }


def target_regions(
    version: ImageVersion, listed: Demand, spare: Demand, home: str | None
) -> tuple[TargetRegionPlan, ...]:
    """The target regions of a version: home first, the others by name.

    `spare` is what counts where no pool lists the version. `home` is the region the version is
    made in, always a target (Azure documentation, Create an image version); None for an existing
    version, whose home is not ours to choose.
    """
    extra = {normalise(name): count for name, count in sorted(version.extra_regions.items())}
    wanted = set(listed) | set(spare) | set(extra) | ({home} if home is not None else set())
    order = sorted(wanted, key=lambda name: (name != home, name))
    return tuple(
        _target(
            version,
            _Need(
                region=name,
                running=listed.get(name, {}),
                spare=spare.get(name, {}),
                asked=extra.get(name),
                is_home=name == home,
            ),
        )
        for name in order
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Need:
    """What asks for replicas in one region: pools by their nodes, the stack file, being home."""

    region: str
    running: Mapping[str, int]
    spare: Mapping[str, int]
    asked: int | None
    is_home: bool

    @property
    def of_pools(self) -> Mapping[str, int]:
        return self.running or self.spare


def _target(version: ImageVersion, need: _Need) -> TargetRegionPlan:
    counts = tuple(need.of_pools.values())
    minimum = max(version.minimum_replicas, need.asked or 0)
    planned = replication.planned(counts, minimum)
    return TargetRegionPlan(
        name=need.region,
        nodes=sum(counts),
        pools=tuple(sorted(need.running)),
        minimum=replication.largest(counts),
        floor=replication.floor(counts),
        replicas=_replicas(need, version, planned),
        recommended=_recommended(sum(counts), planned),
    )


def _recommended(nodes: int, planned: int) -> Derived[int]:
    advice = replication.recommended(nodes)
    more = advice - planned
    cost = (
        f"{more} more than set, each kept in the region and billed as a snapshot of the image"
        if more > 0
        else "no more than set"
    )
    return Derived(
        value=advice,
        reason=(
            f"the gallery's own advice, shown beside ours and not deployed: 1 replica for "
            f"{replication.GALLERY_NODES_PER_REPLICA} nodes created at once, at least "
            f"{replication.GALLERY_MINIMUM} in production; {nodes} nodes -> {advice}, {cost}"
        ),
        sources=(replication.GALLERY_SOURCE,),
    )


def _replicas(need: _Need, version: ImageVersion, planned: int) -> Derived[int]:
    asked, reasons, cited = need.asked, list[str](), list[str]()
    floor = replication.floor(need.of_pools.values())
    if need.of_pools:
        reasons.append(_floor_reason(need.of_pools, floor))
        cited += replication.SOURCES
        if not need.running:
            reasons[0] = f"{_SPARE}: {reasons[0]}"
    elif need.is_home:
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
