"""JUnit: one case for each rule and resource it is about, red only where the check refuses."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from imagefleet.review import junit_report
from tests.review.samples import DOUBTED, FAILED, OTHER, PASSED, WAIVED, WARNED, result, review


def document(*results) -> ET.Element:
    return ET.fromstring(junit_report.render(review(*results)))  # noqa: S314 our own text


def test_one_case_for_each_rule_and_resource_that_it_is_about():
    root = document(FAILED, result(path="osType"), DOUBTED, WAIVED, OTHER, WARNED, PASSED)
    cases = [(suite.get("name"), len(suite)) for suite in root]
    assert cases == [("image-generalized", 3), ("image-protect", 2)]
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "1",
        "errors": "0",
        "skipped": "3",
    }


@pytest.mark.parametrize(
    ("outcome", "tag", "start"),
    [
        (FAILED, "failure", "osState is Specialized; needed: Generalized."),
        (WARNED, "skipped", "advisory: osState is Specialized"),
        (DOUBTED, "skipped", "undecided: osState is not known before deployment (unknown)."),
        (WAIVED, "skipped", "waived: osState is Specialized"),
        (PASSED, None, ""),
    ],
)
def test_how_each_verdict_is_written(outcome, tag, start):
    (case,) = document(outcome).iter("testcase")
    assert case.get("name") == outcome.resource
    assert [child.tag for child in case] == ([tag] if tag else [])
    if tag:
        assert case[0].get("message").startswith(start)


def test_names_that_no_xml_can_hold_are_made_harmless():
    (case,) = document(result(resource="a\x00b\x1b[31m<&>\ud800", urn="")).iter("testcase")
    assert case.get("name") == "a�b�[31m<&>�"


def test_nothing_to_judge_is_a_document_without_cases():
    assert document(OTHER).get("tests") == "0"
