"""`make bench`: what a large fleet and its policies cost, as ratios within one run."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.doctor import doctor
from benchmarks.doors import doors
from benchmarks.fleets import ROOT, STACK, make_project
from benchmarks.packs import packs
from benchmarks.reviews import reviews
from benchmarks.simulator import simulator
from imagefleet.offline.pulumi_cli.engine import PulumiCommand, find_pulumi

SIZES = (10, 100, 1000)
LARGEST_GROWTH = 12.0
LARGEST_SHARE = {"embedded": 0.3, "pulumi": 0.5}
PARTS = ("rehearsals", "programs", "packs", "simulator", "doors", "doctor", "reviews")
BARE_PROGRAM = ROOT / "benchmarks" / "bare_program.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One process: wall time in seconds, its own peak memory in MB, and what it printed."""

    seconds: float
    peak_mb: float
    output: str


def main() -> int:
    """Print every figure; exit 1 where one is beyond what the project promises."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="pools")
    parser.add_argument("--repeat", type=int, default=2, help="runs per figure; the best counts")
    parser.add_argument("--only", choices=PARTS, help="one part of the figures")
    options = parser.parse_args()
    parts = (options.only,) if options.only else PARTS
    kept = True
    with tempfile.TemporaryDirectory(prefix="imagefleet-bench-") as folder:
        if "rehearsals" in parts:
            kept &= _rehearsals(Path(folder), options.sizes, options.repeat)
        if "programs" in parts:
            kept &= _programs(Path(folder), max(options.sizes), options.repeat)
        if "packs" in parts:
            kept &= packs(Path(folder), options.repeat, _say, _verdict)
        if "simulator" in parts:
            kept &= simulator(Path(folder), _say, _verdict)
        if "doors" in parts:
            kept &= doors(Path(folder), _say, _verdict)
        if "doctor" in parts:
            kept &= doctor(Path(folder), options.repeat, _say, _verdict)
        if "reviews" in parts:
            kept &= reviews(Path(folder), options.sizes, _say, _verdict)
    return 0 if kept else 1


def _rehearsals(folder: Path, sizes: list[int], repeat: int) -> bool:
    _say("Embedded rehearsal: preview, policy, up, steady pools (whole process)")
    _say(f"{'pools':>8} {'seconds':>9} {'ms/pool':>9} {'growth':>8} {'peak MB':>9}")
    before: float | None = None
    growth = 0.0
    for pools in sizes:
        project = make_project(folder / f"rehearsal-{pools}", pools)
        command = [sys.executable, "-m", "imagefleet.cli", "rehearse", "--stack", STACK]
        command += ["--engine", "embedded", "--yes", "--fresh"]
        best = min((_run(command, project) for _ in range(repeat)), key=lambda run: run.seconds)
        growth = best.seconds / before if before else 0.0
        shown = f"{growth:8.2f}" if growth else " " * 8
        _say(
            f"{pools:>8} {best.seconds:>9.2f} {1000 * best.seconds / pools:>9.1f} "
            f"{shown} {best.peak_mb:>9.0f}"
        )
        before = best.seconds
    return _verdict(f"growth from {sizes[-2]} to {sizes[-1]} pools", growth, LARGEST_GROWTH)


def _programs(folder: Path, pools: int, repeat: int) -> bool:
    _say(f"\nPreview of {pools} pools: our program against one without components")
    _say(f"{'engine':>10} {'ours s':>9} {'bare s':>9} {'ratio':>7} {'MB':>7} {'bare MB':>9}")
    command = find_pulumi()
    kept = True
    for engine in ("embedded", "pulumi"):
        if engine == "pulumi" and not isinstance(command, PulumiCommand):
            _say(f"{engine:>10} left out: {command.text}")
            continue
        kept &= _compare(folder, engine, pools, repeat)
    return kept


def _compare(folder: Path, engine: str, pools: int, repeat: int) -> bool:
    pairs = []
    for turn in range(repeat):
        pair = []
        for name, program in (("ours", ROOT / "__main__.py"), ("bare", BARE_PROGRAM)):
            project = make_project(folder / f"{engine}-{name}-{turn}", pools, program=program)
            arguments = [sys.executable, "-m", "benchmarks.preview_once", str(project), engine]
            pair.append(_run(arguments, ROOT))
        pairs.append(pair)
    ours, bare = (
        min((pair[side] for pair in pairs), key=lambda run: _figure(run, "seconds"))
        for side in (0, 1)
    )
    if json.loads(ours.output)["resources"] != json.loads(bare.output)["resources"]:
        message = "the two programs register different resources; mend benchmarks/bare_program.py"
        raise RuntimeError(message)
    ratio = _figure(ours, "seconds") / _figure(bare, "seconds")
    _say(
        f"{engine:>10} {_figure(ours, 'seconds'):>9.2f} {_figure(bare, 'seconds'):>9.2f} "
        f"{ratio:>7.3f} {ours.peak_mb:>7.0f} {bare.peak_mb:>9.0f}"
    )
    return _verdict(f"{engine}: ours over bare", ratio, LARGEST_SHARE[engine])


def _figure(run: Run, name: str) -> float:
    return float(json.loads(run.output)[name])


def _run(command: list[str], folder: Path) -> Run:
    """Run a command in `folder`; raises with what it printed where it fails."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode != 0:
        message = f"{' '.join(command)} failed:\n{text[-2000:]}"
        raise RuntimeError(message)
    return Run(seconds=seconds, peak_mb=usage.ru_maxrss / 1024, output=text)


def _verdict(what: str, figure: float, limit: float) -> bool:
    kept = figure < limit
    _say(f"  {'ok' if kept else 'TOO MUCH'}: {what} {figure:.2f}, promised below {limit:g}")
    return kept


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
