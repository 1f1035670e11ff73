"""`imagefleet review` of a changed stack file: what a fork's pull request waits for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.fleets import ROOT, STACK, stack_file

STACKS_LIMIT: Final = 20.0
FLEET_LIMIT: Final = 60.0
"""Seconds that a reviewer waits at most: for this repository's stacks, and for 1,000 pools."""

Say = Callable[[str], None]
Verdict = Callable[[str, float, float], bool]
_OURS = ("components", "imagefleet", "policy")


def reviews(folder: Path, sizes: Sequence[int], say: Say, verdict: Verdict) -> bool:
    """Print what a review takes, by number of pools; each side is run as its own program."""
    say("\nReview of a changed stack file against its base: both sides, policies (whole process)")
    stacks = {file.name: file.read_text(encoding="utf-8") for file in ROOT.glob("Pulumi.*.yaml")}
    changed = {name: text.replace("dedicated: 4", "dedicated: 40") for name, text in stacks.items()}
    seconds = _review(folder / "review-stacks", stacks, changed)
    say(f"{len(stacks):>8} stacks {seconds:>9.2f} s")
    kept = verdict("the repository's stacks, seconds", seconds, STACKS_LIMIT)
    for pools in sorted(sizes):
        before = {f"Pulumi.{STACK}.yaml": stack_file(pools)}
        after = {
            name: text.replace('"dedicated": 9', '"dedicated": 8') for name, text in before.items()
        }
        seconds = _review(folder / f"review-{pools}", before, after)
        say(f"{pools:>8} pools  {seconds:>9.2f} s")
    return verdict(f"{max(sizes)} pools, seconds", seconds, FLEET_LIMIT) and kept


def _review(folder: Path, before: dict[str, str], after: dict[str, str]) -> float:
    folder.mkdir(parents=True)
    for name in _OURS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / name, folder)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / ".gitignore").write_text(".venv\n__pycache__\n", encoding="utf-8")
    _write(folder, before)
    _git(folder, "init", "-q")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "base")
    _write(folder, after)
    command = [sys.executable, "-m", "imagefleet.cli", "review", "--base", "HEAD"]
    started = time.perf_counter()
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if told.returncode != 0 or "in place" not in told.stdout:
        message = f"{' '.join(command)} failed:\n{told.stdout[:2000]}\n{told.stderr[-2000:]}"
        raise RuntimeError(message)
    return seconds


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def _git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
    environment = os.environ | {"GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *identity, *arguments], cwd=folder, env=environment, check=True)
