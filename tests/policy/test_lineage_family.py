"""What holds for every rule about images, versions, snapshots and their lineage."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules import (
    image,
    image_terms,
    image_version,
    lineage,
    lineage_security,
    managed_image,
    snapshot,
    tokens,
    version_latest,
    version_source,
)
from rules.verdicts import Edition, Level, Sample
from tests.policy.judging import UNKNOWN, judge, mutations

MODULES = (
    image,
    image_terms,
    image_version,
    version_source,
    version_latest,
    managed_image,
    snapshot,
    lineage,
    lineage_security,
)
RULES = tuple(rule for module in MODULES for rule in module.RULES)
EACH = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
WITH_EXAMPLES = pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.bad], ids=lambda rule: rule.id
)
# Floating is refused in every pool, and nothing else has a use for `latest`.
TOGETHER = {("version-excluded-from-latest", "pool-version-pinned")}


def test_these_are_the_rules():
    assert [rule.id for rule in RULES] == [
        "image-generalized",
        "image-no-trusted-launch",
        "image-trusted-launch-supported",
        "image-security-type-explicit",
        "image-security-type-gen",
        "image-no-purchase-plan",
        "image-purchase-plan-noted",
        "image-not-expired",
        "version-name-semver",
        "version-full-replication",
        "version-no-uefi-keys",
        "version-os-disk-unencrypted",
        "version-os-disk-platform-key",
        "version-host-caching",
        "version-source-allowed",
        "version-source-direct",
        "version-source-vhd",
        "version-excluded-from-latest",
        "managed-image-generalized",
        "managed-image-source-state",
        "image-from-snapshots",
        "snapshot-full",
        "snapshot-from-managed-disk",
        "snapshot-imported",
        "snapshot-no-trusted-launch",
        "image-os-type-matches",
        "image-generation-matches",
        "image-chain-complete",
        "image-security-type-agrees",
    ]


@WITH_EXAMPLES
def test_the_good_example_passes_and_the_bad_one_fails(rule):
    assert judge(rule, *rule.good).verdict == "pass"
    assert judge(rule, *rule.bad).verdict == "fail"


@WITH_EXAMPLES
def test_the_bad_example_breaks_no_other_mandatory_rule(rule):
    for other in RULES:
        if other is not rule and other.level is Level.MANDATORY:
            assert judge(other, *rule.bad).verdict != "fail", other.id


@EACH
def test_a_resource_of_another_type_is_nobodys_business(rule):
    network = Sample(type="azure-native:network:VirtualNetwork", props={"osState": "Specialized"})
    assert judge(rule, network).answers == {}
    assert tokens.BATCH_ACCOUNT not in (rule.types or ())


@EACH
def test_a_rule_without_examples_is_of_the_global_edition(rule):
    if not rule.bad:
        for kind in sorted(rule.types):
            answer = judge(rule, Sample(type=kind, props={}))
            assert answer.verdict == "not-applicable"
            assert "china" in answer.text


@EACH
@pytest.mark.parametrize("edition", list(Edition))
@pytest.mark.parametrize("value", [UNKNOWN, None, 5.0, True, "s3cret", ["s3cret"], {"s3cret": 1}])
def test_no_value_at_any_path_breaks_a_rule_or_is_echoed(rule, edition, value):
    for samples in (rule.good, rule.bad):
        for index, sample in enumerate(samples):
            for props in mutations(dict(sample.props), lambda _: value):
                changed = list(samples)
                changed[index] = replace(sample, props=props)
                text = judge(rule, *changed, edition=edition).text
                assert "rule is broken" not in text
                assert "s3cret" not in text


@WITH_EXAMPLES
def test_an_unknown_never_turns_a_failure_into_a_pass(rule):
    """Dependencies are left out: they may prove what an unknown id is."""
    bare = [replace(sample, depends={}) for sample in rule.bad]
    for index, sample in enumerate(bare):
        for props in mutations(dict(sample.props), lambda _: UNKNOWN):
            changed = list(bare)
            changed[index] = replace(sample, props=props)
            assert judge(rule, *changed).verdict in ("fail", "undecided", "not-applicable")
