"""`imagefleet explain`, and the explanations that a rehearsal shows under an error."""

from __future__ import annotations

import dataclasses
import io
import json
import sys

import pytest
from rich.console import Console

from imagefleet.cli.watching import ConsoleObserver
from imagefleet.offline.model import PoolProgress
from tests.cli.projects import Project

WRAPPED = (
    "AllocationFailed: Desired number of nodes could not be allocated. Provider Error Json - "
    '{"error":{"message":"The selected VM size \'a\' cannot boot Hypervisor Generation \'2\'."}}'
)
SIGNED = "https://x.blob.core.windows.net/vhds/a.vhd?sv=2022-11-02&sig=c2VjcmV0LXNpZ25hdHVyZQ"


def test_a_code_is_explained_with_causes_remedy_and_sentence(project: Project) -> None:
    answer = project.run("explain", "AllocationTimedout")
    assert answer.code == 0
    for part in ("resize-timed-out", "Likely causes", "quota", "What to do", "D91", "D95"):
        assert part in answer.out
    assert answer.err == ""


def test_the_stacks_own_values_are_told(project: Project) -> None:
    answer = project.run("explain", "AllocationTimedout", "--stack", "china")
    words = " ".join(answer.out.split())
    assert "In stack china" in words
    assert "pools.large (large-1-0-0): 3000 nodes, resize timeout PT45M, 11 replicas" in words


def test_the_inner_message_counts_not_what_wraps_it(project: Project) -> None:
    answer = project.run("explain", WRAPPED)
    assert answer.out.startswith("size-of-other-generation")
    assert "allocation-failed" not in answer.out


def test_words_without_quotes_are_one_text(project: Project) -> None:
    answer = project.run("explain", *["cannot", "boot", "Hypervisor", "Generation", "'2'"])
    assert answer.code == 0
    assert answer.out.startswith("size-of-other-generation")


def test_a_log_on_standard_input_is_searched(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = b"\xff\xfe creating\n" * 500 + b'"PropertyCannotBeUpdated", PropertyPath: "vmSize"'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(log)))
    answer = project.run("explain", "-")
    assert answer.code == 0
    assert answer.out.startswith("pool-part-fixed (PropertyCannotBeUpdated)")
    assert "vmSize: decided by pools.<pool>.vmSize" in answer.out


def test_what_is_not_known_is_said_plainly_with_exit_1(project: Project) -> None:
    answer = project.run("explain", "AccountCoreQuotaReachd")
    assert answer.code == 1
    assert answer.out == ""
    assert "nothing is known about this" in answer.err
    assert "AccountCoreQuotaReached" in answer.err


@pytest.mark.parametrize("arguments", [(), ("  ",), ("PoolBeingResized", "--stack", "nowhere")])
def test_unusable_input_exits_with_2(project: Project, arguments: tuple[str, ...]) -> None:
    answer = project.run("explain", *arguments)
    assert answer.code == 2
    assert answer.err.startswith("error: ")


def test_json_holds_the_same_and_says_whether_anything_is_known(project: Project) -> None:
    answer = project.run("explain", "PoolBeingResized", "--stack", "dev", "--json")
    document = json.loads(answer.out)
    (error,) = document["errors"]
    assert document["known"] is True
    assert error["id"] == "pool-resizing"
    assert error["count"] == 1
    (words,) = error["stack"]
    assert words.startswith("pools.work (work-1-0-0): 4 nodes, resize timeout PT15M, 2 replicas")
    nothing = project.run("explain", "the moon is missing", "--json")
    assert nothing.code == 1
    assert json.loads(nothing.out) == {"known": False, "errors": [], "properties": []}


def test_nothing_secret_of_the_text_is_printed_again(project: Project) -> None:
    text = f"InvalidParameter: 'sourceUri' {SIGNED} AccountKey=c2VjcmV0LWtleQ=="
    for more in ((), ("--json",), ("--stack", "prod")):
        answer = project.run("explain", text, *more)
        assert answer.code == 0
        assert "c2VjcmV0" not in answer.out + answer.err


def test_the_list_names_every_error(project: Project) -> None:
    answer = project.run("explain", "--list")
    listed = json.loads(project.run("explain", "--list", "--json").out)["errors"]
    assert len(listed) > 50
    assert all(error["id"] in answer.out for error in listed)


def test_every_line_fits_80_columns(project: Project) -> None:
    names = [e["id"] for e in json.loads(project.run("explain", "--list", "--json").out)["errors"]]
    answers = [project.run("explain", "--list")]
    answers += [project.run("explain", name, "--stack", "prod") for name in names]
    for answer in answers:
        assert [line for line in answer.out.splitlines() if len(line) > 80] == []


def test_a_rehearsal_explains_the_error_it_shows(project: Project) -> None:
    project.rehearse("dev")
    project.edit("dev", ("disks/ubuntu-os", "disks/another"))
    answer, _ = project.rehearse("dev")
    assert answer.code == 1
    lines = [line.strip() for line in answer.out.splitlines()]
    (first,) = [number for number, line in enumerate(lines) if line.startswith("→")]
    shown = " ".join(lines[first : first + 2])
    assert "imagefleet explain source-fixed" in shown
    assert all(len(line) <= 74 for line in lines[first : first + 2])


@pytest.mark.parametrize(
    ("changes", "explained"),
    [
        ({"errors": ("AllocationTimedout: 3 of 4 came up",)}, "resize-timed-out"),
        ({"unusable": 4}, "nodes-unusable"),
    ],
)
def test_a_pool_that_is_not_well_is_explained_once(
    capsys: pytest.CaptureFixture[str], changes: dict, explained: str
) -> None:
    pool = PoolProgress(
        id="a",
        name="work",
        target=4,
        allocated=4,
        starting=0,
        idle=0,
        unusable=0,
        allocation_state="steady",
        replicas=2,
        elapsed_minutes=15.0,
    )
    pools = [dataclasses.replace(pool, name=name, **changes) for name in ("one", "two")]
    ConsoleObserver(Console(highlight=False, width=80)).pools_steady(pools)
    assert capsys.readouterr().out.count(f"imagefleet explain {explained}") == 1
