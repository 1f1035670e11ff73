"""Access to the gallery: its roles, their scopes, and what they depend on."""

from __future__ import annotations

from components.gallery_access import GalleryAccess, GalleryAccessArgs
from tests.components.samples import (
    BUILTIN_GRANT,
    CUSTOM_ROLE,
    GALLERY_ID,
    GRANT,
    GROUP_ID,
    ROLE_GUID,
    ROLE_ID,
    SUBSCRIPTION,
)
from tests.recorder import record

ASSIGNMENT = "azure-native:authorization:RoleAssignment"
DEFINITION = "azure-native:authorization:RoleDefinition"


def access(*grants, role=None):
    args = GalleryAccessArgs(grants=grants, custom_role=role)
    recorder = record(lambda: GalleryAccess("one", args))
    return recorder.one("GalleryAccess"), recorder


def test_a_custom_role_is_made_once_and_assigned():
    parent, recorder = access(GRANT, role=CUSTOM_ROLE)
    assert parent.type == "imagefleet:authorization:GalleryAccess"
    assert parent.inputs == {"principals": {"app": GRANT.principal_id}}
    assert recorder.children(parent) == {(DEFINITION, "one"), (ASSIGNMENT, "one-app-custom")}
    assert recorder.one("RoleDefinition").inputs == {
        "roleDefinitionId": ROLE_GUID,
        "roleName": "imagefleet gal_fleet",
        "roleType": "CustomRole",
        "description": "reads images and starts nodes from them",
        "permissions": [{"actions": list(CUSTOM_ROLE.actions)}],
        "assignableScopes": [GROUP_ID],
        "scope": GROUP_ID,
    }
    assert recorder.one("RoleAssignment").inputs == {
        "roleAssignmentName": "33333333-3333-4333-8333-333333333333",
        "principalId": GRANT.principal_id,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": ROLE_ID,
        "scope": GALLERY_ID,
    }


def test_the_assignment_depends_on_the_role_it_gives():
    """Over the property, and although the role's id is written in the subscription's form."""
    _, recorder = access(GRANT, role=CUSTOM_ROLE)
    assignment = recorder.one("RoleAssignment")
    assert assignment.property_dependencies == {
        "roleDefinitionId": (recorder.one("RoleDefinition").urn,)
    }


def test_built_in_roles_need_no_definition():
    parent, recorder = access(BUILTIN_GRANT)
    assert recorder.children(parent) == {
        (ASSIGNMENT, "one-team-image-reader"),
        (ASSIGNMENT, "one-team-disk-reader"),
    }
    assignment = recorder.one("RoleAssignment", "one-team-disk-reader")
    assert assignment.inputs["scope"] == GROUP_ID
    assert assignment.inputs["principalType"] == "Group"
    assert assignment.inputs["roleDefinitionId"] == (
        f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/b"
    )
    assert assignment.property_dependencies == {}


def test_no_assignment_carries_a_condition_and_none_is_updated():
    _, recorder = access(GRANT, BUILTIN_GRANT, role=CUSTOM_ROLE)
    assignments = [each for each in recorder.registrations if each.type == ASSIGNMENT]
    assert len(assignments) == 3
    for each in assignments:
        assert {"condition", "conditionVersion"}.isdisjoint(each.inputs)
        assert each.replace_on_changes == ("principalType", "roleDefinitionId")
        assert each.delete_before_replace
