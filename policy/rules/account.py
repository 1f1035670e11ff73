"""Rules about Batch accounts (`batch:BatchAccount`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain.findings import Doubt, Finding
from rules import tokens
from rules.canonical import ABSENT, UNKNOWN, Resource, count, path_text, presence, text
from rules.conditions import must_be, not_known
from rules.verdicts import Context, Level, NotApplicable, Outcome, Rule, Sample, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

_MODES = ("allowedAuthenticationModes",)
_ENTRA = "AAD"
_SHARED_KEY = "SharedKey"
_NEEDED = f"a list with {_ENTRA} and without {_SHARED_KEY}"


def _entra_only(resource: Resource, _: Context) -> Iterator[Finding | Doubt]:
    size = count(resource.props, *_MODES)
    if size is UNKNOWN:
        yield not_known(_MODES)
        return
    if size is ABSENT:
        # Azure allows every mode then, shared keys too.
        yield Finding(path=path_text(_MODES), actual="absent", needed=_NEEDED)
        return
    entra = undecided = False
    for index in range(size):
        mode = text(resource.props, *_MODES, index)
        if mode is UNKNOWN:
            undecided = True
            yield not_known((*_MODES, index))
        elif isinstance(mode, str):
            entra = entra or mode.strip().casefold() == _ENTRA.casefold()
            if mode.strip().casefold() == _SHARED_KEY.casefold():
                path = path_text((*_MODES, index))
                yield Finding(path=path, actual=_SHARED_KEY, needed=_NEEDED)
    if not entra and not undecided:
        yield Finding(path=path_text(_MODES), actual=f"without {_ENTRA}", needed=_NEEDED)


ACCOUNT_ENTRA_ONLY = Rule(
    id="account-entra-only",
    summary="A Batch account accepts Microsoft Entra authentication and no shared keys.",
    why="A pool from a gallery image can only be made with Entra authentication: a client with a "
    "shared key gets an authentication error. An account that names no mode allows all of them.",
    remedy='Set allowedAuthenticationModes to ["AAD"] (TaskAuthenticationToken may stay).',
    sentences=("D21", "D22"),
    types=frozenset({tokens.BATCH_ACCOUNT}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_entra_only,
    good=(Sample(type=tokens.BATCH_ACCOUNT, props={"allowedAuthenticationModes": ["AAD"]}),),
    bad=(
        Sample(
            type=tokens.BATCH_ACCOUNT, props={"allowedAuthenticationModes": ["AAD", "SharedKey"]}
        ),
    ),
)


_MODE = ("poolAllocationMode",)
_OWN_SUBSCRIPTION = "UserSubscription"
_STORAGE_MODE = ("autoStorage", "authenticationMode")
_BY_IDENTITY = "BatchAccountManagedIdentity"


def _own_subscription(resource: Resource, context: Context) -> Iterator[Outcome]:
    mode = text(resource.props, *_MODE)
    if mode is UNKNOWN:
        yield not_known(_MODE)
        return
    if mode is ABSENT or mode.strip().casefold() != _OWN_SUBSCRIPTION.casefold():
        # absent, Azure allocates nodes in the service's own subscription
        yield NotApplicable("the account's nodes are not allocated in the user's subscription")
        return
    vault = presence(resource.props, "keyVaultReference")
    if vault is UNKNOWN:
        yield not_known(("keyVaultReference",))
    elif vault is ABSENT:
        yield Finding(path="keyVaultReference", actual="absent", needed="id and url of a Key Vault")
    yield from _entra_only(resource, context)


def _storage_by_identity(resource: Resource, _: Context) -> Iterator[Outcome]:
    if presence(resource.props, "autoStorage") is ABSENT:
        yield NotApplicable("the account has no automatic storage")
        return
    # absent, Azure takes the storage account's keys
    yield from must_be(resource, _STORAGE_MODE, _BY_IDENTITY, ("StorageKeys", _BY_IDENTITY))


def _account(**props: object) -> tuple[Sample, ...]:
    return (
        Sample(type=tokens.BATCH_ACCOUNT, props={"allowedAuthenticationModes": [_ENTRA], **props}),
    )


ACCOUNT_USER_SUBSCRIPTION_KEYVAULT = Rule(
    id="account-user-subscription-keyvault",
    summary="An account that allocates nodes in the user's subscription has a Key Vault and "
    "accepts Microsoft Entra authentication only.",
    why="Batch keeps the secrets of such an account in a Key Vault of the subscription and refuses "
    "the account without one; shared keys cannot make pools in it.",
    remedy="Set keyVaultReference to the id and url of a Key Vault that Batch may use, and "
    'allowedAuthenticationModes to ["AAD"].',
    sentences=(),
    types=frozenset({tokens.BATCH_ACCOUNT}),
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_own_subscription,
    good=_account(
        poolAllocationMode=_OWN_SUBSCRIPTION,
        keyVaultReference={
            "id": "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/fleet"
            "/providers/Microsoft.KeyVault/vaults/fleet",
            "url": "https://fleet.vault.azure.net/",
        },
    ),
    bad=_account(poolAllocationMode=_OWN_SUBSCRIPTION),
)

ACCOUNT_AUTOSTORAGE_IDENTITY = Rule(
    id="account-autostorage-identity",
    summary="A Batch account reaches its storage by managed identity, not by storage keys.",
    why="With storage keys every node and client that gets them can read and write the whole "
    "storage account; the SDK classes write StorageKeys when nothing is said.",
    remedy=f"Set autoStorage.authenticationMode to {_BY_IDENTITY}.",
    sentences=(),
    types=frozenset({tokens.BATCH_ACCOUNT}),
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_storage_by_identity,
    good=_account(autoStorage={"authenticationMode": _BY_IDENTITY}),
    bad=_account(autoStorage={"authenticationMode": "StorageKeys"}),
)

RULES = (ACCOUNT_ENTRA_ONLY, ACCOUNT_USER_SUBSCRIPTION_KEYVAULT, ACCOUNT_AUTOSTORAGE_IDENTITY)
