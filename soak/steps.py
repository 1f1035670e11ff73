"""Every step of one run killed in turn: after each kill the next run finishes."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from soak.forked import run
from soak.inspect import Losses, contents, different, inspect
from soak.worlds import World, make_project, smallest, workspace

ACTIONS = ("up", "update", "replacement", "destroy")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """How an action took kills: its steps, how many were killed, and what went wrong after which.

    `wrong` maps a step to what was found after the run that should have finished: `errors`, what
    still changed `again`, and `losses` by their kind.
    """

    engine: str
    action: str
    steps: int
    killed: int
    wrong: dict[str, Any]

    def lost(self, kind: str) -> int:
        """Return how many resources are `lost`, `orphaned` or `duplicated` after all kills."""
        return sum(len(found["losses"].get(kind, ())) for found in self.wrong.values())


def worlds_of(action: str) -> tuple[World | None, World]:
    """Return the fleet before an action, None for nothing, and the one it makes."""
    before = smallest()
    after = smallest()
    if action == "up":
        return None, after
    if action == "update":
        # One property is changed and one is taken away, which is told by its absence alone.
        after["description"], after["tags"] = None, {"round": "1"}
    elif action == "replacement":
        after["gallery"] = "pictures"
    return before, after


def kill_each_step(action: str, folder: Path, *, every: int = 1) -> StepReport:
    """Kill `action` at each `every`-th of its steps, each time from the same beginning."""
    project = make_project(folder / "program")
    before, after = worlds_of(action)
    start = folder / "start"
    if before is not None:
        begun = run(workspace(project, start, before), "up")
        if not begun.succeeded:
            message = f"the fleet to begin with did not come up: {begun.errors}"
            raise RuntimeError(message)
    command = "destroy" if action == "destroy" else "up"
    whole = _copy(project, start, folder / "whole", after)
    steps = run(whole, command, advance=60).steps
    wanted = contents(whole.azure_store)
    wrong: dict[str, Any] = {}
    killed = 0
    for step in range(1, steps + 1, every):
        here = _copy(project, start, folder / f"step-{step}", after)
        killed += run(here, command, kill_at=step, advance=60).killed
        finished = run(here, command)
        losses = inspect(here)
        again = run(here, command)
        quiet = set(again.changes) <= {"same"}
        otherwise = different(contents(here.azure_store), wanted)
        if otherwise or not (finished.succeeded and losses.none and again.succeeded and quiet):
            wrong[str(step)] = {
                "errors": finished.errors + again.errors,
                "again": again.changes,
                "different": otherwise,
                "losses": {name: at for name, at in asdict(losses).items() if at},
            }
        shutil.rmtree(here.state_dir)
    return StepReport(engine="embedded", action=action, steps=steps, killed=killed, wrong=wrong)


def _copy(project: Path, start: Path, state: Path, world: World) -> Any:
    if start.exists():
        shutil.copytree(start, state)
    return workspace(project, state, world)


__all__ = ["ACTIONS", "Losses", "StepReport", "kill_each_step"]
