"""A mutation matrix: one change to a compliant stack breaks one mandatory rule and no other."""

from __future__ import annotations

import pytest

from rules import ALL_RULES
from rules.verdicts import Level, Sample, Verdict
from tests.policy.mutation_rows import ROWS, STACK
from tests.policy.neighbours import answers

MANDATORY = {rule.id: rule for rule in ALL_RULES if rule.level is Level.MANDATORY}
# Mandatory rules that judge nothing in the document's own edition.
NOT_IN_CHINA = {"image-security-type-agrees": "edition china allows the standard type only"}
# Changes that cannot but break another mandatory rule: (row of, also breaks).
PAIRS = {
    ("pool-uses-generalized-image", "image-generalized"): "the pool's image fails by itself too",
    ("pool-not-managed-image", "pool-gallery-image-id"): "a managed image is in no gallery",
    ("builder-no-plan", "image-no-purchase-plan"): "the machine is in the image's line",
    ("pool-node-agent-os", "pool-node-agent-sku"): "no agent of Windows fits a base of Linux",
}
# Rules that have nothing to judge in the stack until their row changes it.
UNSEEN = {
    "pool-autoscale-exempt": "the pool has a fixed size",
    "role-not-reader": "the role is a custom one",
}


def broken(samples: tuple[Sample, ...], **options: object) -> dict[str, list[str]]:
    """The findings on a stack by mandatory rule; `options` are settings of pack-settings."""
    found = {}
    for name, rule in MANDATORY.items():
        settings = options if name == "pack-settings" else {}
        lines = [
            f"{place}: {finding}"
            for place, answer in answers(rule, *samples, **settings).items()
            for finding in answer.findings
        ]
        if lines:
            found[name] = lines
    return found


def test_the_compliant_stack_breaks_no_mandatory_rule():
    assert broken(STACK) == {}


@pytest.mark.parametrize("name", sorted(set(MANDATORY) - set(NOT_IN_CHINA) - {"pack-settings"}))
def test_the_compliant_stack_is_judged_by_every_mandatory_rule_that_a_row_breaks(name):
    """A rule that does not see the stack could not say that the change is what broke it."""
    seen = {answer.verdict for answer in answers(MANDATORY[name], *STACK).values()}
    assert Verdict.PASS in seen or name in UNSEEN, seen


def test_every_mandatory_rule_of_the_edition_has_its_row():
    assert set(ROWS) | set(NOT_IN_CHINA) == set(MANDATORY)
    assert not set(ROWS) & set(NOT_IN_CHINA)


@pytest.mark.parametrize("name", ROWS)
def test_a_change_breaks_its_rule_and_no_other(name):
    row = ROWS[name]
    found = broken(row.stack(), **row.options)
    assert name in found
    others = {other: lines for other, lines in found.items() if other != name}
    assert set(others) == {other for one, other in PAIRS if one == name}, others


def test_the_pairs_are_about_rows():
    assert {name for pair in PAIRS for name in pair} <= set(ROWS)
    assert all(PAIRS.values())


@pytest.mark.parametrize("name", sorted(NOT_IN_CHINA))
def test_a_rule_without_a_row_judges_nothing_in_this_edition(name):
    for row in ROWS.values():
        found = answers(MANDATORY[name], *row.stack()).values()
        assert {answer.verdict for answer in found} == {Verdict.NOT_APPLICABLE}
