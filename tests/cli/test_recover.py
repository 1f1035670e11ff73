"""`--faults`, `--refresh` and `imagefleet recover`, as a person meets them."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.embedded.engine import EmbeddedEngine
from imagefleet.offline.faults import FaultLog, change_behind, remove_behind
from imagefleet.offline.model import PartialFailureError, ProviderSettings
from imagefleet.offline.pulumi_cli.engine import PulumiEngine
from imagefleet.offline.services.gallery_versions import replication_status
from imagefleet.offline.workspace import find_project, open_workspace
from tests.cli.projects import Project

ENGINES = ["embedded", pytest.param("pulumi", marks=pytest.mark.engine)]
GALLERY = "azure-native:compute:Gallery"
VERSION = "azure-native:compute:GalleryImageVersion"
DEFINITION = "azure-native:compute:GalleryImage"


def write_faults(project: Project, *faults: dict) -> str:
    path = project.folder / "faults.json"
    path.write_text(json.dumps({"faults": list(faults)}), encoding="utf-8")
    return str(path)


@contextlib.contextmanager
def azure_of(project: Project):
    store = project.folder / ".imagefleet" / "dev" / "azure.sqlite"
    with contextlib.closing(SimulatedAzure(store)) as azure:
        yield azure


def gallery_id(azure: SimulatedAzure) -> str:
    with azure.store.read() as transaction:
        (gallery,) = transaction.of_type("Microsoft.Compute/galleries")
    return gallery.id


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_a_file_of_faults_that_is_not_usable_is_one_message(project: Project):
    faults = write_faults(project, {"kind": "throtled"})
    answer = project.run("rehearse", "--engine", "embedded", "--yes", "--faults", faults)
    assert answer.code == 2
    assert "faults[0].kind: 'throtled' is not known; did you mean 'throttled'?" in answer.err
    assert "Preview" not in answer.out


def test_faults_that_pass_are_told_and_the_rehearsal_ends_well(project: Project):
    faults = write_faults(project, {"kind": "throttled", "type": "compute:Gallery", "times": 2})
    answer, made = project.rehearse("dev", "--faults", faults)
    assert answer.code == 0
    assert answer.out.count("throttled: create of compute:Gallery") == 2
    assert set(made.values()) == {"create"}


@pytest.mark.parametrize("engine", ENGINES)
def test_faults_of_a_look_without_consequences_are_told(project: Project, engine: str):
    assert project.run("rehearse", "--engine", engine, "--yes").code == 0
    faults = write_faults(project, {"kind": "throttled", "operation": "read", "times": 1})
    look = ("--refresh", "--preview-only", "--faults", faults)
    answer = project.run("rehearse", "--engine", engine, *look)
    assert answer.code == 0, answer.out + answer.err
    assert answer.out.count("throttled: read of ") == 1


def test_faults_that_end_a_run_are_told(project: Project):
    """What became of the operation of a killed run cannot be looked up, and the faults say why."""
    killed_at(project, "embedded", served=True)
    faults = write_faults(project, {"kind": "serverError", "operation": "read", "times": 4})
    answer = project.run("rehearse", "--yes", "--faults", faults)
    assert answer.code == 2
    assert "cannot be looked up" in answer.err
    assert answer.out.count("serverError: read of compute:Gallery") == 4


def test_a_resource_that_ends_failed_is_kept_and_put_again(project: Project):
    faults = write_faults(project, {"kind": "operationFailed", "type": "compute:Gallery"})
    answer, _ = project.rehearse("dev", "--faults", faults)
    assert answer.code == 1
    assert "OperationFailed" in answer.out
    answer, made = project.rehearse("dev")
    assert answer.code == 0
    (operation,) = [op for key, op in made.items() if key.startswith("compute:Gallery ")]
    assert operation == "update"


def test_what_a_lost_answer_leaves_is_shown_and_recovered(project: Project):
    lost = {"kind": "dropped", "served": True, "operation": "create", "times": 4}
    faults = write_faults(project, {**lost, "type": "compute:Gallery"})
    answer, _ = project.rehearse("dev", "--faults", faults)
    assert answer.code == 1

    shown = project.run("recover")
    assert shown.code == 1
    assert "creating compute:Gallery" in shown.out
    assert "Succeeded -> import it" in one_line(shown.out)
    assert project.run("recover").out == shown.out  # a dry run changes nothing

    applied = project.run("recover", "--apply")
    assert (applied.code, "done" in applied.out) == (0, True)
    assert "nothing to recover" in project.run("recover").out
    answer, made = project.rehearse("dev")
    assert answer.code == 0
    assert not any(key.startswith("compute:Gallery ") for key in made)


def killed_at(project: Project, engine: str, *, served: bool, kind: str = "Gallery") -> None:
    """Rehearse in a process of its own, which is killed in the middle, or its command is."""
    faults = write_faults(
        project,
        {"kind": "killed", "served": served, "operation": "create", "type": f"compute:{kind}"},
    )
    command = ("-m", "imagefleet.cli", "rehearse", "--yes", "--engine", engine, "--faults", faults)
    done = subprocess.run(
        (sys.executable, *command), cwd=project.folder, capture_output=True, text=True, check=False
    )
    if engine == "embedded":
        assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
    else:
        assert done.returncode == 2, done.stdout + done.stderr
        assert f"killed: create of compute:{kind}" in done.stdout
        words = one_line(done.stderr)
        assert "`pulumi up` was killed in the middle" in words
        assert "'imagefleet recover --stack dev' shows what it left behind" in words


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("served", [True, False])
def test_what_a_kill_leaves_is_shown_and_the_engine_that_had_the_stack_goes_on(
    project: Project, engine: str, served: bool
):
    killed_at(project, engine, served=served)
    shown = project.run("recover")
    words = one_line(shown.out)
    assert shown.code == 1
    assert "creating compute:Gallery" in words
    assert ("-> import it" if served else "-> clear it: the next run makes it") in words
    assert f"brought up with --engine {engine}, which the next rehearsal goes on with:" in words
    assert ("is gone -> release the lock" in words) == (engine == "pulumi")

    applied = project.run("recover", "--apply")
    assert applied.code == 0, applied.out + applied.err
    assert "nothing to recover" in project.run("recover").out
    again = project.run("rehearse", "--yes", "--engine", "auto")
    assert again.code == 0, again.out + again.err
    assert ("embedded engine" if engine == "embedded" else "pulumi 3") in again.out
    assert "nothing changes" in project.run("rehearse", "--yes").out


@pytest.mark.parametrize("engine", ENGINES)
def test_without_recover_the_next_rehearsal_finishes_a_killed_one(project: Project, engine: str):
    killed_at(project, engine, served=True)
    again = project.run("rehearse", "--yes")
    assert again.code == 0, again.out + again.err
    assert "nothing to recover" in project.run("recover").out


def creation_under_way(project: Project, engine: str) -> None:
    """Kill a rehearsal while the service is at work on an image version, which goes on."""
    killed_at(project, engine, served=False, kind="GalleryImageVersion")
    workspace = open_workspace(find_project(project.folder), "dev")
    with azure_of(project) as azure:
        if engine == "embedded":
            deployment = EmbeddedEngine(workspace, azure).export()["deployment"]
        else:
            command = shutil.which("pulumi")
            assert command is not None
            exported = PulumiEngine(workspace, Path(command)).unfinished_export()
            deployment = exported["deployment"]
        (pending,) = deployment["pending_operations"]
        settings = ProviderSettings(subscription_id=gallery_id(azure).split("/")[2])
        with pytest.raises(PartialFailureError):
            azure.create(
                VERSION,
                pending["resource"]["inputs"],
                settings,
                preview=False,
                timeout_seconds=0.001,
            )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("by", ["recover", "rehearse"])
def test_a_creation_that_is_under_way_is_waited_for_and_taken_in(
    project: Project, engine: str, by: str
):
    creation_under_way(project, engine)
    shown = one_line(project.run("recover").out)
    assert "creating compute:GalleryImageVersion" in shown
    assert "Creating, replicas: westeurope 0% -> wait for it, then import it" in shown
    if by == "recover":
        assert project.run("recover", "--apply").code == 0
        with azure_of(project) as azure, azure.store.read() as transaction:
            (version,) = transaction.of_type("Microsoft.Compute/galleries/images/versions")
            (state,) = replication_status(version, transaction.now)["summary"]
            assert state["state"] == "Completed"
    answer = project.run("rehearse", "--yes")
    assert answer.code == 0, answer.out + answer.err
    assert "+ compute:GalleryImageVersion" not in answer.out.split("Up")[-1]
    assert "nothing changes" in project.run("rehearse", "--yes").out


def locks(project: Project) -> list[Path]:
    folder = project.folder / ".imagefleet" / "dev" / "pulumi" / "backend" / ".pulumi" / "locks"
    return [path for path in folder.rglob("*.json") if path.is_file()]


def until(condition, *, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.engine
def test_a_command_that_outlives_its_rehearsal_is_named_and_not_disturbed(project: Project):
    slow = {"kind": "slow", "seconds": 10, "type": "compute:Gallery", "operation": "create"}
    faults = write_faults(project, slow)
    command = ("-m", "imagefleet.cli", "rehearse", "--yes", "--engine", "pulumi")
    rehearsal = subprocess.Popen(
        (sys.executable, *command, "--faults", faults),
        cwd=project.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    log = project.folder / ".imagefleet" / "dev" / "faults.sqlite"
    until(lambda: log.exists() and has_fired(log))
    rehearsal.kill()
    rehearsal.wait()
    assert "still runs; wait for it, or end it" in one_line(project.run("recover").out)
    for refused in (project.run("recover", "--apply"), project.run("rehearse", "--yes")):
        assert refused.code == 2
        assert "still works on the state of stack 'dev'; wait for it, or end it" in refused.err
    until(lambda: not locks(project))
    assert project.run("rehearse", "--yes").code == 0
    assert "nothing to recover" in project.run("recover").out


def has_fired(log: Path) -> bool:
    with contextlib.closing(FaultLog(log)) as opened:
        return bool(opened.fired())


@pytest.mark.engine
def test_the_command_is_refused_after_a_lost_answer_until_recover_has_taken_it_in(
    project: Project,
):
    lost = {"kind": "dropped", "served": True, "operation": "create", "times": 4}
    faults = write_faults(project, {**lost, "type": "compute:Gallery"})
    arguments = ("rehearse", "--yes", "--engine", "pulumi")
    assert project.run(*arguments, "--faults", faults).code == 1
    refused = project.run(*arguments)
    assert refused.code == 1
    words = one_line(refused.out)
    assert "cannot create already existing resource" in words
    assert "let 'imagefleet recover --apply' take it in" in words
    shown = project.run("recover")
    assert "Succeeded -> import it" in one_line(shown.out)
    assert "after a lost answer it is refused until --apply has done so" in one_line(shown.out)
    assert project.run("recover", "--apply").code == 0
    assert project.run(*arguments).code == 0
    assert "nothing changes" in project.run(*arguments).out


def test_a_stack_of_the_embedded_engine_needs_no_command_to_be_recovered(
    project: Project, monkeypatch
):
    """What a preview of the other engine has left is empty and not asked about."""
    assert project.rehearse("dev")[0].code == 0
    (project.folder / ".imagefleet" / "dev" / "pulumi").mkdir()
    monkeypatch.setenv("PATH", str(project.folder / "nowhere"))
    answer = project.run("recover")
    assert answer.code == 0, answer.out + answer.err
    assert "brought up with --engine embedded" in one_line(answer.out)


def test_a_stack_of_the_command_cannot_be_recovered_without_it(project: Project, monkeypatch):
    assert project.rehearse("dev")[0].code == 0
    state = project.folder / ".imagefleet" / "dev"
    (state / "pulumi").mkdir()
    (state / "engine").write_text("pulumi\n", encoding="utf-8")
    monkeypatch.setenv("PATH", str(project.folder / "nowhere"))
    answer = project.run("recover")
    assert answer.code == 2
    words = one_line(answer.err)
    assert "no pulumi 3.222.0 or newer on PATH" in words
    assert "Put the command on PATH and run this again" in words
    assert "rehearse --fresh --engine embedded" in words


def test_without_a_rehearsal_there_is_nothing_to_recover(project: Project):
    answer = project.run("recover")
    assert (answer.code, "nothing was rehearsed here" in answer.out) == (0, True)
    assert not (project.folder / ".imagefleet" / "dev" / "azure.sqlite").exists()


def test_what_no_state_knows_is_listed(project: Project):
    project.rehearse("dev")
    (project.folder / ".imagefleet" / "dev" / "embedded" / "deployment.json").unlink()
    answer = project.run("recover")
    assert answer.code == 1
    assert "in no state" in answer.out
    with azure_of(project) as azure:
        assert gallery_id(azure) in answer.out


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_done_behind_the_program_is_shown_as_drift_and_undone(
    project: Project, engine: str
):
    """A property that was set, one that never was, and a resource that is gone."""
    arguments = ("rehearse", "--engine", engine, "--yes")
    assert project.run(*arguments).code == 0
    with azure_of(project) as azure:
        gallery = gallery_id(azure)
        change_behind(azure, GALLERY, gallery, {"description": "by hand"})
        definition = f"{gallery}/images/ubuntu"
        change_behind(azure, DEFINITION, definition, {"eula": "https://example.com/portal"})
        pool = azure.pools()[0].id
        remove_behind(azure, "azure-native:batch:Pool", pool)

    blind = project.run(*arguments, "--preview-only")
    assert "nothing changes" in blind.out
    looks = [project.run(*arguments, "--refresh", "--preview-only") for _ in range(2)]
    answer = project.run(*arguments, "--refresh")
    for each in (*looks, answer):
        assert each.code == 0, each.out + each.err
        refresh, preview = one_line(each.out).split("Preview", 1)
        assert "2 changed behind the program, 1 gone behind the program" in refresh
        assert "~ compute:Gallery" in refresh
        assert "→ by hand" in refresh
        assert "~ compute:GalleryImage " in refresh
        assert "eula: + https://example.com/portal" in refresh
        assert "- batch:Pool" in refresh
        assert "~ compute:Gallery" in preview
        assert "description: by hand →" in preview
        assert "eula: - https://example.com/portal" in preview
        assert "+ batch:Pool" in preview

    again = project.run(*arguments, "--refresh")
    assert "no drift" in again.out
    assert "nothing changes" in again.out
    with azure_of(project) as azure:
        found = azure.read(DEFINITION, definition)
        assert found is not None
        assert not found.outputs.get("eula")
        assert azure.pools()[0].id == pool


@pytest.mark.parametrize("engine", ENGINES)
def test_a_preview_sees_drift_once_the_state_was_refreshed(project: Project, engine: str):
    """A plain preview compares the program with the state, and nobody with the service."""
    arguments = ("rehearse", "--engine", engine)
    assert project.run(*arguments, "--yes").code == 0
    with azure_of(project) as azure:
        change_behind(azure, GALLERY, gallery_id(azure), {"description": "by hand"})
    assert "nothing changes" in project.run(*arguments, "--preview-only").out
    # Nobody is there to agree, so that the refresh is done and the change is not.
    assert project.run(*arguments, "--refresh").code == 2
    seen = project.run(*arguments, "--preview-only")
    assert "~ compute:Gallery" in one_line(seen.out)
    assert "description: by hand →" in one_line(seen.out)
