"""Regions of versions and of the pools that start from them."""

from __future__ import annotations

import pytest

from rules.regions import REPLICA_IN_ACCOUNT_REGION, VERSION_OWN_REGION
from tests.policy.neighbours import (
    EXTERNAL_VERSION,
    UNKNOWN,
    account,
    doubts,
    findings,
    pool,
    verdict,
    version,
)

RULE = REPLICA_IN_ACCOUNT_REGION


@pytest.mark.parametrize("place", ["westeurope", "West Europe", " WESTEUROPE "])
def test_a_region_in_the_list_passes_in_any_spelling(place):
    assert verdict(RULE, account(place), version({"West Europe": 1}), pool()) == "pass"


def test_a_region_that_is_missing_is_named_with_what_there_is():
    stack = account("northeurope"), version({"westeurope": 1, "eastus": 2}), pool()
    assert findings(RULE, *stack) == [
        (
            "deploymentConfiguration.virtualMachineConfiguration.imageReference.id is image "
            "version version with replicas in westeurope, eastus; needed: one with a replica in "
            "northeurope, the region of the pool's account."
        )
    ]


@pytest.mark.parametrize("profile", [None, {}, {"targetRegions": []}])
def test_without_a_list_the_versions_own_region_counts(profile):
    own = version(publishingProfile=profile)
    assert verdict(RULE, account("westeurope"), own, pool()) == "pass"
    assert verdict(RULE, account("eastus"), own, pool()) == "fail"


def test_extended_locations_do_not_count():
    edge = {"targetExtendedLocations": [{"name": "eastus"}]}
    assert verdict(RULE, account("eastus"), version(publishingProfile=edge), pool()) == "fail"


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ((account(UNKNOWN), version({"westeurope": 1}), pool()), "unknown"),
        ((account(None), version({"westeurope": 1}), pool()), "unknown"),
        ((account(), version(publishingProfile=UNKNOWN), pool()), "unknown"),
        ((account("eastus"), version({"westeurope": 1, UNKNOWN: 1}), pool()), "unknown"),
        ((account(), version({"westeurope": 1}), pool(image=UNKNOWN)), "unknown"),
        ((account(), version({"westeurope": 1}), pool(accountName=UNKNOWN)), "unknown"),
        ((version({"westeurope": 1}), pool()), "external"),
        ((account(), pool(image=EXTERNAL_VERSION)), "external"),
    ],
)
def test_what_is_open_is_said_with_its_cause(stack, expected):
    (line,) = doubts(RULE, *stack)
    assert line.startswith(f"undecided, {expected}: ")


def test_a_known_region_is_found_beside_an_unknown_one():
    assert verdict(RULE, account(), version({"westeurope": 1, UNKNOWN: 1}), pool()) == "pass"


def test_unknown_names_are_joined_by_dependencies():
    joined = pool(
        image=UNKNOWN,
        accountName=UNKNOWN,
        depends={"deploymentConfiguration": ("version",), "accountName": ("account",)},
    )
    assert verdict(RULE, account("eastus"), version({"westeurope": 1}), joined) == "fail"
    assert verdict(RULE, account(), version({"westeurope": 1}), joined) == "pass"


def test_a_pool_without_an_image_id_is_not_judged():
    assert verdict(RULE, account(), pool(image=None)) == "not-applicable"


@pytest.mark.parametrize(
    ("location", "profile", "expected"),
    [
        ("westeurope", {"targetRegions": [{"name": "West Europe"}]}, "pass"),
        ("westeurope", {"targetRegions": [{"name": "eastus"}]}, "fail"),
        ("westeurope", {"targetRegions": []}, "not-applicable"),
        ("westeurope", None, "not-applicable"),
        ("westeurope", UNKNOWN, "undecided"),
        ("westeurope", {"targetRegions": [{"name": UNKNOWN}]}, "undecided"),
        (UNKNOWN, {"targetRegions": [{"name": "eastus"}]}, "undecided"),
        (None, {"targetRegions": [{"name": "eastus"}]}, "undecided"),
        ("westeurope", {"targetRegions": ["eastus"]}, "fail"),
    ],
)
def test_the_list_has_to_hold_the_versions_own_region(location, profile, expected):
    sample = version(location=location, publishingProfile=profile)
    assert verdict(VERSION_OWN_REGION, sample) == expected
