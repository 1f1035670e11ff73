"""Runs of the real engine that are interrupted or killed: what is left, and how the next one goes.

Each test ends a first `up` once the group is made and brings the stack up again afterwards.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from imagefleet.offline.engine import EngineError

pytestmark = pytest.mark.engine

GALLERY = "azure-native:compute:Gallery::images"


@pytest.fixture
def fresh(make):
    return make()


def processes():
    """Return the command line of every process by pid, those that have ended left out."""
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in listing.splitlines()]
    return {int(row[0]): row[2] for row in rows if len(row) > 2 and not row[1].startswith("Z")}


def of_run(project):
    """Return the pids of everything that works on the state of a project."""
    places = (str(project.workspace.state_dir), str(project.workspace.project_dir))
    found = {}
    for pid, arguments in processes().items():
        environment = ""
        with contextlib.suppress(OSError):
            environment = Path(f"/proc/{pid}/environ").read_text("utf-8", "replace")
        if pid != os.getpid() and any(place in arguments + environment for place in places):
            found[pid] = arguments
    return found


def command_of(project):
    """Return the pid of the Pulumi command itself."""
    return next(pid for pid, args in of_run(project).items() if "--event-log" in args)


def nothing_left(project, *, seconds=10):
    deadline = time.monotonic() + seconds
    while (left := of_run(project)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == {}


def assert_comes_up(project):
    assert project.run("up"), project.errors()
    assert "images" in project.resources()
    assert "pending_operations" not in project.engine.export()["deployment"]
    assert project.run("preview")
    assert set(project.ops().values()) == {"same"}


def test_an_interrupt_lets_the_command_end_in_order(fresh):
    def interrupt(event):
        if "preludeEvent" in event:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fresh.engine.up(interrupt)

    nothing_left(fresh)
    assert_comes_up(fresh)


def test_a_killed_command_leaves_no_process_and_a_state_to_go_on_from(fresh):
    def kill(event):
        if "preludeEvent" in event:
            os.kill(command_of(fresh), signal.SIGKILL)

    with pytest.raises(EngineError, match="up"):
        fresh.engine.up(kill)

    nothing_left(fresh)
    assert_comes_up(fresh)


def test_what_a_killed_run_made_without_recording_it_is_adopted(fresh):
    """The worst moment: the service has made the gallery, the state says it is still pending."""
    assert fresh.run("up"), fresh.errors()
    folder = fresh.workspace.state_dir / "pulumi"
    file = next((folder / "backend" / ".pulumi" / "stacks").rglob("dev.json"))
    content = json.loads(file.read_text())
    latest = content["checkpoint"]["latest"]
    gallery = next(r for r in latest["resources"] if r["type"].endswith(":Gallery"))
    latest["resources"].remove(gallery)
    unknown = ("id", "outputs", "created", "modified")
    pending = {key: value for key, value in gallery.items() if key not in unknown}
    latest["pending_operations"] = [{"resource": pending, "type": "creating"}]
    file.write_text(json.dumps(content))
    (folder / "unfinished").touch()

    assert_comes_up(fresh)
    assert fresh.ops()[GALLERY] == "same"


def test_a_state_that_a_living_command_holds_is_not_touched(fresh):
    assert fresh.run("preview"), fresh.errors()
    locks = fresh.workspace.state_dir / "pulumi" / "backend" / ".pulumi" / "locks" / "dev"
    locks.mkdir(parents=True)
    (locks / "lock.json").write_text(json.dumps({"pid": os.getpid()}))

    with pytest.raises(EngineError, match=f"process {os.getpid()}.*still works on the state"):
        fresh.engine.up(lambda _: None)


def test_a_lock_that_was_written_half_is_released(fresh):
    """The command takes any file in the folder of locks for a lock."""
    assert fresh.run("up"), fresh.errors()
    locks = next((fresh.workspace.state_dir / "pulumi" / "backend").rglob("locks"))
    half = locks / "organization" / "imagefleet" / "dev" / "lock.json.18f.tmp"
    half.write_text('{"pid": 1', encoding="utf-8")
    (lock,) = fresh.engine.locks()
    assert (lock.process, lock.who, lock.alive) == (0, "unknown@unknown", False)
    assert_comes_up(fresh)
    assert not half.exists()


def test_no_file_of_attributes_stands_beside_the_state(fresh):
    """It would be written in pieces, and a kill in between would make the state unreadable."""
    assert fresh.run("up"), fresh.errors()
    backend = fresh.workspace.state_dir / "pulumi" / "backend"
    names = [path.name for path in backend.rglob("*") if path.is_file()]
    assert "dev.json" in names
    assert not [name for name in names if name.endswith(".attrs")]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: json.dumps({**json.loads(text), "version": 99}),
    ],
    ids=["damaged", "of a later version"],
)
def test_a_state_that_the_command_cannot_read_is_left_as_it_is(fresh, spoil):
    assert fresh.run("up"), fresh.errors()
    stacks = fresh.workspace.state_dir / "pulumi" / "backend" / ".pulumi" / "stacks"
    file = next(stacks.rglob("dev.json"))
    file.write_text(spoil(file.read_text(encoding="utf-8")), encoding="utf-8")
    before = file.read_bytes()
    for use in (lambda: fresh.engine.up(lambda _: None), fresh.engine.unfinished_export):
        with pytest.raises(EngineError) as failed:
            use()
        assert "failed to load checkpoint" in str(failed.value)
        assert "dev.json.bak, in its place" in str(failed.value)
        assert "rehearse --fresh" in str(failed.value)
        assert file.read_bytes() == before
    file.with_suffix(".json.bak").replace(file)
    assert fresh.run("up"), fresh.errors()
