"""`imagefleet images` asking an account, and keeping its answer, over HTTPS."""

from __future__ import annotations

import json
import re

import pytest

from imagefleet.domain import node_agents
from imagefleet.domain.image_catalogue import BUILT_IN, CatalogueError, document, parse
from imagefleet.offline.outside.parse import parse_outside
from tests.cli.projects import project
from tests.live.conftest import Around
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


def test_refresh_mends_a_damaged_catalogue(project):
    assert project.rehearse("dev")[0].code == 0
    (project.folder / "images.json").write_text("{", encoding="utf-8")
    with open_doors(project, "dev") as (_, file):
        answer = project.run("images", "refresh", "--doors", str(file))
    assert (answer.code, "it is written anew" in answer.err) == (0, True), answer.err
    assert project.run("images", "--stack", "dev").code == 0


def test_what_stands_before_refresh_holds_for_it(project):
    assert project.rehearse("china")[0].code == 0
    with open_doors(project, "china", "china") as (_, file):
        answer = project.run(
            "images", "--stack", "china", "--json", "--doors", str(file), "refresh"
        )
    document = json.loads(answer.out)
    planned = json.loads(project.run("plan", "--stack", "china", "--json").out)
    assert document["origin"] == f"account {planned['accounts'][0]['name']}"
    # The built-in catalogue has patterns for Windows, the service has names.
    windows = [entry for entry in node_agents.CATALOGUE if entry.agent.startswith("batch.node.win")]
    assert document["newOrChanged"] == len(windows)
    kept = json.loads((project.folder / "images.json").read_text(encoding="utf-8"))
    assert kept["origin"] == document["origin"]


@pytest.mark.parametrize("option", [("--catalogue",), ("--on", "2027-01-01")])
def test_what_has_no_meaning_for_refresh_is_refused(project, option):
    answer = project.run("images", *option, "refresh")
    assert (answer.code, "no meaning for refresh" in answer.err) == (2, True)
    assert not (project.folder / "images.json").exists()


def test_a_stack_without_accounts_is_told_so(project):
    text = (project.folder / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    head, _, rest = text.partition("    accounts:\n")
    rest = re.sub(r"(?s)^.*?(?=^    \w+:)", "", rest, flags=re.MULTILINE)
    rest = re.sub(r"(?ms)^    pools:.*?(?=^    \w+:|\Z)", "", rest)
    (project.folder / "Pulumi.dev.yaml").write_text(
        f"{head}    accounts: {{}}\n    pools: {{}}\n{rest}", encoding="utf-8"
    )
    assert json.loads(project.run("plan", "--json").out)["accounts"] == []
    for arguments in (("--stack", "dev", "--account", "main"), ("refresh",)):
        answer = project.run("images", *arguments)
        assert (answer.code, answer.err) == (
            2, "error: the stack has no Batch account that could be asked\n"
        )  # fmt: skip


def test_an_account_that_shows_no_endpoint_is_one_error(project):
    def without(request, handler):
        answer = handler(request)
        answer.body["properties"].pop("accountEndpoint", None)
        return answer

    around = Around()
    around.faults = {"batchaccounts/": without}
    assert project.rehearse("dev")[0].code == 0
    with open_doors(project, "dev", around=around) as (_, file):
        answer = project.run("images", "--stack", "dev", "--account", "main", "--doors", str(file))
    assert (answer.code, answer.err.count("error:")) == (2, 1)
    assert "accountEndpoint" in answer.err


def test_an_answer_of_an_unknown_shape_is_one_error(project):
    def shapeless(request, handler):
        answer = handler(request)
        for each in answer.body["value"]:
            each.pop("nodeAgentSKUId", None)
        return answer

    around = Around()
    around.faults = {"/supportedimages": shapeless}
    assert project.rehearse("dev")[0].code == 0
    with open_doors(project, "dev", around=around) as (_, file):
        answer = project.run("images", "--stack", "dev", "--account", "main", "--doors", str(file))
    assert (answer.code, answer.err.count("error:")) == (2, 1)
    assert "not understood" in answer.err


def test_a_catalogue_comes_back_from_its_file():
    assert parse(document(BUILT_IN), origin="catalogue") == BUILT_IN


@pytest.mark.parametrize("found", [[], {}, {"format": 2}, {"format": 1, "asOf": "soon"}])
def test_a_document_that_is_none_is_refused(found):
    with pytest.raises(CatalogueError, match=r"refresh|damaged"):
        parse(found, origin="x")
