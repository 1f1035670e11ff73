"""A stack that is up stays with the engine that brought it up."""

from __future__ import annotations

import pytest

from imagefleet.offline.pulumi_cli.engine import PulumiCommand, find_pulumi
from tests.cli.projects import Project

UP = ("rehearse", "--yes", "--engine")


def kept(project: Project) -> str:
    return (project.folder / ".imagefleet" / "dev" / "engine").read_text(encoding="utf-8").strip()


def test_the_engine_that_brought_a_stack_up_is_remembered_until_it_has_destroyed_it(
    project: Project,
) -> None:
    assert project.run(*UP, "embedded").code == 0
    assert kept(project) == "embedded"
    assert project.run("destroy", "--yes", "--engine", "embedded").code == 0
    assert not (project.folder / ".imagefleet" / "dev" / "engine").exists()


def test_a_preview_alone_binds_to_no_engine(project: Project) -> None:
    assert project.run("rehearse", "--preview-only", "--engine", "embedded").code == 0
    assert not (project.folder / ".imagefleet" / "dev" / "engine").exists()


@pytest.mark.parametrize("command", ["rehearse", "destroy"])
def test_another_engine_is_refused_before_anything_is_done(project: Project, command: str) -> None:
    """It would find every name taken, and leave half a stack in its own state."""
    assert project.run(*UP, "embedded").code == 0
    store = project.folder / ".imagefleet" / "dev" / "azure.sqlite"
    before = store.stat().st_mtime_ns
    answer = project.run(command, "--yes", "--engine", "pulumi")
    words = " ".join(answer.err.split())
    assert answer.code == 2
    assert "stack 'dev' was brought up with --engine embedded" in words
    assert "rehearse --fresh" in words
    assert store.stat().st_mtime_ns == before


def test_where_the_command_has_gone_the_answer_names_it(project: Project) -> None:
    if isinstance(find_pulumi(), PulumiCommand):
        pytest.skip("the pulumi command is here")
    assert project.run(*UP, "embedded").code == 0
    (project.folder / ".imagefleet" / "dev" / "engine").write_text("pulumi\n", encoding="utf-8")
    answer = project.run(*UP, "auto")
    assert answer.code == 2
    assert "--engine pulumi cannot be used" in answer.err


@pytest.mark.engine
def test_a_command_that_came_later_does_not_take_a_stack_over(project: Project) -> None:
    assert project.run(*UP, "embedded").code == 0
    again = project.run(*UP, "auto")
    assert again.code == 0
    assert "embedded engine" in again.out
    assert "nothing changes" in again.out
    fresh = project.run(*UP, "pulumi", "--fresh")
    assert fresh.code == 0, fresh.out + fresh.err
    assert kept(project) == "pulumi"
