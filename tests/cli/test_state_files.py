"""State that cannot be written or read: one error, the files as they were, a way back."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.projects import Project

COMMAND = (sys.executable, "-m", "imagefleet.cli", "rehearse", "--engine", "embedded", "--yes")
# linux/prctl.h and linux/capability.h: what lets root write to what is read-only.
PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE = 1


@pytest.fixture(autouse=True)
def without_policies(project: Project) -> None:
    """State is kept the same with a policy pack, only later."""
    (project.folder / "policy").unlink()


def rehearse(project: Project, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        COMMAND, cwd=project.folder, capture_output=True, text=True, check=False, **options
    )


def state_of(project: Project) -> Path:
    return project.folder / ".imagefleet" / "dev"


def contents(project: Project) -> dict[str, bytes]:
    """The files that hold state, without SQLite's own and what names a process."""
    kept = ("azure.sqlite", "embedded/deployment.json")
    return {name: (state_of(project) / name).read_bytes() for name in kept}


def change(project: Project) -> None:
    project.edit("dev", ("description: Images of the dev fleet", "description: Other images"))


def obey_permissions() -> None:
    """Let the command that follows take permissions as they are, also where it runs as root."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


def assert_one_error(done, *parts: str) -> None:
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.count("error: ") == 1
    for part in parts:
        assert part in done.stderr


def lengthen(project: Project) -> None:
    """A stack output is kept by the engine alone, and is longer than the disk has room for."""
    project.add_to_program('\npulumi.export("long", "x" * 60_000)\n')


@pytest.mark.parametrize(
    ("limit", "grow", "file"),
    [(1_000, change, "azure.sqlite"), (40_000, lengthen, "/dev/embedded")],
    ids=["simulated Azure", "engine"],
)
def test_a_full_disk_is_one_error_and_the_next_run_goes_on(
    project: Project, limit: int, grow: Callable[[Project], None], file: str
):
    """A limit on the size of files stands for the disk: writing beyond it fails the same way."""
    assert rehearse(project).returncode == 0
    before = contents(project)["embedded/deployment.json"]
    grow(project)
    done = rehearse(
        project, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    )
    assert_one_error(done, file, "cannot be", "Free space on its disk", "run this again")
    assert contents(project)["embedded/deployment.json"] == before
    with sqlite3.connect(state_of(project) / "azure.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert rehearse(project).returncode == 0
    assert contents(project)["embedded/deployment.json"] != before
    assert "nothing changes" in rehearse(project).stdout


def test_a_state_folder_that_is_read_only_is_one_error(project: Project):
    assert rehearse(project).returncode == 0
    before = contents(project)
    files = [state_of(project), *state_of(project).rglob("*")]
    for path in files:
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = rehearse(project, preexec_fn=obey_permissions)
    assert_one_error(done, "lock cannot be written", "make the state folder writable")
    assert contents(project) == before


@pytest.mark.parametrize(
    ("name", "spoil", "parts"),
    [
        ("azure.sqlite", lambda _: b"not a database at all" * 100, ["cannot be used", "--fresh"]),
        ("embedded/deployment.json", lambda old: old[: len(old) // 2], ["cannot be read"]),
        (
            "embedded/deployment.json",
            lambda old: json.dumps({**json.loads(old), "version": 9}).encode(),
            ["has format 9, this version of imagefleet reads format 3", "--fresh"],
        ),
    ],
)
def test_a_state_that_cannot_be_read_is_left_as_it_is(project: Project, name, spoil, parts):
    assert rehearse(project).returncode == 0
    path = state_of(project) / name
    path.write_bytes(spoil(path.read_bytes()))
    before = contents(project)
    assert_one_error(rehearse(project), path.name, *parts)
    assert contents(project) == before
    assert project.run("rehearse", "--engine", "embedded", "--yes", "--fresh").code == 0


def test_a_later_format_of_the_simulated_azure_is_left_as_it_is(project: Project):
    assert rehearse(project).returncode == 0
    with sqlite3.connect(state_of(project) / "azure.sqlite") as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    before = contents(project)
    assert_one_error(rehearse(project), "it has format 9", "reads format 1", "--fresh")
    assert contents(project) == before


def test_a_count_of_faults_that_is_damaged_is_one_error(project: Project):
    assert rehearse(project).returncode == 0
    (state_of(project) / "faults.sqlite").write_bytes(b"no database at all" * 100)
    faults = project.folder / "faults.yaml"
    faults.write_text("faults: [{kind: throttled}]\n", encoding="utf-8")
    answer = project.run("rehearse", "--engine", "embedded", "--yes", "--faults", str(faults))
    assert answer.code == 2
    assert answer.err.startswith("error: the count of faults in ")
    assert "remove it, and run this again" in answer.err
