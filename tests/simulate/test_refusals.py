"""What the doors refuse, and in whose words: tokens, versions, properties, what is not here."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from imagefleet.simulate import running
from imagefleet.simulate.messages import Answer, DroppedConnectionError
from imagefleet.simulate.tokens import issue
from tests.simulate.conftest import SUBSCRIPTION, Client
from tests.simulate.path import Clients

SUB = f"/subscriptions/{SUBSCRIPTION}"
GROUP = f"{SUB}/resourceGroups/fleet"
GALLERY = f"{GROUP}/providers/Microsoft.Compute/galleries/fleet"
ACCOUNT = f"{GROUP}/providers/Microsoft.Batch/batchAccounts/fleetbatch"


def refused(answer, status, code):
    assert (answer[0], answer[1]["error"]["code"]) == (status, code)
    return answer[1]["error"]


def make_group(client):
    assert client.call("PUT", GROUP, {"location": "westeurope"})[0] == 201


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (None, "AuthenticationFailed"),
        ("Basic abc", "AuthenticationFailed"),
        ("SharedKey fleetbatch:abc", "AuthenticationFailed"),
        ("Bearer not-a-token", "InvalidAuthenticationToken"),
        ("Bearer a.####.c", "InvalidAuthenticationToken"),
    ],
)
def test_a_request_without_a_local_bearer_token_is_refused(client, token, code):
    answer = client.call("GET", SUB, headers={"Authorization": token})
    refused(answer, 401, code)
    assert "authorization_uri=" in answer[2]["WWW-Authenticate"]


def test_audience_tenant_and_expiry_are_checked(client):
    arm, tenant = "https://management.azure.com", client.doors.site.tenant
    later = int(time.time()) + 60
    for token, code in (
        (issue("https://batch.core.windows.net/", tenant, later),
         "InvalidAuthenticationTokenAudience"),
        (issue(arm, "another-tenant", later), "InvalidAuthenticationTokenTenant"),
        (issue(arm, tenant, int(time.time()) - 1), "ExpiredAuthenticationToken"),
    ):  # fmt: skip
        answer = client.call("GET", SUB, headers={"Authorization": f"Bearer {token}"})
        refused(answer, 401, code)


def test_the_data_plane_takes_no_token_of_arm_and_answers_in_its_own_words(client):
    url = f"{client.doors.arm_url}/batch/nobody.westeurope"
    answer = client.call("GET", "/pools", url=url, version="2025-06-01")
    assert (answer[0], answer[1]["code"]) == (404, "ResourceNotFound")
    arm_token = f"Bearer {client.token()}"
    answer = client.call("GET", "/pools", url=url, headers={"Authorization": arm_token})
    assert (answer[0], answer[1]["code"]) == (401, "InvalidAuthenticationTokenAudience")
    assert answer[1]["message"]["lang"] == "en-US"


def test_the_doors_stand_on_loopback_alone(doors):
    address, port = doors.arm_url.removeprefix("https://").split(":")
    assert address == "127.0.0.1"
    socket.create_connection((address, int(port)), timeout=5).close()
    # A server that listens on every address would answer on this one too.
    with pytest.raises(OSError):  # noqa: PT011 refused here, unreachable on other systems
        socket.create_connection(("127.0.0.2", int(port)), timeout=5)


def test_a_client_may_come_by_batchs_own_host_name(client):
    make_group(client)
    account = {"location": "westeurope"}
    assert client.call("PUT", ACCOUNT, account)[0] == 202
    headers = {
        "Host": "fleetbatch.westeurope.batch.azure.com",
        "Authorization": f"Bearer {client.token(client.doors.batch_scope)}",
    }
    status, body, _ = client.call("GET", "/pools", version="2025-06-01", headers=headers)
    assert (status, body["value"]) == (200, [])


def test_another_cloud_has_other_audiences_and_regions(azure):
    with running(azure, environment="china") as doors:
        assert doors.batch_scope == "https://batch.chinacloudapi.cn//.default"
        client = Client(doors)
        _, places, _ = client.call("GET", f"{SUB}/locations")
        assert "chinanorth3" in [item["name"] for item in places["value"]]
        public = client.token("https://management.azure.com/.default")
        answer = client.call("GET", SUB, headers={"Authorization": f"Bearer {public}"})
        refused(answer, 401, "InvalidAuthenticationTokenAudience")


def test_a_null_in_a_patch_takes_a_property_away(client):
    make_group(client)
    body = {"location": "westeurope", "tags": {"a": "b"}, "properties": {"description": "x"}}
    assert client.call("PUT", GALLERY, body)[0] == 201
    assert client.call("PATCH", GALLERY, {"properties": {"description": None}})[0] == 200
    _, shown, _ = client.call("GET", GALLERY)
    assert "description" not in shown["properties"]
    assert shown["tags"] == {"a": "b"}


def test_clients_that_put_one_thing_at_once_make_one_thing(client):
    make_group(client)
    body = {"location": "westeurope"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.call("PUT", GALLERY, body)[0], range(24)))
    assert set(answers) <= {200, 201}
    _, listed, _ = client.call("GET", GALLERY.rpartition("/")[0])
    assert len(listed["value"]) == 1


def test_every_request_names_its_api_version(client):
    refused(client.call("GET", SUB, version=None), 400, "MissingApiVersionParameter")
    refused(client.call("GET", SUB, version="latest"), 400, "InvalidApiVersionParameter")


def test_a_property_that_nobody_knows_is_refused_by_its_name(client):
    make_group(client)
    body = {"location": "westeurope", "properties": {"descripton": "x"}}
    error = refused(client.call("PUT", GALLERY, body), 400, "InvalidRequestContent")
    assert error["target"] == "properties.descripton"
    assert "description" in error["message"]
    nested = {"location": "westeurope", "properties": {"sharingProfile": {"permission": "Private"}}}
    error = refused(client.call("PUT", GALLERY, nested), 400, "InvalidRequestContent")
    assert error["target"] == "properties.sharingProfile.permission"
    misplaced = {"location": "westeurope", "description": "x"}
    error = refused(client.call("PUT", GALLERY, misplaced), 400, "InvalidRequestContent")
    assert error["target"] == "description"
    assert client.call("GET", GALLERY)[0] == 404


def test_what_only_the_service_writes_is_not_taken_from_a_request(client):
    make_group(client)
    body = {
        "id": "/nonsense",
        "name": "nonsense",
        "location": "westeurope",
        "properties": {"provisioningState": "Failed", "identifier": {"uniqueName": "mine"}},
    }
    assert client.call("PUT", GALLERY, body)[0] == 201
    _, shown, _ = client.call("GET", GALLERY)
    assert (shown["name"], shown["properties"]["provisioningState"]) == ("fleet", "Succeeded")
    assert shown["properties"]["identifier"]["uniqueName"] != "mine"


def test_bodies_and_locations_are_required(client):
    make_group(client)
    refused(client.call("PUT", GALLERY, {}), 400, "LocationRequired")
    refused(client.call("PUT", GALLERY, [1]), 400, "InvalidRequestContent")
    account = {"location": "westeurope", "properties": {"autoStorage": {"storageAccountId": 7}}}
    refused(client.call("PUT", ACCOUNT, account), 400, "InvalidRequestContent")


def test_what_is_not_there_is_named(client):
    refused(client.call("GET", GALLERY), 404, "ResourceGroupNotFound")
    make_group(client)
    error = refused(client.call("GET", GALLERY), 404, "ResourceNotFound")
    assert GALLERY in error["message"]
    assert client.call("DELETE", GALLERY)[0] == 204
    definition = {
        "location": "westeurope",
        "properties": {
            "osType": "Linux",
            "osState": "Generalized",
            "identifier": {"publisher": "a", "offer": "b", "sku": "c"},
        },
    }
    answer = client.call("PUT", f"{GALLERY}/images/ubuntu", definition)
    refused(answer, 404, "ParentResourceNotFound")


def test_types_and_actions_that_are_not_simulated_are_named(client):
    machines = f"{GROUP}/providers/Microsoft.Compute/virtualMachines"
    error = refused(client.call("GET", machines), 501, "NotSupportedBySimulation")
    assert "virtualMachines" in error["message"]
    storage = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/a"
    refused(client.call("GET", storage), 501, "NotSupportedBySimulation")
    site = f"{GROUP}/providers/Microsoft.Web/sites/a"
    refused(client.call("GET", site), 404, "InvalidResourceNamespace")
    error = refused(client.call("POST", f"{GALLERY}/share", {}), 501, "NotSupportedBySimulation")
    assert "share" in error["message"]
    refused(client.call("GET", f"{SUB}/resourceGroups?$filter=x+gt+3"), 501,
            "NotSupportedBySimulation")  # fmt: skip
    refused(client.call("POST", "/nowhere"), 404, "NotFound")


def test_an_operation_that_nobody_began_is_not_found(client):
    where = f"{SUB}/providers/Microsoft.Compute/locations/westeurope/operations/abc"
    refused(client.call("GET", where), 404, "NotFound")


def test_a_second_create_is_refused_where_the_caller_asks_for_a_new_one(client):
    make_group(client)
    body = {"location": "westeurope"}
    headers = {"If-None-Match": "*"}
    assert client.call("PUT", GALLERY, body, headers=headers)[0] == 201
    answer = client.call("PUT", GALLERY, body, headers=headers)
    refused(answer, 412, "PreconditionFailed")


def test_what_stands_around_the_handlers_may_answer_delay_or_cut(azure):
    seen = []

    def around(request, handler):
        seen.append(request.method)
        if "slow" in request.path:
            return Answer(status=429, body={"error": {"code": "TooManyRequests"}},
                          headers={"Retry-After": "7"})  # fmt: skip
        if "cut" in request.path:
            handler(request)
            raise DroppedConnectionError
        return handler(request)

    with running(azure, around=around) as doors:
        client = Client(doors)
        status, _, headers = client.call("GET", f"{SUB}/resourceGroups/slow")
        assert (status, headers["Retry-After"]) == (429, "7")
        with pytest.raises((ConnectionError, OSError)):
            client.call("PUT", f"{SUB}/resourceGroups/cut", {"location": "westeurope"})
        assert client.call("GET", f"{SUB}/resourceGroups/other")[0] == 404
        with azure.store.read() as transaction:
            assert transaction.get(f"{SUB}/resourceGroups/cut") is not None
    assert seen == ["GET", "PUT", "GET"]


def test_a_cut_connection_is_tried_again_by_the_client(azure):
    """The client's own retry makes one resource of two requests."""
    cut = []

    def around(request, handler):
        answer = handler(request)
        if request.method == "PUT" and not cut:
            cut.append(request.path)
            raise DroppedConnectionError
        return answer

    with running(azure, around=around) as doors:
        clients = Clients(doors)
        made = clients.resources.resource_groups.create_or_update(
            "fleet", {"location": "westeurope"}
        )
        assert (made.name, len(cut)) == ("fleet", 1)
        clients.close()
