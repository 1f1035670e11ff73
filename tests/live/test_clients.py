"""The one way to Azure: patient, read-only, stopped at once, and counting."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time

import pytest
from azure.core.exceptions import AzureError, HttpResponseError

from imagefleet.live.clients import Clients, ReadOnlyError
from imagefleet.live.credentials import caller_of, credential
from imagefleet.live.failures import clean, unreadable
from imagefleet.live.patience import Patience
from imagefleet.simulate.tokens import issue
from tests.live.conftest import HASTY, SUBSCRIPTION, refusal


def accounts(clients):
    return list(clients.batch(SUBSCRIPTION).batch_account.list())


def test_every_client_gets_in_with_an_azure_identity_credential(clients):
    assert accounts(clients) == []
    assert list(clients.compute(SUBSCRIPTION).galleries.list()) == []
    assert clients.resources(SUBSCRIPTION).providers.get("Microsoft.Batch").registration_state
    assert list(clients.access(SUBSCRIPTION).permissions.list_for_resource_group("any"))
    assert clients.caller().tenant == clients.endpoints.tenant
    assert clients.calls.count == 4


def test_a_client_is_made_once(clients):
    assert clients.batch(SUBSCRIPTION) is clients.batch(SUBSCRIPTION.upper())


def test_a_connection_is_used_again_by_every_client(clients, monkeypatch):
    handshakes = []
    shake = ssl.SSLSocket.do_handshake

    def counted(self, *arguments, **settings):
        handshakes.append(self)
        return shake(self, *arguments, **settings)

    clients.caller()
    monkeypatch.setattr(ssl.SSLSocket, "do_handshake", counted)
    for _ in range(3):
        accounts(clients)
        list(clients.compute(SUBSCRIPTION).galleries.list())
    # the first of them, unless the credential's own has been opened meanwhile
    assert 1 <= len(handshakes) <= 2


@pytest.mark.parametrize("fault", [429, 500, 503, "drop"])
def test_what_passes_by_is_asked_again(clients, around, fault):
    around.faults, around.times = {"batchaccounts": fault}, {"batchaccounts": 2}
    assert accounts(clients) == []
    assert len(around.paths) == clients.calls.count == 3


def test_retry_after_is_waited_for(clients, around):
    around.faults = {"batchaccounts": lambda *_: refusal(429, retry_after=1)}
    around.times = {"batchaccounts": 1}
    began = time.monotonic()
    assert accounts(clients) == []
    assert time.monotonic() - began >= 1


def test_a_wait_that_nobody_would_wait_is_not_begun(clients, around):
    around.faults = {"batchaccounts": lambda *_: refusal(429, retry_after=3600)}
    with pytest.raises(HttpResponseError) as refused:
        accounts(clients)
    assert "asked too much" in unreadable("the list", refused.value).why
    assert len(around.paths) == 1


def test_what_goes_on_is_given_up_after_the_retries(clients, around):
    around.faults = {"batchaccounts": 500}
    with pytest.raises(HttpResponseError) as refused:
        accounts(clients)
    assert len(around.paths) == 1 + Patience().retries
    assert "failed with 500" in str(unreadable("the list", refused.value))


def test_a_slow_answer_is_given_up(clients, around):
    around.faults = {"batchaccounts": lambda request, handler: time.sleep(1.5) or handler(request)}
    hasty = Clients(clients.endpoints, credential(clients.endpoints), patience=HASTY)
    with pytest.raises(AzureError) as late:
        accounts(hasty)
    hasty.close()
    assert unreadable("the list", late.value).code == "NoAnswer"


def test_stop_ends_a_wait_at_once(doors, clients, around):
    around.faults = {"batchaccounts": lambda *_: refusal(429, retry_after=50)}
    patient = Clients(clients.endpoints, credential(clients.endpoints), patience=Patience())
    threading.Timer(0.3, patient.stop.set).start()
    began = time.monotonic()
    with pytest.raises(AzureError):
        accounts(patient)
    assert time.monotonic() - began < 20
    patient.close()


def test_nothing_that_changes_something_is_sent(clients, around):
    with pytest.raises(ReadOnlyError):
        clients.resources(SUBSCRIPTION).providers.register("Microsoft.Batch")
    with pytest.raises(ReadOnlyError):
        clients.batch(SUBSCRIPTION).batch_account.get_keys("group", "account")
    assert around.paths == []


def test_asking_for_a_name_is_a_question(clients):
    answer = clients.batch(SUBSCRIPTION).location.check_name_availability(
        "westeurope", {"name": "fleet", "type": "Microsoft.Batch/batchAccounts"}
    )
    assert answer.name_available


def test_an_unregistered_provider_is_not_registered_behind_the_callers_back(clients, around):
    refused = lambda *_: refusal(409, "MissingSubscriptionRegistration")  # noqa: E731
    around.faults = {"checknameavailability": refused}
    with pytest.raises(HttpResponseError):
        clients.batch(SUBSCRIPTION).location.check_name_availability(
            "westeurope", {"name": "fleet", "type": "Microsoft.Batch/batchAccounts"}
        )
    assert len(around.paths) == 1
    assert "register" not in around.paths[0]


def test_a_token_says_who_asks():
    token = issue("https://management", "tenant", 0, principal="somebody")
    assert (caller_of(token).object_id, caller_of(token).tenant) == ("somebody", "tenant")
    assert caller_of("opaque").object_id is None


@pytest.mark.parametrize(
    ("claims", "kind"),
    [({"idtyp": "app"}, "ServicePrincipal"), ({"idtyp": "user"}, "User"), ({}, None)],
)
def test_a_token_says_what_kind_of_principal_asks(claims, kind):
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    assert caller_of(f"e30.{body}.sig").kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "https://a.blob/x?sv=1&sig=c2VjcmV0%3D&se=9",
        "Bearer c2VjcmV0.c2VjcmV0.x",
        "AccountKey=c2VjcmV0==;",
        "client_secret=c2VjcmV0",
    ],
)
def test_a_message_is_passed_on_without_what_must_stay_secret(text):
    assert "c2VjcmV0" not in clean(text)
