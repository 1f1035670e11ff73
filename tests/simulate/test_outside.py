"""Outside facts at the doors: what a person told with `--outside` is what Azure's clients read."""

from __future__ import annotations

import pytest
from azure.batch import BatchClient
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.outside.parse import parse_outside
from tests.simulate.conftest import SUBSCRIPTION
from tests.simulate.path import ACCOUNT_ID, DISK_ID, GALLERY_ID, GROUP, GROUP_ID, POOL_ID, Clients

SUB = f"/subscriptions/{SUBSCRIPTION}"
OTHER = "99999999-9999-9999-9999-999999999999"
MACHINE = f"{SUB}/resourceGroups/builders/providers/Microsoft.Compute/virtualMachines/builder"
NETWORK = f"{SUB}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/fleet"
SUBNET = f"{NETWORK}/subnets/nodes"
DISK = {
    "location": "westeurope",
    "sku": {"name": "Premium_LRS"},
    "properties": {"osType": "Linux", "hyperVGeneration": "V2", "diskSizeGB": 64},
}
PRINCIPAL = "22222222-2222-2222-2222-222222222222"


@pytest.fixture
def suppose(azure):
    return lambda **document: azure.suppose(parse_outside(document))


@pytest.fixture
def clients(doors):
    made = Clients(doors)
    yield made
    made.close()


def code(error):
    return error.value.error.code


def test_what_nobody_told_is_not_made_up(client):
    status, body, _ = client.call("GET", DISK_ID)
    assert (status, body["error"]["code"]) == (501, "NotSupportedBySimulation")
    assert "unless --outside tells it" in body["error"]["message"]


def test_a_disk_is_read_as_it_was_told(suppose, clients):
    suppose(resources=[{"id": DISK_ID, "body": DISK}])
    disk = clients.compute.disks.get("builders", "os")
    assert (disk.id, disk.disk_size_gb, disk.sku.name) == (DISK_ID, 64, "Premium_LRS")
    assert [each.name for each in clients.compute.disks.list()] == ["os"]
    assert [each.name for each in clients.compute.disks.list_by_resource_group("builders")] == [
        "os"
    ]
    assert list(clients.compute.disks.list_by_resource_group("elsewhere")) == []


def test_what_was_told_is_forgotten_when_something_else_is_told(suppose, client):
    suppose(resources=[{"id": DISK_ID, "body": DISK}, {"id": MACHINE, "missing": True}])
    assert client.call("GET", DISK_ID)[0] == 200
    assert client.call("GET", MACHINE)[0] == 404
    suppose()
    assert client.call("GET", DISK_ID)[0] == client.call("GET", MACHINE)[0] == 501


def test_a_machine_shows_its_state_where_it_is_asked_for(suppose, clients):
    extension = f"{MACHINE}/extensions/agent"
    body = {
        "location": "westeurope",
        "properties": {
            "hardwareProfile": {"vmSize": "Standard_D4ds_v5"},
            "instanceView": {"statuses": [{"code": "OSState/generalized"}]},
        },
    }
    suppose(
        resources=[{"id": MACHINE, "body": body}, {"id": extension, "body": {"properties": {}}}]
    )
    machines = clients.compute.virtual_machines
    assert machines.get("builders", "builder").instance_view is None
    view = machines.get("builders", "builder", expand="instanceView").instance_view
    assert view.statuses[0].code == "OSState/generalized"
    found = clients.compute.virtual_machine_extensions.list("builders", "builder")
    assert [each.name for each in found.value] == ["agent"]


def test_a_subnet_is_read_by_its_id(suppose, clients):
    body = {"properties": {"addressPrefix": "10.0.0.0/28", "ipConfigurations": []}}
    suppose(resources=[{"id": SUBNET, "body": body}])
    found = clients.resources.resources.get_by_id(SUBNET, api_version="2024-05-01")
    assert found.properties["addressPrefix"] == "10.0.0.0/28"


def test_a_missing_disk_is_not_there_for_reads_access_and_snapshots(suppose, clients):
    suppose(resources=[{"id": DISK_ID, "missing": True}])
    with pytest.raises(ResourceNotFoundError):
        clients.compute.disks.get("builders", "os")
    with pytest.raises(ResourceNotFoundError):
        clients.compute.disks.begin_grant_access(
            "builders", "os", {"access": "Read", "durationInSeconds": 60}
        )
    with pytest.raises(ResourceNotFoundError):
        clients.make_image()


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        (DISK_ID, DISK_ID),
        (ACCOUNT_ID, ACCOUNT_ID),
        (GALLERY_ID, f"{GALLERY_ID}/images/ubuntu/versions/1.0.0"),
    ],
)
def test_what_may_not_be_read_answers_403_and_so_does_what_is_in_it(suppose, client, told, asked):
    suppose(resources=[{"id": told, "readable": False}])
    status, body, _ = client.call("GET", asked)
    assert (status, body["error"]["code"]) == (403, "AuthorizationFailed")


def test_the_model_looks_at_what_was_told(suppose, clients):
    suppose(resources=[{"id": DISK_ID, "body": {**DISK, "location": "japaneast"}}])
    with pytest.raises(ResourceNotFoundError, match="it is in japaneast"):
        clients.make_image()
    trusted = {**DISK["properties"], "securityProfile": {"securityType": "TrustedLaunch"}}
    suppose(resources=[{"id": DISK_ID, "body": {**DISK, "properties": trusted}}])
    with pytest.raises(HttpResponseError, match="TrustedLaunch"):
        clients.make_image()


def test_an_outside_snapshot_is_read_and_copied_and_made_an_image_of(suppose, clients, client):
    told = f"{SUB}/resourceGroups/builders/providers/Microsoft.Compute/snapshots/base"
    properties = {"osType": "Linux", "hyperVGeneration": "V2", "incremental": False}
    suppose(resources=[{"id": told, "body": {"location": "West Europe", "properties": properties}}])
    found = clients.compute.snapshots.get("builders", "base")
    assert (found.location, found.os_type, found.hyper_v_generation) == (
        "westeurope",
        "Linux",
        "V2",
    )
    body = {
        "location": "westeurope",
        "properties": {"creationData": {"createOption": "Copy", "sourceResourceId": told}},
    }
    client.call("PUT", GROUP_ID, {"location": "westeurope"})
    copy = f"{GROUP_ID}/providers/Microsoft.Compute/snapshots/copy"
    assert client.call("PUT", copy, body)[1]["properties"]["hyperVGeneration"] == "V2"
    disk = {"osType": "Windows", "osState": "Generalized", "snapshot": {"id": told}}
    image = f"{GROUP_ID}/providers/Microsoft.Compute/images/made"
    made = {"location": "westeurope", "properties": {"storageProfile": {"osDisk": disk}}}
    status, answer, _ = client.call("PUT", image, made)
    assert (status, answer["error"]["code"]) == (400, "InvalidParameter")
    assert client.call("DELETE", told)[0] == 202


def test_what_was_made_here_is_not_told(suppose, clients):
    clients.make_image()
    made = f"{GROUP_ID}/providers/Microsoft.Compute/snapshots/os"
    for told in ({"missing": True}, {"body": {"location": "westeurope"}}):
        with pytest.raises(WorkspaceError, match="was made here"):
            suppose(resources=[{"id": DISK_ID, "body": DISK}, {"id": made, **told}])
    assert clients.compute.snapshots.get(GROUP, "os").name == "os"
    with pytest.raises(HttpResponseError, match="NotSupportedBySimulation"):
        clients.compute.disks.get("builders", "os")


def test_a_told_snapshot_that_a_client_has_put_again_stays(suppose, clients, client):
    told = f"{GROUP_ID}/providers/Microsoft.Compute/snapshots/os"
    properties = {
        "creationData": {"createOption": "Copy", "sourceResourceId": DISK_ID},
        "incremental": True,
    }
    suppose(resources=[{"id": told, "body": {"location": "westeurope", "properties": properties}}])
    assert client.call("PATCH", told, {"tags": {"mine": "yes"}})[0] == 200
    suppose()
    assert client.call("GET", told)[1]["tags"] == {"mine": "yes"}


def test_an_outside_resource_is_not_changed(suppose, client):
    suppose(resources=[{"id": DISK_ID, "body": DISK}])
    assert client.call("DELETE", DISK_ID)[0] == 501


def test_a_subscription_is_as_it_was_told(suppose, clients, client):
    tenant = "77777777-7777-7777-7777-777777777777"
    suppose(
        subscriptions={
            SUBSCRIPTION: {"displayName": "Studio", "state": "Disabled", "tenant": tenant},
            OTHER: {"missing": True},
        }
    )
    status, body, _ = client.call("GET", SUB)
    assert (status, body["displayName"], body["state"]) == (200, "Studio", "Disabled")
    assert body["tenantId"] == tenant
    status, body, _ = client.call("GET", f"/subscriptions/{OTHER}")
    assert (status, body["error"]["code"]) == (404, "SubscriptionNotFound")
    _, body, _ = client.call("GET", "/subscriptions")
    assert [each["subscriptionId"] for each in body["value"]] == [SUBSCRIPTION]


def test_an_unreadable_subscription_still_holds_its_resources(suppose, client):
    suppose(subscriptions={SUBSCRIPTION: {"readable": False}})
    for path in (SUB, f"{SUB}/providers/Microsoft.Batch", f"{SUB}/providers"):
        status, body, _ = client.call("GET", path)
        assert (status, body["error"]["code"]) == (403, "AuthorizationFailed")
    assert client.call("PUT", GROUP_ID, {"location": "westeurope"})[0] == 201


def test_a_provider_that_is_not_registered_takes_nothing_until_it_is(suppose, clients):
    suppose(subscriptions={SUBSCRIPTION: {"providers": {"microsoft.batch": "NotRegistered"}}})
    providers = clients.resources.providers
    assert providers.get("Microsoft.Batch").registration_state == "NotRegistered"
    assert providers.get("Microsoft.Compute").registration_state == "Registered"
    clients.make_image()
    with pytest.raises(HttpResponseError) as error:
        clients.account()
    assert code(error) == "MissingSubscriptionRegistration"
    assert providers.register("Microsoft.Batch").registration_state == "Registered"
    assert clients.account().name == "fleetbatch"


def test_permissions_are_those_at_and_above_a_scope(suppose, clients):
    suppose(
        permissions=[
            {"scope": SUB, "actions": ["*/read"]},
            {"scope": f"{GROUP_ID}x", "actions": ["*"]},
            {"scope": GROUP_ID, "actions": ["Microsoft.Compute/*"], "notActions": ["*/delete"]},
        ]
    )
    found = list(clients.roles.permissions.list_for_resource_group(GROUP))
    assert [each.actions for each in found] == [["*/read"], ["Microsoft.Compute/*"]]
    assert [each.actions for each in clients.roles.permissions.list_for_resource_group("x")] == [
        ["*/read"]
    ]
    suppose(permissions=[])
    assert list(clients.roles.permissions.list_for_resource_group(GROUP)) == []


def test_grants_are_there_and_go_with_the_facts(suppose, clients):
    grant = {
        "scope": SUB, "role": "Reader", "principal": PRINCIPAL, "principalType": "Group",
    }  # fmt: skip
    suppose(grants=[grant])
    suppose(grants=[grant, {**grant, "role": "Disk Backup Reader", "scope": GROUP_ID}])
    found = list(clients.roles.role_assignments.list_for_scope(GROUP_ID))
    assert sorted(each.principal_type for each in found) == ["Group", "Group"]
    names = {clients.roles.role_definitions.get_by_id(each.role_definition_id).role_name
             for each in found}  # fmt: skip
    assert names == {"Reader", "Disk Backup Reader"}
    suppose()
    assert list(clients.roles.role_assignments.list_for_scope(GROUP_ID)) == []


def test_a_read_only_lock_stops_keys_and_changes_but_no_read(suppose, clients, client):
    clients.make_image()
    clients.account(modes=("SharedKey", "AAD"))
    assert clients.batch.batch_account.get_keys(GROUP, "fleetbatch").primary
    suppose(locks=[{"scope": GROUP_ID, "level": "ReadOnly", "name": "frozen"}])
    for attempt in (
        lambda: clients.batch.batch_account.get_keys(GROUP, "fleetbatch"),
        clients.make_image,
        lambda: clients.batch.batch_account.begin_delete(GROUP, "fleetbatch"),
    ):
        with pytest.raises(HttpResponseError) as error:
            attempt()
        assert code(error) == "ScopeLocked"
    assert clients.batch.batch_account.get(GROUP, "fleetbatch").name == "fleetbatch"
    _, body, _ = client.call("GET", f"{ACCOUNT_ID}/providers/Microsoft.Authorization/locks")
    assert [each["name"] for each in body["value"]] == ["frozen"]


def test_a_delete_lock_stops_deletes_of_what_is_above_it_too(suppose, clients, client):
    clients.make_image()
    suppose(locks=[{"scope": GALLERY_ID, "level": "CanNotDelete"}])
    for path in (GALLERY_ID, GROUP_ID):
        status, body, _ = client.call("DELETE", path)
        assert (status, body["error"]["code"]) == (409, "ScopeLocked")
    assert client.call("PATCH", GALLERY_ID, {"tags": {"a": "b"}})[0] == 200


def test_a_size_that_is_not_offered_is_restricted_and_not_batchs(suppose, clients):
    suppose(notOffered={"westeurope": ["Standard_D4ds_v5"]})
    found = {
        (sku.name, sku.locations[0]): sku.restrictions
        for place in ("westeurope", "northeurope")
        for sku in clients.compute.resource_skus.list(filter=f"location eq '{place}'")
    }
    (restriction,) = found["Standard_D4ds_v5", "westeurope"]
    assert (restriction.type, restriction.reason_code) == (
        "Location",
        "NotAvailableForSubscription",
    )
    assert found["Standard_D4ds_v5", "northeurope"] == []
    names = [
        sku.name for sku in clients.batch.location.list_supported_virtual_machine_skus("westeurope")
    ]
    assert "Standard_D4ds_v5" not in names
    assert "Standard_D2ds_v5" in names


def test_the_service_supports_the_images_that_were_told(suppose, doors, clients):
    clients.whole_path()
    image = {
        "nodeAgentSKUId": "batch.node.ubuntu 26.04",
        "imageReference": {"publisher": "canonical", "offer": "new", "sku": "server"},
        "osType": "linux",
        "verificationType": "unverified",
    }
    suppose(supportedImages=[image])
    with BatchClient(
        doors.batch_url(ACCOUNT_ID),
        doors.credential(),
        credential_scopes=[doors.batch_scope],
        connection_verify=str(doors.ca_file),
    ) as batch:
        (found,) = batch.list_supported_images()
    assert (found.node_agent_sku_id, found.verification_type) == (
        "batch.node.ubuntu 26.04",
        "unverified",
    )


def test_quotas_are_the_same_at_every_door(suppose, doors, clients):
    clients.whole_path()
    suppose(
        quotas={
            "accounts": {"fleetbatch": {"dedicatedCores": 400, "pools": 2}},
            "regions": {"westeurope": {"accounts": 1, "cores": 350, "coresByFamily": {
                "standardDDSv5Family": 40}}},
        }
    )  # fmt: skip
    account = clients.batch.batch_account.get(GROUP, "fleetbatch")
    assert (account.dedicated_core_quota, account.pool_quota) == (400, 2)
    assert clients.batch.location.get_quotas("westeurope").account_quota == 1
    limits = {each.name.value: each.limit for each in clients.compute.usage.list("westeurope")}
    assert (limits["cores"], limits["standardDDSv5Family"]) == (350, 40)
    clients.pool("second", nodes=200)
    with pytest.raises(HttpResponseError) as error:
        clients.pool("third")
    assert code(error) == "PoolQuotaReached"
    doors.advance(60)
    shown = clients.batch.pool.get(GROUP, "fleetbatch", "second")
    assert shown.current_dedicated_nodes == 0
    assert [each.code for each in shown.resize_operation_status.errors] == [
        "AccountCoreQuotaReached"
    ]
    with BatchClient(
        doors.batch_url(ACCOUNT_ID),
        doors.credential(),
        credential_scopes=[doors.batch_scope],
        connection_verify=str(doors.ca_file),
    ) as batch:
        (same,) = batch.get_pool("second").resize_errors
    assert same.code == "AccountCoreQuotaReached"
    assert POOL_ID.endswith("/render")


def test_what_is_told_outlives_the_doors(suppose, azure, tmp_path):
    suppose(resources=[{"id": DISK_ID, "body": DISK}], quotas={"accounts": {"*": {"pools": 3}}})
    azure.close()
    with azure.store.read() as transaction:
        from imagefleet.offline.outside.state import supposed

        assert supposed(transaction).quotas.account("any").pools == 3
        assert transaction.get(DISK_ID).state["location"] == "westeurope"
