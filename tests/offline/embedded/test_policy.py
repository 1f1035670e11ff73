"""The real pack's process in a run: a mandatory rule refuses, an advisory one is told."""

from __future__ import annotations

import textwrap

import pytest

from imagefleet.offline.engine import EngineError

PACK = """
from pulumi_policy import (EnforcementLevel, PolicyPack, ResourceValidationPolicy,
                           StackValidationPolicy)


def no_nine(args, report):
    if args.resource_type != "azure-native:test:Thing":
        args.not_applicable("not a thing")
    if args.props.get("value") == 9:
        report("nine is not allowed")


def few(args, report):
    things = [one for one in args.resources if one.resource_type.endswith(":Thing")]
    if len(things) > 2:
        report(f"{len(things)} things are too many", things[-1].urn)


def frown(args, report):
    if args.resource_type == "azure-native:test:Thing" and args.props.get("value") == 8:
        report("eight is frowned upon")


PolicyPack("test-pack", [
    ResourceValidationPolicy("no-nine", "No nine.", no_nine, EnforcementLevel.MANDATORY),
    ResourceValidationPolicy("frown", "Eight.", frown, EnforcementLevel.ADVISORY),
    StackValidationPolicy("few", "Few things.", few, EnforcementLevel.MANDATORY),
])
"""


@pytest.fixture
def judged(lab, tmp_path):
    """The lab with a pack of three small rules, run by the interpreter of the tests."""
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 1.2.3\n")
    (folder / "__main__.py").write_text(textwrap.dedent(PACK))
    lab.policy_pack = folder
    return lab


def findings(lab):
    found = [event["policyEvent"] for event in lab.events if "policyEvent" in event]
    return [
        (one["policyName"], one["enforcementLevel"], one["resourceUrn"].rsplit("::", 1)[1])
        for one in found
    ]


def test_preview_goes_on_after_a_mandatory_finding_and_fails_at_the_end(judged, azure):
    judged.program('Thing("a", value=9); Thing("b", value=9)')
    assert not judged.run("preview")
    assert sorted(findings(judged)) == [
        ("no-nine", "mandatory", "a"),
        ("no-nine", "mandatory", "b"),
    ]
    assert judged.changes() == {"create": 3}
    assert judged.errors() == ["preview failed"]
    assert azure.resources == {}


def test_update_stops_at_a_mandatory_finding_before_the_resource_is_made(judged, azure):
    judged.program('a = Thing("a"); b = Thing("b", value=9, shown=a.id); Thing("c", value=b.id)')
    assert not judged.run("up")
    assert findings(judged) == [("no-nine", "mandatory", "b")]
    assert sorted(azure.resources) == ["/things/a/"]


def test_mandatory_rule_about_the_stack_refuses_at_the_preview(judged):
    judged.program('[Thing(name) for name in "abc"]')
    assert not judged.run("preview")
    assert findings(judged) == [("few", "mandatory", "c")]


def test_advisory_finding_is_told_and_refuses_nothing(judged):
    judged.up('Thing("a", value=8)')
    assert findings(judged) == [("frown", "advisory", "a")]
    (event,) = [event["policyEvent"] for event in judged.events if "policyEvent" in event]
    assert event["message"].strip().endswith("eight is frowned upon")
    assert (event["policyPackName"], event["policyPackVersion"]) == ("test-pack", "1.2.3")


def test_every_resource_has_a_summary_and_the_stack_has_one(judged):
    judged.up('Group("g"); Thing("a")')
    summaries = [
        e["policyAnalyzeSummaryEvent"] for e in judged.events if "policyAnalyzeSummaryEvent" in e
    ]
    assert {one["resourceUrn"].rsplit("::", 1)[1]: one["passed"] for one in summaries} == {
        "demo-dev": ["frown"],
        "default_3_29_0": ["frown"],
        "g": ["frown"],
        "a": ["frown", "no-nine"],
    }
    (stack,) = [
        e["policyAnalyzeStackSummaryEvent"]
        for e in judged.events
        if "policyAnalyzeStackSummaryEvent" in e
    ]
    assert stack["passed"] == ["few"]
    (name,) = judged.summary()["PolicyPacks"]
    assert name.startswith("test-pack|local|")


def test_refresh_and_destroy_ask_no_policy(judged):
    judged.up('Thing("a", value=8)')
    for action in ("refresh", "destroy"):
        assert judged.run(action)
        assert findings(judged) == []
        assert judged.summary()["PolicyPacks"] == {}


def test_pack_that_does_not_start_is_an_error_of_the_engine(judged):
    (judged.policy_pack / "__main__.py").write_text("raise SystemExit('broken')")
    judged.program("")
    with pytest.raises(EngineError):
        judged.run("preview")


def test_rule_that_breaks_fails_the_run_with_a_message(judged, azure):
    source = PACK.replace('report("nine is not allowed")', "1 / 0")
    (judged.policy_pack / "__main__.py").write_text(textwrap.dedent(source))
    judged.program('Thing("a", value=9)')
    assert not judged.run("up")
    assert judged.errors()[0].startswith("failed to run policy:")
    assert azure.resources == {}
