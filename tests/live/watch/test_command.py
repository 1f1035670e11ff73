"""`imagefleet watch` as a person runs it, over stacks that the real program has brought up."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from rich.console import Console

from imagefleet.cli.live_watching import bars
from imagefleet.live.watch.follow import Look
from imagefleet.offline.azure import SimulatedAzure
from imagefleet.simulate import running
from tests.cli.projects import ROOT, project
from tests.live.conftest import Around, described

__all__ = ["project"]
ENVIRONMENTS = {"dev": "public", "prod": "public", "china": "china"}


@contextlib.contextmanager
def open_doors(project, stack, environment="public", **settings):
    """The doors over what a rehearsal has left, and the file that describes them."""
    store = project.folder / ".imagefleet" / stack / "azure.sqlite"
    with (
        contextlib.closing(SimulatedAzure(store)) as azure,
        running(azure, environment=environment, **settings) as doors,
    ):
        yield doors, described(doors, project.folder)


def in_government(project):
    """Turn the dev stack into one of the US Government cloud."""
    file = project.folder / "Pulumi.dev.yaml"
    text = (
        file.read_text()
        .replace("westeurope", "usgovvirginia")
        .replace("cloud: public", "cloud: usgov")
    )
    key = "  azure-native:location:"
    assert text.count(key) == 1
    file.write_text(text.replace(key, f"  azure-native:environment: usgovernment\n{key}"))


@pytest.mark.parametrize("stack", ["dev", "prod", "china"])
def test_the_pools_of_a_stack_are_steady(project, stack):
    assert project.rehearse(stack)[0].code == 0
    with open_doors(project, stack, ENVIRONMENTS[stack]) as (_, file):
        answer = project.run("watch", "--stack", stack, "--doors", str(file), "--timeout", "1")
    assert (answer.code, answer.err) == (0, "")
    assert " steady" in answer.out.splitlines()[-2]
    assert "kept" in answer.out.splitlines()[-1]
    assert max(map(len, answer.out.splitlines())) <= 80


def test_the_government_cloud_has_its_own_scopes(project):
    in_government(project)
    assert project.rehearse("dev")[0].code == 0
    with open_doors(project, "dev", "usgovernment") as (_, file):
        assert "usgovcloudapi" in file.read_text()
        answer = project.run("watch", "--doors", str(file), "--timeout", "1")
    assert (answer.code, answer.err) == (0, "")


def test_before_up_every_pool_is_missing(project):
    with open_doors(project, "dev") as (_, file):
        answer = project.run(
            "watch", "--doors", str(file), "--timeout", "0.001", "--interval", "0.01"
        )
    assert answer.code == 2
    assert "Batch account imagefleetdev could not be read: it is not there" in answer.out.replace(
        "\n      ", " "
    )


def test_json_is_one_document_and_history_compares(project):
    assert project.rehearse("dev")[0].code == 0
    with open_doors(project, "dev") as (_, file):
        answer = project.run("watch", "--doors", str(file), "--json")
    document = json.loads(answer.out)
    assert [pool["state"] for pool in document["pools"]] == ["steady"]
    assert document["pools"][0]["nodes"]["ready"] == 4
    assert document["complete"]
    again = project.run("watch", "--history")
    assert "ubuntu" in again.out
    assert "25 %" in again.out
    kept = json.loads(project.run("watch", "--history", "--json").out)
    assert [entry["pool"] for entry in kept["entries"]] == ["work-1.0.0"]
    assert kept["document"] == {
        "steadySoonerPercent": 25,
        "idleSoonerPercent": 30,
        "sources": ["D16", "D17"],
    }


def test_a_failed_pool_is_told_with_its_reasons(project):
    faults = project.folder / "faults.yaml"
    faults.write_text("faults: [{kind: allocationFailed}]\n")
    project.rehearse("dev", "--faults", str(faults))
    with open_doors(project, "dev") as (_, file):
        answer = project.run("watch", "--doors", str(file), "--timeout", "1")
    assert answer.code == 1
    assert "✗ work-1-0-0 failed" in answer.out
    assert "AllocationFailed" in answer.out
    assert "→" in answer.out


@pytest.mark.parametrize("option", ["--timeout", "--interval"])
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1e300"])
def test_a_time_must_be_one_that_passes(project, option, value):
    answer = project.run("watch", option, value)
    words = f"error: {option} must be more than 0 and at most 44640, got "
    assert (answer.code, answer.err.startswith(words)) == (2, True), answer.err


def test_doors_that_have_closed_say_so_and_nothing_of_signing_in(project):
    """`az login` would help nobody who looks at a simulated Azure."""
    assert project.rehearse("dev")[0].code == 0
    with open_doors(project, "dev") as (doors, file):
        kept = project.folder / "ca.pem"
        kept.write_bytes(doors.ca_file.read_bytes())
        file.write_text(file.read_text().replace(str(doors.ca_file), str(kept)))
    answer = project.run("watch", "--doors", str(file))
    assert (answer.code, "az login" in answer.err) == (2, False)
    assert "are closed" in answer.err
    assert "start `imagefleet simulate` again" in answer.err


def test_doors_that_are_not_there_say_what_to_do(project):
    answer = project.run("watch", "--doors", "nowhere.json")
    assert answer.code == 2
    assert "imagefleet simulate" in answer.err


def test_ctrl_c_tells_what_was_seen_so_far(project):
    assert project.rehearse("dev")[0].code == 0
    around = Around()
    # The counts never come, and their retries wait.
    around.faults = {"/nodecounts": 503}
    with open_doors(project, "dev", around=around) as (_, file):
        command = [sys.executable, "-m", "imagefleet.cli", "watch", "--doors", str(file)]
        run = subprocess.Popen(
            command, cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={"PATH": "", "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not around.paths and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        began = time.monotonic()
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert (run.returncode, err) == (130, "")
    assert "stopped; seen so far:" in out
    assert "work-1-0-0 waiting" in out


def test_the_clock_goes_on_between_two_looks():
    """A look takes place every few seconds; what is on the screen must not seem to hang."""
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    watcher = SimpleNamespace(last=Look(seconds=3, pools=()))
    with bars(console, watcher) as live:
        live.refresh()
        watcher.last = Look(seconds=4, pools=())
        live.refresh()
    shown = console.file.getvalue()
    assert "asking, 3 s" in shown
    assert "asking, 4 s" in shown


def test_without_a_terminal_there_are_no_bars():
    console = Console(file=io.StringIO(), width=80)
    with bars(console, SimpleNamespace(last=Look(seconds=3, pools=()))):
        pass
    assert console.file.getvalue() == ""
