"""Regions have one spelling, one cloud, and an end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import regions
from imagefleet.domain.clouds import Cloud
from imagefleet.domain.regions import Standing


@given(st.text())
def test_normalising_twice_changes_nothing_more(text):
    assert regions.normalise(regions.normalise(text)) == regions.normalise(text)


@pytest.mark.parametrize("cloud", Cloud)
def test_every_listed_region_is_one_name_of_one_cloud_without_a_fault(cloud):
    for name in regions.names(cloud):
        assert regions.normalise(name) == name
        assert regions.cloud_of(name) == cloud
        assert regions.fault(name, cloud) is None


def test_display_names_and_names_are_the_same_region():
    assert regions.same("West Europe", "westeurope")
    assert regions.cloud_of("China North 3") == Cloud.CHINA


@pytest.mark.parametrize(
    ("name", "cloud", "standing"),
    [
        ("westeurope", Cloud.PUBLIC, Standing.LISTED),
        ("China North 3", Cloud.CHINA, Standing.LISTED),
        ("usgovvirginia", Cloud.USGOV, Standing.LISTED),
        ("chinanorth", Cloud.CHINA, Standing.RETIRED),
        ("China East", Cloud.CHINA, Standing.RETIRED),
        ("westeurope", Cloud.CHINA, Standing.OTHER_CLOUD),
        ("chinanorth3", Cloud.PUBLIC, Standing.OTHER_CLOUD),
        ("westeurop", Cloud.PUBLIC, Standing.MISSPELT),
        ("chinanorth4", Cloud.CHINA, Standing.MISSPELT),
        ("west-europe", Cloud.PUBLIC, Standing.MISSPELT),
        ("", Cloud.PUBLIC, Standing.MISSPELT),
        ("westus9", Cloud.PUBLIC, Standing.UNLISTED),
        ("atlantis", Cloud.PUBLIC, Standing.UNLISTED),
    ],
)
def test_what_is_known_of_a_name(name, cloud, standing):
    assert regions.standing(name, cloud) == standing


def test_a_retired_region_is_refused_with_the_one_to_use():
    assert regions.fault("chinanorth", Cloud.CHINA) == "was retired on 2026-07-01; use chinanorth3"


def test_a_misspelt_region_is_refused_with_the_nearest():
    assert regions.fault("westeurop", Cloud.PUBLIC) == (
        "is not a region of the public cloud; did you mean 'westeurope'?"
    )


def test_a_region_of_another_cloud_is_refused_with_both_clouds():
    assert regions.fault("westeurope", Cloud.CHINA) == (
        "is a region of the public cloud and this fleet is in china; its regions are chinaeast2, "
        "chinaeast3, chinanorth2, chinanorth3"
    )


def test_no_retired_region_is_offered_as_replacement():
    assert set(regions.REPLACEMENT) == set(regions.RETIRED)
    assert not set(regions.REPLACEMENT.values()) & set(regions.RETIRED)


@given(st.text(), st.sampled_from(Cloud))
def test_any_text_is_judged(text, cloud):
    fine = regions.standing(text, cloud) in (Standing.LISTED, Standing.UNLISTED)
    assert (regions.fault(text, cloud) is None) == fine
