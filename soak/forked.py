"""One run of the engine in a process of its own, which may be killed at any of its steps.

The process is a fork of one that has imported everything and has no thread, so that a run costs
what it does and not what an import costs.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.embedded import EmbeddedEngine
from imagefleet.offline.embedded.deployment import Deployment
from imagefleet.offline.engine import EngineError, EngineEvent, Workspace
from imagefleet.offline.faults import FaultLog, FaultPlan, FaultyAzure
from imagefleet.offline.store import Transaction
from soak.worlds import make_project, smallest, workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended: killed, well, or refused for `errors`; `steps` are places to kill it at."""

    killed: bool = False
    succeeded: bool = False
    steps: int = 0
    errors: list[str] = field(default_factory=list)
    changes: dict[str, int] = field(default_factory=dict)


class KillSwitch:
    """Counts the steps of this process and kills it at one of them."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.steps = 0

    def step(self) -> None:
        """Pass one step, or end here as a power cut would: no cleaning up, no last word."""
        self.steps += 1
        if self.steps == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def arm(self) -> None:
        """Make a step of everything that a kill can fall between, in this process only."""
        for name in ("create", "update", "delete"):
            self._around(SimulatedAzure, name, after=True)
        self._around(Transaction, "put", after=True)
        self._around(Transaction, "delete", after=True)
        self._around(Deployment, "_flush", after=True)
        self._around(Deployment, "_settle", after=False)
        self._around(Path, "replace", after=True)

    def _around(self, owner: type, name: str, *, after: bool) -> None:
        real: Callable[..., Any] = getattr(owner, name)

        def counted(*arguments: Any, **options: Any) -> Any:
            preview = options.get("preview", False)
            if not preview:
                self.step()
            answer = real(*arguments, **options)
            if after and not preview:
                self.step()
            return answer

        setattr(owner, name, counted)


def run(
    place: Workspace,
    action: str,
    *,
    kill_at: int | None = None,
    plan: FaultPlan | None = None,
    advance: float = 0,
) -> Outcome:
    """Run `action` (`up`, `refresh`, `destroy`, `recover`) in a fork and return how it ended.

    `kill_at` is the step at which it is killed; `advance` moves the clock on before, in minutes.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _in_child(place, action, kill_at, plan, advance, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return Outcome(killed=True)
    if status != 0 or not text:
        return Outcome(errors=[f"the run ended with status {status}: {text}"])
    return Outcome(**json.loads(text))


def _in_child(
    place: Workspace,
    action: str,
    kill_at: int | None,
    plan: FaultPlan | None,
    advance: float,
    writing: int,
) -> None:
    try:
        outcome = _engine_run(place, action, KillSwitch(kill_at), plan, advance)
        text = json.dumps(asdict(outcome))
    except BaseException:  # noqa: BLE001 the parent must hear of it, and nothing else may run
        text = json.dumps(asdict(Outcome(errors=[traceback.format_exc()])))
    with os.fdopen(writing, "w", encoding="utf-8") as pipe:
        pipe.write(text)
    sys.stdout.flush()
    os._exit(0)


def _engine_run(
    place: Workspace, action: str, switch: KillSwitch, plan: FaultPlan | None, advance: float
) -> Outcome:
    events: list[EngineEvent] = []
    inner = SimulatedAzure(place.azure_store)
    if advance:
        inner.advance(advance)
    azure = inner if plan is None else FaultyAzure(inner, plan, FaultLog(place.fault_log))
    engine = EmbeddedEngine(place, azure)
    switch.arm()
    try:
        succeeded = bool(getattr(engine, action)(events.append))
    except EngineError as error:
        return Outcome(errors=[str(error)], steps=switch.steps)
    finally:
        with contextlib.suppress(Exception):
            azure.close()
    diagnostics = [each["diagnosticEvent"] for each in events if "diagnosticEvent" in each]
    summaries = [each["summaryEvent"] for each in events if "summaryEvent" in each]
    return Outcome(
        succeeded=succeeded,
        steps=switch.steps,
        errors=[each["message"].strip() for each in diagnostics if each["severity"] == "error"],
        changes=dict(summaries[-1]["resourceChanges"]) if summaries else {},
    )


def warm_up(folder: Path) -> None:
    """Run the program once in this process, so that its forks find modules and shapes loaded."""
    made = workspace(make_project(folder / "program"), folder / "state", smallest())
    with contextlib.closing(SimulatedAzure(made.azure_store)) as azure:
        engine = EmbeddedEngine(made, azure)
        for action in ("up", "refresh", "destroy"):
            getattr(engine, action)(lambda _event: None)
