"""`imagefleet images`: the catalogue, and the images of a stack in its light."""

from __future__ import annotations

import json

import pytest

from imagefleet.domain import node_agents
from imagefleet.domain.node_agents import BaseImage
from imagefleet.domain.node_support import image_support
from tests.cli.projects import Project
from tests.domain import fleets


def on_jammy(project: Project) -> None:
    jammy = ("ubuntu-24_04-lts", "0001-com-ubuntu-server-jammy")
    project.edit("dev", jammy, ("sku: server", "sku: 22_04-lts"))


def test_the_catalogue_is_listed_with_its_date_and_sources(project: Project) -> None:
    answer = project.run("images", "--catalogue")
    words = " ".join(answer.out.split())
    assert answer.code == 0
    assert f"catalogue of {node_agents.AS_OF}" in words
    assert "batch.node.ubuntu 18.04: ended on 2024-12-31" in words
    assert "[Azure/Batch#180]" in words
    assert "Images of stack" not in words


def test_the_catalogue_is_imagefleets_own_whatever_the_project_keeps(project: Project) -> None:
    kept = {"format": 1, "asOf": "2026-10-01", "origin": "account x", "images": []}
    (project.folder / "images.json").write_text(json.dumps(kept), encoding="utf-8")
    assert json.loads(project.run("images", "--json").out)["images"] == []
    own = json.loads(project.run("images", "--catalogue", "--stack", "dev", "--json").out)
    assert (own["origin"], len(own["images"])) == ("catalogue", len(node_agents.CATALOGUE))
    (project.folder / "images.json").write_text("{", encoding="utf-8")
    assert project.run("images", "--catalogue").code == 0


def test_the_catalogue_and_an_account_exclude_each_other(project: Project) -> None:
    answer = project.run("images", "--catalogue", "--stack", "dev", "--account", "main")
    assert (answer.code, "exclude each other" in answer.err) == (2, True)


def test_what_is_supported_longest_and_soonest_to_end_comes_before_what_has_ended(
    project: Project,
) -> None:
    images = json.loads(project.run("images", "--on", "2026-11-01", "--json").out)["images"]
    assert len(images) == len(node_agents.CATALOGUE)
    ended = [each["ended"] for each in images]
    assert ended == sorted(ended)
    ends = [each["ends"] or "9999" for each in images if not each["ended"]]
    assert ends == sorted(ends)


def test_a_stack_is_told_which_image_and_pools_end_and_in_how_many_days(project: Project) -> None:
    on_jammy(project)
    answer = project.run("images", "--stack", "dev", "--on", "2027-06-01")
    words = " ".join(answer.out.split())
    assert answer.code == 0
    assert "Images of stack dev, on 2027-06-01" in words
    assert "ubuntu: ends on 2027-06-30, in 29 days" in words
    assert "pools work-1.0.0" in words


@pytest.mark.parametrize(("day", "code"), [("2027-06-30", 0), ("2027-07-01", 1)])
def test_support_that_is_over_exits_with_1_from_the_day_after(
    project: Project, day: str, code: int
) -> None:
    on_jammy(project)
    answer = project.run("images", "--stack", "dev", "--on", day)
    assert answer.code == code
    assert ("Support is over for 1 image" in answer.out) is bool(code)
    affected = json.loads(project.run("images", "--stack", "dev", "--on", day, "--json").out)
    assert affected["affected"][0]["ended"] is bool(code)


def test_what_to_move_to_is_supported_on_that_day(project: Project) -> None:
    on_jammy(project)
    words = " ".join(project.run("images", "--stack", "dev", "--on", "2027-07-01").out.split())
    advice = words.split("Make a version on a base for one of these: ")[1].split(".  ")[0]
    assert "batch.node.ubuntu 24.04" in advice
    assert "batch.node.ubuntu 22.04" not in advice.split("Base images")[0]


def test_every_line_fits_80_columns(project: Project) -> None:
    for arguments in ((), ("--stack", "prod"), ("--stack", "china", "--on", "2030-01-01")):
        lines = project.run("images", *arguments).out.splitlines()
        assert [line for line in lines if len(line) > 80] == []


@pytest.mark.parametrize("arguments", [("--on", "tomorrow"), ("--stack", "nowhere")])
def test_unusable_input_exits_with_2(project: Project, arguments: tuple[str, ...]) -> None:
    answer = project.run("images", *arguments)
    assert answer.code == 2
    assert answer.err.startswith("error: ")


def test_an_accounts_own_list_in_the_same_form_would_be_believed() -> None:
    """The seam for a list read from the service."""
    live = BaseImage(
        publisher="canonical",
        offer="ubuntu-24_04-lts",
        skus=("server",),
        agent="batch.node.ubuntu 24.04",
        ends=node_agents.AS_OF,
        source="the account",
    )
    (found,) = image_support(fleets.fleet(), [live])
    assert (found.ends, found.source, found.agent) == (live.ends, "the account", live.agent)
