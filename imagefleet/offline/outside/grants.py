"""Role assignments that somebody has made before: their ids and inputs."""

from __future__ import annotations

from imagefleet.domain import arm_ids, roles
from imagefleet.offline.outside.facts import Grant
from imagefleet.offline.services.authorization import ROLE_ASSIGNMENT
from imagefleet.offline.services.managed_identity import stable_guid
from imagefleet.offline.values import Properties

TOKEN = ROLE_ASSIGNMENT.token


def role_id(role: str) -> str:
    """Return the id of a role that is given by a built-in role's name, a GUID or an id."""
    by_name = {each.name.casefold(): each.guid for each in roles.BUILT_IN}
    guid = by_name.get(role.casefold(), role)
    return guid if "/" in guid else arm_ids.role_definition("", guid)


def grant_id(grant: Grant) -> str:
    """Return the id of an assignment, which follows from what it grants."""
    inputs = grant_inputs(grant)
    kind = arm_ids.ROLE_ASSIGNMENT
    scope = str(inputs["scope"]).strip("/")
    return f"/{scope}/providers/{kind}/{inputs['roleAssignmentName']}"


def grant_inputs(grant: Grant) -> Properties:
    """Return the inputs of an assignment."""
    role = role_id(grant.role)
    return {
        "scope": grant.scope.strip("/"),
        "roleAssignmentName": stable_guid(f"{grant.scope}#{role}#{grant.principal}", "grant"),
        "roleDefinitionId": role,
        "principalId": grant.principal,
        "principalType": grant.principal_type,
    }
