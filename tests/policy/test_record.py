"""The side record holds one line for every answer of a rule."""

from __future__ import annotations

import json
from datetime import date

import pytest

from rules import clock
from rules.account import ACCOUNT_ENTRA_ONLY
from rules.builder import BUILDER_NO_TRUSTED_LAUNCH
from rules.exemptions_rule import EXEMPTIONS
from rules.honesty import UNDECIDED
from rules.image import IMAGE_GENERALIZED
from rules.kit import policies
from rules.record import VARIABLE
from rules.settings_rule import PACK_SETTINGS
from rules.verdicts import Sample

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
PACK = (
    PACK_SETTINGS,
    IMAGE_GENERALIZED,
    ACCOUNT_ENTRA_ONLY,
    BUILDER_NO_TRUSTED_LAUNCH,
    EXEMPTIONS,
    UNDECIDED,
)


@pytest.fixture
def lines(tmp_path, monkeypatch, ask_run):
    """Run the small pack and return the record as {(rule, resource): line}."""
    file = tmp_path / "verdicts.jsonl"
    monkeypatch.setenv(VARIABLE, str(file))
    monkeypatch.setattr(clock, "today", lambda: date(2026, 9, 1))

    def run(*samples, config=None):
        ask_run(policies(PACK), samples, config)
        read = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        return {(line["rule"], line["urn"].rpartition("::")[2]): line for line in read}

    return run


def image(name, state):
    props = {"osState": state}
    return Sample(name=name, type="azure-native:compute:GalleryImage", props=props)


def test_every_verdict_is_recorded_with_its_facts(lines):
    machine = Sample(name="vm", type="azure-native:compute:VirtualMachine", props={})
    found = lines(
        image("a", "Generalized"), image("b", "Specialized"), image("c", UNKNOWN), machine
    )
    rule = "image-generalized"
    assert {name: found[rule, name]["verdict"] for name in "abc"} == {
        "a": "pass",
        "b": "fail",
        "c": "undecided",
    }
    assert found[rule, "b"] == {
        "rule": rule,
        "urn": "urn:pulumi:dev::fleet::azure-native:compute:GalleryImage::b",
        "inner": "",
        "verdict": "fail",
        "level": "mandatory",
        "phase": "resource",
        "path": "osState",
        "actual": "Specialized",
        "needed": "Generalized",
        "cause": "",
        "exemption": None,
    }
    assert (found[rule, "c"]["cause"], found[rule, "c"]["path"]) == ("unknown", "osState")
    stack_rule = found["builder-no-trusted-launch", "vm"]
    assert (stack_rule["verdict"], stack_rule["phase"]) == ("not-applicable", "stack")
    assert stack_rule["actual"] == "no image is made from this machine"
    assert (rule, "vm") not in found


def test_a_waived_finding_is_recorded_with_its_exemption(lines, tmp_path):
    file = tmp_path / "e.yaml"
    file.write_text(
        "- {rule: account-entra-only, resource: '*', owner: me, ticket: T-1, "
        "reason: until the client moves, expires: 2026-09-11}\n",
        encoding="utf-8",
    )
    found = lines(ACCOUNT_ENTRA_ONLY.bad[0], config={"pack-settings": {"exemptions": str(file)}})
    line = found["account-entra-only", "it"]
    assert line["verdict"] == "waived"
    assert line["path"].startswith("allowedAuthenticationModes")
    assert line["cause"] == "ticket T-1, owner me, until 2026-09-11"
    assert line["exemption"]["daysLeft"] == 10


def test_a_resource_of_a_template_is_recorded_with_its_place(lines):
    definition = {
        "type": "Microsoft.Compute/galleries/images",
        "name": "g/i",
        "properties": {"osState": "Specialized"},
    }
    template = {"properties": {"template": {"resources": [definition]}}}
    sample = Sample(name="t", type="azure-native:resources:Deployment", props=template)
    line = lines(sample)["image-generalized", "t"]
    assert line["inner"] == "template.resources[0] (Microsoft.Compute/galleries/images)"
    assert line["verdict"] == "fail"


def test_a_record_that_cannot_be_written_stops_nothing(monkeypatch, tmp_path, ask_run):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    answers = ask_run(policies(PACK), (image("b", "Specialized"),))
    assert answers["image-generalized"].verdict == "fail"
