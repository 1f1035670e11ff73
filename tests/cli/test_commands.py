"""The commands themselves: exit codes, files, and errors without a traceback."""

from __future__ import annotations

import fcntl
import json
import sys

import pytest

from imagefleet.settings import json_schema
from tests.cli.projects import Project


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rehearse", "--stack", "nowhere"), "stacks: china, dev, prod"),
        (("plan", "--stack", "nowhere"), "stacks: china, dev, prod"),
        (("rehearse", "--engine", "magic"), "'magic'"),
        (("rehearse", "--colour"), "--colour"),
        (("rehearse", "--events", "no/such/folder/events"), "cannot be written"),
        (("schema", "--output", "no/such/folder/schema"), "cannot be written"),
    ],
)
def test_unusable_input_is_one_message_and_exit_2(
    project: Project, arguments: tuple[str, ...], message: str
) -> None:
    answer = project.run(*arguments)
    assert answer.code == 2
    assert message in answer.err
    assert "Traceback" not in answer.err + answer.out


def test_outside_a_project_the_command_says_so(
    project: Project, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = project.run("rehearse")
    assert answer.code == 2
    assert "no Pulumi.yaml" in answer.err


def test_a_malformed_stack_file_stops_before_anything_is_run(project: Project) -> None:
    project.edit("dev", ("location: westeurope\n    resourceGroup", "resourceGroup"))
    answer = project.run("rehearse", "--yes")
    assert answer.code == 2
    assert "imagefleet:fleet.location" in answer.err
    assert "Preview" not in answer.out


def test_without_a_terminal_and_without_yes_nothing_is_deployed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    answer = project.run("rehearse", "--engine", "embedded")
    assert answer.code == 2
    assert "--yes" in answer.err


def test_a_second_run_on_the_same_state_is_refused(project: Project) -> None:
    state = project.folder / ".imagefleet" / "dev"
    state.mkdir(parents=True)
    with (state / "lock").open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        answer = project.run("rehearse", "--yes", "--engine", "embedded")
    assert answer.code == 2
    assert "another run holds the state of stack 'dev'" in answer.err


def test_fresh_forgets_what_was_rehearsed(project: Project) -> None:
    project.rehearse("dev")
    answer, made = project.rehearse("dev", "--fresh")
    assert answer.code == 0
    assert set(made.values()) == {"create"}


def test_preview_only_makes_nothing(project: Project) -> None:
    answer, made = project.rehearse("dev", "--preview-only")
    assert answer.code == 0
    assert made == {}
    assert project.resources() == {}


def test_skip_preview_brings_up_at_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEFLEET_SKIP_PREVIEW", "1")
    answer, made = project.rehearse("dev")
    assert (answer.code, set(made.values())) == (0, {"create"})
    events = (project.folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert sum("summaryEvent" in json.loads(event) for event in events) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--yes", "--preview-only"), "contradict each other"),
        (("--yes", "--refresh"), "contradict each other"),
        ((), "say --yes with it"),
    ],
)
def test_skip_preview_with_what_it_contradicts(project: Project, more, said) -> None:
    answer = project.run("rehearse", "--skip-preview", *more)
    assert (answer.code, said in answer.err) == (2, True)
    assert not (project.folder / ".imagefleet").exists()


def test_the_stack_file_is_never_written(project: Project) -> None:
    file = project.folder / "Pulumi.dev.yaml"
    before = file.read_bytes()
    project.rehearse("dev")
    assert file.read_bytes() == before


def test_a_fault_of_the_program_is_shown_and_exits_with_1(project: Project) -> None:
    project.add_to_program("\nraise RuntimeError('the moon is missing')\n")
    answer = project.run("rehearse", "--yes", "--engine", "embedded")
    assert answer.code == 1
    assert "the moon is missing" in answer.out
    assert "nothing has changed" in answer.out


@pytest.mark.parametrize("stack", ["dev", "prod", "china"])
def test_every_line_fits_80_columns(project: Project, stack: str) -> None:
    answers = [
        project.run("plan", "--stack", stack),
        project.run("plan", "--stack", stack, "--why"),
    ]
    answers.append(project.rehearse(stack, "--preview-only")[0])
    for answer in answers:
        assert [line for line in answer.out.splitlines() if len(line.rstrip()) > 80] == []


def test_plan_gives_reason_and_sentence_of_every_figure(project: Project) -> None:
    answer = project.run("plan", "--stack", "china", "--why")
    words = " ".join(answer.out.split())
    assert answer.code == 0
    for part in ("= 11", "D91", "D93", "PT45M", "D95", "D21", "management.chinacloudapi.cn", "D78"):
        assert part in words


def test_plan_as_json_is_the_whole_plan(project: Project) -> None:
    answer = project.run("plan", "--stack", "china", "--json")
    document = json.loads(answer.out)
    regions = document["image_versions"][0]["regions"]
    assert {each["name"]: each["replicas"]["value"] for each in regions} == {
        "chinanorth3": 11,
        "chinanorth2": 3,
    }
    assert document["pools"][0]["resize_timeout"]["sources"]


def test_schema_prints_the_schema(project: Project) -> None:
    assert json.loads(project.run("schema").out) == json_schema()
