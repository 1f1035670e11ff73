"""What the doors show can be put again, and both spellings of a body mean the same."""

from __future__ import annotations

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.mgmt.compute import models as compute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefleet.offline.faults import Fault, FaultLog, FaultPlan, FaultyAzure
from imagefleet.offline.services import registry
from imagefleet.simulate import running
from imagefleet.simulate.arm.bodies import body_of, inputs_of
from imagefleet.simulate.pages import page
from tests.simulate.conftest import Client
from tests.simulate.path import (
    ACCOUNT_ID,
    GALLERY_ID,
    GRANT,
    GROUP,
    GROUP_ID,
    PLACE,
    POOL_ID,
    ROLE,
    VERSION_ID,
    Clients,
)

EVERYTHING = [
    GROUP_ID,
    f"{GROUP_ID}/providers/Microsoft.Compute/snapshots/os",
    f"{GROUP_ID}/providers/Microsoft.Compute/images/ubuntu-1.0.0",
    GALLERY_ID,
    f"{GALLERY_ID}/images/ubuntu",
    VERSION_ID,
    f"{GALLERY_ID}/providers/Microsoft.Authorization/roleDefinitions/{ROLE}",
    f"{GALLERY_ID}/providers/Microsoft.Authorization/roleAssignments/{GRANT}",
    ACCOUNT_ID,
    POOL_ID,
]
CHANGING = {"createdOn", "updatedOn", "etag", "lastModified"}


@pytest.fixture
def clients(doors):
    made = Clients(doors)
    yield made
    made.close()


def still(body):
    properties = {k: v for k, v in body["properties"].items() if k not in CHANGING}
    return {**{k: v for k, v in body.items() if k not in CHANGING}, "properties": properties}


def test_whatever_is_shown_can_be_put_again_without_a_change(client):
    clients = Clients(client.doors)
    clients.whole_path()
    clients.close()
    client.doors.advance(60)
    for resource in EVERYTHING:
        _, shown, _ = client.call("GET", resource)
        status, answer, _ = client.call("PUT", resource, shown)
        assert status in (200, 201, 202), answer
        _, again, _ = client.call("GET", resource)
        assert still(again) == still(shown)


@pytest.mark.parametrize("kind", registry.TYPES, ids=lambda kind: kind.name)
def test_a_body_and_its_inputs_are_the_same_thing_twice_spelled(kind):
    inputs = {}
    for name, shape in kind.inputs.properties.items():
        if name in kind.path_parameters or name == "identity":
            continue
        if shape.kind == "string" and not shape.choices:
            inputs[name] = f"some {name}"
        elif shape.kind == "map":
            inputs[name] = {"a": "b"}
    assert inputs_of(kind, body_of(kind, inputs)) == inputs


@given(
    count=st.integers(0, 60),
    size=st.integers(1, 25),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_the_pages_of_a_list_are_the_list(count, size):
    query, seen, following = {}, [], "first"
    while following:
        some, following = page(range(count), size, "https://x/list", query)
        assert len(some) <= size
        seen += some
        query = {"$skiptoken": following.rpartition("=")[2]} if following else {}
    assert seen == list(range(count))


def test_a_definition_without_a_security_type_gets_the_default_of_the_callers_version(clients):
    """Newer versions of the gallery API take an absent type for TrustedLaunchSupported."""
    clients.resources.resource_groups.create_or_update(GROUP, {"location": PLACE})
    galleries = clients.compute.galleries
    galleries.begin_create_or_update(GROUP, "fleet", compute.Gallery(location=PLACE)).result()
    made = clients.compute.gallery_images.begin_create_or_update(
        GROUP,
        "fleet",
        "ubuntu",
        compute.GalleryImage(
            location=PLACE,
            os_type="Linux",
            os_state="Generalized",
            hyper_v_generation="V2",
            identifier=compute.GalleryImageIdentifier(publisher="a", offer="b", sku="c"),
        ),
    ).result()
    assert [feature.value for feature in made.features] == ["TrustedLaunchSupported"]


@pytest.fixture
def log():
    """What faults have happened: a test of a client's patience is none without them."""
    made = FaultLog()
    yield made
    made.close()


def faulty(azure, log, *faults):
    return FaultyAzure(azure, FaultPlan(faults=faults), log, attempts=1)


def happened(log):
    return [(each.kind, each.operation) for each in log.fired()]


def test_a_throttled_client_waits_and_tries_again(azure, log):
    options = {"retryAfterSeconds": 1}
    fault = Fault(kind="throttled", operation="create", times=2, options=options)
    with running(faulty(azure, log, fault)) as doors:
        body = {"location": PLACE}
        status, _, headers = Client(doors).call("PUT", GROUP_ID, body)
        assert (status, headers["Retry-After"]) == (429, "1")
        clients = Clients(doors)
        made = clients.resources.resource_groups.create_or_update(GROUP, {"location": PLACE})
        clients.close()
    assert made.name == GROUP
    assert happened(log) == [("throttled", "create")] * 2


def test_an_operation_that_ends_failed_says_why_and_leaves_the_resource(azure, log):
    fault = Fault(kind="operationFailed", type="compute:Gallery", options={"code": "OutOfSpace"})
    with running(faulty(azure, log, fault)) as doors:
        clients = Clients(doors)
        clients.resources.resource_groups.create_or_update(GROUP, {"location": PLACE})
        galleries = clients.compute.galleries
        poller = galleries.begin_create_or_update(GROUP, "fleet", compute.Gallery(location=PLACE))
        with pytest.raises(HttpResponseError) as failed:
            poller.result()
        assert failed.value.error.code == "OutOfSpace"
        assert galleries.get(GROUP, "fleet").name == "fleet"
        clients.close()


def test_a_region_whose_replication_fails_is_shown_as_failed(azure, log):
    fault = Fault(kind="replicationFailed", options={"region": "northeurope"})
    with running(faulty(azure, log, fault)) as doors:
        clients = Clients(doors)
        image = clients.make_image()
        with pytest.raises(HttpResponseError):
            clients.version(image.id).result()
        version = clients.compute.gallery_image_versions.get(
            GROUP, "fleet", "ubuntu", "1.0.0", expand="ReplicationStatus"
        )
        states = {item.region: item.state for item in version.replication_status.summary}
        assert states["North Europe"] == "Failed"
        clients.close()


def test_a_lost_answer_makes_one_resource(azure, log):
    fault = Fault(kind="dropped", operation="create", options={"served": True})
    with running(faulty(azure, log, fault)) as doors:
        clients = Clients(doors)
        try:
            clients.resources.resource_groups.create_or_update(GROUP, {"location": PLACE})
        except (ServiceRequestError, ServiceResponseError):
            pytest.fail("the client's own retry should have succeeded")
        assert [group.name for group in clients.resources.resource_groups.list()] == [GROUP]
        clients.close()
    assert happened(log) == [("dropped", "create")]


def test_a_fault_of_reads_meets_reads_and_not_what_a_put_looks_up_itself(azure, log):
    fault = Fault(kind="serverError", operation="read", times=0)
    with running(faulty(azure, log, fault)) as doors:
        clients = Clients(doors)
        groups = clients.resources.resource_groups
        for _ in range(2):
            assert groups.create_or_update(GROUP, {"location": PLACE}).name == GROUP
        assert happened(log) == []
        with pytest.raises(HttpResponseError):
            groups.get(GROUP, retry_total=0)
        clients.close()
    assert happened(log) == [("serverError", "read")]
