"""One campaign: a fleet changed a few times under faults and kills, then brought to rest."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imagefleet.offline.engine import Workspace
from imagefleet.offline.faults import FaultLog, FaultPlan, parse_plan
from soak.forked import Outcome, run
from soak.inspect import Losses, inspect
from soak.worlds import changed, first, workspace

# A run has about this many steps; a kill beyond its last one leaves it alone, which is as good.
_STEPS = 120
_MOST_ATTEMPTS = 12
# Longer than any resize of these fleets and than the faults that only time cures.
_REST_MINUTES = 30.0

_WRITTEN = ("create", "update", "delete")


@dataclass(slots=True, kw_only=True)
class Result:
    """What one campaign did and how it came out; `seed` repeats it."""

    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    killed: int = 0
    refused: int = 0
    unrecovered: list[str] = field(default_factory=list)
    losses: Losses = field(default_factory=Losses)

    @property
    def passed(self) -> bool:
        """Whether every run came to its end at last, and nothing was lost or made twice."""
        return not self.unrecovered and self.losses.none


def campaign(seed: int, project: Path, state: Path) -> Result:
    """Run the campaign of a seed in the folder `state`."""
    rng = random.Random(seed)  # noqa: S311 repeatable, not secret
    result = Result(seed=seed)
    world = first(rng)
    place = workspace(project, state, world)
    for _ in range(rng.randint(2, 4)):
        action = "destroy" if rng.random() < 0.2 else "up"  # noqa: PLR2004 a fifth
        place = workspace(project, state, world)
        plan = _plan(rng)
        _disturb(rng, place, action, plan, result)
        _settle(rng, place, action, plan, result)
        _count_faults(place, result)
        if not result.passed:
            return result
        world = changed(world, rng)
    _leave(place, result)
    return result


def _disturb(
    rng: random.Random, place: Workspace, action: str, plan: FaultPlan, result: Result
) -> None:
    """Begin an action up to three times, each time to be killed somewhere."""
    for _ in range(rng.randint(0, 3)):
        outcome = run(
            place, action, kill_at=rng.randint(1, _STEPS), plan=plan, advance=rng.choice((0, 30))
        )
        _note(outcome, result)
        if outcome.succeeded:
            return


def _settle(
    rng: random.Random, place: Workspace, action: str, plan: FaultPlan, result: Result
) -> None:
    """Repeat an action as a person would until it succeeds; what was changed behind it included."""
    errors: list[str] = []
    for attempt in range(_MOST_ATTEMPTS):
        if attempt:
            for repair in ("refresh", "recover"):
                _note(run(place, repair, plan=plan, advance=_REST_MINUTES), result)
        outcome = run(place, action, plan=plan, advance=rng.choice((0, _REST_MINUTES)))
        _note(outcome, result)
        if outcome.succeeded:
            break
        errors = outcome.errors
    else:
        result.unrecovered = errors
        return
    # The last fault may have changed something after the run was through with it.
    for final in ("refresh", "recover", action):
        outcome = run(place, final, advance=_REST_MINUTES)
        _note(outcome, result)
        if not outcome.succeeded:
            result.unrecovered = outcome.errors
    result.losses = inspect(place)


def _leave(place: Workspace, result: Result) -> None:
    """Delete everything: what cannot be deleted any more is lost as well."""
    outcome = run(place, "destroy", advance=_REST_MINUTES)
    _note(outcome, result)
    if not outcome.succeeded:
        result.unrecovered = outcome.errors
    result.losses = inspect(place)


def _note(outcome: Outcome, result: Result) -> None:
    result.runs += 1
    result.killed += outcome.killed
    result.refused += not outcome.killed and not outcome.succeeded


def _count_faults(place: Workspace, result: Result) -> None:
    with contextlib.closing(FaultLog(place.fault_log)) as log:
        result.faults += log.by_kind()
        log.forget()


def _plan(rng: random.Random) -> FaultPlan:
    listed = [rng.choice(_KINDS)(rng) for _ in range(rng.randint(1, 4))]
    return parse_plan({"seed": rng.randint(0, 2**31), "faults": listed})


def _passing(rng: random.Random) -> dict[str, Any]:
    kind = rng.choice(("conflict", "preconditionFailed", "throttled", "serverError", "unavailable"))
    return {"kind": kind, **_often(rng, most=6)}


def _dropped(rng: random.Random) -> dict[str, Any]:
    return {
        "kind": "dropped",
        "served": rng.random() < 0.5,  # noqa: PLR2004 half of them
        "operation": rng.choice(("any", *_WRITTEN)),
        **_often(rng, most=6),
    }


def _slow(rng: random.Random) -> dict[str, Any]:
    return {"kind": "slow", "minutes": rng.randint(1, 300), **_often(rng, most=2)}


def _failed(rng: random.Random) -> dict[str, Any]:
    return {"kind": "operationFailed", **_often(rng, most=3)}


def _replication(rng: random.Random) -> dict[str, Any]:
    region = rng.choice(("westeurope", "northeurope", "francecentral"))
    return {"kind": "replicationFailed", "region": region, "times": rng.randint(1, 2)}


def _allocation(rng: random.Random) -> dict[str, Any]:
    return {"kind": "allocationFailed", "times": rng.randint(1, 2)}


def _late(rng: random.Random) -> dict[str, Any]:
    kind = rng.choice(("principalNotFound", "roleNotEffective", "softDeleted"))
    return {"kind": kind, "minutes": rng.randint(1, 120 if kind == "roleNotEffective" else 20)}


def _behind(rng: random.Random) -> dict[str, Any]:
    changes = {"set": {"tags.by": f"portal {rng.randint(0, 99)}"}}
    gone = {"remove": True}
    kinds = ("compute:Gallery", "compute:Snapshot", "batch:BatchAccount")
    what = gone if rng.random() < 0.3 else changes  # noqa: PLR2004 a third
    return {"kind": "changedBehind", "type": rng.choice(kinds), "times": 1, **what}


def _often(rng: random.Random, *, most: int) -> dict[str, Any]:
    return {"times": rng.randint(1, most), "after": rng.randint(0, 8)}


_KINDS = (
    _passing,
    _passing,
    _dropped,
    _slow,
    _failed,
    _replication,
    _allocation,
    _late,
    _late,
    _behind,
)
