"""How nodes come up, as arithmetic on the time at which a resize began.

The model reads the document's two minima as speeds: a replica feeds 300 nodes (D91) in the 15
minutes that a resize may take (D95), and the service allocates at most 1,000 nodes in 15 minutes
(D95). Replicas and time-outs at the minimum are then exactly enough, and anything less is not.
An allocated node is creating for one minute, starting for two more, then idle; real pools need 3
to 30 minutes for their first nodes, so this is the quick end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from imagefleet.domain import pools, replication

CREATING_MINUTES = 1.0
STARTING_MINUTES = 2.0
READY_MINUTES = CREATING_MINUTES + STARTING_MINUTES
# Far below a node and far above what floating point loses on the way.
_EPSILON = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize:
    """The last resize of a pool: from `*_before` nodes to `*_target`, begun at minute `started`.

    `replicas` are those of the pool's image in its region, 0 for an image whose replicas are not
    modelled (they count as enough); `timeout` is in minutes, None for autoscale. `ready_at` is
    when the last of the earlier nodes is up. `refused` is the reason why no node can start, with
    `refused_code` as Batch's code for it; `unusable` whether nodes that come up cannot be used,
    `stopped` whether it was stopped (then `timeout` is when). `*_granted` are the nodes that quotas
    allow, None for all of them, and `short` says what is short, as (code, message).
    """

    started: float
    dedicated_before: int = 0
    dedicated_target: int = 0
    low_priority_before: int = 0
    low_priority_target: int = 0
    replicas: int = 0
    timeout: float | None = None
    ready_at: float = 0
    refused: str = ""
    refused_code: str = "AllocationFailed"
    unusable: bool = False
    stopped: bool = False
    dedicated_granted: int | None = None
    low_priority_granted: int | None = None
    short: tuple[tuple[str, str], ...] = ()

    @classmethod
    def stored(cls, values: Mapping[str, Any]) -> Resize:
        """Return what `plain` gave out."""
        short = values.get("short")
        if not short:
            return cls(**{**values, "short": ()})
        return cls(**{**values, "short": tuple((code, message) for code, message in short)})

    def plain(self) -> dict[str, Any]:
        """Return this as JSON values, for the store."""
        return {name: getattr(self, name) for name in _FIELDS}

    @property
    def target(self) -> int:
        """The nodes asked for, of both kinds."""
        return self.dedicated_target + self.low_priority_target

    @property
    def kept(self) -> int:
        """The nodes there at the start that stay; those above a target go at once."""
        return min(self.dedicated_before, self.dedicated_target) + min(
            self.low_priority_before, self.low_priority_target
        )

    @property
    def wanted(self) -> int:
        """The nodes to allocate: those that are asked for and that quotas allow."""
        return self._dedicated_end + self._low_priority_end - self.kept

    @property
    def _dedicated_end(self) -> int:
        return _end(self.dedicated_before, self.dedicated_target, self.dedicated_granted)

    @property
    def _low_priority_end(self) -> int:
        return _end(self.low_priority_before, self.low_priority_target, self.low_priority_granted)

    @property
    def nodes_per_minute(self) -> float:
        """How fast nodes are allocated: bounded by the replicas and by the service."""
        fed = replication.capacity(self.replicas) if self.replicas else pools.NODES_PER_STEP
        return min(fed, pools.NODES_PER_STEP) / pools.MINUTES_PER_STEP

    @property
    def full_minutes(self) -> float:
        """How long the allocation of every wanted node takes."""
        return self.wanted / self.nodes_per_minute

    @property
    def minutes(self) -> float:
        """When the resize is over, counted from its start: all nodes are there, or time is up."""
        if self.refused:
            return 0
        return self.full_minutes if self.timeout is None else min(self.full_minutes, self.timeout)

    def resizing(self, now: float) -> bool:
        """Whether nodes are still being allocated."""
        return now - self.started < self.minutes - _EPSILON

    def allocated(self, now: float) -> int:
        """The nodes that the pool has, whatever their state."""
        return self.kept + self._new(min(now - self.started, self.minutes))

    def ready(self, now: float) -> int:
        """The nodes that have started (idle, or unusable where the image is)."""
        new = self._new(min(now - self.started - READY_MINUTES, self.minutes))
        return (self.kept if now >= self.ready_at else 0) + new

    def dedicated(self, now: float) -> int:
        """The dedicated nodes that the pool has: these are allocated first."""
        kept = min(self.dedicated_before, self.dedicated_target)
        new = self.allocated(now) - self.kept
        return kept + min(new, self._dedicated_end - kept)

    def low_priority(self, now: float) -> int:
        """The low-priority nodes that the pool has."""
        return self.allocated(now) - self.dedicated(now)

    def held(self, now: float) -> tuple[int, int]:
        """Return the dedicated and low-priority nodes that count against quotas."""
        if self.resizing(now):
            return self._dedicated_end, self._low_priority_end
        return self.dedicated(now), self.low_priority(now)

    def last_ready(self, now: float) -> float:
        """The minute at which the last of the nodes allocated until `now` has started."""
        ended = min(self.minutes, max(now - self.started, 0))
        new = self.started + ended + READY_MINUTES if self.wanted else 0
        return max(self.ready_at, new)

    def errors(self, now: float) -> tuple[tuple[str, str], ...]:
        """Return the resize errors so far as (code, message), empty where there are none."""
        if self.refused:
            return ((self.refused_code, self.refused),) if self.wanted else ()
        if self.resizing(now) or self.allocated(now) >= self.target:
            return ()
        if self.allocated(now) >= self.kept + self.wanted:
            return self.short
        return (*self._unfinished(now), *self.short)

    def _unfinished(self, now: float) -> tuple[tuple[str, str], ...]:
        """Return why a resize has ended before it had every node that it could have."""
        if self.stopped:
            message = (
                f"the resize was stopped: {self.allocated(now)} of {self.target} nodes came up; "
                "resize the pool again to go on"
            )
            return (("ResizeStopped", message),)
        message = (
            f"the desired number of nodes could not be allocated in the resize timeout of "
            f"{self.timeout:g} minutes: {self.allocated(now)} of {self.target} came up; it takes "
            f"{self.full_minutes:g} minutes with {self.replicas} replicas of the image. Raise "
            "resizeTimeout, or the replicas of the image version in this region"
        )
        return (("AllocationTimedout", message),)

    def _new(self, elapsed: float) -> int:
        if elapsed <= 0 or self.refused:
            return 0
        return min(self.wanted, int(elapsed * self.nodes_per_minute + _EPSILON))


_FIELDS = tuple(field.name for field in fields(Resize))


def _end(before: int, target: int, granted: int | None) -> int:
    """Return the nodes of one kind at the end; a quota takes none away that is there."""
    if granted is None:
        return target
    return max(min(before, target), min(granted, target))
