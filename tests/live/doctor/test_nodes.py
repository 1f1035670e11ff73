"""Checks of VM sizes, node agents and subnets: each fails, passes and cannot tell."""

from __future__ import annotations

from datetime import date

import pytest

from imagefleet.domain import fleet as f
from imagefleet.live.doctor.model import Status
from tests.live.doctor.conftest import words
from tests.live.fleets import SUB, UBUNTU, fleet, image, pool

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN
SUBNET = f"{SUB}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes"
IN_SUBNET = fleet(pools={"work": pool(subnet_id=SUBNET)})


def test_an_offered_size_is_good(world):
    assert world.examine("size-offered", fleet()).status is PASS


@pytest.mark.parametrize("size", ["Standard_D2s_v3", "Standard_D2s_v99"])
def test_a_size_that_is_not_offered_fails(world, size):
    world.suppose(notOffered={"westeurope": ["Standard_D2s_v3"]})
    found = world.examine("size-offered", fleet(pools={"work": pool(vm_size=size)}))
    assert (found.status, "does not offer it in westeurope" in words(found)) == (FAIL, True)


def test_a_restriction_of_the_subscription_fails(world):
    def changed(request, handler):
        answer = handler(request)
        for sku in answer.body["value"]:
            sku["restrictions"] = [
                {"type": "Location", "values": ["WestEurope"], "reasonCode": "QuotaId"}
            ]
        return answer

    world.around.faults = {"microsoft.compute/skus": changed}
    found = world.examine("size-offered", fleet())
    assert (found.status, "QuotaId" in words(found)) == (FAIL, True)


@pytest.mark.parametrize("piece", ["virtualmachineskus", "microsoft.compute/skus"])
@pytest.mark.parametrize("fault", [429, 500, "drop"])
def test_sizes_that_cannot_be_read_cannot_be_told(world, piece, fault):
    world.around.faults = {piece: fault}
    assert world.examine("size-offered", fleet()).status is UNKNOWN


@pytest.mark.parametrize(
    ("size", "changes", "status"),
    [
        ("Standard_D2s_v3", {}, PASS),
        ("Standard_D2_v3", {}, FAIL),
        ("Standard_D2_v3", {"generation": f.Generation.V1}, PASS),
        ("Standard_D2ps_v5", {}, FAIL),
        ("Standard_D2ps_v5", {"architecture": f.Architecture.ARM64}, PASS),
        ("Standard_HB120rs_v3", {}, UNKNOWN),
        ("Standard_D2s_v99", {}, UNKNOWN),
    ],
)
def test_a_size_must_start_the_image(world, size, changes, status):
    stack = fleet(images={"ubuntu": image(**changes)}, pools={"work": pool(vm_size=size)})
    found = world.examine("size-fits-image", stack)
    assert found.status is status, words(found)


def supported(agent="batch.node.ubuntu 24.04", base=UBUNTU, end=None):
    body = {
        "nodeAgentSKUId": agent,
        "imageReference": {
            "publisher": base.publisher, "offer": base.offer, "sku": base.sku, "version": "latest"
        },
        "osType": "linux",
        "verificationType": "verified",
    }  # fmt: skip
    return body | ({"batchSupportEndOfLife": f"{end}T00:00:00Z"} if end else {})


OTHER = f.ImageIdentifier(publisher="acme", offer="os", sku="1")


@pytest.mark.parametrize(
    ("told", "status", "said"),
    [
        ([supported()], PASS, "no end of support"),
        ([supported(end="2027-06-30")], PASS, "until 2027-06-30"),
        ([supported(end="2026-08-31")], FAIL, "ended on 2026-08-31"),
        ([supported(agent="batch.node.el 9", base=OTHER)], FAIL, "it has batch.node.el 9"),
        ([supported(agent="batch.node.el 9"), supported(base=OTHER)], FAIL,
         "needs the agent batch.node.el 9"),
        ([supported(base=OTHER)], UNKNOWN, "its base image is not in Batch's list"),
    ],
)  # fmt: skip
def test_the_agent_must_serve_the_base_image(world, told, status, said):
    world.bring_up(fleet())
    world.suppose(supportedImages=told)
    found = world.examine("node-agent-supported", fleet(), today=date(2026, 9, 1))
    assert (found.status, said in words(found)) == (status, True), words(found)


def test_the_services_own_list_is_enough(world):
    world.bring_up(fleet())
    assert world.examine("node-agent-supported", fleet()).status is PASS


def test_without_an_account_nobody_can_be_asked(world):
    found = world.examine("node-agent-supported", fleet())
    assert (found.status, "no Batch account is there" in words(found)) == (UNKNOWN, True)


@pytest.mark.parametrize("fault", [429, 403, 500, "drop"])
def test_a_list_of_images_that_cannot_be_read_cannot_be_told(world, fault):
    world.bring_up(fleet())
    world.around.faults = {"/supportedimages": fault}
    assert world.examine("node-agent-supported", fleet()).status is UNKNOWN


def test_an_account_that_cannot_be_read_leaves_others_to_be_asked(world):
    """One group of accounts that answers nothing hides no pool from the check."""
    dark = f"{SUB}/resourceGroups/dark/providers/Microsoft.Batch/batchAccounts/darkbatch"
    accounts = {"main": f.Account(name="fleetbatch", location="westeurope")}
    both = {"dark": f.Account(id=dark, location="westeurope"), **accounts}
    stack = fleet(accounts=both, pools={"dark": pool(account="dark"), "work": pool()})
    world.bring_up(fleet())
    world.around.faults = {"resourcegroups/dark": 403}
    found = world.examine("node-agent-supported", stack)
    assert [each.status for each in found.found] == [PASS, PASS], words(found)
    world.around.faults = {"/batchaccounts": 403}
    assert world.examine("node-agent-supported", stack).status is UNKNOWN


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"addressPrefix": "10.0.0.0/28"}, PASS),
        ({"addressPrefixes": ["10.0.0.0/28"]}, PASS),
        ({"addressPrefix": "10.0.0.0/29"}, FAIL),
        ({"addressPrefixes": ["10.0.0.0/29", "10.0.1.0/29"]}, PASS),
        ({"addressPrefix": "10.0.0.0/28", "ipConfigurations": [{"id": str(n)} for n in range(8)]},
         FAIL),
        ({"addressPrefix": "fd00::/64"}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)  # fmt: skip
def test_a_subnet_must_have_addresses(world, said, status):
    world.suppose(resources=[{"id": SUBNET, "body": {"properties": said}}])
    found = world.examine("subnet-addresses", IN_SUBNET)
    assert found.status is status, words(found)


def test_nodes_that_are_there_have_their_addresses(world):
    world.bring_up(fleet())
    taken = [{"id": str(number)} for number in range(8)]
    body = {"properties": {"addressPrefix": "10.0.0.0/28", "ipConfigurations": taken}}
    world.suppose(resources=[{"id": SUBNET, "body": body}])
    found = world.examine("subnet-addresses", IN_SUBNET)
    assert (found.status, "4 nodes, 4 of them there" in words(found)) == (PASS, True)


@pytest.mark.parametrize("told", [{"readable": False}, {"missing": True}])
def test_a_subnet_that_is_not_shown_cannot_be_told(world, told):
    world.suppose(resources=[{"id": SUBNET, **told}])
    assert world.examine("subnet-addresses", IN_SUBNET).status is UNKNOWN
