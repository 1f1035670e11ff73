"""`imagefleet images` asking an account, and keeping its answer, over HTTPS."""

from __future__ import annotations

import json

import pytest

from imagefleet.domain.image_catalogue import BUILT_IN, CatalogueError, document, parse
from imagefleet.offline.outside.parse import parse_outside
from tests.cli.projects import project
from tests.live.watch.test_command import ENVIRONMENTS, open_doors

__all__ = ["project"]
TOLD = {
    "supportedImages": [
        {
            "nodeAgentSKUId": "batch.node.ubuntu 24.04",
            "osType": "linux",
            "verificationType": "verified",
            "batchSupportEndOfLife": "2026-10-01T00:00:00Z",
            "imageReference": {
                "publisher": "Canonical",
                "offer": "ubuntu-24_04-lts",
                "sku": sku,
                "version": "latest",
            },
        }
        for sku in ("server", "minimal")
    ]
}


@pytest.mark.parametrize("stack", sorted(ENVIRONMENTS))
def test_every_stack_can_ask_its_account(project, stack):
    assert project.rehearse(stack)[0].code == 0
    with open_doors(project, stack, ENVIRONMENTS[stack]) as (_, file):
        planned = json.loads(project.run("plan", "--stack", stack, "--json").out)
        account = planned["accounts"][0]["key"]
        answer = project.run(
            "images", "--stack", stack, "--account", account, "--json", "--doors", str(file)
        )
    said = json.loads(answer.out)
    assert said["origin"].startswith("account ")
    assert "batch.node.ubuntu 24.04" in {each["nodeAgent"] for each in said["images"]}


def test_what_an_account_no_longer_supports_exits_with_1_and_is_kept_on_demand(project):
    assert project.rehearse("dev")[0].code == 0
    with open_doors(project, "dev") as (doors, file):
        doors.site.azure.suppose(parse_outside(TOLD))
        asked = ("--doors", str(file))
        answer = project.run("images", "--stack", "dev", "--account", "main", *asked)
        assert answer.code == 1
        assert "ended on 2026-10-01" in answer.out
        assert "minimal|server" in answer.out
        assert max(map(len, answer.out.splitlines())) <= 80
        assert "1 new or changed" in project.run("images", "refresh", *asked).out
    kept = project.run("images", "--stack", "dev")
    assert kept.code == 1
    assert "images.json" in kept.out


def test_an_account_that_cannot_be_asked_leaves_the_catalogue_as_it_is(project):
    assert project.rehearse("dev")[0].code == 0
    (project.folder / "images.json").write_text("kept", encoding="utf-8")
    with open_doors(project, "dev") as (_, file):
        answer = project.run("images", "--stack", "dev", "--account", "no", "--doors", str(file))
    assert (answer.code, "it has: main" in answer.err) == (2, True)
    damaged = project.run("images", "--stack", "dev")
    assert (damaged.code, "images.json" in damaged.err) == (2, True)
    assert (project.folder / "images.json").read_text(encoding="utf-8") == "kept"


def test_a_catalogue_comes_back_from_its_file():
    assert parse(document(BUILT_IN), origin="catalogue") == BUILT_IN


@pytest.mark.parametrize("found", [[], {}, {"format": 2}, {"format": 1, "asOf": "soon"}])
def test_a_document_that_is_none_is_refused(found):
    with pytest.raises(CatalogueError, match=r"refresh|damaged"):
        parse(found, origin="x")
