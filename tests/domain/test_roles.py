"""Which role lets an application make pools from an image (D30, D32)."""

from __future__ import annotations

import uuid

import pytest

from imagefleet.domain import roles
from imagefleet.domain.roles import Permission

BEGIN = "Microsoft.Compute/disks/beginGetAccess/action"


def allows(*actions, without=(), action=BEGIN):
    return roles.grants([Permission(actions=actions, not_actions=without)], action)


@pytest.mark.parametrize(
    "pattern",
    ["*", "*/action", "Microsoft.Compute/*", "Microsoft.Compute/disks/*", "*/beginGetAccess/*",
     "microsoft.compute/DISKS/begingetaccess/ACTION", "Microsoft.*/disks/*/action"],
)  # fmt: skip
def test_wildcards_stand_for_any_text_in_any_case(pattern):
    assert allows(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["", "*/read", "Microsoft.Compute/disks", "Microsoft.Compute/disks/read", "Microsoft.Batch/*",
     "Microsoft.Compute/snapshots/*", "MicrosoftXCompute/*"],
)  # fmt: skip
def test_what_does_not_match_does_not_grant(pattern):
    assert not allows(pattern)


def test_not_actions_take_away_within_their_own_block_only():
    assert not allows("*", without=("Microsoft.Compute/disks/*",))
    blocks = [
        Permission(actions=("*",), not_actions=("Microsoft.Compute/disks/*",)),
        Permission(actions=(BEGIN,)),
    ]
    assert roles.grants(blocks, BEGIN)


def test_no_permission_grants_nothing():
    assert not roles.grants([], BEGIN)


@pytest.mark.parametrize(
    ("role", "enough"),
    [
        ("Owner", True),
        ("Contributor", True),
        ("Avere Contributor", True),
        ("Reader", False),
        ("Compute Gallery Image Reader", False),
        ("Disk Backup Reader", False),
        ("Disk Snapshot Contributor", False),
        ("Virtual Machine Contributor", False),
        ("Compute Gallery Artifacts Publisher", False),
    ],
)
def test_only_broad_built_in_roles_suffice_alone(role, enough):
    found = next(known for known in roles.BUILT_IN if known.name == role)
    assert (roles.missing(found.permissions) == ()) == enough


def test_twelve_built_in_roles_hold_begin_get_access():
    holders = [role for role in roles.BUILT_IN if roles.grants(role.permissions, BEGIN)]
    assert len(holders) == 12


def test_reader_lacks_exactly_begin_get_access():
    assert roles.missing(roles.READER.permissions) == (BEGIN,)
    assert roles.missing(roles.READER.permissions, ["a/read", "a/write"]) == ("a/write",)


def test_the_built_in_pair_reads_the_image_and_holds_begin_get_access():
    permissions = [block for role in roles.BUILT_IN_GRANT.values() for block in role.permissions]
    assert roles.missing(permissions) == ("Microsoft.Compute/galleries/read",)
    assert not any(role.broad for role in roles.BUILT_IN_GRANT.values())


def test_the_custom_role_lacks_nothing():
    assert roles.missing([Permission(actions=roles.NEEDED)]) == ()
    assert not any("*" in action for action in roles.NEEDED)


def test_a_role_is_found_by_any_form_of_its_definition_id():
    guid = roles.READER.guid
    path = "/providers/Microsoft.Authorization/roleDefinitions/"
    for text in (guid, path + guid.upper(), f"/subscriptions/x{path}{guid}/"):
        assert roles.built_in(text) is roles.READER
    assert roles.built_in(path + str(uuid.UUID(int=0))) is None


def test_guids_of_roles_are_guids_and_differ():
    guids = [role.guid for role in roles.BUILT_IN]
    assert len(set(guids)) == len(guids)
    assert [str(uuid.UUID(guid)) for guid in guids] == guids


def test_an_assignment_has_one_name_whatever_the_case_and_another_for_other_parts():
    name = roles.assignment_name("/subscriptions/X", "P", "R")
    assert name == roles.assignment_name("/Subscriptions/x", "p", "r")
    assert str(uuid.UUID(name)) == name
    assert len({name, roles.assignment_name("/subscriptions/X", "P", "S"),
                roles.assignment_name("/subscriptions/X", "Q", "R"),
                roles.assignment_name("/subscriptions/Y", "P", "R")}) == 4  # fmt: skip


def test_names_of_assignments_never_change():
    """A changed name would replace every assignment of every fleet."""
    assert roles.assignment_name("scope", "principal", "role") == (
        "aa5503e6-b216-56a1-9d48-74eb73f49226"
    )
