"""The real engine under faults: what it keeps, what the next run does, what it finds changed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from dataclasses import replace

import pytest

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.engine import EngineError
from imagefleet.offline.faults import FaultLog, change_behind, remove_behind
from imagefleet.offline.recover import look_up
from imagefleet.offline.report import Report
from tests.offline.pulumi_cli.conftest import Project
from tests.offline.pulumi_cli.test_interrupted import command_of

pytestmark = pytest.mark.engine

GALLERY = "azure-native:compute:Gallery::images"
GALLERY_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/fleet"
    "/providers/Microsoft.Compute/galleries/images"
)


@pytest.fixture
def fresh(make):
    return make()


def with_faults(project, *faults):
    file = project.workspace.state_dir / "faults.json"
    file.write_text(json.dumps({"faults": list(faults)}), encoding="utf-8")
    return Project(replace(project.workspace, faults=file), project.command)


@contextlib.contextmanager
def azure_of(project):
    with contextlib.closing(SimulatedAzure(project.workspace.azure_store)) as azure:
        yield azure


def gallery_of(project):
    resources = project.engine.export()["deployment"]["resources"]
    return next(each for each in resources if each["type"].endswith(":Gallery"))


def test_a_resource_that_ends_failed_is_kept_and_put_again(fresh):
    faulty = with_faults(fresh, {"kind": "operationFailed", "type": "compute:Gallery"})
    assert not faulty.run("up")
    assert any("OperationFailed" in each for each in faulty.errors()), faulty.errors()
    assert gallery_of(fresh)["id"] == GALLERY_ID
    assert "OperationFailed" in gallery_of(fresh)["initErrors"][0]
    assert fresh.run("up"), fresh.errors()
    assert fresh.ops()[GALLERY] == "update"
    assert "initErrors" not in gallery_of(fresh)


def test_what_happens_once_happens_once_in_all_providers_of_a_run(fresh):
    faulty = with_faults(fresh, {"kind": "throttled", "type": "compute:Gallery"})
    assert faulty.run("preview")
    assert faulty.run("up"), faulty.errors()
    assert faulty.run("up"), faulty.errors()
    with contextlib.closing(FaultLog(faulty.workspace.fault_log)) as log:
        assert log.by_kind() == {"throttled": 1}


def test_a_second_create_is_refused_as_azure_native_does(fresh):
    """An answer that is lost leaves a resource which the real engine does not know."""
    lost = {"kind": "dropped", "served": True, "operation": "create", "times": 4}
    faulty = with_faults(fresh, {**lost, "type": "compute:Gallery"})
    assert not faulty.run("up")
    assert not fresh.run("up")
    (refusal,) = [each for each in fresh.errors() if "cannot create already existing" in each]
    assert GALLERY_ID in refusal


def test_what_was_made_without_an_answer_is_adopted(fresh):
    """The command forgets the operation that failed; what the run told of it is kept for that."""
    lost = {"kind": "dropped", "served": True, "operation": "create", "times": 4}
    faulty = with_faults(fresh, {**lost, "type": "compute:Gallery"})
    assert not faulty.run("up")
    assert not fresh.run("up")
    assert "pending_operations" not in fresh.engine.export()["deployment"]
    (pending,) = fresh.engine.unfinished_export()["deployment"]["pending_operations"]
    assert pending["type"] == "creating"
    assert [each.rsplit("::", 1)[1] for each in pending["resource"]["dependencies"]] == ["group"]

    fresh.engine.recover()
    assert gallery_of(fresh)["id"] == GALLERY_ID
    assert "pending_operations" not in fresh.engine.unfinished_export()["deployment"]
    assert fresh.run("up"), fresh.errors()
    assert fresh.ops()[GALLERY] == "same"


def test_what_somebody_else_has_made_is_not_adopted(fresh):
    """A creation that is refused because the name is taken has lost no answer."""
    assert fresh.run("up"), fresh.errors()
    elsewhere = replace(fresh.workspace, stack="other")
    other = Project(elsewhere, fresh.command)
    assert not other.run("up")
    assert any("cannot create already existing" in each for each in other.errors())
    assert "pending_operations" not in other.engine.unfinished_export()["deployment"]


def test_a_change_behind_the_program_is_found_by_refresh(fresh):
    fresh = fresh.with_config(tags='{"owner": "program"}')
    assert fresh.run("up"), fresh.errors()
    with azure_of(fresh) as azure:
        change_behind(azure, "azure-native:compute:Gallery", GALLERY_ID, {"tags.owner": "portal"})
    assert fresh.run("refresh")
    report = Report()
    for event in fresh.events:
        report.add(event)
    (change,) = report.changed
    assert (change.op, change.name) == ("update", "images")
    assert any(each.path.startswith("tags") for each in change.properties)
    assert fresh.run("preview")
    assert fresh.ops()[GALLERY] == "update"


def test_a_resource_removed_behind_the_program_is_made_again(fresh):
    assert fresh.run("up"), fresh.errors()
    with azure_of(fresh) as azure:
        remove_behind(azure, "azure-native:compute:Gallery", GALLERY_ID)
    assert fresh.run("refresh")
    assert fresh.run("up"), fresh.errors()
    assert fresh.ops()[GALLERY] == "create"


def test_recover_shows_the_lock_and_the_pending_creation_of_a_killed_command(fresh):
    def kill(event):
        step = event.get("resourcePreEvent", {}).get("metadata", {})
        if step.get("type", "").endswith(":Gallery"):
            os.kill(command_of(fresh), signal.SIGKILL)

    slow = {"kind": "slow", "seconds": 2, "type": "compute:Gallery", "operation": "create"}
    faulty = with_faults(fresh, slow)
    with pytest.raises(EngineError, match="up"):
        faulty.engine.up(kill)
    (lock,) = fresh.engine.locks()
    assert (lock.alive, lock.process > 0) == (False, True)
    with azure_of(fresh) as azure:
        (pending,) = look_up(fresh.engine.unfinished_export()["deployment"], azure)
    assert (pending.operation, pending.name, pending.id) == ("creating", "images", GALLERY_ID)

    fresh.engine.recover()
    assert fresh.engine.locks() == ()
    assert "pending_operations" not in fresh.engine.unfinished_export()["deployment"]
    assert fresh.run("up"), fresh.errors()
    assert fresh.run("preview")
    assert set(fresh.ops().values()) == {"same"}
