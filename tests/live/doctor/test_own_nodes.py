"""Accounts whose nodes lie in their subscription share its cores; regions that hide no other."""

from __future__ import annotations

import pytest

from imagefleet.domain import fleet as f
from imagefleet.live.doctor.model import Status
from tests.live.doctor.conftest import words
from tests.live.fleets import SUB, fleet, pool

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN
VAULT = {
    "id": f"{SUB}/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/fleet",
    "url": "https://fleet.vault.azure.net/",
}
MIXED = f.FixedScale(dedicated=4, low_priority=4)


def own(name, region="westeurope"):
    return f.Account(
        name=name,
        location=region,
        allocation_mode=f.AllocationMode.USER_SUBSCRIPTION,
        key_vault=f.KeyVaultReference(**VAULT),
    )


def two(region="westeurope"):
    """Two accounts with eight cores of each kind."""
    return fleet(
        accounts={"main": own("fleetbatch"), "more": own("morebatch", region)},
        pools={"work": pool(scale=MIXED), "other": pool(account="more", scale=MIXED)},
    )


CORES = [
    ("dedicated-core-quota", lambda most: {"cores": most}),
    ("low-priority-core-quota", lambda most: {"lowPriorityCores": most}),
    ("family-core-quota", lambda most: {"coresByFamily": {"standardDSv3Family": most}}),
]


@pytest.mark.parametrize(("check", "quota"), CORES)
@pytest.mark.parametrize("pools", [True, False])
def test_accounts_of_one_subscription_and_region_share_its_cores(world, check, quota, pools):
    stack = two()
    account = {"poolAllocationMode": "UserSubscription", "keyVaultReference": VAULT}
    world.bring_up(stack, pools=pools, account=account)
    for most, status in ((16, PASS), (15, FAIL)):
        world.suppose(quotas={"regions": {"westeurope": quota(most)}})
        found = world.examine(check, stack)
        assert {each.status for each in found.found} == {status}, words(found)
        assert "16 with those of morebatch" in words(found)


@pytest.mark.parametrize(("check", "quota"), CORES)
def test_accounts_of_other_regions_have_cores_of_their_own(world, check, quota):
    stack = two("northeurope")
    told = {"westeurope": quota(8), "northeurope": quota(7)}
    world.suppose(quotas={"regions": told})
    found = world.examine(check, stack)
    by_account = {each.subject: each.status for each in found.found}
    # neither is there yet: the cores of a subscription are, and can be told
    assert by_account == {"fleetbatch": PASS, "morebatch": FAIL}, words(found)


def test_the_pool_quota_of_such_an_account_is_decided_when_it_is_made(world):
    found = world.examine("pool-quota", two())
    assert {each.status for each in found.found} == {UNKNOWN}


def test_each_region_of_new_accounts_is_told_whatever_cannot_be_read(world):
    stack = two("northeurope")
    world.around.faults = {"/batchaccounts": 403}
    found = world.examine("account-quota", stack)
    assert [(each.subject, each.status) for each in found.found] == [
        ("northeurope", UNKNOWN),
        ("westeurope", UNKNOWN),
    ]
    world.around.faults = {"locations/northeurope/quotas": 500}
    found = world.examine("account-quota", stack)
    assert [each.status for each in found.found] == [UNKNOWN, PASS]
