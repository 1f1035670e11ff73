"""A short soak: some steps of every action killed, and a few seeded campaigns."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def soak(*arguments: str, engine: str = "embedded") -> list[dict]:
    """Return what a worker of the soak prints, one object a line."""
    done = subprocess.run(
        [sys.executable, "-m", "soak", "--json", "--engine", engine, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("action", ["up", "update", "replacement", "destroy"])
def test_the_next_run_finishes_what_a_kill_has_left(action):
    """Every fifth step here; `make soak` kills at each."""
    (report,) = soak("--steps", action, "--every", "5", "--campaigns", "0")
    assert report["wrong"] == {}
    assert report["killed"] == -(-report["steps"] // 5)
    assert report["steps"] > 30


@pytest.mark.engine
@pytest.mark.parametrize(
    ("action", "every"), [("up", "9"), ("update", "4"), ("replacement", "8"), ("destroy", "9")]
)
def test_the_command_is_killed_recovered_and_finished_by_the_next_run(action, every):
    """Two or three requests here; `make soak` kills at each."""
    (report,) = soak("--steps", action, "--every", every, "--campaigns", "0", engine="pulumi")
    assert report["wrong"] == {}
    assert report["killed"] == report["steps"] > 0


def test_campaigns_of_faults_and_kills_lose_nothing():
    (sums,) = soak("--steps", "--seed", "2026", "--campaigns", "6")
    assert sums["failed_seeds"] == []
    assert sums["killed"] > 0
    assert sum(sums["faults"].values()) > 10
