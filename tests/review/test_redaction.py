"""What looks like a credential is masked, in texts and under its name; the rest stays readable."""

from __future__ import annotations

import pytest

from imagefleet.review import redaction
from imagefleet.review.changes import review_of
from imagefleet.review.policy_words import policy_words
from imagefleet.review.run import Run

SECRET = redaction.SECRET


@pytest.mark.parametrize(
    "text",
    [
        "export DB_PASSWORD='hush 2'",
        'TOKEN = "hush"',
        '{"password": "hush"}',
        "https://hush@dev.azure.com/org",
        "https://someone:hush@github.com/o/r",
        "PASSWD=hush",
        "curl -u user:hush https://host",
        '--password "hush 2" --next',
        "?sv=1&sig=hush&se=2",
        "AccountKey=hush;EndpointSuffix=x",
        "Authorization: Bearer hushhushhush",
    ],
)
def test_a_credential_within_a_text_is_masked(text: str) -> None:
    masked = redaction.text(text)
    assert SECRET in masked
    assert "hush" not in masked
    assert '2"' not in masked


@pytest.mark.parametrize(
    "text",
    [
        "allowedAuthenticationModes is SharedKey; needed: AAD only",
        "https://docs.microsoft.com/azure/batch",
        "publisher: canonical",
        "the key of the pool",
    ],
)
def test_what_is_no_credential_is_left(text: str) -> None:
    assert redaction.text(text) == text


@pytest.mark.parametrize(
    "name",
    ["DB_PWD", "DB_PASSWD", "REGISTRY_PASS", "STORAGE_ACCOUNT_KEY_1", "ENCRYPTION_KEY", "tokens"],
)
@pytest.mark.parametrize("value", ["hush", 12345, {"inner": "hush"}, ["hush", {"deep": ["hush"]}]])
def test_whatever_stands_below_such_a_name_is_masked(name: str, value: object) -> None:
    shown = str(redaction.redacted({name: value}))
    assert SECRET in shown
    assert "hush" not in shown
    assert "12345" not in shown


def test_truth_values_and_other_names_stay() -> None:
    value = {"enableToken": True, "bypass": "x", "compass": 3, "secretless": "y"}
    assert redaction.redacted(value) == value


def test_errors_and_notes_of_a_review_are_masked() -> None:
    run = Run(errors=("ValueError: password=hush",), succeeded=False)
    review = review_of("dev", run, notes=("it said token=hush",))
    assert "hush" not in str((review.errors, review.notes))


def test_every_part_of_a_policys_message_is_masked() -> None:
    message = "found AccountKey=hush in x\n  a.b is password=hush\nRemedy: unset token=hush"
    words = list(policy_words({"policyName": "p", "message": message, "resourceUrn": "a::b"}))
    assert words
    assert "hush" not in str(words)
