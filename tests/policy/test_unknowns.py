"""What is not known yet decides nothing: tried at every place that a rule looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from rules import ALL_RULES, Rule, StackRule, examples, tokens
from rules.clouds import CLOUD_CONSISTENT
from rules.lineage_security import IMAGE_SECURITY_TYPE_AGREES
from rules.pool_image import POOL_GALLERY_IMAGE_ID
from rules.verdicts import Edition, Sample
from tests.policy.judging import UNKNOWN, judge
from tests.policy.places import Place, places, put
from tests.policy.verdict_cases import CASES, Case

DECIDED = [case for case in CASES if case.verdict in ("pass", "fail")]


class _Seen(dict[Any, Any]):
    """An object of properties that notes which of its places are asked for, and those below."""

    def __init__(self, value: Mapping[Any, Any], at: Place, asked: set[Place]) -> None:
        super().__init__({key: seen(item, (*at, key), asked) for key, item in value.items()})
        self.at, self.asked = at, asked

    def get(self, key: Any, default: Any = None) -> Any:
        self.asked.add((*self.at, key))
        return super().get(key, default)


def seen(value: Any, at: Place, asked: set[Place]) -> Any:
    if isinstance(value, Mapping):
        return _Seen(value, at, asked)
    if isinstance(value, list | tuple):
        return [seen(item, (*at, index), asked) for index, item in enumerate(value)]
    return value


def asked_for(case: Case) -> Mapping[str, set[Place]]:
    """The places that a rule looks at in each sample of a case, there or not."""
    asked: dict[str, set[Place]] = {sample.name: set() for sample in case.stack}
    watched = [replace(one, props=seen(one.props, (), asked[one.name])) for one in case.stack]
    judge(case.rule, *watched, edition=case.edition)
    return asked


def with_one_unknown(case: Case) -> Iterator[tuple[str, tuple[Sample, ...]]]:
    """The stack of a case, once for each place that is there or is looked at, unknown there."""
    asked = asked_for(case)
    for index, sample in enumerate(case.stack):
        there = {path for path, _ in places(sample.props)}
        for path in sorted(there | asked[sample.name], key=str):
            changed = replace(sample, props=put(sample.props, path, UNKNOWN))
            stack = (*case.stack[:index], changed, *case.stack[index + 1 :])
            yield f"{sample.name}: {path}", stack


def verdicts(case: Case) -> dict[str, str]:
    return {
        place: judge(case.rule, *stack, edition=case.edition).verdict
        for place, stack in with_one_unknown(case)
    }


@pytest.mark.parametrize("case", [one for one in DECIDED if one.verdict == "fail"], ids=str)
def test_what_fails_passes_with_no_unknown_anywhere(case: Case):
    found = verdicts(case)
    assert len(found) > 0
    allowed = {"fail", "undecided"}
    assert {place: verdict for place, verdict in found.items() if verdict not in allowed} == {}


@pytest.mark.parametrize("case", [one for one in DECIDED if one.verdict == "pass"], ids=str)
def test_what_passes_fails_with_no_unknown_anywhere(case: Case):
    assert [place for place, verdict in verdicts(case).items() if verdict == "fail"] == []


def test_every_rule_with_examples_is_tried():
    """The others are about other rules' answers and the pack's settings, and read no property."""
    tried = {case.rule.id for case in DECIDED}
    assert {rule.id for rule in ALL_RULES} - tried == {
        "pack-settings",
        "exemptions",
        "undecided",
        "undecided-noted",
        "rules-sound",
    }


@pytest.mark.parametrize("key", ["publisher", "offer", "sku", "version"])
def test_an_unknown_part_of_a_marketplace_reference_beside_an_id_is_an_open_question(key):
    path = f"deploymentConfiguration.virtualMachineConfiguration.imageReference.{key}"
    pools = examples.lone_pool({f"imageReference.{key}": UNKNOWN})
    answer = judge(POOL_GALLERY_IMAGE_ID, *pools)
    assert answer.verdict == "undecided"
    assert answer.doubts == [f"undecided, unknown: {path} is not known before deployment."]


@pytest.mark.parametrize("key", ["sharedGalleryImageId", "communityGalleryImageId"])
def test_a_pool_of_anothers_gallery_is_open_as_long_as_the_id_is(key):
    pools = examples.lone_pool({"imageReference": {key: UNKNOWN}})
    (doubt,) = judge(POOL_GALLERY_IMAGE_ID, *pools).doubts
    assert f".imageReference.{key} is not known" in doubt


def provider(**settings: str) -> Sample:
    return Sample(type=tokens.PROVIDER, name="azure", props=settings)


def group(location: str, name: str = "group") -> Sample:
    props = {"resourceGroupName": name, "location": location}
    return Sample(type=tokens.RESOURCE_GROUP, name=name, props=props, provider="azure")


@pytest.mark.parametrize(
    ("regions", "verdict"),
    [
        ((UNKNOWN,), "undecided"),
        ((UNKNOWN, UNKNOWN), "undecided"),
        ((UNKNOWN, "chinanorth3"), "fail"),
        (("westeurope", UNKNOWN), "pass"),
        ((), "pass"),
    ],
)
def test_a_provider_is_not_compared_with_regions_that_are_not_known(regions, verdict):
    groups = [group(region, f"group{number}") for number, region in enumerate(regions)]
    assert judge(CLOUD_CONSISTENT, provider(environment="public"), *groups).verdict == verdict


def test_a_configured_cloud_needs_no_region():
    stack = (provider(environment="public"), group(UNKNOWN))
    for cloud, verdict in {"china": "fail", "public": "pass"}.items():
        assert judge(CLOUD_CONSISTENT, *stack, options={"cloud": cloud}).verdict == verdict


def unstated(rule: Rule | StackRule, props: Mapping[str, Any]) -> tuple[Sample, ...]:
    (first, *others) = rule.good
    return (replace(first, props={**first.props, **props}), *others)


@pytest.mark.parametrize(
    ("rule_id", "props", "verdict"),
    [
        ("image-no-trusted-launch", {"features": None, "hyperVGeneration": "V2"}, "undecided"),
        ("image-no-trusted-launch", {"features": None, "hyperVGeneration": None}, "undecided"),
        ("image-no-trusted-launch", {"features": None, "hyperVGeneration": "V1"}, "pass"),
        ("image-no-trusted-launch", {}, "pass"),
        ("builder-security-type-explicit", {"securityProfile": None}, "undecided"),
        ("builder-security-type-explicit", {}, "pass"),
        ("builder-security-type-stated", {"securityProfile": None}, "undecided"),
        ("local-package-version", {}, "undecided"),
    ],
)
def test_an_unknown_api_version_is_not_taken_for_an_old_one(rule_id, props, verdict):
    (rule,) = (one for one in ALL_RULES if one.id == rule_id)
    answer = judge(rule, *unstated(rule, {**props, "azureApiVersion": UNKNOWN}))
    assert answer.verdict == verdict
    for doubt in answer.doubts:
        assert " azureApiVersion is not known" in doubt


@pytest.mark.parametrize(
    ("props", "verdict"),
    [
        ({"features": None, "hyperVGeneration": "V2"}, "undecided"),
        ({"features": None, "hyperVGeneration": "V1"}, "pass"),
        ({}, "pass"),
    ],
)
def test_a_definition_of_an_unknown_api_version_is_of_no_known_type_along_the_line(props, verdict):
    """In edition global a pool is compared with what its definition says, or leaves to Azure."""
    definition = replace(
        examples.definition(),
        props={**examples.DEFINITION, **props, "azureApiVersion": UNKNOWN},
    )
    stack = examples.together(examples.pool(), definition, examples.version())
    answer = judge(IMAGE_SECURITY_TYPE_AGREES, *stack, edition=Edition.GLOBAL)
    assert answer.answers["pool"].verdict.value == verdict
    if verdict == "undecided":
        assert "azureApiVersion is not known" in "".join(answer.doubts)
