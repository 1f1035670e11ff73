"""Actions, resource providers, permissions, SKUs, usages and quotas over ARM."""

from __future__ import annotations

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.batch import models as batch

from tests.simulate.conftest import SUBSCRIPTION
from tests.simulate.path import DISK_ID, GROUP, PLACE, Clients


@pytest.fixture
def clients(doors):
    made = Clients(doors)
    yield made
    made.close()


def test_access_to_a_disk_and_a_snapshot_is_an_operation_with_a_link(clients):
    clients.make_image()
    want = {"access": "Read", "durationInSeconds": 300}
    disk_group = DISK_ID.split("/")[4]
    link = clients.compute.disks.begin_grant_access(disk_group, "os", want).result()
    assert link.access_sas.startswith(clients.doors.arm_url)
    link = clients.compute.snapshots.begin_grant_access(GROUP, "os", want).result()
    assert "sig=" in link.access_sas
    clients.compute.snapshots.begin_revoke_access(GROUP, "os").result()
    with pytest.raises(HttpResponseError) as refused:
        clients.compute.snapshots.begin_grant_access(GROUP, "none", want).result()
    assert refused.value.status_code == 404
    with pytest.raises(HttpResponseError) as refused:
        clients.compute.snapshots.begin_grant_access(
            GROUP, "os", {"access": "Read", "durationInSeconds": 0}
        ).result()
    assert "durationInSeconds" in refused.value.error.message


def test_the_keys_of_an_entra_only_account_are_refused(clients):
    clients.resources.resource_groups.create_or_update(GROUP, {"location": PLACE})
    clients.account()
    with pytest.raises(HttpResponseError) as refused:
        clients.batch.batch_account.get_keys(GROUP, "fleetbatch")
    assert refused.value.status_code == 403
    assert "SharedKey" in refused.value.error.message
    clients.account(modes=("AAD", "SharedKey"))
    keys = clients.batch.batch_account.get_keys(GROUP, "fleetbatch")
    assert keys.account_name == "fleetbatch"
    assert keys.primary != keys.secondary


def test_a_resize_is_stopped_and_autoscale_switched_off_over_arm(clients):
    clients.whole_path()
    clients.doors.advance(5)
    pool = clients.batch.pool.stop_resize(GROUP, "fleetbatch", "render")
    assert (pool.allocation_state, pool.current_dedicated_nodes) == ("Steady", 200)
    assert pool.resize_operation_status.errors[0].code == "ResizeStopped"
    with pytest.raises(HttpResponseError) as refused:
        clients.batch.pool.stop_resize(GROUP, "fleetbatch", "render")
    assert refused.value.error.code == "PoolNotBeingResized"
    scale = batch.ScaleSettings(
        auto_scale=batch.AutoScaleSettings(formula="$TargetDedicatedNodes = 9;")
    )
    pool = clients.batch.pool.update(
        GROUP, "fleetbatch", "render", batch.Pool(scale_settings=scale)
    )
    assert pool.auto_scale_run.results.startswith("$TargetDedicatedNodes=9")
    pool = clients.batch.pool.disable_auto_scale(GROUP, "fleetbatch", "render")
    assert pool.scale_settings.fixed_scale.target_dedicated_nodes == 9
    assert pool.scale_settings.auto_scale is None


def test_providers_are_listed_and_registered(clients):
    providers = clients.resources.providers
    assert {"Microsoft.Batch", "Microsoft.Compute"} <= {p.namespace for p in providers.list()}
    batch_provider = providers.register("Microsoft.Batch")
    assert batch_provider.registration_state == "Registered"
    types = {item.resource_type: item for item in providers.get("Microsoft.Batch").resource_types}
    assert "westeurope" in types["batchAccounts"].locations
    with pytest.raises(HttpResponseError) as refused:
        providers.get("Microsoft.Nothing")
    assert refused.value.error.code == "InvalidResourceNamespace"
    with pytest.raises(HttpResponseError) as refused:
        providers.unregister("Microsoft.Batch")
    assert refused.value.status_code == 501


def test_sizes_usages_and_quotas_of_a_region(clients):
    skus = list(clients.compute.resource_skus.list(filter="location eq 'westeurope'"))
    d4 = next(sku for sku in skus if sku.name == "Standard_D4ds_v5")
    assert {c.name: c.value for c in d4.capabilities}["vCPUs"] == "4"
    assert d4.family == "standardDDSv5Family"
    usages = {u.name.value: u for u in clients.compute.usage.list("westeurope")}
    assert usages["cores"].limit > usages["cores"].current_value
    assert usages["standardDDSv5Family"].unit == "Count"
    location = clients.batch.location
    assert location.get_quotas("westeurope").account_quota > 0
    names = [sku.name for sku in location.list_supported_virtual_machine_skus("westeurope")]
    assert names == sorted(names)
    assert "Standard_D4ds_v5" in names


def test_a_name_is_free_until_an_account_takes_it(clients):
    clients.resources.resource_groups.create_or_update(GROUP, {"location": PLACE})
    ask = batch.CheckNameAvailabilityParameters(
        name="fleetbatch", type="Microsoft.Batch/batchAccounts"
    )
    free = clients.batch.location.check_name_availability
    assert free(PLACE, ask).name_available
    clients.account()
    taken = free(PLACE, ask)
    assert (taken.name_available, taken.reason) == (False, "AlreadyExists")
    ask.name = "Not A Name"
    assert free(PLACE, ask).reason == "Invalid"


def test_subscriptions_tenants_and_locations(client):
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/fleet"
    client.call("PUT", group, {"location": "westeurope"})
    _, listed, _ = client.call("GET", "/subscriptions")
    assert [item["subscriptionId"] for item in listed["value"]] == [SUBSCRIPTION]
    _, one, _ = client.call("GET", f"/subscriptions/{SUBSCRIPTION}")
    assert one["state"] == "Enabled"
    _, places, _ = client.call("GET", f"/subscriptions/{SUBSCRIPTION}/locations")
    assert "westeurope" in [item["name"] for item in places["value"]]
    _, tenants, _ = client.call("GET", "/tenants")
    assert tenants["value"][0]["tenantId"] == client.doors.site.tenant
    assert client.call("HEAD", group)[0] == 204
