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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from imagefleet.offline.pulumi_cli.engine import PulumiCommand, Reason, find_pulumi
from soak.campaign import Result, campaign
from soak.forked import warm_up
from soak.pulumi_steps import kill_each_request
from soak.steps import ACTIONS, StepReport, kill_each_step
from soak.worlds import make_project

ROOT = Path(__file__).resolve().parent.parent

PROGRESS_EVERY = 50
"""So many campaigns of one worker are a line of progress."""

ENGINES = ("embedded", "pulumi")
_LOSSES = ("lost", "orphaned", "duplicated")


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
    parser.add_argument("--engine", choices=ENGINES, nargs="*", default=list(ENGINES))
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.json:
        _work(options)
        return 0
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    _say(f"seed {seed} (repeat with ARGS='--seed {seed} --campaigns {options.campaigns}')")
    started = time.monotonic()
    kept = _report_steps(_step_reports(options))
    if options.campaigns:
        kept &= _report_campaigns(_campaigns(seed, options))
    _say(f"{time.monotonic() - started:.0f} s")
    return 0 if kept else 1


def _work(options: argparse.Namespace) -> None:
    """Do one share of the work in this process and print it as JSON."""
    folder = Path(tempfile.mkdtemp(prefix="imagefleet-soak-"))
    try:
        if "pulumi" in options.engine:
            for action in options.steps:
                _say(json.dumps(asdict(_kill_command(action, folder, options))))
            return
        warm_up(folder / "warm")
        for action in options.steps:
            _say(json.dumps(asdict(kill_each_step(action, folder / action, every=options.every))))
        if options.campaigns:
            _say(json.dumps(asdict(_run_campaigns(options, folder))))
    finally:
        shutil.rmtree(folder)


def _kill_command(action: str, folder: Path, options: argparse.Namespace) -> StepReport:
    found = find_pulumi()
    if not isinstance(found, PulumiCommand):
        raise SystemExit(found.text)
    return kill_each_request(action, folder / action, found.path, every=options.every)


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
    ends = seed + options.campaigns
    work = [
        ["--steps", "--seed", str(start), "--campaigns", str(min(share, ends - start))]
        for start in range(seed, ends, share)
    ]
    sums = Sums()
    for line in _lines("embedded", work, options.jobs):
        sums.join(Sums(**json.loads(line)))
    return sums


def _step_reports(options: argparse.Namespace) -> Iterator[StepReport]:
    work = [
        ["--steps", each, "--campaigns", "0", "--every", str(options.every)]
        for each in options.steps
    ]
    for engine in options.engine:
        found = find_pulumi() if engine == "pulumi" else None
        if isinstance(found, Reason):
            _say(f"the pulumi command is not killed: {found.text}")
            continue
        for line in _lines(engine, work, options.jobs):
            yield StepReport(**json.loads(line))


def _lines(engine: str, work: Sequence[Sequence[str]], jobs: int) -> Iterator[str]:
    """Run shares of the work side by side, each in a process that never starts a thread."""

    def run(arguments: Sequence[str]) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "soak", "--json", "--engine", engine, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            message = f"a worker of the soak ended with {done.returncode}: {' '.join(arguments)}"
            raise RuntimeError(message)
        return done.stdout

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        for printed in pool.map(run, work):
            yield from printed.splitlines()


def _report_steps(reports: Iterator[StepReport]) -> bool:
    _say("Every step killed: the next run finishes, that of the Pulumi command after `recover`")
    columns = ("steps", "killed", *_LOSSES, "unrecovered")
    _say(f"{'engine':>9} {'action':>12} " + " ".join(f"{each:>11}" for each in columns))
    kept = True
    for report in reports:
        figures = (
            report.steps,
            report.killed,
            *(report.lost(kind) for kind in _LOSSES),
            len(report.wrong),
        )
        words = " ".join(f"{each:>11}" for each in figures)
        _say(f"{report.engine:>9} {report.action:>12} {words}")
        for step, found in report.wrong.items():
            _say(f"  step {step}: {json.dumps(found)[:2000]}")
        kept &= not report.wrong
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
