"""SARIF: valid by the official schema, and saying what code scanning services look for."""

from __future__ import annotations

import dataclasses
import json

import jsonschema
import pytest

from imagefleet.domain.judgements import Review
from imagefleet.review import sarif_report
from tests.review import sarif_checks
from tests.review.samples import (
    DOUBTED,
    FAILED,
    OTHER,
    PASSED,
    STOPS,
    WAIVED,
    WARNED,
    result,
    review,
)


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft4Validator:
    return sarif_checks.validator()


def log(subject: Review) -> dict:
    return json.loads(sarif_report.render(subject, tool_version="0.1.0", artifact="stack.json"))


@pytest.mark.parametrize(
    "subject",
    [
        review(),
        dataclasses.replace(review(), results=()),
        dataclasses.replace(review(), results=(), rules=()),
        review(dataclasses.replace(FAILED, urn="", resource="main.py:3", place=None)),
        review(result(path=None, actual=None, needed=None)),
        review(dataclasses.replace(WAIVED, cause=None)),
    ],
)
def test_every_log_is_valid_by_the_official_schema(validator, subject):
    assert [error.message for error in validator.iter_errors(log(subject))] == []


def test_the_schema_is_one_that_a_wrong_log_fails(validator):
    document = log(review())
    document["runs"][0]["results"][0]["kind"] = "wrong"
    assert list(validator.iter_errors(document))


def test_every_rule_is_declared_with_level_and_severity():
    rules = log(review())["runs"][0]["tool"]["driver"]["rules"]
    assert [
        (
            rule["id"],
            rule["defaultConfiguration"]["level"],
            rule["defaultConfiguration"]["enabled"],
            rule["properties"]["security-severity"],
        )
        for rule in rules
    ] == [
        ("image-generalized", "error", True, "9.5"),
        ("image-protect", "warning", True, "2.0"),
        ("image-off", "none", False, "5.5"),
    ]
    assert rules[0]["properties"]["tags"] == ["policy", "D37", "D38"]


def test_findings_doubts_and_waivers_are_results_and_passes_are_not():
    run = log(review(FAILED, DOUBTED, WAIVED, OTHER, WARNED, PASSED))["runs"][0]
    assert [
        (each["kind"], each["level"], each["properties"]["verdict"], "suppressions" in each)
        for each in run["results"]
    ] == [
        ("fail", "error", "fail", False),
        ("open", "none", "undecided", False),
        ("fail", "error", "waived", True),
        ("fail", "warning", "fail", False),
    ]
    for each in run["results"]:
        assert run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] == each["ruleId"]
    assert run["results"][2]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "replaced soon (ticket OPS-1)",
        }
    ]


def test_a_result_names_its_urn_and_its_place():
    first, second = log(review(FAILED, WARNED))["runs"][0]["results"]
    assert first["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == FAILED.urn
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "__main__.py"},
        "region": {"startLine": 12, "startColumn": 3},
    }
    assert second["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "stack.json"}}


def test_a_fingerprint_hangs_on_rule_resource_and_path_alone():
    same = dataclasses.replace(
        FAILED,
        actual="absent",
        place=None,
        rule=dataclasses.replace(STOPS, summary="Other words."),
    )
    others = [
        dataclasses.replace(FAILED, path="osType"),
        dataclasses.replace(FAILED, urn=FAILED.urn + "2"),
        WARNED,
    ]
    prints = [sarif_report.fingerprint(each) for each in (FAILED, same, *others)]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 4
