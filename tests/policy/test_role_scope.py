"""Scopes of role assignments against the images that pools start from."""

from __future__ import annotations

import pytest

from rules import tokens
from rules.role_scope import ROLE_SCOPE_COVERS_IMAGE, ROLE_SCOPE_NOT_TOO_WIDE
from rules.verdicts import Sample
from tests.policy.neighbours import (
    ABROAD,
    DEFINITION,
    EXTERNAL_VERSION,
    GALLERY,
    GROUP,
    GUID,
    HOME,
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

RULE = ROLE_SCOPE_COVERS_IMAGE
BACKUP = "3e5e47e6-65f7-47ef-90b5-e5dd4d455f24"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
IMAGE_READER = "cf7c76d2-98a3-4358-a134-615aa78bf44d"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
MANAGEMENT = "/providers/Microsoft.Management/managementGroups/all"
READS = {"actions": ["Microsoft.Compute/galleries/*"]}
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/s"


def gallery(name: str = "gallery", **props: object) -> Sample:
    base = {"galleryName": "fleet", "resourceGroupName": "fleet", "location": "westeurope"}
    return Sample(type=tokens.GALLERY, name=name, props={**base, **props})


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (GALLERY, "pass"),
        (GALLERY.upper() + "/", "pass"),
        (GALLERY.removeprefix("/"), "pass"),
        (GALLERY.replace("resourceGroups", "resourcegroups"), "pass"),
        (DEFINITION, "pass"),
        (GROUP, "pass"),
        (f"/subscriptions/{HOME}", "pass"),
        ("/", "pass"),
        (MANAGEMENT, "undecided"),
        (UNKNOWN, "undecided"),
        (VERSION, "fail"),
        (GALLERY.removesuffix("t"), "fail"),
        (GALLERY + "2", "fail"),
        (DEFINITION.removesuffix("r"), "fail"),
        (GROUP + "2", "fail"),
        (f"/subscriptions/{ABROAD}", "fail"),
        (GALLERY.replace(HOME, ABROAD), "fail"),
        (STORAGE, "fail"),
        ("nonsense", "fail"),
    ],
)
def test_a_scope_is_a_prefix_by_whole_segments_of_the_images_id(scope, expected):
    # the pool names an image by its full id, so nothing of it is open
    image = EXTERNAL_VERSION.replace("galleries/packer", "galleries/fleet")
    stack = pool(image=image), assignment(IMAGE_READER, scope)
    assert verdict(RULE, *stack) == expected


@pytest.mark.parametrize("scope", [GALLERY, DEFINITION, GROUP, f"/subscriptions/{HOME}"])
def test_images_of_the_stack_are_known_by_their_names(scope):
    assert verdict(RULE, version(), pool(), assignment(BACKUP, scope)) == "pass"


def test_a_group_that_is_not_named_is_left_open_by_a_groups_scope():
    unnamed = version(resourceGroupName=UNKNOWN)
    assert verdict(RULE, unnamed, assignment(IMAGE_READER, GROUP)) == "undecided"
    assert verdict(RULE, unnamed, assignment(IMAGE_READER, GALLERY)) == "pass"


@pytest.mark.parametrize(
    ("source", "expected"), [("gallery", "pass"), ("other", "fail"), ("group", "pass")]
)
def test_an_unknown_scope_is_judged_by_what_it_comes_from(source, expected):
    group = Sample(type=tokens.RESOURCE_GROUP, name="group", props={"resourceGroupName": "fleet"})
    stack = (
        group,
        gallery(),
        gallery("other", galleryName="other"),
        version(),
        pool(),
        assignment(IMAGE_READER, UNKNOWN, depends={"scope": (source,)}),
    )
    assert verdict(RULE, *stack) == expected


def test_the_finding_names_scope_and_image_without_the_rest():
    (line,) = findings(RULE, version(), pool(), assignment(BACKUP, GALLERY + "2"))
    assert line == (
        "scope is a gallery; needed: a definition, gallery or group that a pool's image lies in."
    )


def test_the_finding_names_the_definition_that_the_stack_has():
    names = {"galleryName": "fleet", "galleryImageName": "render", "resourceGroupName": "fleet"}
    wanted = Sample(type=tokens.GALLERY_IMAGE, name="linux", props=names)
    (line,) = findings(RULE, wanted, version(), pool(), assignment(BACKUP, GALLERY + "2"))
    assert line.endswith("that image definition linux lies in.")


def test_a_management_group_is_external():
    (line,) = doubts(RULE, version(), assignment(IMAGE_READER, MANAGEMENT))
    assert line.startswith("undecided, external: scope is a management group")


def test_one_image_of_several_is_enough():
    other = version(name="other", galleryName="other")
    assert verdict(RULE, version(), other, assignment(BACKUP)) == "pass"


def test_images_that_pools_use_count_before_those_that_none_does():
    other = version(name="other", galleryName="other")
    wrong = assignment(BACKUP, GALLERY.replace("galleries/fleet", "galleries/other"))
    assert verdict(RULE, version(), other, pool(), wrong) == "fail"
    assert verdict(RULE, version(), other, wrong) == "pass"


def test_without_images_there_is_nothing_to_cover():
    assert verdict(RULE, assignment(BACKUP)) == "not-applicable"


@pytest.mark.parametrize("guid", [CONTRIBUTOR, OWNER, "11076f67-66f6-4be0-8f6b-f0609fd05cc9"])
def test_roles_that_are_not_for_images_may_be_anywhere(guid):
    assert verdict(RULE, version(), pool(), assignment(guid, STORAGE)) == "not-applicable"


def test_a_narrow_role_elsewhere_is_misplaced_unless_another_reaches_the_image():
    misplaced = assignment(BACKUP, GROUP + "2")
    assert verdict(RULE, version(), pool(), misplaced) == "fail"
    reaching = assignment(CONTRIBUTOR, name="other", principalId=ABROAD)
    judged = answers(RULE, version(), pool(), misplaced, reaching)
    assert judged["grant"].verdict.value == "not-applicable"


@pytest.mark.parametrize(
    ("assignable", "scope", "expected"),
    [
        ([GROUP], GALLERY, "pass"),
        ([GROUP.upper()], GALLERY, "pass"),
        ([GROUP + "2", GROUP], GALLERY, "pass"),
        ([f"/subscriptions/{HOME}"], GROUP, "pass"),
        ([MANAGEMENT], GROUP, "pass"),
        ([GROUP + "2"], GALLERY, "fail"),
        ([GALLERY], GROUP, "fail"),
        ([f"/subscriptions/{ABROAD}"], GALLERY, "fail"),
        ([UNKNOWN], GALLERY, "undecided"),
        ([UNKNOWN, GROUP], GALLERY, "pass"),
        (UNKNOWN, GALLERY, "undecided"),
        (None, GALLERY, "pass"),
        ([], GALLERY, "pass"),
    ],
)
def test_a_custom_role_has_to_be_assignable_at_the_scope(assignable, scope, expected):
    custom = role(READS, assignableScopes=assignable)
    assert verdict(RULE, version(), custom, assignment(GUID, scope)) == expected


def test_a_custom_role_without_assignable_scopes_is_assignable_where_it_is_made():
    custom = role(READS, assignableScopes=None, scope=GROUP + "2")
    assert verdict(RULE, version(), custom, assignment(GUID)) == "fail"


def test_unknown_scopes_made_from_one_group_agree():
    group = Sample(type=tokens.RESOURCE_GROUP, name="group", props={"resourceGroupName": "fleet"})
    custom = role(READS, assignableScopes=[UNKNOWN])
    joined = Sample(
        type=custom.type,
        name=custom.name,
        props=custom.props,
        depends={"assignableScopes": ("group",)},
    )
    given = assignment(GUID, UNKNOWN, depends={"scope": ("gallery",)})
    assert verdict(RULE, group, gallery(), version(), pool(), joined, given) == "pass"


@pytest.mark.parametrize(
    ("scope", "actual"),
    [
        ("/", "the root of the tenant"),
        ("", "the root of the tenant"),
        (MANAGEMENT, "a management group"),
        (f"/subscriptions/{HOME}", "a whole subscription"),
        (f"subscriptions/{HOME}/", "a whole subscription"),
    ],
)
def test_wide_scopes_are_found(scope, actual):
    (line,) = findings(ROLE_SCOPE_NOT_TOO_WIDE, assignment(BACKUP, scope))
    assert line.startswith(f"scope is {actual};")


@pytest.mark.parametrize("scope", [GROUP, GALLERY, DEFINITION, STORAGE, None])
def test_narrow_scopes_pass(scope):
    assert verdict(ROLE_SCOPE_NOT_TOO_WIDE, assignment(BACKUP, scope)) == "pass"


def test_an_owner_is_too_much_at_any_scope():
    (line,) = findings(ROLE_SCOPE_NOT_TOO_WIDE, assignment(OWNER.upper()))
    assert line.startswith("roleDefinitionId is Owner;")


@pytest.mark.parametrize(
    "sample", [assignment(BACKUP, UNKNOWN), assignment(UNKNOWN)], ids=["scope", "role"]
)
def test_unknown_scope_or_role_is_undecided(sample):
    assert verdict(ROLE_SCOPE_NOT_TOO_WIDE, sample) == "undecided"
