"""A version left out of `latest` where pools run the latest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules import tokens
from rules.lineage_samples import COMPUTE, changed
from rules.version_latest import VERSION_EXCLUDED_FROM_LATEST, example
from tests.policy.judging import UNKNOWN, judge

IMAGE = "/providers/Microsoft.Compute/galleries/fleet/images/render"
REGIONS = "publishingProfile.targetRegions"


def with_profile(profile: object, image: str = IMAGE):
    return [
        changed(sample, publishingProfile=profile) if sample.name == "version" else sample
        for sample in example(excluded=False, image=image)
    ]


def region(name: object, excluded: object = None) -> dict[str, object]:
    return {"name": name, "excludeFromLatest": excluded}


@pytest.mark.parametrize("image", [IMAGE, f"{IMAGE}/", f"{IMAGE}/versions/latest", IMAGE.upper()])
def test_a_floating_pool_is_one_without_a_version(image):
    samples = example(excluded=True, image=image)
    assert judge(VERSION_EXCLUDED_FROM_LATEST, *samples).verdict == "fail"


@pytest.mark.parametrize(
    "image", [f"{IMAGE}/versions/1.0.0", IMAGE.replace("render", "other"), "/s3cret"]
)
def test_other_pools_do_not_matter(image):
    answer = judge(VERSION_EXCLUDED_FROM_LATEST, *example(excluded=True, image=image))
    assert answer.verdict == "not-applicable"


@pytest.mark.parametrize(
    ("profile", "verdict"),
    [
        (None, "pass"),
        ({"excludeFromLatest": False}, "pass"),
        ({"excludeFromLatest": "true"}, "fail"),
        ({"targetRegions": [region("China North 3", True)]}, "fail"),
        ({"targetRegions": [region("westeurope", True)]}, "pass"),
        ({"excludeFromLatest": True, "targetRegions": [region("chinanorth3", False)]}, "pass"),
        ({"excludeFromLatest": True, "targetRegions": [region("westeurope", False)]}, "fail"),
        ({"targetRegions": [region("chinanorth3", UNKNOWN)]}, "undecided"),
        ({"targetRegions": [region(UNKNOWN, True)]}, "undecided"),
        ({"excludeFromLatest": UNKNOWN}, "undecided"),
        (UNKNOWN, "undecided"),
    ],
)
def test_the_regions_own_word_counts_more_than_the_versions(profile, verdict):
    assert judge(VERSION_EXCLUDED_FROM_LATEST, *with_profile(profile)).verdict == verdict


def test_the_place_is_named():
    samples = with_profile({"targetRegions": [region("westus"), region("chinanorth3", True)]})
    (line,) = judge(VERSION_EXCLUDED_FROM_LATEST, *samples).findings
    needed = "false in chinanorth3, where pool pool runs the latest"
    assert line == f"{REGIONS}[1].excludeFromLatest is true; needed: {needed}."


def test_an_unknown_image_id_is_what_it_is_made_from():
    unknown = {"virtualMachineConfiguration": {"imageReference": {"id": UNKNOWN}}}
    samples = [
        changed(sample, deploymentConfiguration=unknown)
        if sample.type == tokens.BATCH_POOL
        else sample
        for sample in example(excluded=True)
    ]
    assert judge(VERSION_EXCLUDED_FROM_LATEST, *samples).verdict == "fail"
    bare = [replace(sample, depends={}) for sample in samples]
    assert judge(VERSION_EXCLUDED_FROM_LATEST, *bare).verdict == "undecided"


def test_an_account_or_a_definition_outside_the_stack():
    samples = [one for one in example(excluded=True) if one.type != tokens.BATCH_ACCOUNT]
    (line,) = judge(VERSION_EXCLUDED_FROM_LATEST, *samples).doubts
    assert line.startswith("undecided, external: publishingProfile ")
    samples = [one for one in example(excluded=True) if one.type != tokens.GALLERY_IMAGE]
    assert judge(VERSION_EXCLUDED_FROM_LATEST, *samples).verdict == "not-applicable"
    assert COMPUTE not in line
