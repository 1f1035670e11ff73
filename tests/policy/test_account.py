"""Batch accounts take Entra authentication only."""

from __future__ import annotations

import pytest

from rules import tokens
from rules.account import ACCOUNT_ENTRA_ONLY
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
