"""Checks of accounts, names and quotas: each fails, passes and cannot tell."""

from __future__ import annotations

import base64

import pytest

from imagefleet.domain import fleet as f
from imagefleet.live.doctor.model import Status
from tests.live.doctor.conftest import words
from tests.live.fleets import SUB, fleet, image, plan, pool, replace, version

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN
ACCOUNT = f"{SUB}/resourceGroups/fleet/providers/Microsoft.Batch/batchAccounts/fleetbatch"
USING = fleet(accounts={"main": f.Account(id=ACCOUNT, location="westeurope")})
OWN_NODES = fleet(
    accounts={
        "main": f.Account(
            name="fleetbatch",
            location="westeurope",
            allocation_mode=f.AllocationMode.USER_SUBSCRIPTION,
            key_vault=f.KeyVaultReference(
                id=f"{SUB}/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/fleet",
                url="https://fleet.vault.azure.net/",
            ),
        )
    }
)
KEY = base64.b64encode(bytes(64)).decode()
CORES = ("pool-quota", "dedicated-core-quota", "family-core-quota", "low-priority-core-quota")


@pytest.mark.parametrize(
    ("environment", "status"),
    [({}, PASS), ({"AZURE_BATCH_ACCESS_KEY": ""}, PASS), ({"AZURE_BATCH_ACCESS_KEY": KEY}, FAIL),
     ({"BATCH_ACCOUNT_KEY": "@Microsoft.KeyVault(x)"}, UNKNOWN)],
)  # fmt: skip
def test_no_account_key_in_the_environment(world, environment, status):
    found = world.examine("no-account-keys", fleet(), environment=environment)
    assert found.status is status
    assert KEY not in words(found)
    assert KEY not in str(found)


def test_an_account_that_up_makes_need_not_be_there(world):
    assert world.examine("account-there", fleet()).status is PASS


def test_an_account_that_must_be_there_and_is_not_fails(world):
    assert world.examine("account-there", USING).status is FAIL


def showing(world, **properties):
    """Let the list of accounts show these properties."""

    def changed(request, handler):
        answer = handler(request)
        if request.path.casefold().endswith("/batchaccounts"):
            for body in answer.body["value"]:
                for name, value in properties.items():
                    if value is None:
                        body["properties"].pop(name, None)
                    else:
                        body["properties"][name] = value
        return answer

    world.around.faults = {"/batchaccounts": changed}


@pytest.mark.parametrize(
    ("check", "shown", "status"),
    [
        ("account-there", {}, PASS),
        ("account-there", {"provisioningState": "Cancelled"}, FAIL),
        ("account-there", {"provisioningState": "Creating"}, UNKNOWN),
        ("account-entra-only", {}, PASS),
        ("account-entra-only", {"allowedAuthenticationModes": ["AAD", "SharedKey"]}, FAIL),
        ("account-entra-only", {"allowedAuthenticationModes": None}, UNKNOWN),
        ("account-mode", {}, PASS),
        ("account-mode", {"poolAllocationMode": "UserSubscription"}, FAIL),
        ("account-mode", {"poolAllocationMode": None}, UNKNOWN),
    ],
)
def test_an_account_as_it_stands(world, check, shown, status):
    world.bring_up(fleet())
    showing(world, **shown)
    found = world.examine(check, USING)
    assert found.status is status, words(found)


def test_an_account_in_another_region_fails(world):
    world.bring_up(fleet())
    account = f.Account(id=ACCOUNT, location="northeurope")
    found = world.examine("account-there", fleet(accounts={"main": account}))
    assert (found.status, "lies in westeurope" in words(found)) == (FAIL, True)


def test_the_mend_of_an_account_is_one_command(world):
    world.bring_up(fleet(), account={"allowedAuthenticationModes": ["AAD", "SharedKey"]})
    found = world.examine("account-entra-only", USING)
    (by_hand,) = found.found[0].by_hand
    assert by_hand.command == (
        f"az resource update --ids {ACCOUNT} --set "
        "'properties.allowedAuthenticationModes=[\"AAD\"]'"
    )
    assert "refused from then on" in by_hand.why


@pytest.mark.parametrize("check", ["account-there", "account-entra-only", "account-mode",
                                   "account-name-free", "pool-name-free", "account-quota",
                                   *CORES])  # fmt: skip
@pytest.mark.parametrize("fault", [429, 403, 500, "drop"])
def test_accounts_that_cannot_be_read_cannot_be_told(world, check, fault):
    world.around.faults = {"/batchaccounts": fault}
    assert world.examine(check, fleet()).status is UNKNOWN


def test_a_free_account_name_is_good(world):
    assert world.examine("account-name-free", fleet()).status is PASS


def test_a_taken_account_name_fails(world):
    world.bring_up(fleet())
    stack = fleet(resource_group=f.ResourceGroup(name="second"))
    found = world.examine("account-name-free", stack)
    assert (found.status, "exists already" in words(found)) == (FAIL, True)


def test_a_name_that_the_service_does_not_judge_cannot_be_told(world):
    world.around.faults = {"checknameavailability": 500}
    assert world.examine("account-name-free", fleet()).status is UNKNOWN


def test_a_gallerys_name_is_unique_in_the_subscription(world):
    assert world.examine("gallery-name-free", fleet()).status is PASS
    world.bring_up(fleet())
    assert world.examine("gallery-name-free", fleet()).status is PASS
    stack = fleet(resource_group=f.ResourceGroup(name="second"))
    found = world.examine("gallery-name-free", stack)
    assert (found.status, "another gallery" in words(found)) == (FAIL, True)
    world.around.faults = {"/galleries": 429}
    assert world.examine("gallery-name-free", stack).status is UNKNOWN


def test_a_pool_with_the_same_image_is_ours(world):
    assert world.examine("pool-name-free", fleet()).status is PASS
    world.bring_up(fleet())
    found = world.examine("pool-name-free", fleet())
    assert (found.status, "with the image of the stack file" in words(found)) == (PASS, True)


def test_a_pool_of_that_name_with_another_image_fails(world):
    stack = fleet()
    world.bring_up(stack, pools=False)
    other = (
        f"{SUB}/resourceGroups/x/providers/Microsoft.Compute/galleries/g/images/i/versions/1.0.0"
    )
    strange = replace(plan(stack).pools[0], image_version_id=other)
    world.site.make_pool(strange)
    found = world.examine("pool-name-free", stack)
    assert (found.status, other in words(found)) == (FAIL, True), words(found)


def test_a_pool_that_shows_no_image_cannot_be_told(world):
    world.bring_up(fleet())

    def changed(request, handler):
        answer = handler(request)
        for body in answer.body["value"]:
            body["properties"].pop("deploymentConfiguration", None)
        return answer

    world.around.faults = {"fleetbatch/pools": changed}
    assert world.examine("pool-name-free", fleet()).status is UNKNOWN


@pytest.mark.parametrize(("most", "status"), [(2, PASS), (1, PASS), (0, FAIL)])
def test_accounts_of_a_region(world, most, status):
    world.suppose(quotas={"regions": {"westeurope": {"accounts": most}}})
    assert world.examine("account-quota", fleet()).status is status


def test_accounts_that_are_there_count(world):
    world.bring_up(fleet())
    world.suppose(quotas={"regions": {"westeurope": {"accounts": 1}}})
    more = fleet(accounts={"more": f.Account(name="morebatch", location="westeurope")},
                 pools={"work": pool(account="more")})  # fmt: skip
    found = world.examine("account-quota", more)
    assert (found.status, "1 accounts and 1 to be made, 1 allowed" in words(found)) == (FAIL, True)


@pytest.mark.parametrize("check", CORES)
def test_the_quotas_of_an_account_to_be_made_cannot_be_told(world, check):
    found = world.examine(check, fleet())
    assert (found.status, "may be 0" in words(found)) == (UNKNOWN, True)


MIXED = fleet(pools={"work": pool(scale=f.FixedScale(dedicated=4, low_priority=10))})


@pytest.mark.parametrize(
    ("check", "quota", "status"),
    [
        ("pool-quota", {"pools": 1}, PASS),
        ("pool-quota", {"pools": 0}, FAIL),
        ("dedicated-core-quota", {"dedicatedCores": 8}, PASS),
        ("dedicated-core-quota", {"dedicatedCores": 7}, FAIL),
        ("low-priority-core-quota", {"lowPriorityCores": 20}, PASS),
        ("low-priority-core-quota", {"lowPriorityCores": 19}, FAIL),
        ("family-core-quota", {"coresByFamily": {"standardDSv3Family": 8}}, PASS),
        ("family-core-quota", {"coresByFamily": {"standardDSv3Family": 7}}, FAIL),
        ("family-core-quota", {}, PASS),
    ],
)
def test_quotas_of_an_account_that_is_there(world, check, quota, status):
    world.bring_up(MIXED, pools=False)
    world.suppose(quotas={"accounts": {"*": quota}})
    found = world.examine(check, MIXED)
    assert found.status is status, words(found)


@pytest.mark.parametrize(
    ("check", "name"),
    [("pool-quota", "poolQuota"), ("dedicated-core-quota", "dedicatedCoreQuota"),
     ("low-priority-core-quota", "lowPriorityCoreQuota"),
     ("family-core-quota", "dedicatedCoreQuotaPerVMFamilyEnforced")],
)  # fmt: skip
def test_a_quota_that_is_not_shown_cannot_be_told(world, check, name):
    world.bring_up(MIXED, pools=False)
    showing(world, **{name: None})
    assert world.examine(check, MIXED).status is UNKNOWN


def rolling(*numbers):
    """The fleet with pools on these versions."""
    return fleet(
        images={"ubuntu": image(versions={number: version() for number in ("1.0.0", "1.1.0")})},
        pools={"work": pool(versions=numbers)},
    )


@pytest.mark.parametrize("stack", [rolling("1.0.0", "1.1.0"), rolling("1.1.0")])
def test_old_and_new_pools_of_a_roll_out_count_together(world, stack):
    # the old pool stands beside the new one, whether the stack file lists it still or no more
    world.bring_up(rolling("1.0.0"))
    for cores, status in ((16, PASS), (15, FAIL)):
        world.suppose(quotas={"accounts": {"*": {"dedicatedCores": cores}}})
        found = world.examine("dedicated-core-quota", stack)
        assert (found.status, "need 16 dedicated cores" in words(found)) == (status, True)
    world.suppose(quotas={"accounts": {"*": {"pools": 1}}})
    assert world.examine("pool-quota", stack).status is FAIL


@pytest.mark.parametrize(
    ("formula", "check", "needed"),
    [("$TargetDedicatedNodes = 12;", "dedicated-core-quota", "24 dedicated"),
     ("$TargetLowPriorityNodes = 12;", "dedicated-core-quota", "0 dedicated"),
     ("$TargetLowPriorityNodes = 12;", "low-priority-core-quota", "24 low-priority")],
)  # fmt: skip
def test_autoscale_counts_with_its_ceiling(world, formula, check, needed):
    scale = f.AutoScale(formula=formula, maximum_nodes=12)
    world.bring_up(fleet(), pools=False)
    found = world.examine(check, fleet(pools={"work": pool(scale=scale)}))
    assert f"need {needed} cores" in words(found)


@pytest.mark.parametrize(
    ("region", "check", "status"),
    [
        ({"cores": 8}, "dedicated-core-quota", PASS),
        ({"cores": 7}, "dedicated-core-quota", FAIL),
        ({"lowPriorityCores": 0}, "low-priority-core-quota", PASS),
        ({"coresByFamily": {"standardDSv3Family": 7}}, "family-core-quota", FAIL),
        ({"coresByFamily": {"standardDSv3Family": 8}}, "family-core-quota", PASS),
    ],
)
@pytest.mark.parametrize("pools", [True, False])
def test_nodes_in_the_subscription_count_against_its_cores(world, region, check, status, pools):
    world.bring_up(OWN_NODES, pools=pools, account={
        "poolAllocationMode": "UserSubscription",
        "keyVaultReference": {
            "id": OWN_NODES.accounts["main"].key_vault.id,
            "url": OWN_NODES.accounts["main"].key_vault.url,
        },
    })  # fmt: skip
    world.suppose(quotas={"regions": {"westeurope": region}})
    found = world.examine(check, OWN_NODES)
    assert found.status is status, words(found)


def test_usage_that_cannot_be_read_cannot_be_told(world):
    world.bring_up(OWN_NODES, pools=False, account={
        "poolAllocationMode": "UserSubscription",
        "keyVaultReference": {
            "id": OWN_NODES.accounts["main"].key_vault.id,
            "url": OWN_NODES.accounts["main"].key_vault.url,
        },
    })  # fmt: skip
    world.around.faults = {"/usages": "drop"}
    assert world.examine("dedicated-core-quota", OWN_NODES).status is UNKNOWN
