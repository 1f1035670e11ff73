"""The doors as a server: what they leave behind, what they are called by, how their clock moves."""

from __future__ import annotations

import json
import socket
import threading

import pytest
from azure.batch import BatchClient

from imagefleet.domain import clouds
from imagefleet.offline.store import Store
from imagefleet.simulate import running
from imagefleet.simulate.messages import Request
from imagefleet.simulate.site import Pace
from tests.simulate.conftest import Client
from tests.simulate.path import ACCOUNT_ID, GROUP_ID, Clients

HOST = "fleetbatch.westeurope.batch.azure.com"


def workers():
    return [each.name for each in threading.enumerate() if each.name.startswith("doors")]


def test_no_thread_of_the_doors_outlives_them(azure):
    def around(request: Request, handler):
        return handler(request)

    with running(azure, around=around) as doors:
        assert Client(doors).call("GET", "/tenants")[0] == 200
        assert workers() != []
    assert workers() == []


@pytest.mark.parametrize("cloud", clouds.Cloud)
def test_the_description_is_what_a_client_of_the_cloud_needs(azure, cloud, tmp_path):
    profile = clouds.profile(cloud)
    with running(azure, environment=profile.environment, folder=tmp_path) as doors:
        about = doors.description()
    assert about == {
        "armUrl": doors.arm_url,
        "armScope": profile.resource_manager_scope,
        "authorityUrl": doors.arm_url,
        "batchScope": profile.batch_scope,
        "caFile": str((tmp_path / "ca.pem").resolve()),
        "tenantId": doors.site.tenant,
    }
    assert json.loads(json.dumps(about)) == about


def test_batchs_own_host_name_is_one_that_the_certificate_has(azure, monkeypatch):
    """A client that finds the name on loopback (a line of its hosts file) comes in over TLS."""
    found = socket.getaddrinfo
    asked = []

    def on_loopback(host, *arguments, **options):
        asked.append(host)
        return found("127.0.0.1" if host == HOST else host, *arguments, **options)

    with running(azure) as doors:
        clients = Clients(doors)
        clients.whole_path()
        clients.close()
        monkeypatch.setattr(socket, "getaddrinfo", on_loopback)
        port = doors.arm_url.rpartition(":")[2]
        with BatchClient(
            f"https://{HOST}:{port}",
            doors.credential(),
            credential_scopes=[doors.batch_scope],
            connection_verify=str(doors.ca_file),
        ) as client:
            assert [pool.id for pool in client.list_pools()] == ["render"]
    assert HOST in asked


class Counted:
    """Counts the transactions of a store."""

    def __init__(self, monkeypatch):
        self.reads = self.writes = 0
        read, write = Store.read, Store.write

        def reading(store):
            self.reads += 1
            return read(store)

        def writing(store):
            self.writes += 1
            return write(store)

        monkeypatch.setattr(Store, "read", reading)
        monkeypatch.setattr(Store, "write", writing)


def test_a_question_writes_nothing_until_a_simulated_second_has_passed(azure, monkeypatch):
    seconds = [0.0]
    with running(azure, pace=Pace(60, now=lambda: seconds[0])) as doors:
        client, counted = Client(doors), Counted(monkeypatch)
        for _ in range(5):
            seconds[0] += 0.15
            assert client.call("GET", "/tenants")[0] == 200
        assert counted.writes == 0
        seconds[0] += 0.5
        _, clock, _ = client.call("GET", "/simulated/clock")
    assert counted.writes == 1
    assert clock["minutes"] == pytest.approx(1.25 / 60)


def test_a_list_reads_the_state_as_often_for_many_as_for_one(azure, monkeypatch):
    lists = [
        (f"{ACCOUNT_ID}/pools", ""),
        ("/pools", "url"),
        ("/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups", ""),
        (f"{GROUP_ID}/providers/Microsoft.Authorization/roleAssignments", ""),
    ]
    with running(azure) as doors:
        clients, client = Clients(doors), Client(doors)
        clients.whole_path()

        def reads():
            found = []
            for path, on_data_plane in lists:
                url = doors.batch_url(ACCOUNT_ID) if on_data_plane else None
                with monkeypatch.context() as patch:
                    counted = Counted(patch)
                    status, body, _ = client.call("GET", path, url=url)
                    found.append((status, counted.reads))
                sizes.append(len(body["value"]))
            return found

        sizes = []
        few = reads()
        for number in range(4):
            clients.pool(f"more{number}", nodes=0)
            clients.resources.resource_groups.create_or_update(
                f"more{number}", {"location": "westeurope"}
            )
        many = reads()
        clients.close()
    assert sizes == [1, 1, 1, 1, 5, 5, 5, 1]
    assert few == many
    assert {status for status, _ in few} == {200}


def test_a_change_of_a_pool_reads_it_no_more_than_it_must(azure, monkeypatch):
    with running(azure) as doors:
        clients, client = Clients(doors), Client(doors)
        clients.whole_path()
        clients.close()
        url = doors.batch_url(ACCOUNT_ID)
        counted = Counted(monkeypatch)
        assert client.call("GET", "/pools/render", url=url)[0] == 200
        assert counted.reads == 2, "the account, and the pool"
        body = {"metadata": [{"name": "a", "value": "b"}]}
        assert client.call("PATCH", "/pools/render", body, url=url)[0] == 200
        assert counted.reads == 2 + 3, "the account, the pool for conditions, its inputs"
