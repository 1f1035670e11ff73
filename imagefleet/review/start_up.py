"""How long the pools of a change take until they are steady, by the model of the domain.

Where an image version's replicas change, the same start is told with those of before as well: the
difference is what the replicas bring.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from imagefleet.domain.allocation import Resize
from imagefleet.review.changes import ChangeClass, PoolChange, StackReview
from imagefleet.review.fleet_state import PoolState, VersionState

_Replicas = Mapping[str, Mapping[str, int]]
_STARTS = (ChangeClass.NEW, ChangeClass.REPLACED, ChangeClass.ZERO_NODES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One pool coming up, with its image's replicas in its region after the change.

    `before` is the same with the replicas of before, None where they are the same or were not
    there.
    """

    pool: PoolState
    after: Resize
    before: Resize | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """The pools that come up, the largest first, and those of which it cannot be told, with why."""

    told: tuple[Estimate, ...]
    untold: tuple[tuple[str, str], ...]


def estimates(review: StackReview) -> Estimates:
    """Return the estimates of the pools that a change starts, enlarges or gives other replicas."""
    olds = _replicas(change.before for change in review.versions)
    news = _replicas(change.after for change in review.versions)
    told: list[Estimate] = []
    untold: list[tuple[str, str]] = []
    for change in review.pools:
        pool = change.after
        if pool is None or not _comes_up(change, olds, news):
            continue
        if reason := _unknown(pool, news):
            untold.append((pool.pool_id, reason))
            continue
        told.append(_estimate(change, pool, olds, news))
    told.sort(key=lambda each: (-each.after.wanted, each.pool.account, each.pool.pool_id))
    return Estimates(told=tuple(told), untold=tuple(sorted(untold)))


def _replicas(versions: Iterable[VersionState | None]) -> _Replicas:
    return {each.place: dict(each.replicas) for each in versions if each is not None}


def _comes_up(change: PoolChange, olds: _Replicas, news: _Replicas) -> bool:
    """Whether the change starts nodes of a pool, or changes how fast a next start is."""
    pool = change.after
    if pool is None or pool.ceiling == 0:
        return False
    place, region = pool.image.place, pool.region
    others = place in olds and olds[place].get(region) != news.get(place, {}).get(region)
    return change.change in _STARTS or others or _grows(change)


def _grows(change: PoolChange) -> bool:
    old, new = change.before, change.after
    if old is None or new is None:
        return False
    if old.autoscale or new.autoscale:
        return _highest(new) > _highest(old)
    return new.dedicated > old.dedicated or new.low_priority > old.low_priority


def _highest(pool: PoolState) -> float:
    return math.inf if pool.ceiling is None else pool.ceiling


def _unknown(pool: PoolState, news: _Replicas) -> str:
    if pool.ceiling is None:
        return "its formula shows no highest number of nodes"
    if not pool.region:
        return "its account is not in the stack, so its region is not known"
    if pool.image.place not in news:
        return "its image is not in the stack, so the replicas are not known"
    if not news[pool.image.place].get(pool.region):
        return f"its image has no replica in {pool.region}: no node starts"
    return ""


def _estimate(change: PoolChange, pool: PoolState, olds: _Replicas, news: _Replicas) -> Estimate:
    after = Resize(
        started=0,
        dedicated_target=(pool.ceiling or 0) if pool.autoscale else pool.dedicated,
        low_priority_target=0 if pool.autoscale else pool.low_priority,
        replicas=news[pool.image.place][pool.region],
        timeout=pool.timeout,
    )
    old = change.before
    fixed = old is not None and not old.autoscale and not pool.autoscale
    # Only a pool that grows where it stands has nodes at the start; any other begins with none.
    if old is not None and fixed and change.change not in _STARTS and _grows(change):
        after = replace(after, dedicated_before=old.dedicated, low_priority_before=old.low_priority)
    replicas = olds.get(pool.image.place, {}).get(pool.region)
    before = replace(after, replicas=replicas) if replicas and replicas != after.replicas else None
    return Estimate(pool=pool, after=after, before=before)
