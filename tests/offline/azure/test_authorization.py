"""Roles and grants: each rule with a case on both sides."""

from __future__ import annotations

import pytest

from tests.offline.azure.world import GALLERY, GUID, MISSING, READER, SUBSCRIPTION

OTHER = "44444444-4444-4444-8444-444444444444"
ROLE = f"{GALLERY}/providers/Microsoft.Authorization/roleDefinitions/{GUID}"
GRANT = f"{GALLERY}/providers/Microsoft.Authorization/roleAssignments/{GUID}"


def test_a_grant_reads_back_what_was_granted(gallery):
    made = gallery.make("RoleAssignment")
    assert made.id == GRANT
    assert made.outputs["scope"] == GALLERY
    assert made.outputs["principalType"] == "ServicePrincipal"


def test_the_same_grant_under_another_name_exists_already(gallery):
    gallery.make("RoleAssignment")
    other = {"roleAssignmentName": OTHER}
    error = gallery.refused(lambda: gallery.make("RoleAssignment", other), "RoleAssignmentExists")
    assert error.status == 409
    gallery.make("RoleAssignment", {**other, "principalId": OTHER})


def test_two_spellings_of_one_role_are_one_grant(gallery):
    gallery.make("RoleAssignment")
    spelled = {
        "roleAssignmentName": OTHER,
        "roleDefinitionId": f"/subscriptions/{SUBSCRIPTION}{READER.upper()}",
    }
    gallery.refused(lambda: gallery.make("RoleAssignment", spelled), "RoleAssignmentExists")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"roleAssignmentName": "reader"}, "InvalidRoleAssignmentId"),
        ({"principalId": "app"}, "InvalidPrincipalId"),
        ({"roleDefinitionId": "Reader"}, "InvalidRoleDefinitionId"),
        ({"scope": f"{GALLERY}/images/none"}, "ResourceNotFound"),
    ],
)
def test_a_grant_of_nothing_is_refused(gallery, changes, code):
    gallery.refused(lambda: gallery.make("RoleAssignment", changes), code)


@pytest.mark.parametrize(
    ("path", "value"),
    [("principalId", OTHER), ("roleDefinitionId", READER.replace("acdd", "bcdd"))],
)
def test_a_grant_is_fixed(gallery, path, value):
    gallery.make("RoleAssignment")
    gallery.refused(
        lambda: gallery.update("RoleAssignment", GRANT, {path: value}),
        "RoleAssignmentUpdateNotPermitted",
    )
    gallery.update("RoleAssignment", GRANT, {"description": "why"})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"roleDefinitionId": "reader"}, "InvalidRoleDefinitionId"),
        ({"assignableScopes": ["fleet"]}, "InvalidAssignableScope"),
        ({"assignableScopes": []}, "InvalidAssignableScope"),
        ({"permissions": []}, "RoleDefinitionPermissionsRequired"),
    ],
)
def test_a_role_the_service_does_not_take_is_refused(gallery, changes, code):
    gallery.refused(lambda: gallery.make("RoleDefinition", changes), code)


def test_role_names_are_unique(gallery):
    gallery.make("RoleDefinition")
    same = {"roleDefinitionId": OTHER}
    gallery.refused(
        lambda: gallery.make("RoleDefinition", same), "RoleDefinitionWithSameNameExists"
    )
    gallery.make("RoleDefinition", {**same, "roleName": "another"})


def test_a_role_in_use_is_kept(gallery):
    gallery.make("RoleDefinition")
    gallery.make("RoleAssignment", {"roleDefinitionId": ROLE})
    error = gallery.refused(
        lambda: gallery.delete("RoleDefinition", ROLE), "RoleDefinitionHasAssignments"
    )
    assert GRANT.casefold() in error.message
    gallery.delete("RoleAssignment", GRANT)
    gallery.delete("RoleDefinition", ROLE)
    gallery.refused(
        lambda: gallery.make("RoleAssignment", {"roleDefinitionId": ROLE}),
        "RoleDefinitionDoesNotExist",
    )


def test_a_role_is_assignable_at_its_own_scope_by_default(gallery):
    made = gallery.make("RoleDefinition", {"assignableScopes": MISSING})
    assert made.outputs["assignableScopes"] == [GALLERY]
    assert made.outputs["roleType"] == "CustomRole"


def test_what_is_granted_on_a_resource_goes_with_it(gallery):
    gallery.make("RoleAssignment")
    gallery.delete("GalleryImage", f"{GALLERY}/images/ubuntu")
    gallery.delete("Gallery", GALLERY)
    assert gallery.read("RoleAssignment", GRANT) is None


def test_an_identity_has_ids_that_depend_on_its_name_alone(world):
    made = world.make("UserAssignedIdentity")
    world.delete("UserAssignedIdentity", made.id)
    again = world.make("UserAssignedIdentity")
    assert made.outputs == again.outputs
    other = world.make("UserAssignedIdentity", {"resourceName": "others"})
    assert other.outputs["principalId"] != made.outputs["principalId"]
