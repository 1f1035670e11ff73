"""A fleet that `imagefleet rehearse` has brought up is there for Azure's clients, and back."""

from __future__ import annotations

import contextlib

import pytest
from azure.batch import BatchClient
from azure.batch import models as batch
from azure.mgmt.batch import BatchManagementClient
from azure.mgmt.compute import ComputeManagementClient

from imagefleet.domain import arm_ids
from imagefleet.offline.azure import SimulatedAzure
from imagefleet.simulate import running
from tests.cli.projects import project

__all__ = ["project"]


@pytest.fixture
def rehearsed(project):
    """The dev fleet, brought up and steady, with its doors open."""
    answer, _ = project.rehearse("dev")
    assert answer.code == 0, answer.err
    store = project.folder / ".imagefleet" / "dev" / "azure.sqlite"
    with contextlib.closing(SimulatedAzure(store)) as azure, running(azure) as doors:
        yield doors


def test_pools_and_nodes_of_a_rehearsal_are_seen_and_scaled_by_real_clients(rehearsed):
    doors = rehearsed
    with doors.site.store.read() as transaction:
        pools = transaction.of_type(arm_ids.BATCH_POOL)
    account_id, _, name = pools[0].id.rpartition("/pools/")
    parts = account_id.split("/")
    common = {
        "credential": doors.credential(),
        "connection_verify": str(doors.ca_file),
    }
    with BatchClient(
        doors.batch_url(account_id), credential_scopes=[doors.batch_scope], **common
    ) as data_plane:
        shown = data_plane.get_pool(name)
        assert shown.allocation_state == "steady"
        idle = [node for node in data_plane.list_nodes(name) if node.state == "idle"]
        assert len(idle) == shown.current_dedicated_nodes + shown.current_low_priority_nodes > 0
        if shown.enable_auto_scale:
            data_plane.disable_pool_auto_scale(name)
        poller = data_plane.begin_resize_pool(
            name, batch.BatchPoolResizeOptions(target_dedicated_nodes=0), polling_interval=0
        )
        poller.result()
    with BatchManagementClient(
        subscription_id=parts[2],
        base_url=doors.arm_url,
        credential_scopes=[doors.arm_scope],
        **common,
    ) as arm:
        assert arm.pool.get(parts[4], parts[8], name).current_dedicated_nodes == 0


def test_what_clients_change_at_the_doors_is_drift_of_the_next_rehearsal(project):
    """One state: a change, a property that was never set, and a delete, each by a real client."""
    assert project.rehearse("dev")[0].code == 0
    store = project.folder / ".imagefleet" / "dev" / "azure.sqlite"
    with contextlib.closing(SimulatedAzure(store)) as azure, running(azure) as doors:
        with doors.site.store.read() as transaction:
            (gallery,) = transaction.of_type(arm_ids.GALLERY)
            (definition, *_) = transaction.of_type(arm_ids.IMAGE_DEFINITION)
            (pool, *_) = transaction.of_type(arm_ids.BATCH_POOL)
        where = arm_ids.parse(pool.id)
        common = {
            "subscription_id": where.subscription_id,
            "base_url": doors.arm_url,
            "credential": doors.credential(),
            "credential_scopes": [doors.arm_scope],
            "connection_verify": str(doors.ca_file),
        }
        with ComputeManagementClient(**common) as client:
            client.galleries.begin_update(
                arm_ids.parse(gallery.id).resource_group,
                gallery.name,
                {"properties": {"description": "by hand"}},
            ).result()
            client.gallery_images.begin_update(
                arm_ids.parse(definition.id).resource_group,
                gallery.name,
                definition.name,
                {"properties": {"eula": "https://example.com/portal"}},
            ).result()
        with BatchClient(
            doors.batch_url(str(where.parent)),
            doors.credential(),
            credential_scopes=[doors.batch_scope],
            connection_verify=str(doors.ca_file),
        ) as data_plane:
            data_plane.begin_delete_pool(pool.name, polling_interval=0).result()
    arguments = ("rehearse", "--engine", "embedded", "--yes", "--refresh")
    answer = project.run(*arguments)
    assert answer.code == 0, answer.out + answer.err
    shown = " ".join(answer.out.split())
    refresh, preview = shown.split("Preview", 1)
    assert "2 changed behind the program, 1 gone behind the program" in refresh
    assert "→ by hand" in refresh
    assert "eula: + https://example.com/portal" in refresh
    assert "+ batch:Pool" in preview
    assert "no drift" in project.run(*arguments).out
    with contextlib.closing(SimulatedAzure(store)) as azure:
        assert [each.name for each in azure.pools()] == [pool.name]
