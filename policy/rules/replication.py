"""Rules about enough replicas of an image version for the nodes that start from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from imagefleet.domain import replication, shared_replicas
from imagefleet.domain.findings import Doubt, Finding
from rules import demand, tokens
from rules.canonical import UNKNOWN, Resource, path_text
from rules.conditions import not_known
from rules.demand import MAXIMUM_NODES, Asked
from rules.example_stacks import account, closed, replicated, sized
from rules.target_regions import COUNT_ADDITIONAL, REGIONS, Target, targets
from rules.verdicts import (
    Context,
    Level,
    NotApplicable,
    Outcome,
    Sample,
    Severity,
    StackRule,
)
from rules.wording import called, region

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rules.stack import Stack

_OPTIONS: Final = (MAXIMUM_NODES, COUNT_ADDITIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """How many replicas the pools of one region need, by their nodes, and how that is said."""

    need: Callable[[list[int]], int]
    together: bool

    def of(self, pools: Sequence[Asked]) -> int:
        return self.need([asked.nodes.least for asked in pools])

    def why(self, pools: Sequence[Asked]) -> str:
        if self.together and len(pools) > 1:
            total = sum(asked.nodes.least for asked in pools)
            return f"for {len(pools)} pools with {total} nodes together"
        largest = max(pools, key=lambda asked: asked.nodes.least)
        return f"for pool {called(largest.pool)} with {largest.nodes.least} nodes"


_LARGEST: Final = _Reading(need=replication.largest, together=False)
_SUM: Final = _Reading(need=shared_replicas.for_all, together=True)
_HEADROOM: Final = _Reading(need=shared_replicas.with_headroom, together=True)


def _for_nodes(resource: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    yield from _judged(resource, stack, context, _LARGEST)


def _for_all_pools(resource: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    yield from _judged(resource, stack, context, _SUM, fewest=2)


def _headroom(resource: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    yield from _judged(resource, stack, context, _HEADROOM)


def _judged(
    resource: Resource, stack: Stack, context: Context, reading: _Reading, fewest: int = 1
) -> Iterator[Outcome]:
    if resource.type == tokens.BATCH_POOL:
        yield _pool(resource, stack, context)
        return
    pools = demand.asked(resource, stack, context)
    if len(pools) < fewest:
        count = "no pool" if not pools else "one pool alone"
        yield NotApplicable(f"{count} of the stack starts from the version")
        return
    found = targets(resource, additional=bool(context.options.get(COUNT_ADDITIONAL.name)))
    if found is UNKNOWN:
        yield not_known(REGIONS)
        return
    if not found:
        yield NotApplicable("no target region of the version has a name")
        return
    yield from _compared(found, pools, reading)


def _pool(pool: Resource, stack: Stack, context: Context) -> Outcome:
    """The answer on a pool: what the version of the stack cannot answer for it."""
    demand.nodes(pool, context)  # values of the wrong kind are the pool's own findings
    found = demand.image_of(pool, stack)
    if isinstance(found, Resource):
        return NotApplicable("the pool's image version is judged")
    return demand.no_image(found)


def _compared(
    found: Sequence[Target], pools: Sequence[Asked], reading: _Reading
) -> Iterator[Outcome]:
    listed = {target.name for target in found}
    adrift = [
        asked
        for asked in pools
        if isinstance(asked.region, Doubt) or (None in listed and asked.region not in listed)
    ]
    for target in found:
        there = [asked for asked in pools if asked.region == target.name]
        yield from _at(target, there, reading)
    yield from _adrift(found, pools, adrift, reading)


def _at(target: Target, there: Sequence[Asked], reading: _Reading) -> Iterator[Outcome]:
    """Judge one region by the pools that are known to be in it."""
    needed = reading.of(there) if there else 0
    open_pool = next((asked for asked in there if asked.nodes.doubt), None)
    if target.replicas is None:
        if needed > 1 or open_pool is not None:
            yield not_known(target.path)
    elif target.replicas < needed:
        yield Finding(
            path=path_text(target.path),
            actual=f"{target.replicas} in {region(target.name)}",
            needed=f"at least {needed}, {reading.why(there)}",
        )
    elif open_pool is not None and open_pool.nodes.doubt is not None:
        yield _because(target, open_pool, open_pool.nodes.doubt)


def _adrift(
    found: Sequence[Target], pools: Sequence[Asked], adrift: Sequence[Asked], reading: _Reading
) -> Iterator[Outcome]:
    """Judge the pools whose region is open: every region is enough, none is, or it is open."""
    if not adrift:
        return
    worst = next((asked for asked in adrift if asked.nodes.doubt), adrift[0])
    doubt = worst.nodes.doubt or (
        worst.region if isinstance(worst.region, Doubt) else not_known(found[0].path)
    )
    counts = [target.replicas for target in found]
    most = None if None in counts else max((count for count in counts if count), default=0)
    needed = max(reading.of([asked]) for asked in adrift)
    if most is not None and most < needed:
        yield Finding(
            path=path_text(found[0].path),
            actual=f"{most}, and not more in any region",
            needed=f"at least {needed}, {_LARGEST.why(adrift)}",
        )
    elif worst.nodes.doubt or not all(_bears(target, pools, adrift, reading) for target in found):
        yield _because(found[0], worst, doubt)


def _bears(
    target: Target, pools: Sequence[Asked], adrift: Sequence[Asked], reading: _Reading
) -> bool:
    """Whether a region has enough even if all pools of open region were in it."""
    there = [asked for asked in pools if asked.region == target.name]
    return target.replicas is not None and target.replicas >= reading.of([*there, *adrift])


def _because(target: Target, asked: Asked, doubt: Doubt) -> Doubt:
    """The doubt about a version, with the pool and the pool's property that it hangs on."""
    return Doubt(
        path=path_text(target.path),
        cause=doubt.cause,
        detail=f"is to be enough for pool {called(asked.pool)}, whose {doubt.path} {doubt.detail}",
    )


def _stack(replicas: int, *pools: Sample) -> tuple[Sample, ...]:
    return closed(account("westeurope"), replicated("West Europe", replicas), *pools)


_TYPES: Final = frozenset({tokens.GALLERY_IMAGE_VERSION, tokens.BATCH_POOL})
_REMEDY: Final = (
    "Raise regionalReplicaCount of the region: one replica for every "
    f"{replication.NODES_PER_REPLICA} nodes of a pool, a begun number counted."
)

REPLICA_COUNT_FOR_NODES = StackRule(
    id="replica-count-for-nodes",
    summary="An image version has enough replicas in a region for the largest pool there.",
    why="Every node copies its OS disk from a replica in its region; with too few of them, nodes "
    "of a large pool wait for each other and the allocation fails or times out.",
    remedy=_REMEDY,
    sentences=("D91", "D92"),
    types=_TYPES,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_for_nodes,
    options=_OPTIONS,
    good=_stack(10, sized(3000)),
    bad=_stack(9, sized(3000)),
)

REPLICA_COUNT_FOR_ALL_POOLS = StackRule(
    id="replica-count-for-all-pools",
    summary="An image version has enough replicas in a region for all pools that share it.",
    why='The document speaks of "each pool"; pools that start at the same time share the replicas '
    "of their image version, so each has its own only if the numbers are added up.",
    remedy="Raise regionalReplicaCount of the region to the sum of what each pool needs.",
    sentences=("D91", "D92"),
    types=_TYPES,
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_for_all_pools,
    options=_OPTIONS,
    good=_stack(3, sized(301), sized(299, "other")),
    bad=_stack(2, sized(301), sized(299, "other")),
)

REPLICA_HEADROOM = StackRule(
    id="replica-headroom",
    summary="An image version has more replicas in a region than the minimum.",
    why="The document asks for more than the minimum at all times, for better performance; a pool "
    "that grows, or a second one, then meets enough replicas as well.",
    remedy="Add a replica to what the pools of the region need.",
    sentences=("D93",),
    types=_TYPES,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_headroom,
    options=_OPTIONS,
    good=_stack(3, sized(599)),
    bad=_stack(2, sized(599)),
)

RULES = (REPLICA_COUNT_FOR_NODES, REPLICA_COUNT_FOR_ALL_POOLS, REPLICA_HEADROOM)
