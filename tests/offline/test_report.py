"""What a run's events add up to for a reader."""

from __future__ import annotations

from imagefleet.offline.report import PropertyChange, Report

URN = "urn:pulumi:dev::imagefleet::a:b:Group$azure-native:batch:Pool::work"


def step(op: str, urn: str = URN, **more) -> dict:
    kind = urn.split("::")[2].rsplit("$", maxsplit=1)[-1]
    state = {"custom": True, "inputs": {}}
    metadata = {"op": op, "urn": urn, "type": kind, "old": state, "new": state, **more}
    return {"resourcePreEvent": {"metadata": metadata}}


def report(*events: dict) -> Report:
    told = Report()
    for event in events:
        told.add(event)
    return told


def test_a_replacement_is_one_change_however_many_steps_it_takes():
    steps = [step(op) for op in ("delete-replaced", "replace", "create-replacement")]
    assert [change.op for change in report(*steps).changed] == ["replace"]
    assert [change.op for change in report(*reversed(steps)).changed] == ["replace"]


def test_what_stays_the_same_and_providers_are_no_changes():
    provider = "urn:pulumi:dev::imagefleet::pulumi:providers:azure-native::default"
    assert report(step("same"), step("create", provider)).changed == []


def test_a_property_is_told_with_both_values_and_what_it_forces():
    event = step(
        "replace",
        keys=["vmSize"],
        old={"custom": True, "inputs": {"vmSize": "a", "list": [{"n": 1}]}},
        new={"custom": True, "inputs": {"vmSize": "b", "list": [{"n": 2}]}},
        detailedDiff={
            "vmSize": {"diffKind": "update", "inputDiff": True},
            "list[0].n": {"diffKind": "update-replace", "inputDiff": True},
        },
    )
    assert report(event).changes[0].properties == (
        PropertyChange(path="list[0].n", kind="update", old=1, new=2, forces_replacement=True),
        PropertyChange(path="vmSize", kind="update", old="a", new="b", forces_replacement=True),
    )


def test_messages_lose_their_colours_and_closing_lines_their_place():
    told = report(
        {
            "diagnosticEvent": {
                "message": "<{%red%}>no such gallery<{%reset%}>\n",
                "severity": "error",
            }
        },
        {"diagnosticEvent": {"message": "update failed\n", "severity": "error"}},
        {"diagnosticEvent": {"message": "inner detail", "severity": "debug"}},
        {"diagnosticEvent": {"message": "soon gone", "severity": "info", "ephemeral": True}},
    )
    assert [message.text for message in told.errors] == ["no such gallery"]
    assert len(told.messages) == 2


def test_a_mandatory_finding_refuses_and_an_advisory_one_does_not():
    finding = {
        "policyName": "rule", "policyPackName": "pack", "policyPackVersion": "1",
        "message": "summary\nvalue is x", "severity": "high", "resourceUrn": URN,
    }  # fmt: skip
    advisory = report({"policyEvent": finding | {"enforcementLevel": "advisory"}})
    mandatory = report({"policyEvent": finding | {"enforcementLevel": "mandatory"}})
    assert (advisory.refused_by_policy, mandatory.refused_by_policy) == (False, True)
    assert mandatory.findings[0].resource == "work"


def test_verdicts_counts_and_packs_come_from_the_summaries():
    told = report(
        {"policyAnalyzeSummaryEvent": {"resourceUrn": URN, "passed": ["a", "b"], "failed": ["c"]}},
        {"policyAnalyzeSummaryEvent": {"resourceUrn": URN, "passed": ["a"]}},
        {"summaryEvent": {"resourceChanges": {"create": 2}, "PolicyPacks": {"p|local|x": "0.1"}}},
    )
    assert (told.judged["passed"], told.judged["failed"]) == (3, 1)
    assert (told.counts["create"], told.policy_packs) == (2, {"p": "0.1"})
