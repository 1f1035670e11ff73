"""What holds for every rule about replicas, regions, subscriptions and roles."""

from __future__ import annotations

import pytest

from imagefleet.domain.findings import find_doubt, find_finding
from rules import (
    access,
    account,
    clouds,
    pool_access,
    regions,
    replication,
    role_scope,
    subscriptions,
    tokens,
)
from rules.verdicts import Level, Sample
from tests.policy.judging import judge
from tests.policy.neighbours import answers, verdict, with_odd_values, with_unknowns

MODULES = (
    regions,
    replication,
    subscriptions,
    clouds,
    account,
    access,
    role_scope,
    pool_access,
)
RULES = tuple(rule for module in MODULES for rule in module.RULES)
EACH = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def test_these_are_the_rules():
    assert [(rule.id, rule.level.value) for rule in RULES] == [
        ("replica-in-account-region", "mandatory"),
        ("version-own-region", "advisory"),
        ("replica-count-for-nodes", "mandatory"),
        ("replica-count-for-all-pools", "advisory"),
        ("replica-headroom", "advisory"),
        ("cross-subscription-registered", "advisory"),
        ("same-tenant", "mandatory"),
        ("same-tenant-auxiliary", "advisory"),
        ("cloud-consistent", "advisory"),
        ("account-entra-only", "mandatory"),
        ("account-user-subscription-keyvault", "advisory"),
        ("account-autostorage-identity", "advisory"),
        ("role-not-reader", "mandatory"),
        ("role-grants-begin-get-access", "mandatory"),
        ("role-scope-covers-image", "mandatory"),
        ("role-scope-not-too-wide", "advisory"),
        ("role-principal-type", "advisory"),
        ("role-exists-for-pool-identity", "advisory"),
    ]


@EACH
def test_the_examples_pass_and_fail_as_they_say(rule, ask):
    assert ask(rule, *rule.good).verdict == "pass"
    answer = ask(rule, *rule.bad)
    assert answer.verdict == "fail"
    assert rule.remedy in answer.reports[0][0]


@EACH
def test_a_bad_example_breaks_no_other_mandatory_rule(rule):
    others = [other for other in RULES if other is not rule and other.level is Level.MANDATORY]
    found = [
        other.id
        for other in others
        if any(
            "absent" not in finding.actual
            for answer in answers(other, *rule.bad).values()
            for finding in answer.findings
        )
    ]
    assert found == []


@EACH
def test_other_types_are_not_applicable(rule, ask):
    network = Sample(type="azure-native:network:VirtualNetwork", props={"location": "westeurope"})
    assert ask(rule, network).verdict == "not-applicable"


@EACH
def test_an_unknown_anywhere_turns_no_good_stack_into_a_failing_one(rule):
    seen = {verdict(rule, *changed) for changed in with_unknowns(rule.good)}
    assert seen <= {"pass", "undecided", "not-applicable"}
    # what each rule reads has a place in its example, where an unknown leaves it open
    if rule.id != "same-tenant-auxiliary":  # which passes by what is not there
        assert "undecided" in seen


@EACH
@pytest.mark.parametrize("odd", [None, 3.5, -1, "", "x", [], {}, [None], {"a": 1}, True])
def test_odd_values_break_no_rule(rule, odd):
    for samples in (rule.good, rule.bad):
        for changed in with_odd_values(samples, odd):
            assert judge(rule, *changed).faults == []


@EACH
def test_no_finding_shows_a_text_that_may_be_a_secret(rule):
    private = "hunter2Xq"
    for samples in (rule.good, rule.bad):
        for changed in with_odd_values(samples, private):
            for answer in answers(rule, *changed).values():
                said = [*map(str, answer.findings), *map(str, answer.doubts)]
                assert private not in "".join(said)


def test_tokens_of_these_rules_are_covered():
    assert {kind for rule in RULES for kind in rule.types or ()} <= tokens.COVERED


@EACH
def test_every_doubt_reads_as_a_sentence_about_its_path(rule):
    for changed in with_unknowns(rule.good):
        for answer in answers(rule, *changed).values():
            for doubt in answer.doubts:
                assert doubt.detail.startswith("is "), str(doubt)
                assert find_doubt(str(doubt)) == doubt
            for finding in answer.findings:
                assert find_finding(str(finding)) == finding
