"""Finding the project and the stack file, and refusing what no run could use."""

from __future__ import annotations

import json

import pytest

from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.workspace import (
    DOORS,
    LARGEST_CONFIGURATION,
    LOCK,
    beside,
    copy_state,
    find_project,
    forget,
    locked,
    open_doors,
    open_workspace,
    read_stack,
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\n", encoding="utf-8")
    (tmp_path / "Pulumi.a.yaml").write_text("config:\n  demo:word: hello\n", encoding="utf-8")
    return tmp_path


def test_the_project_is_found_from_a_folder_below(folder):
    below = folder / "one" / "two"
    below.mkdir(parents=True)
    project = find_project(below)
    assert (project.folder, project.name, project.stacks()) == (folder, "demo", ["a"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("runtime: python\n", "has no 'name'"),
        ("name: 7\n", "has no 'name'"),
        ("name: demo\nconfig:\n  demo:x: 1\n", "write them into the stack files"),
    ],
)
def test_a_project_file_that_a_rehearsal_would_misread_is_refused(folder, text, message):
    (folder / "Pulumi.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceError, match=message):
        find_project(folder)


def test_a_stack_that_is_not_there_names_those_that_are(folder):
    with pytest.raises(WorkspaceError, match=r"stacks: a$"):
        read_stack(find_project(folder), "b")


def test_a_workspace_holds_configuration_and_state_folder(folder):
    workspace = open_workspace(find_project(folder), "a", state_root=folder / "elsewhere")
    assert workspace.config == {"demo:word": "hello"}
    assert workspace.state_dir == folder / "elsewhere" / "a"
    assert workspace.state_dir.is_dir()
    assert workspace.policy_pack is None


def test_secrets_and_unseen_environments_are_marked(folder):
    text = "environment:\n  - shared\nconfig:\n  demo:key:\n    secure: abc\n"
    (folder / "Pulumi.a.yaml").write_text(text, encoding="utf-8")
    workspace = open_workspace(find_project(folder), "a")
    assert workspace.secret_keys == {"demo:key"}
    assert workspace.unseen_environments == ("shared",)
    assert "abc" not in json.dumps(dict(workspace.config))


@pytest.mark.parametrize(("spare", "fits"), [(0, True), (-1, False)])
def test_a_configuration_that_no_environment_variable_holds_is_refused(folder, spare, fits):
    wrapping = len(json.dumps({"demo:word": ""}, separators=(",", ":")))
    word = "x" * (LARGEST_CONFIGURATION - wrapping - spare)
    (folder / "Pulumi.a.yaml").write_text(f"config:\n  demo:word: {word}\n", encoding="utf-8")
    project = find_project(folder)
    if fits:
        assert open_workspace(project, "a").config == {"demo:word": word}
    else:
        with pytest.raises(WorkspaceError, match="131,057 bytes on Linux"):
            open_workspace(project, "a")


def test_a_state_folder_that_cannot_be_made_is_one_message(folder):
    (folder / "file").write_text("", encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"state folder .* cannot be made"):
        open_workspace(find_project(folder), "a", state_root=folder / "file")


def test_the_lock_is_held_by_one_and_free_again_after(folder):
    workspace = open_workspace(find_project(folder), "a")
    with (
        locked(workspace),
        pytest.raises(WorkspaceError, match="another run holds"),
        locked(workspace),
    ):
        pass
    with locked(workspace):
        pass


@pytest.fixture
def workspace(folder):
    """A workspace with state of both kinds: what a rehearsal made, and what belongs to doors."""
    found = open_workspace(find_project(folder), "a")
    for name in ("azure.sqlite", "faults.sqlite", f"{DOORS}/ca.pem", "embedded/deployment.json"):
        file = found.state_dir / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(name, encoding="utf-8")
    (found.state_dir / "azure.sqlite").unlink()
    return found


def names(state_dir):
    found = {file.relative_to(state_dir).as_posix() for file in state_dir.rglob("*")}
    return found - {DOORS, LOCK, "doors.lock"}


def test_state_is_forgotten_but_not_whom_clients_trust(workspace):
    with locked(workspace):
        forget(workspace)
    assert names(workspace.state_dir) == {f"{DOORS}/ca.pem", "faults.sqlite"}


def test_no_state_is_taken_from_under_open_doors(workspace):
    before = names(workspace.state_dir)
    with (
        open_doors(workspace.state_dir),
        pytest.raises(WorkspaceError, match=r"holds doors open .* stack 'a' \(process \d+\)"),
    ):
        forget(workspace)
    assert names(workspace.state_dir) == before
    forget(workspace)


def test_doors_over_one_state_are_opened_once(tmp_path):
    with (
        open_doors(tmp_path / "new"),
        pytest.raises(WorkspaceError, match=r"stand open over .*new already .* --data"),
        open_doors(tmp_path / "new"),
    ):
        pass
    with open_doors(tmp_path / "new"):
        pass


def test_a_copy_of_the_state_takes_neither_doors_nor_counts(workspace, tmp_path):
    copied = copy_state(workspace, tmp_path / "copy")
    assert names(copied.state_dir) == {"embedded", "embedded/deployment.json"}
    assert copied.fault_log == workspace.fault_log
    again = beside(copied, tmp_path / "empty")
    assert (again.state_dir, again.fault_log) == (tmp_path / "empty", workspace.fault_log)


def test_a_copy_of_the_state_takes_what_is_only_named_like_doors_further_down(workspace, tmp_path):
    """A project of the Pulumi command may be called anything."""
    below = ("pulumi/doors/a.json", "pulumi/stacks/lock", "pulumi/azure.sqlite")
    for name in below:
        file = workspace.state_dir / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name, encoding="utf-8")
    copied = copy_state(workspace, tmp_path / "copy")
    assert {name for name in below if (copied.state_dir / name).is_file()} == {*below}
    assert not (copied.state_dir / DOORS).exists()
