"""What the doctor's checks gain by running side by side, where every answer takes its time."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.fleets import ROOT, STACK, SUBSCRIPTION, fleet_value, make_project
from imagefleet.domain.clouds import Cloud
from imagefleet.domain.plan import plan
from imagefleet.live.clients import Clients
from imagefleet.live.credentials import credential
from imagefleet.live.crew import WORKERS, Crew
from imagefleet.live.doctor.checks.catalogue import CHECKS
from imagefleet.live.doctor.reader import Reader
from imagefleet.live.doctor.run import outcomes, run_one
from imagefleet.live.doctor.view import View
from imagefleet.live.endpoints import at_doors
from imagefleet.settings import ProviderContext, parse

POOLS, IMAGE_VERSIONS = 200, 50
LATENCY_MS = 100
# Side by side over one by one, both with answers that are shared.
LARGEST_PART = 0.2


def doctor(
    folder: Path, repeat: int, say: Callable[[str], None], verdict: Callable[..., bool]
) -> bool:
    """Print seconds side by side and one by one; False where the gain is less than promised."""
    project = make_project(folder / "doctor", POOLS, image_versions=IMAGE_VERSIONS)
    command = [sys.executable, "-m", "imagefleet.cli", "rehearse", "--stack", STACK]
    command += ["--engine", "embedded", "--yes"]
    subprocess.run(command, cwd=project, check=True, stdout=subprocess.DEVNULL)
    state = project / ".imagefleet" / STACK
    say(f"\nDoctor, {POOLS} pools on {IMAGE_VERSIONS} versions, {LATENCY_MS} ms a call")
    say(f"{'checks':>14} {'seconds':>9} {'calls':>7}")
    best = []
    with _doors(state) as about:
        for name, alone in (("side by side", False), ("one by one", True)):
            seconds, calls = min(_examined(about, one_by_one=alone) for _ in range(repeat))
            say(f"{name:>14} {seconds:>9.2f} {calls:>7}")
            best.append(seconds)
    return verdict("side by side over one by one", best[0] / best[1], LARGEST_PART)


@contextlib.contextmanager
def _doors(state: Path) -> Iterator[Path]:
    """Hold the doors open in a process of their own; gives the file that describes them."""
    command = [sys.executable, "-m", "benchmarks.doors_process", str(state), str(LATENCY_MS)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            about = state / "doors.json"
            about.write_text(process.stdout.readline() if process.stdout else "", encoding="utf-8")
            yield about
        finally:
            if process.stdin is not None:
                process.stdin.close()


def _examined(about: Path, *, one_by_one: bool) -> tuple[float, int]:
    """Return the seconds that all checks take with answers that nobody has asked for yet."""
    context = ProviderContext(subscription_id=SUBSCRIPTION, location="westeurope")
    fleet = parse(fleet_value(POOLS, IMAGE_VERSIONS), provider=context)
    today = datetime.now(tz=UTC).date()
    endpoints = at_doors(about, Cloud.PUBLIC)
    clients = Clients(endpoints, credential(endpoints))
    with contextlib.closing(clients), Crew(1 if one_by_one else WORKERS) as crew:
        caller = clients.caller()
        view = View(
            fleet=fleet,
            plan=plan(fleet, today=today),
            reader=Reader(clients, crew),
            environment={},
            caller=caller,
            today=today,
        )
        started = time.perf_counter()
        found: list[Any] = (
            [run_one(check, view) for check in CHECKS] if one_by_one else [*outcomes(CHECKS, view)]
        )
        seconds = time.perf_counter() - started
        if len(found) != len(CHECKS):
            message = f"{len(found)} of {len(CHECKS)} checks have answered"
            raise RuntimeError(message)
        return seconds, clients.calls.count
