"""Batch's quotas: what is refused, how many nodes come up, and which errors say why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagefleet.domain.allocation import Resize
from imagefleet.offline.outside.parse import parse_outside
from imagefleet.offline.services import quota
from tests.offline.azure.world import ACCOUNT, POOL, VERSION

FAMILY = "standardDDSv5Family"
# Standard_D4ds_v5 of the world's pool
CORES = 4
FIXED = "scaleSettings.fixedScale"


def limited(world, *, accounts=None, regions=None):
    quotas = {"accounts": accounts or {}, "regions": regions or {}}
    world.azure.suppose(parse_outside({"quotas": quotas}))


def pool(world, name="render-1-0-0", dedicated=10, low_priority=0, **changes):
    wanted = {
        "poolName": name,
        f"{FIXED}.targetDedicatedNodes": dedicated,
        f"{FIXED}.targetLowPriorityNodes": low_priority,
        **changes,
    }
    made = world.make("Pool", wanted).id
    world.azure.advance(30)
    return made


def progress(world, pool_id=POOL):
    return next(each for each in world.azure.pools() if each.id == pool_id)


def codes(world, pool_id=POOL):
    return [text.partition(":")[0] for text in progress(world, pool_id).errors]


def test_without_quotas_an_account_shows_ample_ones(account):
    shown = account.read("BatchAccount", ACCOUNT)
    assert shown["poolQuota"] == 1_000_000
    assert shown["dedicatedCoreQuota"] == shown["lowPriorityCoreQuota"] == 100_000_000
    assert shown["dedicatedCoreQuotaPerVMFamilyEnforced"] is False


def test_an_account_shows_the_quotas_that_hold_for_it(account):
    limited(
        account,
        accounts={
            "*": {"pools": 20, "dedicatedCores": 100},
            "fleetbatch": {"lowPriorityCores": 8, "coresByFamily": {FAMILY: 40}},
        },
    )
    shown = account.read("BatchAccount", ACCOUNT)
    assert (shown["poolQuota"], shown["dedicatedCoreQuota"]) == (20, 100)
    assert shown["lowPriorityCoreQuota"] == 8
    assert shown["dedicatedCoreQuotaPerVMFamily"] == [{"name": FAMILY, "coreQuota": 40}]
    assert shown["dedicatedCoreQuotaPerVMFamilyEnforced"] is True


def test_a_pool_beyond_the_pool_quota_is_refused(account):
    limited(account, accounts={"fleetbatch": {"pools": 1}})
    pool(account)
    error = account.refused(lambda: pool(account, "second"), "PoolQuotaReached")
    assert (error.status, "its pool quota is 1" in error.message) == (409, True)
    account.update("Pool", POOL, {f"{FIXED}.targetDedicatedNodes": 11})


@pytest.mark.parametrize(
    ("limits", "scale", "code"),
    [
        ({"dedicatedCores": 6 * CORES}, {"dedicated": 10}, "AccountCoreQuotaReached"),
        ({"coresByFamily": {FAMILY: 6 * CORES}}, {"dedicated": 10},
         "AccountVMSeriesCoreQuotaReached"),
        ({"lowPriorityCores": 6 * CORES + 3}, {"dedicated": 0, "low_priority": 10},
         "AccountLowPriorityCoreQuotaReached"),
    ],
)  # fmt: skip
def test_allocation_stops_at_the_quota(account, limits, scale, code):
    limited(account, accounts={"fleetbatch": limits})
    pool(account, **scale)
    found = progress(account)
    assert (found.allocated, found.idle, found.allocation_state) == (6, 6, "steady")
    assert codes(account) == [code]
    assert "6 of 10 nodes" in found.errors[0]
    assert f"{10 * CORES} needed" in found.errors[0]


def test_a_quota_of_zero_gives_no_node(account):
    limited(account, accounts={"*": {"dedicatedCores": 0}})
    pool(account)
    assert (progress(account).allocated, codes(account)) == (0, ["AccountCoreQuotaReached"])


def test_each_kind_of_node_has_its_own_quota(account):
    limited(account, accounts={"*": {"dedicatedCores": 4 * CORES, "lowPriorityCores": CORES}})
    pool(account, dedicated=5, low_priority=2)
    shown = account.read("Pool", POOL)
    assert (shown["currentDedicatedNodes"], shown["currentLowPriorityNodes"]) == (4, 1)
    assert codes(account) == ["AccountCoreQuotaReached", "AccountLowPriorityCoreQuotaReached"]


def test_cores_of_other_pools_count_from_the_moment_they_are_granted(account):
    limited(account, accounts={"*": {"dedicatedCores": 15 * CORES}})
    for name in ("first", "second"):
        account.make("Pool", {"poolName": name, f"{FIXED}.targetDedicatedNodes": 10})
    account.azure.advance(30)
    first, second = account.azure.pools()
    assert (first.allocated, first.errors, second.allocated) == (10, (), 5)
    assert f"other pools hold {10 * CORES}" in second.errors[0]


def test_a_pool_gets_the_rest_when_it_is_resized_after_room_was_made(account):
    limited(account, accounts={"*": {"dedicatedCores": 15 * CORES}})
    first, second = pool(account, "first"), pool(account, "second")
    account.delete("Pool", first)
    account.azure.advance(30)
    assert progress(account, second).allocated == 5
    account.update("Pool", second, {})
    account.azure.advance(30)
    assert (progress(account, second).allocated, codes(account, second)) == (10, [])


def test_a_put_of_the_same_pool_does_not_disturb_a_resize_that_a_quota_cuts(account):
    limited(account, accounts={"*": {"dedicatedCores": 600 * CORES}})
    account.make("Pool", {"poolName": "second", f"{FIXED}.targetDedicatedNodes": 5})
    account.make("Pool", {})
    account.delete("Pool", f"{ACCOUNT}/pools/second")
    account.update("Pool", POOL, {})
    account.azure.advance(30)
    assert progress(account).allocated == 595


def test_a_lower_quota_takes_no_node_away(account):
    pool(account)
    limited(account, accounts={"*": {"dedicatedCores": CORES}})
    account.update("Pool", POOL, {f"{FIXED}.targetDedicatedNodes": 12})
    account.azure.advance(30)
    assert (progress(account).allocated, codes(account)) == (10, ["AccountCoreQuotaReached"])
    account.update("Pool", POOL, {f"{FIXED}.targetDedicatedNodes": 4})
    account.azure.advance(30)
    assert (progress(account).allocated, codes(account)) == (4, [])


def test_a_resize_that_runs_out_of_time_says_so_besides(account):
    account.update("GalleryImageVersion", VERSION, {
        "publishingProfile.targetRegions": [{"name": "westeurope", "regionalReplicaCount": 1}],
    })  # fmt: skip
    limited(account, accounts={"*": {"dedicatedCores": 800 * CORES}})
    pool(account, dedicated=900)
    assert codes(account) == ["AllocationTimedout", "AccountCoreQuotaReached"]


def test_cores_of_a_user_subscription_account_count_against_its_region(account):
    vault = "/subscriptions/s/resourceGroups/x/providers/Microsoft.KeyVault/vaults/v"
    account.make("BatchAccount", {
        "accountName": "ownbatch",
        "poolAllocationMode": "UserSubscription",
        "keyVaultReference": {"id": vault, "url": "https://v"},
    })  # fmt: skip
    limited(
        account,
        accounts={"*": {"dedicatedCores": 0}},
        regions={"West Europe": {"cores": 3 * CORES}},
    )
    made = pool(account, "own", accountName="ownbatch")
    found = progress(account, made)
    assert (found.allocated, codes(account, made)) == (3, ["AllocationFailed"])
    assert "subscription in westeurope" in found.errors[0]


def test_a_region_has_room_for_so_many_accounts(account):
    limited(account, regions={"*": {"accounts": 1}})
    error = account.refused(
        lambda: account.make("BatchAccount", {"accountName": "second"}), "SubscriptionQuotaExceeded"
    )
    assert "1 of 1 Batch accounts in westeurope" in error.message
    account.make("BatchAccount", {"accountName": "second", "location": "northeurope"})
    account.update("BatchAccount", ACCOUNT, {})


@pytest.mark.parametrize(
    ("size", "name"),
    [
        ("Standard_D4ds_v5", "standardDDSv5Family"),
        ("STANDARD_D4DS_V5", "standardDDSv5Family"),
        ("Standard_F8s_v2", "standardFSv2Family"),
        ("Standard_A1", "standardFamily"),
    ],
)
def test_the_family_of_a_size(size, name):
    assert quota.family(size) == name


COUNTS = st.integers(0, 50)


@settings(max_examples=200)
@given(COUNTS, COUNTS, COUNTS, COUNTS, st.none() | COUNTS, st.none() | COUNTS, st.integers(0, 40))
def test_nodes_stay_between_what_is_kept_and_what_is_granted(
    had, had_spot, asked, asked_spot, granted, granted_spot, minute
):
    resize = Resize(
        started=0,
        dedicated_before=had,
        low_priority_before=had_spot,
        dedicated_target=asked,
        low_priority_target=asked_spot,
        dedicated_granted=granted,
        low_priority_granted=granted_spot,
        replicas=1,
        timeout=15,
        short=(("AccountCoreQuotaReached", "short"),),
    )
    assert Resize.stored(resize.plain()) == resize
    for now, before, target, most in (
        (resize.dedicated(minute), had, asked, granted),
        (resize.low_priority(minute), had_spot, asked_spot, granted_spot),
    ):
        end = target if most is None else max(min(before, target), min(most, target))
        assert min(before, target) <= now <= end
        if minute >= 15:
            assert now == end
    assert all(held >= 0 for held in resize.held(minute))
    missing = resize.allocated(minute) < resize.target
    assert bool(resize.errors(minute)) == (missing and not resize.resizing(minute))
