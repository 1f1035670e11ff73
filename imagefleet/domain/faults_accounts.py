"""Faults of Batch accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from imagefleet.domain import arm_ids, clouds, naming, own_ids, regions
from imagefleet.domain.fault import (
    Fault,
    duplicates,
    id_faults,
    named,
    own_id_faults,
    typed_id,
    without_query,
)
from imagefleet.domain.fleet import AllocationMode

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from imagefleet.domain.fault import Path
    from imagefleet.domain.fleet import Account, Fleet, KeyVaultReference

_UNUSED: Final = "has no effect on an existing account, which is never changed; take it out"


def faults(fleet: Fleet) -> Iterator[Fault]:
    """Faults of all accounts."""
    accounts = sorted(fleet.accounts.items())
    for key, account in accounts:
        path = ("accounts", key)
        yield from named(path, key, naming.key_fault(key))
        wrong = regions.fault(account.location, fleet.cloud)
        yield from named((*path, "location"), account.location, wrong)
        yield from _identity_faults(fleet, path, account)
        yield from _mode_faults(fleet, path, account)
        for index, identity in enumerate(account.identities):
            at = (*path, "identities", index)
            yield from id_faults(at, identity, arm_ids.USER_ASSIGNED_IDENTITY)
        yield from _storage_faults(path, account)
        if account.id is not None:
            yield from _unused_faults(path, account)
    keys = ((("accounts", key), key, key.lower()) for key, _ in accounts)
    yield from duplicates(keys, "differs from another key in case only")
    yield from duplicates(_azure_ids(fleet), "is one account under two keys")


def _azure_ids(fleet: Fleet) -> Iterator[tuple[Path, str, Hashable]]:
    """Each account with its id, be it stated or the one that a new account's name gives it."""
    for key, account in sorted(fleet.accounts.items()):
        stated = account.id if account.id is not None else account.name
        if stated is not None:
            text = own_ids.account(fleet, account)
            kind = "name" if account.id is None else "id"
            yield ("accounts", key, kind), stated, arm_ids.try_parse(text) or text


def _identity_faults(fleet: Fleet, path: Path, account: Account) -> Iterator[Fault]:
    if (account.name is None) == (account.id is None):
        given = "neither" if account.name is None else "both"
        message = "must have exactly one of name (a new account) and id (an existing one)"
        yield Fault(path=path, value=given, message=message)
    if account.name is not None:
        yield from named((*path, "name"), account.name, naming.account_fault(account.name))
    if account.id is not None:
        why = ": its pools are made with the same provider as everything else"
        at = (*path, "id")
        yield from own_id_faults(at, account.id, arm_ids.BATCH_ACCOUNT, fleet, why)


def _mode_faults(fleet: Fleet, path: Path, account: Account) -> Iterator[Fault]:
    at = (*path, "keyVault")
    own_subscription = account.allocation_mode == AllocationMode.USER_SUBSCRIPTION
    if account.key_vault is not None and not own_subscription:
        message = (
            "is only used with allocationMode: UserSubscription; set that, or take keyVault out"
        )
        yield Fault(path=at, value=account.key_vault.id, message=message)
    elif account.key_vault is not None:
        yield from _vault_faults(fleet, at, account.key_vault)
    elif own_subscription and account.id is None:
        message = (
            "is missing: an account with allocationMode UserSubscription needs a Key Vault in the "
            "same subscription and region, with id and url"
        )
        yield Fault(path=at, value=None, message=message)


def _vault_faults(fleet: Fleet, path: Path, vault: KeyVaultReference) -> Iterator[Fault]:
    why = ", which is the account's too"
    yield from own_id_faults((*path, "id"), vault.id, arm_ids.KEY_VAULT, fleet, why)
    parsed = typed_id(vault.id, arm_ids.KEY_VAULT)
    suffix = clouds.profile(fleet.cloud).key_vault_suffix.value
    name = parsed.name if parsed is not None else "<vault>"
    try:
        parts = urlsplit(vault.url)
        host = (parts.hostname or "").lower()
    except ValueError:
        parts, host = urlsplit(""), ""
    plain = parts.scheme == "https" and parts.path in ("", "/") and not parts.query
    fits = host.endswith(f".{suffix}") if parsed is None else host == f"{name}.{suffix}".lower()
    if not plain or not fits:
        message = f"must be https://{name}.{suffix}/, the address of the vault in keyVault.id"
        yield Fault(path=(*path, "url"), value=without_query(vault.url), message=message)


def _storage_faults(path: Path, account: Account) -> Iterator[Fault]:
    storage = account.auto_storage
    if storage is None:
        return
    at = (*path, "autoStorage")
    yield from id_faults((*at, "storageAccount"), storage.storage_account, arm_ids.STORAGE_ACCOUNT)
    if storage.node_identity is not None:
        yield from id_faults(
            (*at, "nodeIdentity"), storage.node_identity, arm_ids.USER_ASSIGNED_IDENTITY
        )


def _unused_faults(path: Path, account: Account) -> Iterator[Fault]:
    stated: tuple[tuple[str, bool], ...] = (
        ("identities", bool(account.identities)),
        ("autoStorage", account.auto_storage is not None),
        ("publicNetworkAccess", not account.public_network_access),
    )
    for name, present in stated:
        if present:
            yield Fault(path=(*path, name), value=None, message=_UNUSED)
