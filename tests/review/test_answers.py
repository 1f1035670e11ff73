"""What real runs find, in each form that machines read."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import pytest

from imagefleet.domain.judgements import Review, RunFault, SourcePlace, Verdict
from imagefleet.review import change_json, github_report, junit_report, sarif_report
from imagefleet.review.answers import answers
from imagefleet.review.changes import StackReview
from tests.review.sarif_checks import run_of
from tests.review.situations import SECRETS, SITUATIONS, TODAY, Situation, Stage

BY_NAME = {situation.name: situation for situation in SITUATIONS}
QUIET = ("image-protect", "role-exists-for-pool-identity", "undecided-noted")
SILENT = Situation(name="silent", policy_config=dict.fromkeys(QUIET, "disabled"))


class Nowhere:
    """Places of a project whose files nobody has; a program's own position is kept."""

    def of(self, urn, prop, position):
        return position, ()

    def of_stack(self, stack):
        return SourcePlace(uri=f"Pulumi.{stack}.yaml")

    def of_error(self, stack, text):
        return [(text, None)]


@cache
def reviewed(name: str) -> StackReview:
    """Run a situation once for all tests."""
    situation = SILENT if name == SILENT.name else BY_NAME[name]
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMAGEFLEET_PACK_TODAY", TODAY)
        return Stage(folder=Path(folder)).review(situation)


def found(*reviews: StackReview, noted: bool = False) -> Review:
    return answers(reviews, Nowhere(), version="0.1.0", noted=noted)


def sarif(review: Review) -> dict:
    return run_of(sarif_report.render(review, tool_version="0.1.0", artifact="Pulumi.yaml"))


def junit(review: Review) -> ET.Element:
    return ET.fromstring(junit_report.render(review))  # noqa: S314 our own text


def test_a_mandatory_finding_points_to_the_line_of_the_program() -> None:
    review = found(reviewed("trusted-launch"))
    (failure,) = (each for each in review.results if each.stops)
    program = (Path(__file__).parents[2] / "__main__.py").read_text(encoding="utf-8")
    lines = (program + BY_NAME["trusted-launch"].head_code).splitlines()
    assert failure.rule.id == "image-no-trusted-launch"
    assert failure.place is not None
    assert failure.place.uri == "__main__.py"
    assert lines[failure.place.line - 1] == "compute.GalleryImage("
    (result,) = (each for each in sarif(review)["results"] if each["level"] == "error")
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "__main__.py"},
        "region": {"startLine": failure.place.line},
    }
    place = f"file=__main__.py,line={failure.place.line},title=image-no-trusted-launch"
    assert github_report.render(review).startswith(f"::error {place}::")
    (case,) = (each for each in junit(review).iter("testcase") if each.find("failure") is not None)
    assert (case.get("file"), case.get("line")) == ("__main__.py", str(failure.place.line))


def test_every_rule_that_took_part_is_declared_and_has_a_case() -> None:
    review = found(reviewed("trusted-launch"))
    declared = [rule["id"] for rule in sarif(review)["tool"]["driver"]["rules"]]
    assert "image-generalized" in declared
    assert set(declared) == {suite.get("name") for suite in junit(review)}
    passed = [each for each in review.results if each.verdict is Verdict.PASS]
    assert "image-generalized" in {each.rule.id for each in passed}
    assert {each.resource for each in passed} == {"stack dev"}


def test_what_is_undecided_is_open_and_names_the_rule() -> None:
    review = found(reviewed("undecided"))
    (open_one,) = (each for each in sarif(review)["results"] if each["kind"] == "open")
    assert open_one["level"] == "none"
    assert "needed: an answer for image-generalized" in open_one["message"]["text"]
    warnings = [
        line for line in github_report.render(review).splitlines() if line.startswith("::warning")
    ]
    assert len(warnings) == 1
    assert "osState is not known before deployment" in warnings[0]
    (case,) = (
        case for suite in junit(review) if suite.get("name") == "undecided" for case in suite
    )
    assert case[0].tag == "skipped"


def test_a_waiver_in_force_is_a_suppressed_result_of_its_rule() -> None:
    review = found(reviewed("waiver-expiring"))
    (waived,) = (each for each in sarif(review)["results"] if "suppressions" in each)
    assert waived["ruleId"] == "image-protect"
    (suppression,) = waived["suppressions"]
    assert "ticket OPS-7" in suppression["justification"]
    assert "7 days left" in suppression["justification"]
    assert "waived: about to expire: image-protect on" in waived["message"]["text"]
    assert not review.refused


def test_a_waiver_that_is_of_no_use_is_a_finding() -> None:
    words = reviewed("waiver-expiring").words
    expired = [
        dataclasses.replace(word, waives="", actual="expired since 2026-08-01 (31 days)")
        for word in words
        if word.waives
    ]
    (result,) = (
        each
        for each in found(StackReview(stack="dev", words=tuple(expired))).results
        if each.verdict is not Verdict.PASS
    )
    assert (result.verdict, result.rule.id) == (Verdict.FAIL, "exemptions")


def test_what_only_azure_can_answer_is_told_where_it_is_asked_for() -> None:
    review = reviewed("trusted-launch")
    few, all_of_them = found(review), found(review, noted=True)
    more = [each for each in all_of_them.results if each not in few.results]
    assert {each.cause for each in more if each.verdict is Verdict.UNDECIDED} == {"external"}
    assert more


@pytest.mark.parametrize("name", ["nothing-changed", "silent"])
def test_a_run_that_refuses_nothing(name: str) -> None:
    review = found(reviewed(name))
    run = sarif(review)
    assert run["invocations"] == [{"executionSuccessful": True}]
    assert junit(review).get("failures") == "0"
    assert "::error" not in github_report.render(review)


def test_a_run_without_findings_is_a_whole_report_all_the_same() -> None:
    review = found(reviewed("silent"))
    assert {each.verdict for each in review.results} == {Verdict.PASS}
    assert sarif(review)["results"] == []
    assert github_report.render(review) == ""
    root = junit(review)
    assert int(root.get("tests")) == len(review.rules) > 10
    assert [root.get(key) for key in ("failures", "errors", "skipped")] == ["0", "0", "0"]


def test_a_preview_that_failed_fails_every_form() -> None:
    review = found(reviewed("program-fails"))
    assert review.refused
    run = sarif(review)
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    (told,) = invocation["toolExecutionNotifications"]
    assert "no such | `image`" in told["message"]["text"]
    root = junit(review)
    assert root.get("errors") == "1"
    title = "title=imagefleet review%3A stack dev"
    assert f"::error file=Pulumi.dev.yaml,{title}::" in github_report.render(review)


def test_a_change_that_nobody_judged_fails_every_form() -> None:
    judged = reviewed("silent")
    review = found(dataclasses.replace(judged, judged=False, asked=(), words=()))
    assert review.faults == (
        RunFault(
            subject="stack dev",
            text="no policy pack judged this",
            place=SourcePlace(uri="Pulumi.dev.yaml"),
        ),
    )
    assert junit(review).get("errors") == "1"
    told = found(dataclasses.replace(judged, judged=False, judging_expected=False))
    assert not told.refused


@pytest.mark.parametrize(
    "name", [each.name for each in SITUATIONS if not each.large and each.name != "destroy"]
)
def test_the_run_is_refused_in_all_forms_or_in_none(name: str) -> None:
    stack = reviewed(name)
    review = found(stack)
    root = junit(review)
    red = int(root.get("failures")) + int(root.get("errors")) > 0
    annotated = "::error " in github_report.render(review)
    assert review.refused == stack.refused == red == annotated


def test_no_secret_is_in_any_form() -> None:
    stack = reviewed("secrets-everywhere")
    review = found(stack, noted=True)
    for text in (
        sarif_report.render(review, tool_version="0", artifact="x"),
        junit_report.render(review),
        github_report.render(review),
        change_json.render([stack], review),
    ):
        assert [secret for secret in SECRETS if secret in text] == []


def test_a_secret_in_an_error_is_masked() -> None:
    error = "the download of https://x.blob.core.windows.net/c/f?sv=1&sig=hushhush failed"
    stack = StackReview(stack="dev", errors=(error,), succeeded=False)
    (fault,) = found(stack).faults
    assert "sig=[secret]" in fault.text
    assert "hushhush" not in change_json.render([stack], found(stack))


def test_the_same_run_is_the_same_text_whatever_the_order_of_its_events() -> None:
    stack = reviewed("trusted-launch")
    again = dataclasses.replace(stack, steps=tuple(reversed(stack.steps)))
    for render in (github_report.render, junit_report.render):
        assert render(found(stack)) == render(found(again))


def test_two_stacks_are_told_apart() -> None:
    one = reviewed("trusted-launch")
    words = [
        dataclasses.replace(word, urn=word.urn.replace("urn:pulumi:dev", "urn:pulumi:prod"))
        for word in one.words
    ]
    other = dataclasses.replace(one, stack="prod", words=tuple(words))
    run = sarif(found(one, other))
    assert len(run["results"]) == 2 * len(sarif(found(one))["results"])


def test_json_tells_changes_and_findings() -> None:
    stack = reviewed("scale-out")
    document = json.loads(change_json.render([stack], found(stack), base="main"))
    (told,) = document["stacks"]
    assert (document["base"], document["refused"], told["verdict"]) == ("main", False, "passes")
    (pool,) = told["pools"]
    assert pool["change"] == "in place"
    assert (pool["before"]["dedicated"], pool["after"]["dedicated"]) == (4, 800)
    assert pool["after"]["image"] == {"image": "ubuntu", "version": "1.0.0"}
    (version,) = told["imageVersions"]
    assert set(version["after"]["replicas"]) == {"westeurope"}
    assert all({"rule", "verdict", "places"} <= set(each) for each in document["results"])
