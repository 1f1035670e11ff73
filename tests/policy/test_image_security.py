"""Security types of definitions: stated, by generation, and in edition global."""

from __future__ import annotations

import pytest

from rules import tokens
from rules.image import (
    IMAGE_NO_TRUSTED_LAUNCH,
    IMAGE_SECURITY_TYPE_EXPLICIT,
    IMAGE_SECURITY_TYPE_GEN,
    IMAGE_TRUSTED_LAUNCH_SUPPORTED,
)
from rules.verdicts import Edition, Sample
from tests.policy.judging import UNKNOWN, judge

CHINA, GLOBAL = Edition.CHINA, Edition.GLOBAL


def definition(value: object = "Standard", **changed: object) -> Sample:
    features = [] if value is None else [{"name": "SecurityType", "value": value}]
    props = {"osType": "Linux", "hyperVGeneration": "V2", "features": features}
    return Sample(type=tokens.GALLERY_IMAGE, props={**props, **changed})


@pytest.mark.parametrize(
    ("sample", "verdict"),
    [
        (definition(), "pass"),
        (definition(" standard "), "pass"),
        (definition(None), "fail"),
        (definition("TrustedLaunch"), "fail"),
        (definition(None, hyperVGeneration="V1"), "not-applicable"),
        (definition(None, hyperVGeneration="v1"), "not-applicable"),
        (definition(None, hyperVGeneration=None), "not-applicable"),
        (definition(None, hyperVGeneration=None, azureApiVersion="2025-03-03"), "fail"),
        (definition(None, hyperVGeneration=UNKNOWN), "undecided"),
        (definition(hyperVGeneration=UNKNOWN), "pass"),
        (definition(UNKNOWN), "undecided"),
        (definition(features=UNKNOWN), "undecided"),
        (definition(features=[{"name": UNKNOWN, "value": "Standard"}]), "undecided"),
        (definition(features=[{"name": "SecurityType"}]), "fail"),
    ],
)
def test_generation_2_has_to_state_the_standard_type(sample, verdict):
    assert judge(IMAGE_SECURITY_TYPE_EXPLICIT, sample).verdict == verdict


def test_the_wrong_type_is_named_where_it_stands():
    assert judge(IMAGE_SECURITY_TYPE_EXPLICIT, definition("ConfidentialVM")).findings == [
        "features[0].value is ConfidentialVM; needed: SecurityType Standard."
    ]


@pytest.mark.parametrize(
    ("value", "verdict"),
    [("TrustedLaunch", "pass"), ("ConfidentialVMSupported", "pass"), ("Sealed", "fail")],
)
def test_edition_global_takes_any_stated_type_that_azure_has(value, verdict):
    answer = judge(IMAGE_SECURITY_TYPE_EXPLICIT, definition(value), edition=GLOBAL)
    assert answer.verdict == verdict


@pytest.mark.parametrize(
    ("sample", "verdict"),
    [
        (definition(), "pass"),
        (definition(None), "fail"),
        (definition(None, hyperVGeneration="V1"), "pass"),
        (definition("TrustedLaunch", hyperVGeneration="V1"), "fail"),
        (definition(UNKNOWN, hyperVGeneration="V1"), "undecided"),
        (definition(None, hyperVGeneration=None), "pass"),
        (definition(None, hyperVGeneration=None, azureApiVersion="2025-12-03"), "fail"),
        (definition(hyperVGeneration="V3"), "fail"),
        (definition(hyperVGeneration=UNKNOWN), "undecided"),
        (definition(UNKNOWN), "undecided"),
        (definition(hyperVGeneration=2.0), "fail"),
    ],
)
def test_generation_1_or_generation_2_with_a_type(sample, verdict):
    assert judge(IMAGE_SECURITY_TYPE_GEN, sample).verdict == verdict


@pytest.mark.parametrize(
    ("value", "china", "everywhere", "noted"),
    [
        ("Standard", "pass", "pass", "pass"),
        ("TrustedLaunch", "fail", "not-applicable", "pass"),
        ("ConfidentialVM", "fail", "not-applicable", "pass"),
        ("TrustedLaunchSupported", "fail", "not-applicable", "fail"),
        ("TrustedLaunchAndConfidentialVMSupported", "fail", "not-applicable", "fail"),
        ("Sealed", "fail", "fail", "pass"),
        (UNKNOWN, "undecided", "undecided", "undecided"),
        (None, "pass", "pass", "pass"),
    ],
)
def test_the_editions_divide_the_types_between_the_rules(value, china, everywhere, noted):
    sample = definition(value)
    assert judge(IMAGE_NO_TRUSTED_LAUNCH, sample).verdict == china
    assert judge(IMAGE_NO_TRUSTED_LAUNCH, sample, edition=GLOBAL).verdict == everywhere
    assert judge(IMAGE_TRUSTED_LAUNCH_SUPPORTED, sample, edition=GLOBAL).verdict == noted
    assert judge(IMAGE_TRUSTED_LAUNCH_SUPPORTED, sample).verdict == "not-applicable"


def test_a_default_that_is_a_supported_type_is_noted_in_edition_global():
    sample = definition(None, azureApiVersion="2025-03-03")
    assert judge(IMAGE_NO_TRUSTED_LAUNCH, sample, edition=GLOBAL).verdict == "pass"
    assert judge(IMAGE_TRUSTED_LAUNCH_SUPPORTED, sample, edition=GLOBAL).verdict == "fail"
