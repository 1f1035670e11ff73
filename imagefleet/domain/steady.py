"""Nodes ready over time, for whoever draws it: `allocation` has the arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from imagefleet.domain import durations, pools, replication
from imagefleet.domain.allocation import READY_MINUTES, Resize

MODEL: Final = (
    f"a replica feeds {replication.NODES_PER_REPLICA} nodes in {pools.MINUTES_PER_STEP} minutes "
    f"(D91, D95), the service allocates at most {pools.NODES_PER_STEP:,} in that time, "
    f"a node is ready {READY_MINUTES:.0f} minutes after its allocation; each pool is drawn alone."
)
"""What the curves stand on, to be said beside them."""

_POINTS: Final = 240
_BEYOND: Final = 1.05
"""How far the time axis goes beyond the last event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Nodes ready over minutes since a resize began, in points of equal distance."""

    minutes: tuple[float, ...]
    nodes: tuple[int, ...]


def curve(run: Resize, until: float) -> Curve:
    """Return the nodes ready from the start of a resize to minute `until` after it."""
    minutes = tuple(until * point / _POINTS for point in range(_POINTS + 1))
    return Curve(
        minutes=minutes, nodes=tuple(run.ready(run.started + minute) for minute in minutes)
    )


def horizon(runs: Iterable[Resize]) -> float:
    """Return the minutes that a picture of these resizes spans: all they do, and the time-outs."""
    return max((max(settled(run), run.timeout or 0) for run in runs), default=0) * _BEYOND


def settled(run: Resize) -> float:
    """Return the minutes after which no more nodes become ready."""
    return run.last_ready(run.started + run.minutes) - run.started


def come_up(run: Resize) -> int:
    """Return the nodes that are ready in the end; fewer than asked for where time is up before."""
    return run.ready(run.started + settled(run))


def timeout_minutes(text: str) -> float | None:
    """Return the minutes of a resize timeout as Azure writes it (`PT45M`), None for other text."""
    seconds = durations.seconds(text)
    return None if seconds is None else seconds / durations.MINUTE
