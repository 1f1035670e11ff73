"""One look at a pool: its nodes by what they are doing, and what the service says about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

STEADY = "steady"
_READY = ("idle", "running")
_STARTING = (
    "creating", "starting", "waitingForStartTask", "rebooting", "reimaging", "upgradingOS",
    "unknown", "deallocating", "leavingPool",
)  # fmt: skip
# States of nodes that do no work, and cost as much as those that do.
UNUSABLE = ("unusable", "startTaskFailed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error as the service words it, of a resize, of autoscale or of a node."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """Nodes of a pool: those asked for, those there, and of these the states that matter.

    The rest of `allocated` is preempted, offline or deallocated.
    """

    target: int
    allocated: int
    starting: int = 0
    ready: int = 0
    unusable: int = 0
    start_task_failed: int = 0

    @property
    def bad(self) -> int:
        """Nodes that will not take work as they are."""
        return self.unusable + self.start_task_failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A pool at one moment. Times are the service's own; None where it does not say."""

    pool_id: str
    allocation: str
    since: datetime | None
    nodes: Nodes
    autoscale: bool = False
    created: datetime | None = None
    changed: datetime | None = None
    problems: tuple[Problem, ...] = field(default=())


def seen(pool: Mapping[str, Any], counts: Mapping[str, Any]) -> Seen:
    """A pool as the data plane shows it, with its node counts (`{}` where there are none yet)."""
    states = {state: _sum(counts, state) for state in (*_READY, *_STARTING, *UNUSABLE, "total")}
    allocated = int(pool.get("currentDedicatedNodes") or 0)
    allocated += int(pool.get("currentLowPriorityNodes") or 0)
    target = int(pool.get("targetDedicatedNodes") or 0)
    target += int(pool.get("targetLowPriorityNodes") or 0)
    run = pool.get("autoScaleRun") or {}
    errors = [*(pool.get("resizeErrors") or ()), *([run["error"]] if run.get("error") else ())]
    return Seen(
        pool_id=str(pool["id"]),
        allocation=str(pool.get("allocationState", "")).lower(),
        since=moment(pool.get("allocationStateTransitionTime")),
        nodes=Nodes(
            target=target,
            # The two lists are two answers, a moment apart: the larger number is the later one.
            allocated=max(allocated, states["total"]),
            starting=sum(states[state] for state in _STARTING),
            ready=sum(states[state] for state in _READY),
            unusable=states["unusable"],
            start_task_failed=states["startTaskFailed"],
        ),
        autoscale=bool(pool.get("enableAutoScale")),
        created=moment(pool.get("creationTime")),
        changed=moment(pool.get("lastModified")),
        problems=tuple(problem(error) for error in errors),
    )


def problem(error: Mapping[str, Any]) -> Problem:
    """An error of the data plane, with the values it names."""
    details = error.get("values") or error.get("errorDetails") or ()
    said = "; ".join(f"{each.get('name')}: {each.get('value')}" for each in details)
    text = str(error.get("message") or "")
    return Problem(code=str(error.get("code") or ""), text=f"{text} ({said})" if said else text)


def moment(value: object) -> datetime | None:
    """A time of the service, or None where it is none."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _sum(counts: Mapping[str, Any], state: str) -> int:
    return sum(
        int((counts.get(kind) or {}).get(state) or 0) for kind in ("dedicated", "lowPriority")
    )
