"""A fleet that `imagefleet rehearse` has brought up is there for Azure's clients, and back."""

from __future__ import annotations

import contextlib

import pytest
from azure.batch import BatchClient
from azure.batch import models as batch
from azure.mgmt.batch import BatchManagementClient

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
