"""`make soak`: seeded campaigns of faults and kills, and every step of a run killed in turn."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from soak.campaign import Result, campaign
from soak.forked import warm_up
from soak.steps import ACTIONS, StepReport, kill_each_step
from soak.worlds import make_project

ROOT = Path(__file__).resolve().parent.parent

PROGRESS_EVERY = 50
"""So many campaigns of one worker are a line of progress."""


@dataclass(slots=True, kw_only=True)
class Sums:
    """The figures of all campaigns, and the seeds of those that did not pass."""

    campaigns: int = 0
    runs: int = 0
    killed: int = 0
    refused: int = 0
    lost: int = 0
    orphaned: int = 0
    duplicated: int = 0
    unfinished: int = 0
    damaged: int = 0
    unrecovered: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    failed_seeds: list[int] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Count one campaign."""
        losses = result.losses
        self.campaigns += 1
        self.runs += result.runs
        self.killed += result.killed
        self.refused += result.refused
        self.lost += len(losses.lost)
        self.orphaned += len(losses.orphaned)
        self.duplicated += len(losses.duplicated)
        self.unfinished += len(losses.unfinished)
        self.damaged += bool(losses.damage)
        self.unrecovered += bool(result.unrecovered)
        self.faults = dict(Counter(self.faults) + result.faults)
        if not result.passed:
            self.failed_seeds.append(result.seed)

    def join(self, other: Sums) -> None:
        """Count what another process has counted."""
        faults = Counter(self.faults) + Counter(other.faults)
        for name, value in asdict(other).items():
            if name != "faults":
                setattr(self, name, getattr(self, name) + value)
        self.faults = dict(faults)


def main() -> int:
    """Print the figures; exit 1 where anything was lost, made twice or not recovered."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--campaigns", type=int, default=500)
    parser.add_argument("--seed", type=int, help="of the first campaign; default: a random one")
    parser.add_argument("--jobs", type=int, default=min(os.cpu_count() or 1, 8))
    parser.add_argument("--steps", choices=ACTIONS, nargs="*", default=list(ACTIONS))
    parser.add_argument("--every", type=int, default=1, help="kill at each N-th step only")
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.json:
        _work(options)
        return 0
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    _say(f"seed {seed} (repeat with ARGS='--seed {seed} --campaigns {options.campaigns}')")
    started = time.monotonic()
    kept = _report_steps(_in_parallel([["--steps", each] for each in options.steps], options))
    kept &= _report_campaigns(_campaigns(seed, options))
    _say(f"{time.monotonic() - started:.0f} s")
    return 0 if kept else 1


def _work(options: argparse.Namespace) -> None:
    """Do one share of the work in this process and print it as JSON."""
    folder = Path(tempfile.mkdtemp(prefix="imagefleet-soak-"))
    try:
        warm_up(folder / "warm")
        for action in options.steps:
            _say(json.dumps(asdict(kill_each_step(action, folder / action, every=options.every))))
        if options.campaigns:
            _say(json.dumps(asdict(_run_campaigns(options, folder))))
    finally:
        shutil.rmtree(folder)


def _run_campaigns(options: argparse.Namespace, folder: Path) -> Sums:
    sums = Sums()
    project = make_project(folder / "program")
    for seed in range(options.seed, options.seed + options.campaigns):
        sums.add(campaign(seed, project, folder / str(seed)))
        shutil.rmtree(folder / str(seed))
        if sums.campaigns % PROGRESS_EVERY == 0:
            _tell_progress(options, sums)
    return sums


def _tell_progress(options: argparse.Namespace, sums: Sums) -> None:
    """Say how far a share of the campaigns is, apart from the figures that are read by others."""
    failed = f", failed: {sums.failed_seeds}" if sums.failed_seeds else ""
    sys.stderr.write(
        f"  from seed {options.seed}: {sums.campaigns} of {options.campaigns} campaigns, "
        f"{sums.runs} runs, {sums.killed} killed{failed}\n"
    )


def _campaigns(seed: int, options: argparse.Namespace) -> Sums:
    share = -(-options.campaigns // options.jobs)
    starts = range(seed, seed + options.campaigns, share) if share else ()
    ends = seed + options.campaigns
    work = [
        ["--steps", "--seed", str(start), "--campaigns", str(min(share, ends - start))]
        for start in starts
    ]
    sums = Sums()
    for line in _lines(work):
        sums.join(Sums(**json.loads(line)))
    return sums


def _in_parallel(
    work: Sequence[Sequence[str]], options: argparse.Namespace
) -> Iterator[StepReport]:
    every = ["--campaigns", "0", "--every", str(options.every)]
    for start in range(0, len(work), options.jobs):
        for line in _lines([[*each, *every] for each in work[start : start + options.jobs]]):
            yield StepReport(**json.loads(line))


def _lines(work: Sequence[Sequence[str]]) -> Iterator[str]:
    """Run shares of the work side by side, each in a process that never starts a thread."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "soak", "--json", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for arguments in work
    ]
    for process in processes:
        output, _ = process.communicate()
        if process.returncode != 0:
            message = f"a worker of the soak ended with {process.returncode}"
            raise RuntimeError(message)
        yield from output.splitlines()


def _report_steps(reports: Iterator[StepReport]) -> bool:
    _say("Every step killed: the next run finishes")
    _say(f"{'action':>14} {'steps':>7} {'killed':>7} {'wrong':>7}")
    kept = True
    for report in reports:
        wrong = len(report.wrong)
        _say(f"{report.action:>14} {report.steps:>7} {report.killed:>7} {wrong:>7}")
        for step, found in report.wrong.items():
            _say(f"  step {step}: {json.dumps(found)[:2000]}")
        kept &= not wrong
    return kept


def _report_campaigns(sums: Sums) -> bool:
    passed = sums.campaigns - len(sums.failed_seeds)
    _say(f"\n{sums.campaigns} campaigns: {passed} passed")
    for kind, count in sorted(sums.faults.items()):
        _say(f"{kind:>24} {count:>7} injected")
    for name in ("runs", "killed", "refused", "lost", "orphaned", "duplicated", "unfinished"):
        _say(f"{name:>24} {getattr(sums, name):>7}")
    _say(f"{'files damaged':>24} {sums.damaged:>7}")
    _say(f"{'unrecovered':>24} {sums.unrecovered:>7}")
    for seed in sums.failed_seeds:
        _say(f"  failed: ARGS='--seed {seed} --campaigns 1 --steps'")
    return not sums.failed_seeds


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
