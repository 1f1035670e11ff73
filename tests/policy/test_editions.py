"""What the page says of the two editions, against what the rules answer in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from imagefleet.domain.security import DISK_SECURITY_TYPES, SECURITY_TYPES
from rules import ALL_RULES, Rule, StackRule, examples, tokens
from rules.lineage_samples import DISK, SNAPSHOT
from rules.verdicts import Edition, Sample
from tests.policy.judging import judge
from tests.policy.verdict_cases import CASES

PAGE = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")
_PLAN = {"name": "pro", "publisher": "contoso", "product": "linux"}
_ENCRYPTION = {
    "osDiskImage": {
        "securityProfile": {"confidentialVMEncryptionType": "EncryptedVMGuestStateOnlyWithPmk"}
    }
}
_TYPED: tuple[Mapping[str, Any], ...] = (
    *(
        {"securityProfile": {"securityType": word}}
        for word in (*SECURITY_TYPES, *DISK_SECURITY_TYPES)
    ),
    *({"features": [{"name": "SecurityType", "value": word}]} for word in SECURITY_TYPES),
    {"plan": _PLAN},
    {"publishingProfile": {"targetRegions": [{"name": "westeurope", "encryption": _ENCRYPTION}]}},
)
# A builder whose disk becomes an image version with no managed image on the way.
_OWN_DISK = replace(DISK, name="disk")
_BUILDER = replace(
    examples.machine({"storageProfile.osDisk.managedDisk": {"id": "an id"}}),
    depends={"storageProfile": ("disk",)},
)
_TAKEN = replace(SNAPSHOT, depends={"creationData": ("disk",)})
_LINE = (_OWN_DISK, _BUILDER, _TAKEN)


def stacks() -> Iterator[tuple[Rule | StackRule, tuple[Sample, ...]]]:
    """Every case of the rules and a builder's line, alone and with a security type or a plan."""
    judged = [case for case in CASES if case.verdict in ("pass", "fail")]
    asked = [*((case.rule, case.stack) for case in judged), *((rule, _LINE) for rule in ALL_RULES)]
    for rule, stack in asked:
        yield rule, stack
        for index, sample in enumerate(stack):
            for typed in _TYPED:
                changed = replace(sample, props={**sample.props, **typed})
                yield rule, (*stack[:index], changed, *stack[index + 1 :])


def section() -> str:
    return PAGE.split("which differ in this:")[1].split("\n## ")[0]


def test_the_page_names_the_rules_that_differ_between_the_editions_and_no_others():
    differing = {
        rule.id
        for rule, stack in stacks()
        if _verdicts(rule, stack, Edition.CHINA) != _verdicts(rule, stack, Edition.GLOBAL)
    }
    assert set(re.findall(r"\(#([a-z-]+)\)", section())) == differing


def _verdicts(
    rule: Rule | StackRule, stack: tuple[Sample, ...], edition: Edition
) -> dict[str, str]:
    answers = judge(rule, *stack, edition=edition).answers
    return {name: answer.verdict.value for name, answer in answers.items()}


@pytest.mark.parametrize("word", DISK_SECURITY_TYPES)
def test_edition_global_allows_a_disk_of_a_builder_trusted_launch_and_nothing_confidential(word):
    (rule,) = (one for one in ALL_RULES if one.id == "builder-no-confidential-disk")
    disk = replace(_OWN_DISK, props={**DISK.props, "securityProfile": {"securityType": word}})
    stack = (disk, _BUILDER, _TAKEN)
    assert disk.type == tokens.DISK
    assert judge(rule, *stack).answers["disk"].verdict.value == "fail"
    allowed = word == "TrustedLaunch"
    in_global = judge(rule, *stack, edition=Edition.GLOBAL).answers["disk"].verdict.value
    assert in_global == ("pass" if allowed else "fail")
