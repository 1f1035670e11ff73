"""Runs that fail or are killed: what stays, what is said, and how the next run goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest

THREE = """
a = Thing("a", value=1)
b = Thing("b", value=a.shown, **{extra})
Thing("c", value=b.shown)
"""


def test_refused_create_stops_what_depends_on_it_and_keeps_the_rest(lab, azure):
    lab.program(THREE.format(extra='{"fail": "create"}'))
    assert not lab.run("up")
    assert lab.errors() == ["TestRefused: b is refused", "update failed"]
    assert lab.steps("resOpFailedEvent") == ["create b"]
    assert lab.summary()["result"] == "failed"
    assert sorted(azure.resources) == ["/things/a/"]
    assert lab.resource("a")["id"] == "/things/a/"
    assert lab.up(THREE.format(extra="{}")) == {"create": 2, "same": 2}


def test_refused_update_keeps_the_old_state(lab):
    lab.up('Thing("a", value=1)')
    lab.program('Thing("a", value=2, fail="update")')
    assert not lab.run("up")
    assert lab.resource("a")["inputs"]["value"] == 1
    assert lab.resource("a")["outputs"]["shown"] == 1


def test_refused_deletion_keeps_the_resource_and_what_it_depends_on(lab, azure):
    lab.up('a = Thing("a"); Thing("b", value=a.id, fail="delete")')
    assert not lab.run("destroy")
    assert lab.errors()[0] == "TestRefused: b is refused"
    assert sorted(azure.resources) == ["/things/a/", "/things/b/"]


def test_failed_run_keeps_the_stack_outputs_it_could_not_make_again(lab):
    lab.up('pulumi.export("id", Thing("a").id); pulumi.export("n", 1)')
    lab.program('Thing("b", fail="create"); pulumi.export("n", 2)')
    assert not lab.run("up")
    assert lab.engine().outputs()["id"] == "/things/a/"


def test_preview_says_what_the_service_will_refuse_in_the_engines_words(lab, azure, monkeypatch):
    from imagefleet.offline.model import AzureError

    def refuse(*_args, **_options):
        code, text = "Gone", "no more of these"
        raise AzureError(code, text)

    monkeypatch.setattr(type(azure), "create", refuse)
    lab.program('Thing("a")')
    assert not lab.run("preview")
    assert lab.errors() == ["Preview failed: Gone: no more of these", "preview failed"]


KILLED = """
import os, signal, sys
sys.path[:0] = {path!r}
from pathlib import Path
from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.embedded import EmbeddedEngine
from imagefleet.offline.engine import Workspace

workspace = Workspace(project="demo", stack="dev", project_dir=Path({project!r}), policy_pack=None,
                      state_dir=Path({state!r}), config={config!r})
azure = SimulatedAzure(workspace.azure_store)
real = getattr(azure, {call!r})


def kill(*args, **options):
    if {before}:
        os.kill(os.getpid(), signal.SIGKILL)
    answer = real(*args, **options)
    if args[0].endswith(":Gallery"):
        os.kill(os.getpid(), signal.SIGKILL)
    return answer


setattr(azure, {call!r}, kill)
EmbeddedEngine(workspace, azure).{action}(lambda event: None)
"""

GALLERY = """
from pulumi_azure_native import compute, resources
group = resources.ResourceGroup("rg", resource_group_name="rg", location="westeurope")
gallery = compute.Gallery("gallery", resource_group_name=group.name, gallery_name="images",
                          location="westeurope", description="{description}")
pulumi.export("gallery", gallery.id)
"""


@pytest.fixture
def killed(lab):
    """Run the lab's program in a process that is killed at a call to the simulated Azure."""

    def run(action: str, call: str, *, before: bool = False) -> None:
        source = KILLED.format(
            path=[*sys.path],
            project=str(lab.project_dir),
            state=str(lab.state_dir),
            config=lab.config,
            call=call,
            before=before,
            action=action,
        )
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(source)], capture_output=True, check=False
        )
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        assert os.path.exists(lab.state_dir / "embedded" / "journal.jsonl")  # noqa: PTH110

    return run


@pytest.fixture
def real(lab):
    """The lab over the simulated Azure, kept in the lab's state folder."""
    from imagefleet.offline.azure import SimulatedAzure

    azure = SimulatedAzure(lab.engine()._workspace.azure_store)
    lab.azure = azure
    yield lab
    azure.close()


def test_create_killed_after_the_service_made_it_is_taken_over(real, killed):
    real.program(GALLERY.format(description="one"))
    killed("up", "create")
    (pending,) = real.engine().export()["deployment"]["pending_operations"]
    assert (pending["type"], pending["resource"]["type"]) == (
        "creating",
        "azure-native:compute:Gallery",
    )
    assert real.run("preview"), real.errors()
    assert real.run("up"), real.errors()
    assert real.changes() == {"same": 3}
    assert "pending_operations" not in real.engine().export()["deployment"]
    assert real.engine().outputs()["gallery"].endswith("/galleries/images")
    assert real.run("destroy"), real.errors()
    assert real.exported() == []


def test_create_killed_before_the_service_made_it_is_made_by_the_next_run(real, killed):
    real.program(GALLERY.format(description="one"))
    killed("up", "create", before=True)
    assert real.run("up"), real.errors()
    assert real.changes() == {"create": 2, "same": 1}


def test_create_killed_and_no_longer_wanted_is_deleted(real, killed):
    real.program(GALLERY.format(description="one"))
    killed("up", "create")
    real.program("")
    assert real.run("up"), real.errors()
    assert [one["type"] for one in real.exported()] == ["pulumi:pulumi:Stack"]


def test_update_killed_after_the_service_made_it_is_read_again(real, killed):
    real.program(GALLERY.format(description="one"))
    assert real.run("up"), real.errors()
    real.program(GALLERY.format(description="two"))
    killed("up", "update")
    assert real.run("up"), real.errors()
    assert real.changes() == {"same": 3}
    assert real.resource("gallery")["inputs"]["description"] == "two"


def test_update_killed_that_has_ended_failed_is_put_again(real, killed):
    """The inputs are those of the program by then; only the service knows that it did not end."""
    real.program(GALLERY.format(description="one"))
    assert real.run("up"), real.errors()
    real.program(GALLERY.format(description="two"))
    killed("up", "update")
    with real.azure.store.write() as transaction:
        (gallery,) = transaction.of_type("Microsoft.Compute/galleries")
        transaction.restate(gallery, {**gallery.state, "provisioningState": "Failed"})
    assert real.run("up"), real.errors()
    assert real.changes() == {"update": 1, "same": 2}
    assert real.resource("gallery")["outputs"]["provisioningState"] == "Succeeded"
    assert "initErrors" not in real.resource("gallery")


def test_replacement_killed_between_deletion_and_creation_is_finished(real, killed):
    program = GALLERY.format(description="one")
    real.program(program)
    assert real.run("up"), real.errors()
    real.program(program.replace('"images"', '"pictures"'))
    killed("up", "create", before=True)
    assert real.run("preview"), real.errors()
    assert real.changes() == {"replace": 1, "same": 2}
    assert real.run("up"), real.errors()
    assert real.steps(all_of_them=True)[-2:] == ["replace gallery", "create-replacement gallery"]
    assert real.engine().outputs()["gallery"].endswith("/galleries/pictures")
    assert len(real.exported()) == 4
    assert real.run("up"), real.errors()
    assert real.changes() == {"same": 3}


def test_replacement_killed_after_creation_is_taken_over(real, killed):
    program = GALLERY.format(description="one")
    real.program(program)
    assert real.run("up"), real.errors()
    real.program(program.replace('"images"', '"pictures"'))
    killed("up", "create")
    assert real.run("up"), real.errors()
    assert real.changes() == {"same": 3}
    assert real.engine().outputs()["gallery"].endswith("/galleries/pictures")


def test_destroy_killed_goes_on(real, killed):
    real.program(GALLERY.format(description="one"))
    assert real.run("up"), real.errors()
    killed("destroy", "delete")
    assert real.run("destroy"), real.errors()
    assert real.exported() == []


def test_half_a_line_of_the_journal_is_passed_over(lab, azure):
    lab.up('Thing("a")')
    folder = lab.state_dir / "embedded"
    import hashlib

    digest = hashlib.sha256((folder / "deployment.json").read_bytes()).hexdigest()
    text = json.dumps([{"base": digest}]) + "\n" + '[{"gone": 2}]\n[{"go'
    (folder / "journal.jsonl").write_text(text)
    assert len(lab.exported()) == 2


def test_unreadable_state_is_an_error_that_names_the_file(lab):
    from imagefleet.offline.engine import EngineError

    lab.up("")
    (lab.state_dir / "embedded" / "deployment.json").write_text("{", encoding="utf-8")
    with pytest.raises(EngineError, match=r"deployment\.json cannot be read .* --fresh"):
        lab.run("preview")
