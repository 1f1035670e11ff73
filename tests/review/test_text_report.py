"""The report for people: order, width, and no way into their terminal."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain.judgements import Verdict
from imagefleet.review import json_report, text_report
from tests.review.samples import DOUBTED, FAILED, STOPS, WAIVED, WARNED, result, review


def test_mandatory_findings_come_first_then_advisory_undecided_waived_and_sums():
    text = text_report.render(review(WAIVED, DOUBTED, WARNED, FAILED))
    headings = [line.split()[0] for line in text.splitlines() if line[:1].isupper()]
    assert headings == ["FAIL", "WARN", "UNDECIDED", "WAIVED"]
    assert text.endswith(
        "stack.json: 3 resources under 3 rules\n"
        "1 mandatory failure, 1 advisory finding, 1 undecided, 1 waived, 0 passed.\n"
    )


def test_a_finding_gives_rule_requirement_resource_values_and_remedy():
    assert text_report.render(review(FAILED)).startswith(
        "FAIL image-generalized (mandatory, critical) [D37, D38]\n"
        "  An image definition for Batch pools is generalized.\n"
        "  - azure-native:compute:GalleryImage ubuntu\n"
        "      osState is Specialized; needed: Generalized.\n"
        "  Remedy: Make a new definition with osState Generalized.\n"
    )


def test_a_rule_is_said_once_for_all_its_resources():
    text = text_report.render(review(FAILED, result(name="debian")))
    assert text.count(STOPS.remedy) == 1
    assert text.count("  - ") == 2


@given(name=st.text(max_size=120), words=st.text(max_size=120))
def test_whatever_is_in_names_and_values_lines_are_short_and_harmless(name, words):
    text = text_report.render(review(result(name=name, path=words, actual=words)))
    lines = text.split("\n")
    assert all(len(line) <= 80 for line in lines)
    assert all(line.isprintable() for line in lines)


def test_json_is_exactly_the_promised_keys():
    document = json.loads(json_report.render(review(FAILED, result(verdict=Verdict.PASS))))
    assert document == {
        "results": [
            {
                "rule": "image-generalized",
                "resource": FAILED.urn,
                "verdict": "fail",
                "level": "mandatory",
                "path": "osState",
                "actual": "Specialized",
                "needed": "Generalized",
                "remedy": STOPS.remedy,
                "sentences": ["D37", "D38"],
            },
            {
                "rule": "image-generalized",
                "resource": FAILED.urn,
                "verdict": "pass",
                "level": "mandatory",
                "path": None,
                "actual": None,
                "needed": None,
                "remedy": STOPS.remedy,
                "sentences": ["D37", "D38"],
            },
        ]
    }
