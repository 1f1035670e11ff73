"""One credential for all clients: asked by one at a time, kept, and patient as they are."""

from __future__ import annotations

import threading
import time

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from imagefleet.live.clients import Clients
from imagefleet.live.credentials import OneAtATime, credential
from imagefleet.live.crew import Crew
from imagefleet.live.patience import Patience
from tests.live.conftest import QUICK, SUBSCRIPTION

SCOPE = "https://management/.default"


class Slow:
    """Stands for Azure CLI: takes a moment, and knows how many asked at a time."""

    def __init__(self, lasts=3600.0, refuses=False):
        self.lasts, self.refuses = lasts, refuses
        self.asked, self.now, self.most = [], 0, 0

    def get_token(self, *scopes, **options):
        self.asked.append((scopes, options.get("claims")))
        self.now += 1
        self.most = max(self.most, self.now)
        time.sleep(0.1)
        self.now -= 1
        if self.refuses:
            raise ClientAuthenticationError("nobody")
        return AccessToken(f"token {len(self.asked)}", int(time.time() + self.lasts))


def ask_together(wrapped, count=16):
    """What so many threads get that ask at the same moment."""
    together = threading.Barrier(count)

    def ask():
        together.wait()
        return wrapped.get_token(SCOPE).token

    with Crew(count) as crew:
        futures = [crew.submit(ask) for _ in range(count)]
        return [future.exception() or future.result() for future in futures]


def test_sixteen_clients_at_once_are_one_question():
    slow = Slow()
    assert ask_together(OneAtATime(slow)) == ["token 1"] * 16
    assert (len(slow.asked), slow.most) == (1, 1)


def test_sixteen_clients_at_once_are_one_refusal_and_the_next_is_asked_anew():
    slow = Slow(refuses=True)
    wrapped = OneAtATime(slow)
    assert {type(each) for each in ask_together(wrapped)} == {ClientAuthenticationError}
    assert len(slow.asked) == 1
    slow.refuses = False
    assert [wrapped.get_token(SCOPE).token] == ["token 2"]


def test_an_old_refusal_is_no_answer_while_another_scope_is_asked():
    slow = Slow(refuses=True)
    wrapped = OneAtATime(slow)
    with pytest.raises(ClientAuthenticationError):
        wrapped.get_token(SCOPE)
    slow.refuses = False
    with Crew(1) as crew:
        other = crew.submit(lambda: wrapped.get_token("https://batch/.default").token)
        while not slow.now and not other.done():
            time.sleep(0.001)
        assert [wrapped.get_token(SCOPE).token, other.result()] == ["token 3", "token 2"]


def test_a_token_is_kept_for_its_scope_alone():
    slow = Slow()
    wrapped = OneAtATime(slow)
    for scope in (SCOPE, "https://batch/.default", SCOPE):
        wrapped.get_token(scope)
    assert len(slow.asked) == 2


def test_a_token_that_ends_soon_is_not_handed_out_again():
    slow = Slow(lasts=200)
    wrapped = OneAtATime(slow)
    assert [wrapped.get_token(SCOPE).token for _ in range(2)] == ["token 1", "token 2"]


def test_new_claims_ask_again_and_what_they_bring_is_kept():
    slow = Slow()
    wrapped = OneAtATime(slow)
    given = [wrapped.get_token(SCOPE, claims=claims).token for claims in (None, "{}", None)]
    assert given == ["token 1", "token 2", "token 2"]
    assert [claims for _, claims in slow.asked] == [None, "{}"]


class Refusing:
    """Around the doors: counts questions for tokens, and refuses them all."""

    def __init__(self, retry_after=None):
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self.tokens = 0

    def __call__(self, request, handler):
        from imagefleet.simulate.messages import Answer

        if "/oauth2/" in request.path:
            self.tokens += 1
            return Answer(status=503, body={"error": "busy"}, headers=self.headers)
        return handler(request)


@pytest.fixture
def around():
    return Refusing()


def test_a_credential_is_asked_again_as_often_as_any_request(doors, clients, around):
    with pytest.raises(ClientAuthenticationError):
        credential(clients.endpoints, patience=QUICK).get_token(clients.endpoints.arm_scope)
    assert around.tokens == 1 + QUICK.retries


def test_stop_ends_a_credentials_wait_too(doors, clients, around):
    around.headers = {"Retry-After": "50"}
    stop = threading.Event()
    who = credential(clients.endpoints, patience=Patience(), stop=stop)
    patient = Clients(clients.endpoints, who, patience=Patience(), stop=stop)
    threading.Timer(0.3, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Exception, match="stopped while waiting"):
        list(patient.batch(SUBSCRIPTION).batch_account.list())
    assert time.monotonic() - began < 20
    patient.close()
