"""Replicas for pools that share an image version, within what the service allows.

`replication` has the arithmetic; these are the bounds to hold replicas of any program against,
which may have more pools on one version than the service's most replicas cover.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import replication

if TYPE_CHECKING:
    from collections.abc import Iterable


def for_all(pools: Iterable[int]) -> int:
    """The sum of the pools' floors (the careful reading of D91), at most the service's 100."""
    return min(replication.MAXIMUM, replication.floor(pools))


def with_headroom(pools: Iterable[int]) -> int:
    """The fewest replicas that are more than the minimum (D93), at most the service's 100."""
    return replication.planned(pools)
