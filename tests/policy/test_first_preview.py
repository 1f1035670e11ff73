"""The first preview of every stack, by the command: nothing stops it and nothing is left open.

The program is run by the embedded engine, so that what the rules see has gone through the
provider's check and over the wire, with outputs that do not exist yet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rules import ALL_RULES
from rules.honesty import RULES_SOUND, UNDECIDED
from rules.record import VARIABLE
from rules.verdicts import Level
from tests.cli.projects import ROOT, Answer, Project, project

__all__ = ["project"]

STACKS = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))
MANDATORY = {rule.id for rule in ALL_RULES if rule.level is Level.MANDATORY}
OPEN = """
import pulumi_azure_native as azure_native

group = azure_native.resources.ResourceGroup("later")
azure_native.compute.GalleryImage(
    "open",
    gallery_name="render",
    gallery_image_name="open",
    resource_group_name="render",
    location="westeurope",
    os_type="Linux",
    os_state=group.id,
    hyper_v_generation="V2",
    identifier={"publisher": "contoso", "offer": "render", "sku": "open"},
    features=[{"name": "SecurityType", "value": "Standard"}],
)
"""


def preview(project: Project, stack: str) -> tuple[Answer, list[Mapping[str, Any]]]:
    """The answer of a first preview, and its events."""
    file = project.folder / "events.jsonl"
    answer = project.run(
        *("rehearse", "--stack", stack, "--engine", "embedded"),
        *("--preview-only", "--events", str(file)),
    )
    return answer, lines(file)


def lines(file: Path) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def of(events: list[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    return [event[kind] for event in events if kind in event]


def test_these_are_the_stacks():
    assert STACKS == ["china", "dev", "prod"]


@pytest.mark.parametrize("stack", STACKS)
def test_a_first_preview_leaves_no_mandatory_rule_open(
    project: Project, stack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    verdicts = tmp_path / "verdicts.jsonl"
    monkeypatch.setenv(VARIABLE, str(verdicts))
    answer, events = preview(project, stack)
    assert answer.code == 0, answer.out + answer.err
    reports = of(events, "policyEvent")
    assert [one for one in reports if one["enforcementLevel"] == "mandatory"] == []
    told = {one["policyName"] for one in reports}
    assert not told & {UNDECIDED.id, RULES_SOUND.id}
    (summary,) = of(events, "policyAnalyzeStackSummaryEvent")
    assert {UNDECIDED.id, RULES_SOUND.id} <= set(summary["passed"])
    # and each answer by itself, where an engine's summary has but one for each rule
    answers = lines(verdicts)
    assert {one["rule"] for one in answers if one["verdict"] == "pass"} & MANDATORY
    still_open = [one for one in answers if one["verdict"] == "undecided"]
    assert [one for one in still_open if one["cause"] != "external"] == []
    of_mandatory = [one for one in answers if one["rule"] in MANDATORY]
    assert [one for one in of_mandatory if one["verdict"] == "fail"] == []


def test_a_value_that_the_preview_does_not_know_is_reported(project: Project):
    """Without it the test above could not fail."""
    project.add_to_program(OPEN)
    answer, events = preview(project, "dev")
    assert answer.code == 0, answer.out + answer.err
    (found,) = [one for one in of(events, "policyEvent") if one["policyName"] == UNDECIDED.id]
    assert "osState is not known before deployment, it comes from later" in found["message"]
    assert "an answer for image-generalized" in found["message"]
