"""Microsoft's Batch client against the data plane of an account that ARM's door has made."""

from __future__ import annotations

import datetime as dt

import pytest
from azure.batch import BatchClient
from azure.batch import models as batch
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

from imagefleet.simulate import running
from tests.simulate.path import ACCOUNT_ID, GROUP, VERSION_ID, Clients


def batch_client(doors, account_id=ACCOUNT_ID):
    return BatchClient(
        doors.batch_url(account_id),
        doors.credential(),
        credential_scopes=[doors.batch_scope],
        connection_verify=str(doors.ca_file),
    )


def pool_options(name="render", nodes=600, **more):
    return batch.BatchPoolCreateOptions(
        id=name,
        vm_size="standard_d4ds_v5",
        virtual_machine_configuration=batch.VirtualMachineConfiguration(
            image_reference=batch.BatchVmImageReference(virtual_machine_image_id=VERSION_ID),
            node_agent_sku_id="batch.node.ubuntu 22.04",
        ),
        target_dedicated_nodes=nodes,
        resize_timeout=dt.timedelta(minutes=15),
        **more,
    )


@pytest.fixture
def clients(doors):
    """An account with a replicated version, as the management clients make them."""
    made = Clients(doors)
    made.version(made.make_image().id).result()
    made.account()
    yield made
    made.close()


@pytest.fixture
def client(clients):
    with batch_client(clients.doors) as made:
        yield made


def test_a_pool_of_the_data_plane_is_the_same_pool_in_arm(clients, client):
    client.create_pool(pool_options(metadata=[batch.BatchMetadataItem(name="a", value="b")]))
    shown = client.get_pool("render")
    assert (shown.id, shown.state, shown.allocation_state) == ("render", "active", "resizing")
    assert shown.resize_timeout == dt.timedelta(minutes=15)
    machine = shown.virtual_machine_configuration
    assert machine.image_reference.virtual_machine_image_id == VERSION_ID
    assert machine.node_agent_sku_id == "batch.node.ubuntu 22.04"
    in_arm = clients.batch.pool.get(GROUP, "fleetbatch", "render")
    assert in_arm.scale_settings.fixed_scale.target_dedicated_nodes == 600
    assert in_arm.metadata[0].name == "a"
    assert client.pool_exists("render")
    with pytest.raises(ResourceExistsError):
        client.create_pool(pool_options())


def test_nodes_come_up_on_the_simulated_clock(clients, client):
    client.create_pool(pool_options())
    clients.doors.advance(5)
    counts = next(iter(client.list_pool_node_counts()))
    assert (counts.pool_id, counts.dedicated.total) == ("render", 200)
    assert counts.dedicated.creating == 40
    assert counts.dedicated.starting == 80
    assert counts.dedicated.idle == 80
    states = [node.state for node in client.list_nodes("render")]
    assert len(states) == 200
    assert states.count("idle") == 80
    clients.doors.advance(30)
    assert client.get_pool("render").allocation_state == "steady"
    idle = list(client.list_nodes("render", filter="state eq 'idle'"))
    assert len(idle) == 600
    assert client.get_node("render", idle[17].id).id == idle[17].id
    usage = list(client.list_pool_usage_metrics())
    assert usage[0].pool_id == "render"
    assert usage[0].total_core_hours > 0


def test_counts_are_those_of_the_nodes_one_by_one(clients, client):
    client.create_pool(pool_options(nodes=70, target_low_priority_nodes=130))
    for minutes in (0, 2, 2, 1, 20):
        clients.doors.advance(minutes)
        counts = next(iter(client.list_pool_node_counts(filter="poolId eq 'render'")))
        nodes = list(client.list_nodes("render"))
        for kind, shown in ((True, counts.dedicated), (False, counts.low_priority)):
            mine = [node.state for node in nodes if node.is_dedicated is kind]
            assert shown.total == len(mine)
            for state in ("creating", "starting", "idle"):
                assert getattr(shown, state) == mine.count(state)
    assert (counts.dedicated.idle, counts.low_priority.idle) == (70, 130)


def test_pages_of_nodes_follow_one_another(azure):
    with running(azure, batch_page=100) as doors:
        clients = Clients(doors)
        clients.whole_path()
        doors.advance(60)
        with batch_client(doors) as client:
            pages = [len(list(page)) for page in client.list_nodes("render").by_page()]
            ids = {node.id for node in client.list_nodes("render")}
        clients.close()
    assert pages == [100] * 6
    assert len(ids) == 600


def test_a_resize_is_polled_until_the_nodes_are_there(azure):
    with running(azure, latency=0.005) as doors:
        clients = Clients(doors)
        clients.version(clients.make_image().id).result()
        clients.account()
        with batch_client(doors) as client:
            client.create_pool(pool_options(nodes=0))
            client.begin_resize_pool(
                "render",
                batch.BatchPoolResizeOptions(target_dedicated_nodes=20),
                polling_interval=0,
            ).result()
            assert client.get_pool("render").current_dedicated_nodes == 20
        clients.close()


def test_a_stopped_resize_keeps_the_nodes_and_says_so(clients, client):
    client.create_pool(pool_options())
    clients.doors.advance(5)
    with pytest.raises(HttpResponseError) as refused:
        client.begin_resize_pool("render", batch.BatchPoolResizeOptions(target_dedicated_nodes=7))
    assert refused.value.status_code == 409
    client.begin_stop_pool_resize("render", polling_interval=0).result()
    pool = client.get_pool("render")
    assert (pool.allocation_state, pool.current_dedicated_nodes) == ("steady", 200)
    assert [error.code for error in pool.resize_errors] == ["ResizeStopped"]
    clients.doors.advance(60)
    assert client.get_pool("render").current_dedicated_nodes == 200
    poller = client.begin_resize_pool(
        "render", batch.BatchPoolResizeOptions(target_dedicated_nodes=600), polling_interval=1
    )
    clients.doors.advance(60)
    poller.result()
    assert client.get_pool("render").current_dedicated_nodes == 600


def test_autoscale_is_switched_on_evaluated_and_off(clients, client):
    client.create_pool(pool_options(nodes=3))
    clients.doors.advance(20)
    formula = "$TargetDedicatedNodes = 12;"
    client.enable_pool_auto_scale(
        "render", batch.BatchPoolEnableAutoScaleOptions(auto_scale_formula=formula)
    )
    run = client.evaluate_pool_auto_scale(
        "render", batch.BatchPoolEvaluateAutoScaleOptions(auto_scale_formula=formula)
    )
    assert run.results == "$TargetDedicatedNodes=12;$TargetLowPriorityNodes=0"
    clients.doors.advance(20)
    pool = client.get_pool("render")
    assert (pool.enable_auto_scale, pool.current_dedicated_nodes) == (True, 12)
    client.disable_pool_auto_scale("render")
    pool = client.get_pool("render")
    assert (pool.enable_auto_scale, pool.target_dedicated_nodes) == (False, 12)


def test_properties_are_changed_and_replaced(clients, client):
    start = batch.BatchStartTask(command_line="/bin/true", wait_for_success=True)
    client.create_pool(pool_options(nodes=1, start_task=start))
    client.update_pool(
        "render",
        batch.BatchPoolUpdateOptions(metadata=[batch.BatchMetadataItem(name="k", value="v")]),
    )
    pool = client.get_pool("render")
    assert pool.start_task.command_line == "/bin/true"
    assert pool.metadata[0].value == "v"
    client.replace_pool_properties(
        "render", batch.BatchPoolReplaceOptions(application_package_references=[], metadata=[])
    )
    pool = client.get_pool("render")
    assert (pool.start_task, pool.metadata or []) == (None, [])
    package = batch.BatchApplicationPackageReference(application_id="blender", version="4")
    client.update_pool(
        "render", batch.BatchPoolUpdateOptions(application_package_references=[package])
    )
    in_arm = clients.batch.pool.get(GROUP, "fleetbatch", "render")
    assert in_arm.application_packages[0].id == f"{ACCOUNT_ID}/applications/blender"
    shown = client.get_pool("render").application_package_references
    assert [(item.application_id, item.version) for item in shown] == [("blender", "4")]
    client.update_pool("render", batch.BatchPoolUpdateOptions(application_package_references=[]))
    assert not client.get_pool("render").application_package_references


def test_a_deleted_pool_is_gone_in_both_doors(clients, client):
    client.create_pool(pool_options(nodes=1))
    client.begin_delete_pool("render", polling_interval=0).result()
    assert list(client.list_pools()) == []
    with pytest.raises(ResourceNotFoundError) as missing:
        client.get_pool("render")
    assert missing.value.model.code == "PoolNotFound"
    with pytest.raises(ResourceNotFoundError):
        clients.batch.pool.get(GROUP, "fleetbatch", "render")


def test_supported_images_name_a_node_agent_each(client):
    images = list(client.list_supported_images())
    agents = {image.node_agent_sku_id for image in images}
    assert "batch.node.ubuntu 22.04" in agents
    jammy = next(i for i in images if i.image_reference.sku == "22_04-lts-gen2")
    assert jammy.os_type == "linux"
    assert jammy.batch_support_end_of_life.year == 2027


def test_the_endpoint_that_arm_shows_is_the_one_that_answers(clients):
    account = clients.batch.batch_account.get(GROUP, "fleetbatch")
    endpoint = f"https://{account.account_endpoint}"
    with BatchClient(
        endpoint,
        clients.doors.credential(),
        credential_scopes=[clients.doors.batch_scope],
        connection_verify=str(clients.doors.ca_file),
    ) as client:
        assert list(client.list_pools()) == []


def test_two_mounts_and_a_network_keep_their_names(clients, client):
    network = "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v"
    subnet = f"{network}/subnets/s"
    client.create_pool(
        pool_options(
            nodes=1,
            network_configuration=batch.NetworkConfiguration(
                subnet_id=subnet, enable_accelerated_networking=True
            ),
            mount_configuration=[
                batch.MountConfiguration(
                    nfs_mount_configuration=batch.NfsMountConfiguration(
                        source="10.0.0.4:/share", relative_mount_path="nfs"
                    )
                )
            ],
            task_scheduling_policy=batch.BatchTaskSchedulingPolicy(node_fill_type="pack"),
        )
    )
    pool = client.get_pool("render")
    assert pool.network_configuration.subnet_id == subnet
    assert pool.network_configuration.dynamic_vnet_assignment_scope == "none"
    assert pool.mount_configuration[0].nfs_mount_configuration.relative_mount_path == "nfs"
    assert pool.task_scheduling_policy.node_fill_type == "pack"
