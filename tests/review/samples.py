"""A review with one answer of every kind, to be put into each report."""

from __future__ import annotations

import dataclasses

from imagefleet.domain.judgements import Result, Review, RuleFacts, SourcePlace, Verdict

STOPS = RuleFacts(
    id="image-generalized",
    summary="An image definition for Batch pools is generalized.",
    kind="resource",
    level="mandatory",
    severity="critical",
    sentences=("D37", "D38"),
    remedy="Make a new definition with osState Generalized.",
    url="docs/policies.md#image-generalized",
)
WARNS = dataclasses.replace(STOPS, id="image-protect", level="advisory", severity="low")
OFF = dataclasses.replace(STOPS, id="image-off", level="disabled", severity="medium")
URN = "urn:pulumi:dev::fleet::my:index:Fleet$azure-native:compute:GalleryImage::{}"


def result(rule=STOPS, name="ubuntu", verdict=Verdict.FAIL, **more) -> Result:
    words = {"path": "osState", "actual": "Specialized", "needed": "Generalized"}
    if verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE):
        words = {}
    urn = URN.format(name)
    return Result(**{"rule": rule, "resource": urn, "urn": urn, "verdict": verdict} | words | more)


FAILED = result(place=SourcePlace(uri="__main__.py", line=12, column=3))
WARNED = result(WARNS)
DOUBTED = result(
    name="debian",
    verdict=Verdict.UNDECIDED,
    actual="is not known before deployment",
    needed=None,
    cause="unknown",
)
WAIVED = result(name="legacy", verdict=Verdict.WAIVED, cause="replaced soon (ticket OPS-1)")
PASSED = result(WARNS, "debian", Verdict.PASS)
OTHER = result(name="network", verdict=Verdict.NOT_APPLICABLE)


def review(*results: Result) -> Review:
    return Review(
        subject="stack.json",
        checker="imagefleet",
        version="0.1.0",
        rules=(STOPS, WARNS, OFF),
        results=results or (FAILED, DOUBTED, WAIVED, OTHER, WARNED, PASSED),
    )
