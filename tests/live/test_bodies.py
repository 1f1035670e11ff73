"""Answers as plain values, also where a client hands out JSON in place of a model, or no end."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from azure.core.paging import ItemPaged
from azure.mgmt.resource.resources.models import Provider

from imagefleet.live.bodies import EndlessListError, bodies, members, plain
from imagefleet.live.doctor import reads
from imagefleet.live.patience import MOST_PAGES
from imagefleet.simulate.messages import Answer
from tests.live.conftest import SUBSCRIPTION

JSON = {"namespace": "Microsoft.Batch", "registrationState": "Registered"}
MACHINE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Compute/"
    "virtualMachines/builder"
)


def test_a_model_and_the_json_in_its_place_are_the_same():
    assert plain(Provider(JSON)) == plain(dict(JSON)) == JSON


def answering(**calls):
    """Clients of which each call hands out the JSON as it came."""
    parts = {name: lambda *_, answer=answer, **__: answer for name, answer in calls.items()}
    client = SimpleNamespace(**parts)
    made = SimpleNamespace(location=client, virtual_machine_extensions=client, providers=client)
    return SimpleNamespace(batch=lambda _: made, compute=lambda _: made, resources=lambda _: made)


def test_every_get_takes_json_in_place_of_a_model():
    clients = answering(
        get_quotas={"accountQuota": 3}, list={"value": [{"name": "agent"}]}, get=JSON
    )
    assert reads.account_quota(SUBSCRIPTION, "westeurope").call(clients) == 3
    assert reads.extensions(MACHINE).call(clients) == ({"name": "agent"},)
    assert reads.provider(SUBSCRIPTION, "Microsoft.Batch").call(clients) == "Registered"


class Listed:
    """A list of Azure's clients in so many pages."""

    def __init__(self, count):
        self.count = count

    def by_page(self):
        return ItemPaged(self.page, self.taken).by_page()

    def page(self, token):
        return int(token or 1)

    def taken(self, number):
        return (str(number + 1) if number < self.count else None), [number]


def test_a_list_that_has_ended_is_taken_whatever_its_length():
    assert list(members(Listed(MOST_PAGES + 1)))[-1] == MOST_PAGES + 1
    with pytest.raises(EndlessListError, match="does not end"):
        list(members(Listed(MOST_PAGES + 2)))


def test_a_list_whose_page_leads_to_itself_ends_with_an_error(doors, clients, around):
    here = f"{doors.arm_url}/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Batch/batchAccounts"
    again = {"value": [], "nextLink": f"{here}?api-version=2025-06-01"}
    around.faults = {"batchaccounts": lambda *_: Answer(status=200, body=again)}
    with pytest.raises(EndlessListError, match="does not end"):
        list(bodies(clients.batch(SUBSCRIPTION).batch_account.list()))
    assert len(around.paths) == 2
