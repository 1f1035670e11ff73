"""Batch accounts take Entra authentication only."""

from __future__ import annotations

import pytest

from rules import tokens
from rules.account import (
    ACCOUNT_AUTOSTORAGE_IDENTITY,
    ACCOUNT_ENTRA_ONLY,
    ACCOUNT_USER_SUBSCRIPTION_KEYVAULT,
)
from rules.verdicts import Sample

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
NEEDED = "needed: a list with AAD and without SharedKey."


def account(modes: object) -> Sample:
    return Sample(type=tokens.BATCH_ACCOUNT, props={"allowedAuthenticationModes": modes})


@pytest.mark.parametrize(
    "modes",
    [["AAD"], ["aad"], ["TaskAuthenticationToken", "AAD"], ["AAD", "TaskAuthenticationToken"]],
)
def test_entra_with_or_without_task_tokens_passes(modes, ask):
    assert ask(ACCOUNT_ENTRA_ONLY, account(modes)).verdict == "pass"


@pytest.mark.parametrize(
    ("modes", "start"),
    [
        (None, "allowedAuthenticationModes is absent"),
        ([], "allowedAuthenticationModes is without AAD"),
        (["TaskAuthenticationToken"], "allowedAuthenticationModes is without AAD"),
        ([None], "allowedAuthenticationModes is without AAD"),
        (["AAD", "SharedKey"], "allowedAuthenticationModes[1] is SharedKey"),
        (["sharedkey", "aad"], "allowedAuthenticationModes[0] is SharedKey"),
        ([UNKNOWN, "SharedKey"], "allowedAuthenticationModes[1] is SharedKey"),
    ],
)
def test_shared_keys_and_missing_modes_fail(modes, start, ask):
    assert ask(ACCOUNT_ENTRA_ONLY, account(modes)).findings == [f"{start}; {NEEDED}"]


def test_both_faults_are_named_at_once(ask):
    assert len(ask(ACCOUNT_ENTRA_ONLY, account(["SharedKey"])).findings) == 2


@pytest.mark.parametrize(
    ("modes", "path"),
    [
        (UNKNOWN, "allowedAuthenticationModes"),
        ([UNKNOWN], "allowedAuthenticationModes[0]"),
        (["AAD", UNKNOWN], "allowedAuthenticationModes[1]"),
    ],
)
def test_an_unknown_mode_is_undecided(modes, path, ask):
    answer = ask(ACCOUNT_ENTRA_ONLY, account(modes))
    assert answer.verdict == "undecided"
    assert f" {path} " in answer.reason


@pytest.mark.parametrize(
    ("modes", "line"),
    [
        ("AAD", "allowedAuthenticationModes is a text; needed: a list."),
        ({"AAD": True}, "allowedAuthenticationModes is an object; needed: a list."),
        ([1], "allowedAuthenticationModes[0] is a number; needed: a text."),
    ],
)
def test_a_wrong_kind_fails(modes, line, ask):
    assert ask(ACCOUNT_ENTRA_ONLY, account(modes)).findings == [line]


VAULT = {"id": "a vault's id", "url": "https://v.vault.azure.net/"}


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({"poolAllocationMode": "UserSubscription", "keyVaultReference": VAULT}, "pass"),
        ({"poolAllocationMode": "usersubscription", "keyVaultReference": VAULT}, "pass"),
        ({"poolAllocationMode": "UserSubscription"}, "fail"),
        ({"poolAllocationMode": "UserSubscription", "keyVaultReference": {}}, "fail"),
        ({"poolAllocationMode": "UserSubscription", "keyVaultReference": UNKNOWN}, "undecided"),
        ({"poolAllocationMode": UNKNOWN}, "undecided"),
        ({"poolAllocationMode": "BatchService"}, "not-applicable"),
        ({}, "not-applicable"),
        ({"poolAllocationMode": 1}, "fail"),
    ],
)
def test_nodes_in_the_users_subscription_need_a_key_vault(props, expected, ask):
    sample = Sample(
        type=tokens.BATCH_ACCOUNT, props={"allowedAuthenticationModes": ["AAD"], **props}
    )
    assert ask(ACCOUNT_USER_SUBSCRIPTION_KEYVAULT, sample).verdict == expected


def test_nodes_in_the_users_subscription_take_no_shared_key(ask):
    props = {
        "poolAllocationMode": "UserSubscription",
        "keyVaultReference": VAULT,
        "allowedAuthenticationModes": ["AAD", "SharedKey"],
    }
    sample = Sample(type=tokens.BATCH_ACCOUNT, props=props)
    assert ask(ACCOUNT_USER_SUBSCRIPTION_KEYVAULT, sample).findings == [
        f"allowedAuthenticationModes[1] is SharedKey; {NEEDED}"
    ]


@pytest.mark.parametrize(
    ("storage", "expected"),
    [
        ({"authenticationMode": "BatchAccountManagedIdentity"}, "pass"),
        ({"authenticationMode": "batchaccountmanagedidentity"}, "pass"),
        ({"authenticationMode": "StorageKeys"}, "fail"),
        ({"storageAccountId": "an id"}, "fail"),
        ({"authenticationMode": UNKNOWN}, "undecided"),
        (UNKNOWN, "undecided"),
        (None, "not-applicable"),
        ({}, "not-applicable"),
        ({"authenticationMode": 1}, "fail"),
    ],
)
def test_storage_is_reached_by_identity(storage, expected, ask):
    sample = Sample(type=tokens.BATCH_ACCOUNT, props={"autoStorage": storage})
    assert ask(ACCOUNT_AUTOSTORAGE_IDENTITY, sample).verdict == expected
