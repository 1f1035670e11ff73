"""Roles at gallery images: which are enough, built-in and custom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import roles
from rules.access import ROLE_GRANTS_BEGIN_GET_ACCESS, ROLE_NOT_READER
from tests.policy.neighbours import (
    ABROAD,
    DEFINITION,
    GALLERY,
    GROUP,
    GUID,
    HOME,
    PRINCIPAL,
    UNKNOWN,
    VERSION,
    answers,
    assignment,
    doubts,
    findings,
    pool,
    role,
    verdict,
    version,
)

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
IMAGE_READER = "cf7c76d2-98a3-4358-a134-615aa78bf44d"
MACHINES = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c"
BACKUP = "3e5e47e6-65f7-47ef-90b5-e5dd4d455f24"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
GRANTS = ROLE_GRANTS_BEGIN_GET_ACCESS
BEGIN = roles.BEGIN_GET_ACCESS
VERSIONS_READ = "Microsoft.Compute/galleries/images/versions/read"


@pytest.mark.parametrize("guid", [READER, IMAGE_READER, MACHINES])
@pytest.mark.parametrize("scope", [GALLERY, DEFINITION, VERSION, GALLERY.upper() + "/"])
def test_roles_that_only_read_are_not_enough_at_an_image(guid, scope):
    (line,) = findings(ROLE_NOT_READER, assignment(guid, scope))
    assert line.endswith(f"needed: a role that holds {BEGIN}.")


@pytest.mark.parametrize(
    "form",
    [
        f"/providers/Microsoft.Authorization/roleDefinitions/{READER}",
        f"/subscriptions/{HOME}/providers/Microsoft.Authorization/roleDefinitions/{READER}",
        f"/PROVIDERS/MICROSOFT.AUTHORIZATION/ROLEDEFINITIONS/{READER.upper()}/",
        READER,
    ],
)
def test_a_role_is_known_in_every_form_of_its_id(form):
    assert verdict(ROLE_NOT_READER, assignment("x", roleDefinitionId=form)) == "fail"


@pytest.mark.parametrize("guid", [CONTRIBUTOR, BACKUP, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"])
def test_roles_that_hold_the_action_pass(guid):
    assert verdict(ROLE_NOT_READER, assignment(guid)) == "pass"


def test_a_reader_elsewhere_is_nobodys_business():
    storage = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/s"
    for scope in (storage, GROUP, f"/subscriptions/{HOME}", "/", None):
        assert verdict(ROLE_NOT_READER, assignment(READER, scope)) == "not-applicable"


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (assignment(BACKUP, name="other"), "pass"),
        (assignment(BACKUP, GROUP, name="other"), "pass"),
        (assignment(BACKUP, name="other", principalId=PRINCIPAL.upper()), "pass"),
        (assignment(BACKUP, name="other", principalId=ABROAD), "fail"),
        (assignment(READER, name="other"), "fail"),
        (assignment(BACKUP, GALLERY + "2", name="other"), "fail"),
        (assignment(GUID, name="other"), "undecided"),
    ],
)
def test_a_reader_beside_a_role_that_holds_the_action_passes(other, expected):
    judged = answers(ROLE_NOT_READER, assignment(IMAGE_READER), other)
    assert judged["grant"].verdict.value == expected


def test_unknown_principals_are_told_apart_by_what_they_come_from():
    def of(source: str, guid: str, name: str):
        return assignment(guid, name=name, principalId=UNKNOWN, depends={"principalId": (source,)})

    one, two = version(name="one"), version(name="two")
    same = one, of("one", IMAGE_READER, "grant"), of("one", BACKUP, "other")
    assert answers(ROLE_NOT_READER, *same)["grant"].verdict.value == "pass"
    apart = one, two, of("one", IMAGE_READER, "grant"), of("two", BACKUP, "other")
    assert answers(ROLE_NOT_READER, *apart)["grant"].verdict.value == "fail"


def test_an_unknown_scope_is_an_image_when_it_comes_from_one():
    joined = assignment(READER, UNKNOWN, depends={"scope": ("version",)})
    assert verdict(ROLE_NOT_READER, version(), joined) == "fail"
    assert verdict(ROLE_NOT_READER, assignment(READER, UNKNOWN)) == "undecided"
    assert verdict(ROLE_NOT_READER, assignment(BACKUP, UNKNOWN)) == "pass"


def test_an_unknown_role_is_undecided_at_an_image_only():
    assert verdict(ROLE_NOT_READER, assignment(UNKNOWN)) == "undecided"
    assert verdict(ROLE_NOT_READER, assignment(UNKNOWN, GROUP)) == "not-applicable"


@pytest.mark.parametrize("guid", [GUID, ABROAD])
def test_custom_roles_are_the_next_rules_business(guid):
    assert verdict(ROLE_NOT_READER, role(), assignment(guid)) == "not-applicable"


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"actions": [BEGIN]}, "pass"),
        ({"actions": [BEGIN.upper()]}, "pass"),
        ({"actions": ["*"]}, "pass"),
        ({"actions": ["*/action"]}, "pass"),
        ({"actions": ["Microsoft.Compute/*"]}, "pass"),
        ({"actions": ["Microsoft.Compute/disks/*"]}, "pass"),
        ({"actions": ["*/read"]}, "fail"),
        ({"actions": [VERSIONS_READ]}, "fail"),
        ({"actions": ["*"], "notActions": [BEGIN]}, "fail"),
        ({"actions": ["*"], "notActions": ["microsoft.compute/DISKS/*"]}, "fail"),
        ({"actions": ["*"], "notActions": ["Microsoft.Compute/snapshots/*"]}, "pass"),
        ({"actions": [VERSIONS_READ], "dataActions": [BEGIN]}, "fail"),
        ({"actions": UNKNOWN}, "undecided"),
        ({"actions": [VERSIONS_READ, UNKNOWN]}, "undecided"),
        ({"actions": [BEGIN, UNKNOWN]}, "pass"),
        ({"actions": [BEGIN], "notActions": UNKNOWN}, "undecided"),
        ({"actions": [BEGIN], "notActions": [UNKNOWN]}, "undecided"),
        ({"actions": [VERSIONS_READ], "notActions": UNKNOWN}, "fail"),
        ({"actions": UNKNOWN, "notActions": [BEGIN]}, "fail"),
        ({"actions": [7]}, "fail"),
        ({}, "fail"),
    ],
)
def test_a_custom_role_at_a_gallery_has_to_hold_the_action(block, expected):
    assert verdict(GRANTS, role(block), assignment(GUID)) == expected


def test_what_one_block_takes_away_another_may_allow():
    taken = {"actions": ["*"], "notActions": [BEGIN]}
    assert verdict(GRANTS, role(taken, {"actions": [BEGIN]}), assignment(GUID)) == "pass"
    assert verdict(GRANTS, role(taken, {"actions": ["*/read"]}), assignment(GUID)) == "fail"


def test_the_finding_says_whether_the_action_is_taken_away():
    (line,) = findings(GRANTS, role({"actions": ["*"], "notActions": [BEGIN]}), assignment(GUID))
    assert line.startswith(f"permissions is insufficient, notActions take away {BEGIN};")


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        ([{"actions": [VERSIONS_READ]}], "fail"),
        ([{"actions": ["*/read"]}], "fail"),
        ([{"actions": ["Microsoft.Storage/*"]}], "not-applicable"),
        ([], "not-applicable"),
        (None, "not-applicable"),
        (UNKNOWN, "undecided"),
        ("all", "fail"),
    ],
)
def test_a_role_alone_is_judged_if_it_is_about_images(permissions, expected):
    assert verdict(GRANTS, role(permissions=permissions)) == expected


def test_a_reading_role_assigned_elsewhere_is_not_about_images():
    storage = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/s"
    readers = role({"actions": ["*/read"]})
    assert verdict(GRANTS, readers, assignment(GUID, storage)) == "not-applicable"
    over_the_image = version(), pool(), readers, assignment(GUID, GROUP)
    assert verdict(GRANTS, *over_the_image) == "fail"


def test_a_reading_role_beside_one_that_holds_the_action_passes():
    stack = role({"actions": [VERSIONS_READ]}), assignment(GUID), assignment(BACKUP, name="b")
    assert verdict(GRANTS, *stack) == "pass"


def test_a_custom_role_outside_the_stack_is_external():
    (line,) = doubts(GRANTS, assignment(ABROAD))
    assert line.startswith("undecided, external: roleDefinitionId is a custom role")


@pytest.mark.parametrize("depends", [{"roleDefinitionId": ("role",)}, {}])
def test_an_unknown_role_id_is_the_role_that_it_comes_from(depends):
    stack = role({"actions": [VERSIONS_READ]}), assignment(UNKNOWN, depends=depends)
    assert answers(GRANTS, *stack)["role"].verdict.value == "fail"
    expected = "not-applicable" if depends else "undecided"
    assert answers(GRANTS, *stack)["grant"].verdict.value == expected


patterns = st.sampled_from(
    ["*", "*/read", BEGIN, "Microsoft.Compute/*", "Microsoft.Compute/disks/*", VERSIONS_READ]
)
blocks = st.builds(
    lambda actions, taken: {"actions": actions, "notActions": taken},
    st.lists(patterns, max_size=3),
    st.lists(patterns, max_size=2),
)


@given(st.lists(blocks, max_size=3))
def test_the_verdict_is_the_domains_own_reading(drawn):
    held = roles.grants(
        [
            roles.Permission(
                actions=tuple(block["actions"]), not_actions=tuple(block["notActions"])
            )
            for block in drawn
        ],
        BEGIN,
    )
    assert verdict(GRANTS, role(*drawn), assignment(GUID)) == ("pass" if held else "fail")
