"""The Pulumi command killed at each step of one run, recovered, then finished by the next run.

A step is a request to the service, with a kill before it is done and one after it is done and not
yet answered; to these come a kill before the first and one after the last. The provider kills the
command at exactly that point (the fault `killed`), so no timing decides what is tried.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.engine import EngineError, EngineEvent, Workspace
from imagefleet.offline.pulumi_cli.engine import PulumiEngine
from imagefleet.offline.workspace import keep_engine
from soak.inspect import Losses, compare, contents, different
from soak.steps import StepReport, worlds_of
from soak.worlds import STACK, World, make_project, workspace, write_stack_file

_REQUESTS = frozenset({"create", "update", "delete", "create-replacement", "delete-replaced"})
# Long enough for pools to be steady and grants to be effective before an action begins.
_REST_MINUTES = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """Where a run is killed: at the event `event`, or at request number `request` from 0."""

    event: str = ""
    request: int = 0
    served: bool = False

    def __str__(self) -> str:
        """In words, for the report."""
        if self.event:
            return self.event
        return f"request {self.request + 1} {'served' if self.served else 'not served'}"


def kill_each_request(action: str, folder: Path, command: Path, *, every: int = 1) -> StepReport:
    """Kill `action` at each `every`-th of its steps, each time from the same beginning.

    A bounded run begins with one in the middle: a kill before the first request finds nothing.
    """
    place = _Place(action, folder, command)
    kills = list(_kills(place.requests()))[every // 2 :: every]
    wrong: dict[str, Any] = {}
    killed = 0
    for kill in kills:
        was_killed, found = place.kill_and_recover(kill)
        killed += was_killed
        if found:
            wrong[str(kill)] = found
        sys.stderr.write(f"  pulumi {action}: {kill}: {'wrong' if found else 'recovered'}\n")
    return StepReport(engine="pulumi", action=action, steps=len(kills), killed=killed, wrong=wrong)


def _kills(requests: int) -> Iterator[Kill]:
    yield Kill(event="preludeEvent")
    for request in range(requests):
        yield Kill(request=request)
        yield Kill(request=request, served=True)
    yield Kill(event="summaryEvent")


class _Place:
    """The folders of one action's runs: program, the state before it, a copy for each kill."""

    def __init__(self, action: str, folder: Path, command: Path) -> None:
        self._folder = folder
        self._command = command
        self._do = "destroy" if action == "destroy" else "up"
        self._project = make_project(folder / "program")
        before, self._after = worlds_of(action)
        self._start = folder / "start"
        if before is not None:
            succeeded, errors = self._run(self._workspace(self._start, before), "up")
            if not succeeded:
                message = f"the fleet to begin with did not come up: {errors}"
                raise RuntimeError(message)
        write_stack_file(self._project, self._after)
        self._wanted: dict[str, Any] = {}

    def requests(self) -> int:
        """Return how many requests the action makes when nobody kills it, and keep its result."""
        here = self._copy("whole")
        events: list[EngineEvent] = []
        self._run(here, self._do, events.append)
        self._wanted = contents(here.azure_store)
        shutil.rmtree(here.state_dir.parent)
        steps = [
            each["resOutputsEvent"]["metadata"] for each in events if "resOutputsEvent" in each
        ]
        return sum(
            step["op"] in _REQUESTS and step["type"].startswith("azure-native:") for step in steps
        )

    def kill_and_recover(self, kill: Kill) -> tuple[bool, dict[str, Any]]:
        """Return whether the run was killed, and what was found wrong with what came after."""
        here = self._copy("killed")
        killed = self._killed(here, kill)
        recovered = self._recover(here)
        after_recovery = self._losses(here)
        finished, errors = self._run(here, self._do)
        losses = self._losses(here)
        changes: dict[str, int] = {}
        quiet, more_errors = self._run(here, "preview", _counting(changes))
        # Of a fleet that was destroyed a preview shows how it would be made again.
        quiet &= self._do == "destroy" or set(changes) <= {"same"}
        errors = [*recovered, *errors, *more_errors]
        otherwise = different(contents(here.azure_store), self._wanted)
        shutil.rmtree(here.state_dir.parent)
        # Deletions that a replacement still has to do are the next run's, not lost.
        whole = replace(after_recovery, unfinished=()).none and losses.none
        if finished and quiet and whole and not errors and not otherwise:
            return killed, {}
        found = {"after recovery": after_recovery, "at the end": losses}
        return killed, {
            "errors": errors,
            "again": changes,
            "different": otherwise,
            "losses": {
                name: sorted({*getattr(after_recovery, name), *getattr(losses, name)})
                for name in ("lost", "orphaned", "duplicated")
            },
            "found": {when: asdict(each) for when, each in found.items()},
        }

    def _killed(self, here: Workspace, kill: Kill) -> bool:
        """Run the action, kill it, and return whether that came to pass."""
        if not kill.event:
            fault = {"kind": "killed", "served": kill.served, "after": kill.request}
            file = here.state_dir / "kill.json"
            file.write_text(json.dumps({"faults": [fault]}), encoding="utf-8")
            here = replace(here, faults=file)
        engine = PulumiEngine(here, self._command)
        try:
            getattr(engine, self._do)(_killing(engine, kill.event))
        except EngineError as error:
            return "was killed" in str(error)
        return False

    def _recover(self, here: Workspace) -> list[str]:
        """Let the `recover` command do what it shows; return what it complains of."""
        arguments = ("recover", "--stack", STACK, "--apply", "--state", here.state_dir.parent)
        done = subprocess.run(
            [sys.executable, "-m", "imagefleet.cli", *map(str, arguments)],
            cwd=self._project,
            capture_output=True,
            text=True,
            check=False,
        )
        return [] if done.returncode == 0 else [f"recover: {done.stdout}{done.stderr}"]

    def _run(
        self, here: Workspace, action: str, sink: Callable[[EngineEvent], None] | None = None
    ) -> tuple[bool, list[str]]:
        errors: list[str] = []

        def told(event: EngineEvent) -> None:
            message = event.get("diagnosticEvent") or {}
            if message.get("severity") == "error":
                errors.append(message["message"].strip())
            if sink is not None:
                sink(event)

        try:
            return bool(getattr(PulumiEngine(here, self._command), action)(told)), errors
        except EngineError as error:
            return False, [*errors, str(error)]

    def _losses(self, here: Workspace) -> Losses:
        return compare(PulumiEngine(here, self._command).unfinished_export(), here.azure_store)

    def _workspace(self, root: Path, world: World) -> Workspace:
        made = workspace(self._project, root / STACK, world)
        keep_engine(made, "pulumi")
        return made

    def _copy(self, name: str) -> Workspace:
        root = self._folder / name
        if self._start.exists():
            # The home's links into the project stay links.
            shutil.copytree(self._start, root, symlinks=True)
        here = self._workspace(root, self._after)
        with contextlib.closing(SimulatedAzure(here.azure_store)) as azure:
            azure.advance(_REST_MINUTES)
        return here


def _counting(changes: dict[str, int]) -> Callable[[EngineEvent], None]:
    def count(event: EngineEvent) -> None:
        if "summaryEvent" in event:
            changes.update(event["summaryEvent"].get("resourceChanges") or {})

    return count


def _killing(engine: PulumiEngine, name: str) -> Callable[[EngineEvent], None]:
    """Return a sink that kills the command at an event of this name, "" for none."""

    def kill(event: EngineEvent) -> None:
        for lock in engine.locks() if name in event else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(lock.process, signal.SIGKILL)

    return kill
