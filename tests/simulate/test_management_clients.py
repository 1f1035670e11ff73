"""Microsoft's management clients go the document's whole path against the doors."""

from __future__ import annotations

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.batch import models as batch
from azure.mgmt.compute import models as compute

from imagefleet.simulate import running
from imagefleet.simulate.site import Pace
from tests.simulate.path import (
    ACCOUNT_ID,
    GALLERY_ID,
    GRANT,
    GROUP,
    GROUP_ID,
    PLACE,
    POOL_ID,
    PRINCIPAL,
    ROLE,
    VERSION_ID,
    Clients,
)

PASSWORD = "not shown again"  # noqa: S105 a test's own


@pytest.fixture
def clients(doors):
    made = Clients(doors)
    yield made
    made.close()


def test_the_whole_path_is_made_read_back_and_deleted_bottom_up(clients):
    pool = clients.whole_path()
    assert (pool.id, pool.allocation_state, pool.provisioning_state) == (
        POOL_ID,
        "Resizing",
        "Succeeded",
    )
    compute_client, batch_client = clients.compute, clients.batch
    version = compute_client.gallery_image_versions.get(
        GROUP, "fleet", "ubuntu", "1.0.0", expand="ReplicationStatus"
    )
    assert version.id == VERSION_ID
    assert version.provisioning_state == "Succeeded"
    assert version.replication_status.aggregated_state == "Completed"
    assert [r.regional_replica_count for r in version.publishing_profile.target_regions] == [2, 1]
    assert batch_client.batch_account.get(GROUP, "fleetbatch").allowed_authentication_modes == [
        "AAD"
    ]
    assert clients.roles.role_definitions.get(GALLERY_ID, ROLE).role_name == "fleet image reader"
    assert clients.roles.role_assignments.get(GALLERY_ID, GRANT).principal_id == PRINCIPAL

    with pytest.raises(ResourceExistsError) as refused:
        compute_client.galleries.begin_delete(GROUP, "fleet").result()
    assert refused.value.error.code == "CannotDeleteResource"

    batch_client.pool.begin_delete(GROUP, "fleetbatch", "render").result()
    batch_client.batch_account.begin_delete(GROUP, "fleetbatch").result()
    clients.roles.role_assignments.delete(GALLERY_ID, GRANT)
    clients.roles.role_definitions.delete(GALLERY_ID, ROLE)
    images = compute_client.gallery_image_versions
    images.begin_delete(GROUP, "fleet", "ubuntu", "1.0.0").result()
    compute_client.gallery_images.begin_delete(GROUP, "fleet", "ubuntu").result()
    compute_client.galleries.begin_delete(GROUP, "fleet").result()
    compute_client.images.begin_delete(GROUP, "ubuntu-1.0.0").result()
    compute_client.snapshots.begin_delete(GROUP, "os").result()
    assert list(clients.resources.resources.list_by_resource_group(GROUP)) == []
    clients.resources.resource_groups.begin_delete(GROUP).result()
    with pytest.raises(ResourceNotFoundError):
        clients.resources.resource_groups.get(GROUP)


def test_a_long_operation_is_in_progress_until_its_time_has_come(azure):
    seconds = [0.0]
    pace = Pace(0.02, now=lambda: seconds[0])  # 40 minutes are 0.8 s, when the test says so
    with running(azure, pace=pace) as doors:
        clients = Clients(doors)
        poller = clients.version(clients.make_image().id)
        versions = clients.compute.gallery_image_versions
        first = versions.get(GROUP, "fleet", "ubuntu", "1.0.0", expand="ReplicationStatus")
        assert first.provisioning_state == "Creating"
        assert first.replication_status.aggregated_state == "InProgress"
        assert not poller.done()
        seconds[0] = 0.4
        half = versions.get(GROUP, "fleet", "ubuntu", "1.0.0", expand="ReplicationStatus")
        assert {item.progress for item in half.replication_status.summary} == {100, 50}
        assert not poller.done()
        seconds[0] = 0.8
        assert poller.result().provisioning_state == "Succeeded"
        clients.close()


def test_replication_goes_on_region_by_region(clients, azure):
    clients.version(clients.make_image().id, polling=False)

    def progress():
        version = clients.compute.gallery_image_versions.get(
            GROUP, "fleet", "ubuntu", "1.0.0", expand="ReplicationStatus"
        )
        return {item.region: item.progress for item in version.replication_status.summary}

    assert progress() == {"West Europe": 0, "North Europe": 0}
    clients.doors.advance(20)
    assert progress() == {"West Europe": 100, "North Europe": 50}


def test_lists_are_paged(azure):
    with running(azure, arm_page=3) as doors:
        clients = Clients(doors)
        clients.resources.resource_groups.create_or_update(GROUP, {"location": PLACE})
        names = [f"snap{number}" for number in range(7)]
        for name in names:
            clients.compute.snapshots.begin_create_or_update(
                GROUP,
                name,
                compute.Snapshot(
                    location=PLACE, creation_data=compute.CreationData(create_option="Empty")
                ),
            ).result()
        listed = [item.name for item in clients.compute.snapshots.list_by_resource_group(GROUP)]
        everywhere = [item.name for item in clients.compute.snapshots.list()]
        pages = list(clients.compute.snapshots.list().by_page())
        clients.close()
    assert listed == names
    assert everywhere == names
    assert len(pages) == 3


def test_lists_and_filters_of_grants_and_roles(clients):
    clients.whole_path()
    grants = clients.roles.role_assignments
    role = clients.roles.role_definitions
    assert [g.name for g in grants.list_for_scope(GALLERY_ID)] == [GRANT]
    assert [g.name for g in grants.list_for_scope(GROUP_ID)] == [GRANT]
    assert list(grants.list_for_scope(GROUP_ID, filter="atScope()")) == []
    mine = grants.list_for_scope(GALLERY_ID, filter=f"principalId eq '{PRINCIPAL}'")
    assert [g.name for g in mine] == [GRANT]
    other = grants.list_for_scope(GALLERY_ID, filter="assignedTo('someone')")
    assert list(other) == []
    named = role.list(GALLERY_ID, filter="roleName eq 'fleet image reader'")
    assert [item.name for item in named] == [ROLE]
    built_in = list(role.list(GALLERY_ID, filter="type eq 'BuiltInRole'"))
    assert "Reader" in [item.role_name for item in built_in]
    assert role.get(GROUP_ID, built_in[0].name).role_name == built_in[0].role_name
    assert next(clients.roles.permissions.list_for_resource_group(GROUP)).actions == ["*"]


def test_resources_of_a_group_and_of_a_subscription_are_listed(clients):
    clients.whole_path()
    inside = {item.type for item in clients.resources.resources.list_by_resource_group(GROUP)}
    assert {"Microsoft.Compute/galleries", "Microsoft.Batch/batchAccounts"} <= inside
    assert [g.name for g in clients.resources.resource_groups.list()] == [GROUP]
    assert [a.id for a in clients.batch.batch_account.list()] == [ACCOUNT_ID]
    assert [p.name for p in clients.batch.pool.list_by_batch_account(GROUP, "fleetbatch")] == [
        "render"
    ]


def test_what_a_patch_does_not_give_stays(clients):
    clients.whole_path()
    gallery = clients.compute.galleries.begin_update(
        GROUP, "fleet", compute.GalleryUpdate(tags={"team": "render"})
    ).result()
    assert (gallery.tags, gallery.description) == ({"team": "render"}, "images of the fleet")
    clients.doors.advance(30)
    pool = clients.batch.pool.update(
        GROUP,
        "fleetbatch",
        "render",
        batch.Pool(metadata=[batch.MetadataItem(name="a", value="b")]),
    )
    assert pool.metadata[0].value == "b"
    assert pool.scale_settings.fixed_scale.target_dedicated_nodes == 600
    assert pool.current_dedicated_nodes == 600
    account = clients.batch.batch_account.update(
        GROUP, "fleetbatch", batch.BatchAccountUpdateParameters(tags={"a": "b"})
    )
    assert account.tags == {"a": "b"}


def test_a_pool_with_secrets_can_be_patched(clients):
    clients.whole_path()
    clients.batch.pool.begin_delete(GROUP, "fleetbatch", "render").result()
    pool = batch.Pool(
        vm_size="STANDARD_D4DS_V5",
        deployment_configuration=batch.DeploymentConfiguration(
            virtual_machine_configuration=batch.VirtualMachineConfiguration(
                image_reference=batch.ImageReference(id=VERSION_ID),
                node_agent_sku_id="batch.node.ubuntu 22.04",
            )
        ),
        user_accounts=[batch.UserAccount(name="worker", password=PASSWORD)],
        scale_settings=batch.ScaleSettings(
            fixed_scale=batch.FixedScaleSettings(target_dedicated_nodes=2)
        ),
    )
    made = clients.batch.pool.create(GROUP, "fleetbatch", "secret", pool)
    assert made.user_accounts[0].password is None
    clients.doors.advance(30)
    metadata = [batch.MetadataItem(name="a", value="b")]
    clients.batch.pool.update(GROUP, "fleetbatch", "secret", batch.Pool(metadata=metadata))
    with pytest.raises(HttpResponseError) as refused:
        clients.batch.pool.update(GROUP, "fleetbatch", "secret", batch.Pool(task_slots_per_node=2))
    assert refused.value.error.code == "PropertyCannotBeUpdated"


def test_a_conditional_request_is_held_to_the_etag(clients):
    clients.whole_path()
    unchanged = {"etag": 'W/"0x1"', "match_condition": MatchConditions.IfNotModified}
    with pytest.raises(HttpResponseError) as refused:
        clients.batch.pool.update(
            GROUP, "fleetbatch", "render", batch.Pool(display_name="x"), **unchanged
        )
    assert refused.value.status_code == 412
