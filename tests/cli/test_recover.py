"""`--faults`, `--refresh` and `imagefleet recover`, as a person meets them."""

from __future__ import annotations

import contextlib
import json

import pytest

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.faults import change_behind, remove_behind
from tests.cli.projects import Project

GALLERY = "azure-native:compute:Gallery"


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


@pytest.mark.parametrize("engine", ["embedded", pytest.param("pulumi", marks=pytest.mark.engine)])
def test_a_change_behind_the_program_is_shown_as_drift_and_undone(project: Project, engine: str):
    arguments = ("rehearse", "--engine", engine, "--yes")
    assert project.run(*arguments).code == 0
    with azure_of(project) as azure:
        gallery = gallery_id(azure)
        change_behind(azure, GALLERY, gallery, {"description": "by hand", "tags.owner": "portal"})
        pool = azure.pools()[0].id
        remove_behind(azure, "azure-native:batch:Pool", pool)

    answer = project.run(*arguments, "--refresh")
    refresh, preview = one_line(answer.out).split("Preview", 1)
    assert answer.code == 0
    assert "1 changed behind the program, 1 gone behind the program" in refresh
    assert "by hand" in refresh
    assert "~ compute:Gallery" in preview
    assert f"+ batch:Pool {pool.rsplit('/', 1)[-1]}" in preview or "+ batch:Pool" in preview

    again = project.run(*arguments, "--refresh")
    assert "no drift" in again.out
    assert "nothing changes" in again.out
