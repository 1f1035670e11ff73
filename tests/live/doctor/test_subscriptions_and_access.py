"""Checks of subscriptions, registrations, tenants and rights: fail, pass, cannot tell."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from imagefleet.domain import fleet as f
from imagefleet.live.credentials import Caller
from imagefleet.live.crew import Crew
from imagefleet.live.doctor.model import Status
from imagefleet.live.doctor.run import run_one
from tests.live.conftest import SUBSCRIPTION, refusal
from tests.live.doctor.conftest import BY_ID, words
from tests.live.fleets import PRINCIPAL, SUB, fleet

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN
OTHER = "99999999-9999-9999-9999-999999999999"
FOREIGN = (
    f"/subscriptions/{OTHER}/resourceGroups/images/providers/Microsoft.Compute/galleries/shared"
)
ACROSS = fleet(gallery=f.Gallery(id=FOREIGN, batch_registered=True))
GRANTED = fleet(access={"app": f.Grant(principal_id=PRINCIPAL)})
GALLERY = f"{SUB}/resourceGroups/fleet/providers/Microsoft.Compute/galleries/fleet"
READER_AND_DISKS = ("Compute Gallery Image Reader", "Disk Backup Reader")


def grants(*names, scope=GALLERY, principal=PRINCIPAL, kind="ServicePrincipal"):
    return [
        {"scope": scope, "role": name, "principal": principal, "principalType": kind}
        for name in names
    ]


@pytest.mark.parametrize(
    ("state", "status"),
    [("Enabled", PASS), ("Disabled", FAIL), ("Deleted", FAIL), ("Warned", UNKNOWN),
     ("PastDue", UNKNOWN)],
)  # fmt: skip
def test_a_subscription_must_be_enabled(world, state, status):
    world.suppose(subscriptions={SUBSCRIPTION: {"state": state}})
    assert world.examine("subscription-enabled", fleet()).status is status


@pytest.mark.parametrize("told", [{"readable": False}, {"missing": True}])
def test_a_subscription_that_is_not_shown_cannot_be_told(world, told):
    world.suppose(subscriptions={OTHER: told})
    found = world.examine("subscription-enabled", ACROSS)
    assert {each.subject: each.status for each in found.found} == {
        SUBSCRIPTION: PASS,
        OTHER: UNKNOWN,
    }


@pytest.mark.parametrize(
    ("state", "status"), [("Registered", PASS), ("NotRegistered", FAIL), ("Registering", UNKNOWN)]
)
def test_batch_must_be_registered_in_the_gallerys_subscription_too(world, state, status):
    world.suppose(subscriptions={OTHER: {"providers": {"Microsoft.Batch": state}}})
    found = world.examine("providers-registered", ACROSS)
    assert found.status is status
    mends = [command for each in found.found for command in each.commands]
    expected = [f"az provider register --namespace Microsoft.Batch --subscription {OTHER}"]
    assert mends == (expected if status is FAIL else [])


def test_registration_that_cannot_be_read_hides_no_other(world):
    world.around.faults = {"providers/microsoft.compute": 500}
    found = world.examine("providers-registered", fleet())
    assert [each.status for each in found.found] == [PASS, UNKNOWN]


def test_one_subscription_has_one_tenant(world):
    assert world.examine("same-tenant", fleet()).status is PASS


@pytest.mark.parametrize(
    ("told", "status"),
    [({}, PASS), ({"tenant": PRINCIPAL}, FAIL), ({"readable": False}, UNKNOWN)],
)
def test_both_subscriptions_must_be_of_one_tenant(world, told, status):
    world.suppose(subscriptions={OTHER: told})
    assert world.examine("same-tenant", ACROSS).status is status


@pytest.mark.parametrize(
    ("actions", "not_actions", "status", "said"),
    [
        (["*"], [], PASS, "may do all"),
        (["*/read"], [], FAIL, "Microsoft.Batch/batchAccounts/pools/write"),
        (["*"], ["Microsoft.Compute/galleries/images/*"], FAIL,
         "galleries/images/write, Microsoft.Compute/galleries/images/versions/write"),
    ],
)  # fmt: skip
def test_the_caller_must_be_allowed_what_up_does(world, actions, not_actions, status, said):
    world.suppose(permissions=[{"scope": SUB, "actions": actions, "notActions": not_actions}])
    found = world.examine("caller-may-deploy", fleet())
    assert (found.status, said in words(found)) == (status, True), words(found)


def test_grants_need_more_than_contributor(world):
    told = {"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}
    world.suppose(permissions=[{"scope": SUB, **told}])
    assert world.examine("caller-may-deploy", fleet()).status is PASS
    found = world.examine("caller-may-deploy", GRANTED)
    assert found.status is FAIL
    commands = [command for each in found.found for command in each.commands]
    # defining the stack's own role on the group, and assigning it on the gallery
    administrators = ("User Access Administrator", "Role Based Access Control Administrator")
    assert len(commands) == len(administrators)
    for name, command in zip(administrators, commands, strict=True):
        assert f"--role '{name}'" in command


@pytest.mark.parametrize(
    ("not_actions", "roles"),
    [
        ([], []),
        (["Microsoft.Authorization/roleAssignments/write"],
         ["Role Based Access Control Administrator"]),
        (["Microsoft.Authorization/roleDefinitions/write"], ["User Access Administrator"]),
        (["Microsoft.Authorization/*/write"],
         ["Role Based Access Control Administrator", "User Access Administrator"]),
        (["Microsoft.Compute/*/write"], ["Contributor"]),
    ],
)  # fmt: skip
def test_the_role_that_is_missing_is_one_that_allows_it(world, not_actions, roles):
    """Who may assign roles may not for that define one, as a stack with a role of its own does."""
    custom = fleet(access={"app": f.Grant(principal_id=PRINCIPAL, role=f.GrantRole.CUSTOM)})
    world.suppose(permissions=[{"scope": SUB, "actions": ["*"], "notActions": not_actions}])
    found = world.examine("caller-may-deploy", custom)
    said = " ".join(command for each in found.found for command in each.commands)
    named = set(re.findall(r"--role '?([\w ]+?)'? --scope", said))
    assert (found.status, named) == (FAIL if roles else PASS, set(roles))


def test_where_nobody_knows_who_asks_the_role_is_assigned_by_hand(world):
    world.suppose(permissions=[{"scope": SUB, "actions": ["*/read"]}])
    with Crew() as crew:
        view = replace(world.view(fleet(), crew), caller=Caller(object_id=None, tenant=None))
        found = run_one(BY_ID["caller-image-access"], view).found[0]
    assert (found.status, found.commands) == (FAIL, ())
    assert [each.why for each in found.by_hand] == [
        "the token does not say who the caller is; fill in the object id"
    ] * 2


@pytest.mark.parametrize("check", ["caller-may-deploy", "caller-image-access"])
def test_permissions_that_cannot_be_read_cannot_be_told(world, check):
    world.around.faults = {"/permissions": 403}
    assert world.examine(check, fleet()).status is UNKNOWN


@pytest.mark.parametrize("check", ["caller-may-deploy", "caller-image-access"])
def test_before_the_group_is_there_the_subscription_counts(world, check):
    world.around.faults = {"resourcegroups/fleet": lambda *_: refusal(404, "ResourceGroupNotFound")}
    assert world.examine(check, fleet()).status is PASS


@pytest.mark.parametrize(
    ("actions", "status"),
    [
        (["Microsoft.Compute/galleries/*", "Microsoft.Compute/disks/beginGetAccess/action"], PASS),
        (["*/read"], FAIL),
    ],
)
def test_reader_is_not_enough_for_the_caller(world, actions, status):
    world.suppose(permissions=[{"scope": SUB, "actions": actions}])
    found = world.examine("caller-image-access", fleet())
    assert found.status is status
    if status is FAIL:
        assert "beginGetAccess" in words(found)
        assert len(found.found[0].commands) == 2


@pytest.mark.parametrize("role", [f.GrantRole.CUSTOM, f.GrantRole.BUILTIN])
def test_what_up_will_grant_suffices(world, role):
    stack = fleet(access={"app": f.Grant(principal_id=PRINCIPAL, role=role)})
    found = world.examine("creator-image-access", stack)
    assert (found.status, "when `up` has given it" in words(found)) == (PASS, True)


@pytest.mark.parametrize(
    ("told", "status", "said"),
    [
        (grants(*READER_AND_DISKS), PASS, "by its role assignments"),
        (grants("Contributor", scope=SUB), PASS, "by its role assignments"),
        (grants("Reader"), FAIL, "disks/beginGetAccess/action"),
        ([], FAIL, "galleries/images/read"),
        (grants(*READER_AND_DISKS, principal=OTHER, kind="Group"), UNKNOWN,
         f"who is in {OTHER} is not known"),
        (grants("Reader", principal=OTHER, kind="Group"), FAIL, "beginGetAccess"),
    ],
)  # fmt: skip
def test_effective_rights_on_a_gallery_with_pools(world, told, status, said):
    world.bring_up(GRANTED)
    world.suppose(grants=told)
    found = world.examine("creator-image-access", GRANTED)
    assert (found.status, said in words(found)) == (status, True), words(found)


@pytest.mark.parametrize("piece", ["roleassignments", "roledefinitions"])
def test_rights_that_cannot_be_read_cannot_be_told(world, piece):
    world.bring_up(GRANTED)
    world.around.faults = {piece: 429}
    assert world.examine("creator-image-access", GRANTED).status is UNKNOWN


def test_a_role_that_is_not_listed_cannot_be_told(world):
    world.bring_up(GRANTED)
    world.suppose(grants=grants("Reader"))

    def without_reader(request, handler):
        answer = handler(request)
        answer.body["value"] = [
            each for each in answer.body["value"] if each["properties"]["roleName"] != "Reader"
        ]
        return answer

    world.around.faults = {"roledefinitions": without_reader}
    found = world.examine("creator-image-access", GRANTED)
    assert (found.status, "not listed" in words(found)) == (UNKNOWN, True)
