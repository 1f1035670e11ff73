"""Replicas of an image version: how many nodes need, and what others recommend.

Every node of a starting pool copies its OS disk from a replica in its region, and each replica
serves so many at a time. All functions take whole numbers of nodes and return whole replicas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

NODES_PER_REPLICA: Final = 300
"""At least one replica for every 300 nodes of a pool (D91; its example is 3,000 -> 10, D92)."""

HEADROOM: Final = 1
"""Replicas the plan adds to the floor; D93 asks for more than the minimum and names no number."""

MAXIMUM: Final = 100
"""Most replicas of a version in one region (Azure documentation, Compute Gallery, limits)."""

GALLERY_NODES_PER_REPLICA: Final = 50
"""The gallery page's own advice: one replica for 50 VMs created at once (Scaling)."""

GALLERY_MINIMUM: Final = 3
"""The gallery page's fewest replicas in production (Compute Gallery, best practices)."""

SOURCES: Final = ("D91", "D92", "D93")
GALLERY_SOURCE: Final = "Azure documentation, Compute Gallery, scaling and best practices"
LIMIT_SOURCE: Final = "Azure documentation, Compute Gallery, limits"


def required(nodes: int) -> int:
    """Replicas that one pool of `nodes` needs: `ceil(nodes / 300)`, none for no node (D91).

    Raises `ValueError` for a negative number of nodes.
    """
    return _ceil(nodes, NODES_PER_REPLICA)


def largest(pools: Iterable[int]) -> int:
    """The floor of the pool that needs most (D91 read literally); `pools` are nodes of each."""
    return max((required(nodes) for nodes in pools), default=0)


def floor(pools: Iterable[int]) -> int:
    """The sum of the floors of all pools that start from the version in one region.

    D91 speaks of "each pool"; pools on one version share its replicas, so the sum is the reading
    under which each still has its own when all of them start at once.
    """
    return sum(required(nodes) for nodes in pools)


def planned(pools: Iterable[int], minimum: int = 1) -> int:
    """Replicas to deploy: floor and headroom, at least `minimum`, within 1 and the service's 100.

    A floor above 100 stays at 100: `faults` refuses more nodes than 100 replicas cover, and a note
    tells where many small pools have to share.
    """
    return min(MAXIMUM, max(floor(pools) + HEADROOM, minimum, 1))


def recommended(nodes: int) -> int:
    """The gallery page's advice for `nodes` created at once: 1 for 50, at least 3, at most 100."""
    return min(MAXIMUM, max(GALLERY_MINIMUM, _ceil(nodes, GALLERY_NODES_PER_REPLICA)))


def capacity(replicas: int) -> int:
    """The nodes that `replicas` cover by D91."""
    return replicas * NODES_PER_REPLICA


def _ceil(nodes: int, each: int) -> int:
    if nodes < 0:
        message = f"a pool cannot have {nodes} nodes"
        raise ValueError(message)
    return -(-nodes // each)
