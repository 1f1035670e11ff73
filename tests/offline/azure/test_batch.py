"""Batch accounts and pools as they are made: each rule with a case on both sides."""

from __future__ import annotations

import pytest

from tests.offline.azure.world import (
    ACCOUNT,
    DEFINITION,
    GALLERY,
    GROUP,
    MISSING,
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


def test_an_account_shows_its_endpoint_and_only_the_modes_it_was_given(account):
    shown = account.read("BatchAccount", ACCOUNT)
    assert shown["accountEndpoint"] == "fleetbatch.westeurope.batch.azure.com"
    assert shown["allowedAuthenticationModes"] == ["AAD"]
    assert shown["poolAllocationMode"] == "BatchService"


def test_an_account_that_names_no_mode_allows_all(world):
    made = world.make("BatchAccount", {"allowedAuthenticationModes": MISSING})
    assert "SharedKey" in made.outputs["allowedAuthenticationModes"]


@pytest.mark.parametrize("name", ["ab", "UPPER", "with-dash", "a" * 25])
def test_an_account_name_becomes_part_of_a_host_name(world, name):
    world.refused(lambda: world.make("BatchAccount", {"accountName": name}), "InvalidAccountName")


def test_an_account_name_is_unique_in_its_region(account):
    account.make("ResourceGroup", {"resourceGroupName": "second"})
    elsewhere = {"resourceGroupName": "second"}
    account.refused(lambda: account.make("BatchAccount", elsewhere), "AccountNameTaken")
    account.make("BatchAccount", {**elsewhere, "location": "uksouth"})


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        (
            {"poolAllocationMode": "UserSubscription"},
            {"poolAllocationMode": "UserSubscription", "keyVaultReference": VAULT},
        ),
        (
            {
                "autoStorage": {
                    "storageAccountId": STORAGE,
                    "authenticationMode": "BatchAccountManagedIdentity",
                }
            },
            {
                "autoStorage": {
                    "storageAccountId": STORAGE,
                    "authenticationMode": "BatchAccountManagedIdentity",
                },
                "identity": {"type": "SystemAssigned"},
            },
        ),
        (
            {"autoStorage": {"storageAccountId": "files"}},
            {"autoStorage": {"storageAccountId": STORAGE}},
        ),
        (
            {"identity": {"type": "UserAssigned"}},
            {
                "identity": {
                    "type": "UserAssigned",
                    "userAssignedIdentities": [
                        f"{OUTSIDE}/Microsoft.ManagedIdentity/userAssignedIdentities/x"
                    ],
                }
            },
        ),
        (
            {
                "publicNetworkAccess": "Disabled",
                "networkProfile": {"accountAccess": {"defaultAction": "Deny"}},
            },
            {"networkProfile": {"accountAccess": {"defaultAction": "Deny"}}},
        ),
    ],
)
def test_what_an_account_needs_for_what_it_asks(world, bad, good):
    world.refused(lambda: world.make("BatchAccount", bad), "InvalidPropertyValue")
    world.make("BatchAccount", good)


def test_the_allocation_mode_of_an_account_is_fixed(account):
    account.refused(
        lambda: account.update(
            "BatchAccount",
            ACCOUNT,
            {"poolAllocationMode": "UserSubscription", "keyVaultReference": VAULT},
        ),
        "PropertyCannotBeUpdated",
    )
    account.update("BatchAccount", ACCOUNT, {"tags": {"a": "b"}})


def test_deleting_an_account_deletes_its_pools(account):
    account.make("Pool")
    account.delete("BatchAccount", ACCOUNT)
    assert account.read("Pool", POOL) is None
    account.refused(lambda: account.make("Pool"), "ParentResourceNotFound")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"poolName": "with.dot"}, "with.dot"),
        ({"vmSize": MISSING}, "vmSize"),
        ({"vmSize": "huge"}, "huge"),
        ({"vmSize": "Standard_A1_v2"}, "Standard_A1_v2"),
        ({"deploymentConfiguration": {}}, "virtualMachineConfiguration"),
        ({f"{REFERENCE}.version": "1.0.0"}, "can only have a value when publisher is set"),
        ({f"{REFERENCE}.publisher": "canonical"}, "publisher"),
        ({f"{REFERENCE}.id": MISSING}, "got nothing"),
        ({f"{REFERENCE}.id": f"{OUTSIDE}/Microsoft.Compute/images/x"}, "gallery image version"),
        ({f"{MACHINE}.nodeAgentSkuId": "ubuntu 22.04"}, "batch.node"),
        ({f"{MACHINE}.nodeAgentSkuId": "batch.node.windows amd64"}, "Windows"),
        (
            {f"{MACHINE}.diskEncryptionConfiguration": {"targets": ["TemporaryDisk"]}},
            "encryptionAtHost",
        ),
        ({f"{FIXED}.resizeTimeout": "PT4M"}, "at least 5 minutes"),
        ({f"{FIXED}.resizeTimeout": "30 minutes"}, "ISO 8601"),
        ({FIXED: {"resizeTimeout": "PT15M"}}, "targetDedicatedNodes"),
        ({f"{FIXED}.targetDedicatedNodes": -1}, "negative"),
        ({"scaleSettings.autoScale": {"formula": "x"}}, "either fixedScale or autoScale"),
        ({"scaleSettings": {"autoScale": {"formula": " "}}}, "must not be empty"),
        (
            {"scaleSettings": {"autoScale": {"formula": "$x=1;", "evaluationInterval": "PT1M"}}},
            "5 minutes to 168 hours",
        ),
        ({"interNodeCommunication": "Enabled"}, "at most 100"),
        ({"taskSlotsPerNode": 17}, "1 to 16"),
        ({"mountConfiguration": [{}]}, "exactly one kind"),
        (
            {
                "mountConfiguration": [
                    {"nfsMountConfiguration": {"source": "x", "relativeMountPath": str(index)}}
                    for index in range(11)
                ]
            },
            "at most 10",
        ),
    ],
)
def test_a_pool_the_service_does_not_take_is_refused(account, changes, words):
    error = account.refused(lambda: account.make("Pool", changes), "InvalidPropertyValue")
    assert words in error.message
    assert account.read("Pool", POOL) is None


@pytest.mark.parametrize(
    "changes",
    [
        {f"{FIXED}.resizeTimeout": "PT5M"},
        {"scaleSettings": MISSING},
        {"interNodeCommunication": "Enabled", f"{FIXED}.targetDedicatedNodes": 100},
        {"taskSlotsPerNode": 16},
        {f"{REFERENCE}.id": DEFINITION},
        {f"{REFERENCE}.id": f"{OUTSIDE}/Microsoft.Compute/galleries/g/images/i/versions/1.0.0"},
        {REFERENCE: {"publisher": "canonical", "offer": "o", "sku": "s", "version": "latest"}},
        {"scaleSettings": {"autoScale": {"formula": "$TargetDedicatedNodes=3;"}}},
    ],
)
def test_a_pool_at_the_limits_is_made(account, changes):
    account.make("Pool", changes)


def test_a_pool_of_a_missing_version_is_refused(account):
    missing = {f"{REFERENCE}.id": f"{DEFINITION}/versions/9.9.9"}
    account.refused(lambda: account.make("Pool", missing), "GalleryImageNotFound")


def test_a_version_must_be_replicated_to_the_region_of_the_account(account):
    account.make("BatchAccount", {"accountName": "fleetuk", "location": "uksouth"})
    pool = {"accountName": "fleetuk"}
    error = account.refused(lambda: account.make("Pool", pool), "GalleryImageNotFound")
    assert "is not available in uksouth region" in error.message
    regions = [{"name": "westeurope"}, {"name": "UK South", "regionalReplicaCount": 3}]
    account.update("GalleryImageVersion", VERSION, {"publishingProfile.targetRegions": regions})
    account.make("Pool", pool)


def test_a_definition_means_its_latest_version_that_is_not_excluded(account):
    account.make("GalleryImageVersion", {"galleryImageVersionName": "1.10.0"})
    account.make(
        "GalleryImageVersion",
        {
            "galleryImageVersionName": "2.0.0",
            "publishingProfile": {"excludeFromLatest": True},
        },
    )
    account.make("Pool", {f"{REFERENCE}.id": DEFINITION})
    with account.azure.store.read() as transaction:
        assert transaction.linked(f"{DEFINITION}/versions/1.10.0") == (POOL.casefold(),)


def test_a_specialized_image_makes_no_pool(account):
    account.make(
        "GalleryImage",
        {"galleryImageName": "special", "identifier.sku": "s", "osState": "Specialized"},
    )
    machine = f"{OUTSIDE}/Microsoft.Compute/virtualMachines/builder"
    account.make(
        "GalleryImageVersion",
        {
            "galleryImageName": "special",
            "storageProfile": {"source": {"virtualMachineId": machine}},
        },
    )
    special = {f"{REFERENCE}.id": f"{GALLERY}/images/special/versions/1.0.0"}
    error = account.refused(lambda: account.make("Pool", special), "InvalidPropertyValue")
    assert "Specialized" in error.message


def test_no_secret_reaches_outputs_or_the_state_file(account):
    made = account.make(
        "Pool",
        {
            "userAccounts": [{"name": "u", "password": PASSWORD}],
            "mountConfiguration": [
                {
                    "azureBlobFileSystemConfiguration": {
                        "accountName": "a",
                        "containerName": "c",
                        "relativeMountPath": "m",
                        "sasKey": PASSWORD,
                    }
                }
            ],
        },
    )
    outputs = {name: value for name, value in made.outputs.items() if name != "__inputs"}
    assert PASSWORD not in str(outputs)
    assert outputs["userAccounts"][0]["name"] == "u"
    account.azure.close()
    for file in account.azure.store.path.parent.iterdir():
        assert PASSWORD.encode() not in file.read_bytes()
    again = account.azure.read("azure-native:batch:Pool", POOL, made.outputs["__inputs"])
    assert again.inputs == made.outputs["__inputs"]


def test_an_identity_of_the_group_must_be_there_and_is_shown_with_its_principal(account):
    identity = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/nodes"
    wanted = {"identity": {"type": "UserAssigned", "userAssignedIdentities": [identity]}}
    account.refused(lambda: account.make("Pool", wanted), "ResourceNotFound")
    made = account.make("UserAssignedIdentity")
    pool = account.make("Pool", wanted)
    shown = pool.outputs["identity"]["userAssignedIdentities"][identity]
    assert shown["principalId"] == made.outputs["principalId"]
