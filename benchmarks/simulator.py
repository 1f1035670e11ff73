"""What the simulated Azure costs: resources put in process, and memory over many runs."""

from __future__ import annotations

import contextlib
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.fleets import ROOT, SUBSCRIPTION
from benchmarks.pack_resources import PackResources
from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.model import ProviderSettings
from imagefleet.offline.pack.wire import analyze_request
from imagefleet.offline.values import from_struct

if TYPE_CHECKING:
    from collections.abc import Callable

POOLS, IMAGE_VERSIONS = 1000, 100
# Runs in one process: made, read and deleted again.
RUNS = 5
# Resources a second that the simulator puts at least, checks included.
LEAST_RATE = 500.0
# What peak memory may be after the last run, of what it was after the first.
LARGEST_MEMORY_GROWTH = 1.1


def simulator(folder: Path, say: Callable[[str], None], verdict: Callable[..., bool]) -> bool:
    """Print rate and memory of a fleet in a process of its own; False beyond what is promised."""
    command = [sys.executable, "-m", "benchmarks.simulator", str(folder / "azure.sqlite")]
    answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    runs = [json.loads(line) for line in answer.stdout.splitlines()]
    say(f"\nSimulated Azure in process: {POOLS} pools, {IMAGE_VERSIONS} image versions")
    say(f"{'run':>6} {'resources':>10} {'puts/s':>9} {'reads/s':>9} {'deletes/s':>10} {'MB':>7}")
    for number, run in enumerate(runs, 1):
        say(
            f"{number:>6} {run['resources']:>10} {run['puts']:>9.0f} {run['reads']:>9.0f} "
            f"{run['deletes']:>10.0f} {run['mb']:>7.0f}"
        )
    best = max(run["puts"] for run in runs)
    # of a rate, the promise is a floor: the verdict is about seconds per resource
    kept = verdict("ms to put a resource", 1000 / best, 1000 / LEAST_RATE)
    growth = runs[-1]["mb"] / runs[0]["mb"]
    return kept & verdict("memory of the last run over the first", growth, LARGEST_MEMORY_GROWTH)


def main(store: Path) -> None:
    """Bring the fleet up and down again, several times; one line of JSON for each run."""
    fleet = PackResources(POOLS, IMAGE_VERSIONS, ids_known=True).all
    wanted = [
        (each.type, each.name, from_struct(analyze_request(each).properties)) for each in fleet
    ]
    settings = ProviderSettings(subscription_id=SUBSCRIPTION, location="westeurope")
    with contextlib.closing(SimulatedAzure(store)) as azure:
        for _ in range(RUNS):
            made = []
            started = time.perf_counter()
            for token, name, props in wanted:
                checked = azure.check(token, name, None, props, settings, b"seed")
                if checked.failures:
                    message = f"{token} {name} is refused: {checked.failures}"
                    raise RuntimeError(message)
                created = azure.create(token, checked.inputs, settings, preview=False)
                made.append((token, created.id))
            put = time.perf_counter()
            for token, resource_id in made:
                if azure.read(token, resource_id) is None:
                    message = f"{resource_id} was made and is not there"
                    raise RuntimeError(message)
            read = time.perf_counter()
            for token, resource_id in reversed(made):
                azure.delete(token, resource_id, settings)
            deleted = time.perf_counter()
            figures = {
                "resources": len(made),
                "puts": len(made) / (put - started),
                "reads": len(made) / (read - put),
                "deletes": len(made) / (deleted - read),
                "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
            sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
