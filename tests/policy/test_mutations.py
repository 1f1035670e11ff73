"""A mutation matrix: one change to a compliant stack breaks one rule and no other mandatory one."""

from __future__ import annotations

import pytest

from rules import ALL_RULES
from rules.verdicts import Edition, Level, Verdict
from tests.policy.advisory_rows import ADVISORY_ROWS, GLOBAL_ROWS
from tests.policy.judging import Judged, judge
from tests.policy.mutation_rows import ROWS, STACK, Row

RULES = {rule.id: rule for rule in ALL_RULES}
MANDATORY = {name for name, rule in RULES.items() if rule.level is Level.MANDATORY}
CHINA_ROWS = {**ROWS, **ADVISORY_ROWS}
# Rules about the run and not about a stack: no change of a resource breaks them.
ABOUT_THE_RUN = {
    "exemptions": "about the file of exemptions: test_exemptions.py",
    "rules-sound": "about a rule of the pack that breaks: test_faults.py",
    "undecided": "about what other rules could not decide: test_honesty.py",
    "undecided-noted": "about what other rules could not decide: test_honesty.py",
}
# Changes that cannot but break another mandatory rule: (row of, also breaks).
PAIRS = {
    ("pool-uses-generalized-image", "image-generalized"): "the pool's image fails by itself too",
    ("pool-not-managed-image", "pool-gallery-image-id"): "a managed image is in no gallery",
    ("builder-no-plan", "image-no-purchase-plan"): "the machine is in the image's line",
    ("pool-node-agent-os", "pool-node-agent-sku"): "no agent of Windows fits a base of Linux",
    ("version-excluded-from-latest", "pool-version-pinned"): "only a pool of the latest minds it",
}
# Rules that have nothing to judge in the stack until their row changes it.
UNSEEN = {
    "pool-autoscale-exempt": "the pool has a fixed size",
    "role-not-reader": "the role is a custom one",
}


def judged(name: str, row: Row | None, edition: Edition = Edition.CHINA) -> Judged:
    """A rule on the stack of a row, or on the compliant one."""
    samples = STACK if row is None else row.stack()
    options = dict(row.options) if row is not None and name == "pack-settings" else {}
    return judge(RULES[name], *samples, edition=edition, options=options)


def broken(row: Row | None, edition: Edition = Edition.CHINA) -> dict[str, list[str]]:
    """The findings of mandatory rules on the stack of a row, by rule."""
    found = {name: judged(name, row, edition).findings for name in sorted(MANDATORY)}
    return {name: lines for name, lines in found.items() if lines}


@pytest.mark.parametrize("edition", list(Edition))
def test_the_compliant_stack_breaks_no_mandatory_rule(edition):
    assert broken(None, edition) == {}


def test_the_compliant_stack_breaks_no_rule_at_all():
    findings = {name: judged(name, None).findings for name in RULES}
    assert {name: lines for name, lines in findings.items() if lines} == {}


@pytest.mark.parametrize("name", sorted(set(ROWS) - {"pack-settings"}))
def test_the_compliant_stack_is_judged_by_every_mandatory_rule_that_a_row_breaks(name):
    """A rule that does not see the stack could not say that the change is what broke it."""
    seen = {answer.verdict for answer in judged(name, None).answers.values()}
    assert Verdict.PASS in seen or name in UNSEEN, seen


def test_every_rule_has_its_row():
    assert set(CHINA_ROWS) | set(GLOBAL_ROWS) | set(ABOUT_THE_RUN) == set(RULES)
    assert len(CHINA_ROWS) + len(GLOBAL_ROWS) + len(ABOUT_THE_RUN) == len(RULES)
    assert set(ROWS) == MANDATORY - set(GLOBAL_ROWS)


@pytest.mark.parametrize("name", CHINA_ROWS)
def test_a_change_breaks_its_rule_and_no_other_mandatory_one(name):
    row = CHINA_ROWS[name]
    assert judged(name, row).findings
    others = {other: lines for other, lines in broken(row).items() if other != name}
    assert set(others) == {other for one, other in PAIRS if one == name}, others


@pytest.mark.parametrize("name", GLOBAL_ROWS)
def test_a_change_breaks_its_rule_of_edition_global_and_no_other_mandatory_one(name):
    row = GLOBAL_ROWS[name]
    assert judged(name, row, Edition.GLOBAL).findings
    assert set(broken(row, Edition.GLOBAL)) - {name} == set()


def test_the_pairs_are_about_rows():
    assert {name for pair in PAIRS for name in pair} <= set(CHINA_ROWS)
    assert all(PAIRS.values())


@pytest.mark.parametrize("name", sorted(GLOBAL_ROWS))
def test_a_rule_of_edition_global_judges_nothing_in_this_edition(name):
    for row in ROWS.values():
        verdicts = {answer.verdict for answer in judged(name, row).answers.values()}
        assert verdicts <= {Verdict.NOT_APPLICABLE}
