"""Pools that change and the nodes in them: each rule with a case on both sides."""

from __future__ import annotations

import pytest

from tests.offline.azure.world import (
    GALLERY,
    OUTSIDE,
    POOL,
    VERSION,
)

MACHINE = "deploymentConfiguration.virtualMachineConfiguration"
REFERENCE = f"{MACHINE}.imageReference"
FIXED = "scaleSettings.fixedScale"
VAULT = {"id": f"{OUTSIDE}/Microsoft.KeyVault/vaults/keys", "url": "https://keys.vault.azure.net/"}
STORAGE = f"{OUTSIDE}/Microsoft.Storage/storageAccounts/files"
PASSWORD = "not-to-be-kept"  # noqa: S105 a value to look for


def test_nodes_of_a_trusted_launch_image_go_unusable(account):
    account.make(
        "GalleryImage",
        {
            "galleryImageName": "tl",
            "identifier.sku": "tl",
            "features": [{"name": "SecurityType", "value": "TrustedLaunch"}],
        },
    )
    account.make("GalleryImageVersion", {"galleryImageName": "tl"})
    account.make("Pool", {f"{REFERENCE}.id": f"{GALLERY}/images/tl/versions/1.0.0"})
    account.azure.advance(30)
    (pool,) = account.azure.pools()
    assert (pool.idle, pool.unusable, pool.steady) == (0, 900, True)


def test_a_size_that_cannot_boot_the_generation_gets_no_node(account):
    account.make("Pool", {"vmSize": "Standard_D4_v3"})
    (pool,) = account.azure.pools()
    assert pool.allocated == 0
    assert "cannot boot Hypervisor Generation '2'" in pool.errors[0]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("vmSize", "Standard_D8ds_v5"),
        (f"{MACHINE}.osDisk", {"caching": "ReadWrite"}),
        ("displayName", "x"),
        ("taskSlotsPerNode", 2),
        ("interNodeCommunication", "Disabled"),
        ("userAccounts", [{"name": "u", "password": PASSWORD}]),
    ],
)
def test_what_a_pool_runs_changes_only_without_nodes(account, path, value):
    account.make("Pool")
    account.azure.advance(1)
    change = {path: value}
    if path == "interNodeCommunication":
        account.update("Pool", POOL, change)  # the default written out is no change
        return
    error = account.refused(lambda: account.update("Pool", POOL, change), "PropertyCannotBeUpdated")
    assert f"properties.{path.split('.')[0]}" in error.message
    account.azure.advance(30)
    account.update("Pool", POOL, {f"{FIXED}.targetDedicatedNodes": 0})
    account.update("Pool", POOL, change)


def test_what_is_not_updatable_at_all_is_refused_without_nodes_too(account):
    account.make("Pool", {f"{FIXED}.targetDedicatedNodes": 0})
    account.refused(
        lambda: account.update("Pool", POOL, {"resourceTags": {"a": "b"}}),
        "PropertyCannotBeUpdated",
    )


def test_scale_start_task_and_metadata_change_at_any_time(account):
    account.make("Pool")
    account.azure.advance(30)
    account.update(
        "Pool",
        POOL,
        {
            f"{FIXED}.targetDedicatedNodes": 600,
            "startTask": {"commandLine": "/bin/true"},
            "metadata": [{"name": "a", "value": "b"}],
        },
    )
    assert account.read("Pool", POOL)["currentDedicatedNodes"] == 600


def test_a_resize_during_a_resize_is_refused_and_other_changes_are_not(account):
    account.make("Pool")
    account.azure.advance(1)
    more = {f"{FIXED}.targetDedicatedNodes": 1000}
    account.refused(lambda: account.update("Pool", POOL, more), "PoolBeingResized")
    account.update("Pool", POOL, {"startTask": {"commandLine": "/bin/true"}})
    account.azure.advance(14)
    account.update("Pool", POOL, more)


def test_a_resize_starts_from_the_nodes_that_are_there(account):
    account.make("Pool")
    account.azure.advance(20)
    account.update("Pool", POOL, {f"{FIXED}.targetDedicatedNodes": 1200})
    (pool,) = account.azure.pools()
    assert (pool.target, pool.allocated, pool.idle, pool.elapsed_minutes) == (1200, 900, 900, 0)
    account.azure.advance(5)
    (pool,) = account.azure.pools()
    assert (pool.allocated, pool.allocation_state) == (1200, "steady")


def test_too_few_replicas_time_out_with_some_of_the_nodes(account):
    one = [{"name": "westeurope", "regionalReplicaCount": 1}]
    account.update("GalleryImageVersion", VERSION, {"publishingProfile.targetRegions": one})
    account.make("Pool")
    account.azure.advance(60)
    (pool,) = account.azure.pools()
    assert (pool.allocated, pool.idle, pool.allocation_state) == (300, 300, "steady")
    assert pool.errors[0].startswith("AllocationTimedout: ")
    shown = account.read("Pool", POOL)["resizeOperationStatus"]
    assert shown["errors"][0]["code"] == "AllocationTimedout"


def test_a_version_in_use_may_go_and_its_nodes_live_on(account):
    account.make("Pool")
    account.azure.advance(30)
    account.delete("GalleryImageVersion", VERSION)
    (pool,) = account.azure.pools()
    assert pool.idle == 900
    account.update("Pool", POOL, {"metadata": [{"name": "a", "value": "b"}]})


def test_dedicated_and_low_priority_nodes_are_counted_apart(account):
    account.make("Pool", {f"{FIXED}.targetLowPriorityNodes": 100})
    account.azure.advance(30)
    shown = account.read("Pool", POOL)
    assert (shown["currentDedicatedNodes"], shown["currentLowPriorityNodes"]) == (900, 100)
    assert shown["allocationState"] == "Steady"


def test_an_autoscale_pool_has_the_nodes_that_its_formula_says_in_digits(account):
    account.make(
        "Pool", {"scaleSettings": {"autoScale": {"formula": "$TargetDedicatedNodes = 12;"}}}
    )
    account.azure.advance(10)
    (pool,) = account.azure.pools()
    assert (pool.target, pool.idle) == (12, 12)
    results = account.read("Pool", POOL)["autoScaleRun"]["results"]
    assert results == "$TargetDedicatedNodes=12;$TargetLowPriorityNodes=0"


def test_a_resize_that_timed_out_is_tried_again_with_more_time(account):
    account.make("Pool", {f"{FIXED}.resizeTimeout": "PT5M"})
    account.azure.advance(30)
    (pool,) = account.azure.pools()
    assert (pool.allocated, bool(pool.errors)) == (333, True)
    account.update("Pool", POOL, {"metadata": [{"name": "a", "value": "b"}]})
    (pool,) = account.azure.pools()
    assert bool(pool.errors)  # what has nothing to do with the scale begins no resize
    account.update("Pool", POOL, {f"{FIXED}.resizeTimeout": "PT15M"})
    account.azure.advance(15)
    (pool,) = account.azure.pools()
    assert (pool.allocated, pool.errors) == (900, ())


def test_a_size_that_can_boot_the_image_lets_the_nodes_start(account):
    account.make("Pool", {"vmSize": "Standard_D4_v3"})
    account.azure.advance(30)
    account.update("Pool", POOL, {"vmSize": "Standard_D4ds_v5"})
    account.azure.advance(30)
    (pool,) = account.azure.pools()
    assert (pool.idle, pool.errors) == (900, ())


def test_a_formula_may_change_while_its_nodes_come_up(account):
    formula = "scaleSettings.autoScale.formula"
    account.make(
        "Pool", {"scaleSettings": {"autoScale": {"formula": "$TargetDedicatedNodes=900;"}}}
    )
    account.azure.advance(3)
    account.update("Pool", POOL, {formula: "$TargetDedicatedNodes=300;"})
    account.azure.advance(10)
    (pool,) = account.azure.pools()
    assert (pool.target, pool.idle) == (300, 300)
