"""The pack as a whole: which rules there are, and what each says about itself."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from rules import ALL_RULES, StackRule, tokens
from rules.catalogue import render
from rules.verdicts import Level, Sample
from tests.policy.token_forms import forms

ROOT = Path(__file__).parents[2]
RULES = pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
# Their examples take open questions of other rules; test_honesty.py asks them.
WITH_EXAMPLES = pytest.mark.parametrize(
    "rule", [rule for rule in ALL_RULES if rule.good], ids=lambda rule: rule.id
)


# Mandatory though no sentence of the document asks for it.
OURS = {
    "pack-settings": "settings that cannot be used would judge the run by other rules",
    "template-resources-checked": "what a template hides would pass in silence",
    "image-generation-matches": "a machine of one generation does not start from the other",
    "pool-no-linux-disk-encryption": "Batch refuses it for Linux pools on gallery images",
}
# Bad examples that cannot but break another mandatory rule: (example of, also breaks).
PAIRS = {
    ("version-excluded-from-latest", "pool-version-pinned"): "only a floating pool uses latest",
    ("pool-not-managed-image", "pool-gallery-image-id"): "a managed image is in no gallery",
    ("pool-uses-generalized-image", "image-generalized"): "the image that the pool uses fails too",
    ("replica-count-for-nodes", "pool-resize-timeout"): "so many nodes take a longer timeout",
    ("version-own-region", "version-source-allowed"): "the example shows regions alone",
}


def test_the_pack_holds_exactly_these_rules_in_this_order():
    listed = (Path(__file__).parent / "rule_ids.txt").read_text(encoding="utf-8").split()
    assert [rule.id for rule in ALL_RULES] == listed
    assert len(set(listed)) == len(listed)


def test_the_mandatory_rules_are_those_of_the_document_and_ours():
    mandatory = [rule for rule in ALL_RULES if rule.level is Level.MANDATORY]
    assert {rule.id for rule in mandatory if not rule.sentences} == set(OURS)


def test_the_rules_about_other_rules_come_last():
    assert [rule.id for rule in ALL_RULES][-4:] == [
        "exemptions",
        "undecided",
        "undecided-noted",
        "rules-sound",
    ]


def test_the_rule_for_every_type_is_asked_first():
    assert ALL_RULES[0].types is None


@RULES
def test_a_rule_describes_itself_in_sentences(rule):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
    for text in (rule.summary, rule.why, rule.remedy):
        assert text[0].isupper(), text
        assert text.rstrip(")").endswith("."), text
    assert all(re.fullmatch(r"D[1-9]\d?", sentence) for sentence in rule.sentences)


@RULES
def test_a_rule_judges_types_that_the_pack_says_it_covers(rule):
    assert rule.types is None or rule.types <= tokens.COVERED | tokens.TEMPLATES


@RULES
def test_every_rule_has_its_section(rule):
    assert f"\n## {rule.id}\n" in (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")


def test_the_page_is_the_one_that_the_rules_write():
    page = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    assert page == render(ALL_RULES), "run `python -m rules.catalogue` in policy/"


@WITH_EXAMPLES
def test_the_good_example_passes(rule, ask):
    assert ask(rule, *rule.good).verdict == "pass"


@WITH_EXAMPLES
def test_the_bad_example_fails_with_remedy_source_and_page(rule, ask):
    answer = ask(rule, *rule.bad)
    assert answer.verdict == "fail"
    (text, _), *_ = answer.reports
    assert rule.remedy in text
    assert ", ".join((*rule.sentences, f"docs/policies.md#{rule.id})")) in text
    assert rule.summary not in text  # the SDK puts it before every report


@WITH_EXAMPLES
def test_the_bad_example_breaks_no_other_mandatory_rule(rule, ask):
    others = [other for other in ALL_RULES if other is not rule and other.level is Level.MANDATORY]
    for other in others:
        answers = (
            [ask(other, *rule.bad)]
            if isinstance(other, StackRule)
            else [ask(other, sample) for sample in rule.bad]
        )
        # a minimal example may lack what another rule asks for, but must not be wrong in it
        found = [line for answer in answers for line in answer.findings if "absent" not in line]
        assert found == [] or (rule.id, other.id) in PAIRS, other.id


@RULES
def test_a_rule_does_not_apply_to_other_types(rule, ask):
    network = Sample(type="azure-native:network:VirtualNetwork", props={"osState": "Specialized"})
    expected = "not-applicable" if rule.types is not None or rule.id == "not-covered" else "pass"
    assert ask(rule, network).verdict == expected


@pytest.mark.parametrize(
    "rule", [rule for rule in ALL_RULES if rule.types], ids=lambda rule: rule.id
)
def test_every_form_of_a_token_gives_the_same_verdict(rule, ask):
    for samples in filter(None, (rule.good, rule.bad)):
        expected = ask(rule, *samples).findings
        written = zip(*(forms(sample.type) for sample in samples), strict=True)
        for tokens_of_form in written:
            renamed = [
                replace(sample, type=token)
                for sample, token in zip(samples, tokens_of_form, strict=True)
            ]
            assert ask(rule, *renamed).findings == expected, tokens_of_form
