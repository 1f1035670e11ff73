"""The deployment on disk: whenever a process ends, another reads what it had in memory."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.offline.embedded.deployment import Deployment
from imagefleet.offline.embedded.state import ResourceState

BASE = 4
ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["put", "again", "keep", "replace", "mark", "delete", "begin", "end"]),
        st.integers(0, BASE - 1),
    ),
    max_size=12,
)


def state(name, **fields):
    return ResourceState(urn=f"urn:pulumi:s::p::t:m:T::{name}", type="t:m:T", custom=True, **fields)


def seen(deployment):
    """What a deployment holds, in a form to compare."""
    content = deployment.export()["deployment"]
    resources = [
        (one["urn"], one.get("id"), one.get("delete"), one.get("dependencies"))
        for one in content.get("resources", ())
    ]
    pending = [
        (one["type"], one["resource"]["urn"]) for one in content.get("pending_operations", ())
    ]
    return resources, pending


def filled(folder):
    deployment = Deployment.load(folder)
    deployment.record()
    for i in range(BASE):
        dependencies = [f"urn:pulumi:s::p::t:m:T::base{i - 1}"] if i else []
        deployment.put(state(f"base{i}", id=str(i), dependencies=dependencies))
    deployment.close()


def act(deployment, action, place, alive, made, running):
    """Do one thing that a run may do; what is not possible now is left out."""
    old = alive.get(place)
    if action == "put":
        made.append(state(f"new{len(made)}", id="n"))
        deployment.put(made[-1])
    elif action == "again" and made:
        made[-1].id += "+"
        deployment.put(made[-1])
    elif action == "keep" and old:
        deployment.keep(old.copy(), old)
        deployment.supersede(alive.pop(place))
    elif action == "replace" and old:
        made.append(state(f"renamed{place}", id="r"))
        with deployment.together():
            deployment.put(made[-1])
            deployment.renamed(old.urn, made[-1].urn)
            deployment.supersede(alive.pop(place))
    elif action == "mark" and old:
        old.delete = True
        deployment.mark(old)
    elif action == "delete" and old:
        deployment.supersede(alive.pop(place))
    elif action == "begin":
        running.append(deployment.begin("creating", state(f"under-way{place}")))
    elif action == "end" and running:
        deployment.end(running.pop())


@given(ACTIONS)
def test_process_that_ends_at_any_point_leaves_what_it_had_in_memory(tmp_path_factory, actions):
    folder: Path = tmp_path_factory.mktemp("deployment")
    filled(folder)
    deployment = Deployment.load(folder)
    deployment.record()
    alive = dict(enumerate(deployment.base))
    made, running = [], []
    for number, (action, place) in enumerate(actions):
        act(deployment, action, place, alive, made, running)
        copy = folder / f"copy{number}"
        copy.mkdir()
        for file in folder.glob("*.json*"):
            shutil.copy(file, copy)
        assert seen(Deployment.load(copy)) == seen(deployment)
    before = seen(deployment)
    deployment.close()
    assert seen(Deployment.load(folder)) == before
    assert not (folder / "journal.jsonl").exists()


def test_references_to_a_renamed_resource_follow_it(tmp_path):
    filled(tmp_path)
    deployment = Deployment.load(tmp_path)
    deployment.record()
    new = state("renamed", id="0")
    deployment.put(new)
    deployment.renamed(deployment.base[0].urn, new.urn)
    deployment.supersede(deployment.base[0])
    deployment.close()
    after = {one.urn.rsplit("::", 1)[1]: one for one in Deployment.load(tmp_path).resources()}
    assert after["base1"].dependencies == [new.urn]


def test_journal_of_a_state_that_was_written_since_is_not_replayed(tmp_path):
    filled(tmp_path)
    deployment = Deployment.load(tmp_path)
    deployment.record()
    deployment.put(state("lost"))
    journal = (tmp_path / "journal.jsonl").read_text()
    deployment.close()
    (tmp_path / "journal.jsonl").write_text(journal)
    assert len(Deployment.load(tmp_path).resources()) == BASE + 1


def test_export_has_the_form_of_pulumis(tmp_path):
    filled(tmp_path)
    exported = Deployment.load(tmp_path).export()
    assert exported["version"] == 3
    assert set(exported["deployment"]) == {
        "manifest",
        "secrets_providers",
        "resources",
        "metadata",
    }
    assert set(exported["deployment"]["manifest"]) == {"time", "magic", "version"}


@pytest.mark.parametrize("content", ["", "{}", '{"deployment": []}', "[1]"])
def test_file_that_is_no_deployment_is_named_in_the_error(tmp_path, content):
    from imagefleet.offline.engine import EngineError

    (tmp_path / "deployment.json").write_text(content)
    with pytest.raises(EngineError, match=r"deployment\.json cannot be read"):
        Deployment.load(tmp_path)
