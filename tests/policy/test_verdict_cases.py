"""Every rule has a case of each verdict, in every form of its tokens and in both editions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest

from imagefleet.domain.findings import find_doubt, find_finding
from rules import ALL_RULES
from rules.verdicts import Edition
from tests.policy.judging import UNKNOWN, judge
from tests.policy.places import places, put
from tests.policy.token_forms import NEWEST, forms
from tests.policy.verdict_cases import CASES, NEWER_API, OTHERWISE, VERDICTS, WITHOUT, Case

EACH = pytest.mark.parametrize("case", CASES, ids=str)
RULES = {rule.id: rule for rule in ALL_RULES}


def held() -> dict[str, set[str]]:
    """The verdicts that each rule has a case of."""
    found: dict[str, set[str]] = defaultdict(set)
    for case in CASES:
        found[case.rule.id].add(case.verdict)
    return found


def test_every_rule_has_a_case_of_every_verdict():
    """What is missing is listed by rule; an excuse says where it is tested instead."""
    cases = held()
    missing = {
        name: lacking
        for name in RULES
        if (
            lacking := [
                verdict
                for verdict in VERDICTS
                if verdict not in cases[name] and (name, verdict) not in WITHOUT
            ]
        )
    }
    assert missing == {}


def test_no_excuse_stands_beside_the_case_that_it_excuses():
    assert [pair for pair in WITHOUT if pair[1] in held()[pair[0]]] == []
    assert {name for name, _ in (*WITHOUT, *OTHERWISE, *NEWER_API)} <= set(RULES)


@EACH
def test_a_case_is_answered_as_it_says(case: Case):
    answer = judge(case.rule, *case.stack, edition=case.edition)
    assert answer.verdict == case.verdict, answer.text


@pytest.mark.parametrize("case", [one for one in CASES if one.path], ids=str)
def test_a_doubt_names_the_place_that_it_hangs_on(case: Case):
    """At the resource's own property, or with the neighbour's property in its words."""
    doubts = judge(case.rule, *case.stack, edition=case.edition).doubts
    outer = case.path.partition("[")[0]
    assert any(case.path in doubt or outer in doubt for doubt in doubts), doubts


@EACH
def test_every_form_of_a_token_gives_the_same_verdict(case: Case):
    written = zip(*(forms(sample.type) for sample in case.stack), strict=True)
    for tokens_of_form in written:
        renamed = [
            replace(sample, type=token)
            for sample, token in zip(case.stack, tokens_of_form, strict=True)
        ]
        answer = judge(case.rule, *renamed, edition=case.edition)
        assert answer.verdict == case.verdict, (tokens_of_form, answer.text)


@EACH
def test_the_newest_api_version_gives_the_same_verdict_or_the_listed_one(case: Case):
    renamed = [replace(one, type=forms(one.type, NEWEST)[0]) for one in case.stack]
    expected = NEWER_API.get((case.rule.id, case.verdict), case.verdict)
    answer = judge(case.rule, *renamed, edition=case.edition)
    assert answer.verdict == expected, answer.text


@pytest.mark.parametrize("case", [one for one in CASES if one.edition is Edition.CHINA], ids=str)
def test_edition_global_gives_the_same_verdict_or_the_listed_one(case: Case):
    expected = OTHERWISE.get((case.rule.id, case.verdict), case.verdict)
    answer = judge(case.rule, *case.stack, edition=Edition.GLOBAL)
    assert answer.verdict == expected, answer.text


@pytest.mark.parametrize("case", [one for one in CASES if one.edition is Edition.GLOBAL], ids=str)
def test_a_rule_of_edition_global_judges_nothing_in_edition_china(case: Case):
    assert judge(case.rule, *case.stack).verdict == "not-applicable"


@EACH
def test_an_unknown_anywhere_leads_to_sentences_that_can_be_read_back(case: Case):
    """A doubt goes on `<property> is ...`; what the verdict may become is in test_unknowns.py."""
    for index, sample in enumerate(case.stack):
        for path, _ in places(sample.props):
            changed = replace(sample, props=put(sample.props, path, UNKNOWN))
            stack = (*case.stack[:index], changed, *case.stack[index + 1 :])
            for answer in judge(case.rule, *stack, edition=case.edition).answers.values():
                for doubt in answer.doubts:
                    assert doubt.detail.startswith("is "), str(doubt)
                    assert find_doubt(str(doubt)) == doubt
                for finding in answer.findings:
                    assert find_finding(str(finding)) == finding
