"""What is assumed to exist outside: told by its id, and no longer once somebody tells of it."""

from __future__ import annotations

import pytest

from imagefleet.domain import arm_ids, roles
from imagefleet.offline.outside.parse import parse_outside
from imagefleet.offline.services.assumed import assumed
from tests.offline.azure.world import GALLERY, GUID, SNAPSHOT, SUBSCRIPTION

ELSEWHERE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/elsewhere/providers"
SUBNET = f"{ELSEWHERE}/Microsoft.Network/virtualNetworks/net/subnets/nodes"
IDENTITY = f"{ELSEWHERE}/Microsoft.ManagedIdentity/userAssignedIdentities/me"


def outside(world):
    with world.azure.store.read() as transaction:
        return {str(each) for each in assumed(transaction)}


def test_what_is_here_is_not_assumed_and_what_it_comes_from_is(account):
    found = outside(account)
    assert {arm_ids.parse(each).resource_type for each in found} == {arm_ids.DISK}
    body = {"location": "westeurope"}
    told = {"resources": [{"id": each, "body": body} for each in found]}
    account.azure.suppose(parse_outside(told))
    assert outside(account) == set()


def test_subnets_and_identities_are_among_it(account):
    before = outside(account)
    account.make(
        "Pool",
        {
            "poolName": "other",
            "networkConfiguration": {"subnetId": SUBNET},
            "identity": {"type": "UserAssigned", "userAssignedIdentities": [IDENTITY]},
        },
    )
    assert outside(account) - before == {SUBNET, IDENTITY}


@pytest.mark.parametrize("guid", [roles.BUILT_IN[0].guid, GUID])
def test_a_built_in_role_exists_and_so_does_one_that_was_made_at_another_scope(account, guid):
    account.make("RoleDefinition")
    before = outside(account)
    account.make(
        "RoleAssignment",
        {
            "scope": GALLERY.strip("/"),
            "roleAssignmentName": "99999999-9999-4999-8999-999999999999",
            "roleDefinitionId": arm_ids.role_definition(arm_ids.subscription(SUBSCRIPTION), guid),
        },
    )
    assert outside(account) == before


def test_what_was_deleted_is_gone_and_not_assumed(account):
    account.delete("Snapshot", SNAPSHOT)
    assert SNAPSHOT not in outside(account)
