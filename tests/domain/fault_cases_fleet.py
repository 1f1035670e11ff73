"""Faults of the fleet, its gallery, access and accounts: (fleet, path, part of the message)."""

from __future__ import annotations

from dataclasses import replace

from imagefleet.domain.fleet import (
    AllocationMode,
    AutoStorage,
    Gallery,
    Grant,
    ResourceGroup,
)
from tests.domain import fleets
from tests.domain.fault_kit import (
    FOREIGN,
    VAULT,
)
from tests.domain.fleets import (
    COMPUTE,
    GROUP,
    OTHER_SUBSCRIPTION,
    SUBSCRIPTION,
    with_account,
)

FLEET_FAULTS = [
    (fleets.fleet(subscription_id="mine"), "subscriptionId", "must be the GUID"),
    (fleets.fleet(location="westeurop"), "location", "did you mean 'westeurope'?"),
    (fleets.fleet(location="chinanorth3"), "location", "region of the china cloud"),
    (replace(fleets.china(), location="chinanorth"), "location", "retired on 2026-07-01"),
    (fleets.fleet(resource_group=ResourceGroup(name="a.")), "resourceGroup.name", "must be 1 to"),
    (fleets.fleet(tags={"a/b": "c"}), 'tags["a/b"]', "without <>"),
    (fleets.fleet(tags={"a": "b" * 257}), "tags.a", "at most 256"),
    (fleets.fleet(tags={"a": "1", "A": "2"}), "tags.a", "in case only"),
    (fleets.fleet(tags={f"t{n}": "" for n in range(51)}), "tags", "at most 50 tags"),
    (fleets.fleet(gallery=Gallery()), "gallery", "exactly one of name"),
    (
        fleets.fleet(gallery=Gallery(name="g", id=f"{COMPUTE}/galleries/g")),
        "gallery",
        "exactly one of name",
    ),
    (fleets.fleet(gallery=Gallery(name="render-images")), "gallery.name", "no dashes"),
    (fleets.fleet(gallery=Gallery(id="images")), "gallery.id", "is not an ARM id"),
    (
        fleets.fleet(gallery=Gallery(id=f"{COMPUTE}/disks/d")),
        "gallery.id",
        "Microsoft.Compute/disks",
    ),
    (
        fleets.fleet(gallery=Gallery(id=f"{COMPUTE}/galleries/g/images/i")),
        "gallery.id",
        "must have the form",
    ),
    (
        fleets.fleet(gallery=Gallery(id=f"{FOREIGN}/galleries/g")),
        "gallery.id",
        "gallery.batchRegistered: true",
    ),
    (
        fleets.fleet(gallery=Gallery(name="g", location="chinaeast2")),
        "gallery.location",
        "china cloud",
    ),
    (fleets.fleet(access={"app": Grant(principal_id="bob")}), "access.app.principalId", "GUID"),
    (
        fleets.fleet(access={"a": Grant(principal_id=fleets.PRINCIPAL, principal_type="Robot")}),
        "access.a.principalType",
        "must be one of ServicePrincipal",
    ),
    (
        fleets.fleet(
            access={
                "a": Grant(principal_id="aaaaaaaa-1111-4111-8111-111111111111"),
                "b": Grant(principal_id="AAAAAAAA-1111-4111-8111-111111111111"),
            }
        ),
        "access.b.principalId",
        "access.a.principalId has the same",
    ),
    (fleets.fleet(access={"a.b": Grant(principal_id=fleets.PRINCIPAL)}), 'access["a.b"]', "dashes"),
]

ACCOUNT_FAULTS = [
    (with_account(name=None), "accounts.main", "exactly one of name"),
    (with_account(name="Render-Batch"), "accounts.main.name", "3 to 24 lower-case"),
    (with_account(location="chinanorth3"), "accounts.main.location", "china cloud"),
    (with_account(name=None, id=f"{COMPUTE}/disks/d"), "accounts.main.id", "batchAccounts"),
    (
        with_account(
            name=None,
            id=f"{GROUP}/providers/Microsoft.Batch/batchAccounts/a".replace(
                SUBSCRIPTION, OTHER_SUBSCRIPTION
            ),
        ),
        "accounts.main.id",
        "in the fleet's subscription",
    ),
    (
        with_account(allocation_mode=AllocationMode.USER_SUBSCRIPTION),
        "accounts.main.keyVault",
        "needs a Key Vault",
    ),
    (with_account(key_vault=VAULT), "accounts.main.keyVault", "only used with allocationMode"),
    (
        with_account(
            allocation_mode=AllocationMode.USER_SUBSCRIPTION,
            key_vault=replace(VAULT, url="https://other.vault.azure.net/"),
        ),
        "accounts.main.keyVault.url",
        "must be https://keys.vault.azure.net/",
    ),
    (
        with_account(
            allocation_mode=AllocationMode.USER_SUBSCRIPTION,
            key_vault=replace(VAULT, url="https://keys.vault.azure.cn/"),
        ),
        "accounts.main.keyVault.url",
        "must be https://keys.vault.azure.net/",
    ),
    (with_account(identities=("me",)), "accounts.main.identities[0]", "userAssignedIdentities"),
    (
        with_account(auto_storage=AutoStorage(storage_account="files")),
        "accounts.main.autoStorage.storageAccount",
        "storageAccounts/<storageAccount>",
    ),
    (
        with_account(
            name=None,
            id=f"{GROUP}/providers/Microsoft.Batch/batchAccounts/a",
            public_network_access=False,
        ),
        "accounts.main.publicNetworkAccess",
        "no effect on an existing account",
    ),
    (
        fleets.fleet(accounts={"main": fleets.account(), "b": fleets.account()}),
        "accounts.main.name",
        "accounts.b.name has the same",
    ),
]
