"""Mishaps at the doors: what Azure's clients make of them, and the count of what they asked."""

from __future__ import annotations

import contextlib
import threading

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError

from imagefleet.simulate import running
from imagefleet.simulate.messages import Answer, Request
from imagefleet.simulate.mishaps import Mishap, Mishaps
from tests.simulate.path import GROUP, GROUP_ID, Clients

SKUS = "*/microsoft.compute/skus"


@contextlib.contextmanager
def clients_with(azure, *mishaps):
    around = Mishaps(*mishaps)
    with running(azure, around=around) as doors:
        clients = Clients(doors)
        try:
            yield clients, around
        finally:
            clients.close()


@pytest.mark.parametrize(
    "mishap",
    [
        Mishap(path=SKUS, status=429, retry_after=1, times=1),
        Mishap(path=SKUS, status=503, times=1),
        Mishap(path=SKUS, drop=True, times=1),
    ],
    ids=["throttled", "unavailable", "dropped"],
)
def test_a_list_of_what_no_fault_plan_meets_is_asked_again(azure, mishap):
    with clients_with(azure, mishap) as (clients, around):
        assert next(iter(clients.compute.resource_skus.list()))
    assert len(around.seen) == 2


def test_a_refusal_that_stays_reaches_the_caller_with_its_code(azure):
    with clients_with(azure, Mishap(method="GET", status=403)) as (clients, _):
        with pytest.raises(HttpResponseError) as error:
            clients.resources.resource_groups.get(GROUP)
        assert (error.value.status_code, error.value.error.code) == (403, "AuthorizationFailed")


def test_an_answer_that_is_lost_leaves_what_was_done(azure):
    lost = Mishap(method="PUT", drop=True, served=True, times=1)
    with clients_with(azure, lost) as (clients, around):
        with pytest.raises((ServiceRequestError, ServiceResponseError)):
            clients.resources.resource_groups.create_or_update(
                GROUP, {"location": "westeurope"}, retry_total=0
            )
        assert clients.resources.resource_groups.get(GROUP).name == GROUP
    assert [(method, path.casefold()) for method, path in around.seen] == [
        ("PUT", GROUP_ID.casefold()),
        ("GET", GROUP_ID.casefold()),
    ]


def test_slow_answers_do_not_wait_for_each_other(azure):
    together = threading.Barrier(3, timeout=30)
    listed = []

    def meet(request: Request, handler) -> Answer:
        together.wait()
        return handler(request)

    with running(azure, around=meet) as doors:
        clients = Clients(doors)
        threads = [
            threading.Thread(
                target=lambda: listed.append(list(clients.resources.resource_groups.list()))
            )
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        clients.close()
    # Each was held until all three had come; a broken barrier would have been an error of its own.
    assert listed == [[], [], []]
    assert not together.broken


def test_a_mishap_is_used_up_and_the_next_one_follows():
    around = Mishaps(Mishap(status=500, times=1), Mishap(path="/a*", status=404, times=1))
    request = Request(method="GET", path="/abc")
    statuses = []
    for _ in range(3):
        try:
            statuses.append(around(request, lambda _: Answer(status=200)).status)
        except Exception as error:  # noqa: BLE001 the status is what is asked for
            statuses.append(error.status)
    assert statuses == [500, 404, 200]
    assert around.seen == [("GET", "/abc")] * 3


def test_a_slow_request_is_served_in_the_end():
    around = Mishaps(Mishap(seconds=0.001))
    assert around(Request(method="GET", path="/"), lambda _: Answer(status=204)).status == 204
