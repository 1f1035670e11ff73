"""Microsoft.Authorization: role definitions and role assignments.

Rules: names are GUIDs; a grant is unique by scope, principal and role; principal, scope and role
of a grant never change; a role that is granted somewhere cannot be deleted. Roles that are not
here are assumed to exist (built-in ones do, and custom ones of the tenant may).
"""

from __future__ import annotations

from imagefleet.domain import arm_ids, naming
from imagefleet.offline import clock
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import Outcome, Put, ResourceType
from imagefleet.offline.services import references
from imagefleet.offline.services.managed_identity import stable_guid
from imagefleet.offline.store import Record, Transaction, key_of
from imagefleet.offline.values import Properties


def _require_guid(put: Put, what: str, code: str) -> None:
    if not naming.is_guid(put.name):
        message = f"the {what} name '{put.name}' must be a GUID"
        raise AzureError(code, message, target=put.id)


def _dates(put: Put) -> Properties:
    """Return who made it and when, in the spelling of this service."""
    author = stable_guid(f"/subscriptions/{put.settings.subscription_id}", "author")
    created = clock.timestamp(put.now if put.old is None else put.old.created)
    return {
        "createdBy": author,
        "createdOn": created,
        "updatedBy": author,
        "updatedOn": clock.timestamp(put.now),
    }


def role_key(role_definition_id: str) -> str:
    """Return what two spellings of one role definition's id share: its GUID, folded."""
    return role_definition_id.rstrip("/").rsplit("/", 1)[-1].casefold()


def guid_claim(guid: str) -> str:
    """Return the claim that a role definition made here holds on its GUID, at whatever scope."""
    return f"role-guid|{guid}"


def _put_definition(put: Put) -> Outcome:
    _require_guid(put, "role definition", "InvalidRoleDefinitionId")
    name = str(put.body.get("roleName", put.name))
    scopes = put.body.get("assignableScopes", [f"/{put.path['scope'].strip('/')}"])
    if not scopes:
        message = f"the role '{name}' must have at least one assignable scope"
        raise AzureError("InvalidAssignableScope", message, target="assignableScopes")
    for scope in scopes:
        if not str(scope).startswith("/subscriptions/"):
            message = (
                f"the assignable scope '{scope}' of role '{name}' must be a subscription, a "
                "resource group or a resource, as an id that starts with /subscriptions/"
            )
            raise AzureError("InvalidAssignableScope", message, target="assignableScopes")
    if not put.body.get("permissions"):
        message = f"the role '{name}' must hold at least one permission"
        raise AzureError("RoleDefinitionPermissionsRequired", message, target="permissions")
    claims = (f"role-name|{put.settings.subscription_id}|{name}", guid_claim(put.name))
    for claim in claims:
        owner = put.transaction.owner(claim)
        if owner not in (None, key_of(put.id)):
            message = f"a role definition named '{name}' ({put.name}) exists already: {owner}"
            raise AzureError("RoleDefinitionWithSameNameExists", message, status=409, target=name)
    derived = {
        "assignableScopes": scopes,
        "roleName": name,
        "roleType": put.body.get("roleType", "CustomRole"),
        **_dates(put),
    }
    return Outcome(derived=derived, claims=claims)


def _delete_definition(transaction: Transaction, record: Record) -> None:
    users = transaction.linked(_role_link(record.id))
    if users:
        message = (
            f"there are existing assignments of the role '{record.state['roleName']}'; delete them "
            f"first: {', '.join(users[:3])}"
        )
        raise AzureError("RoleDefinitionHasAssignments", message, target=record.id)


def _role_link(role_definition_id: str) -> str:
    return f"/roles/{role_key(role_definition_id)}"


def _put_assignment(put: Put) -> Outcome:
    _require_guid(put, "role assignment", "InvalidRoleAssignmentId")
    principal, role = str(put.body["principalId"]), str(put.body["roleDefinitionId"])
    if not naming.is_guid(principal):
        message = f"the principal id '{principal}' must be a GUID"
        raise AzureError("InvalidPrincipalId", message, target="principalId")
    if not naming.is_guid(role_key(role)):
        message = f"'{role}' must be the id of a role definition, which ends in its GUID"
        raise AzureError("InvalidRoleDefinitionId", message, target="roleDefinitionId")
    _require_role(put, role)
    scope = f"/{put.path['scope'].strip('/')}"
    references.find(put.transaction, scope)
    claim = f"grant|{scope}|{principal}|{role_key(role)}"
    owner = put.transaction.owner(claim)
    if owner not in (None, key_of(put.id)):
        message = (
            f"the role assignment exists already, as {owner}; import it, or delete it "
            f"(scope {scope}, principal {principal}, role {role_key(role)})"
        )
        raise AzureError("RoleAssignmentExists", message, status=409, target=put.id)
    derived = {
        "scope": scope,
        "principalType": put.body.get("principalType", "User"),
        **_dates(put),
    }
    return Outcome(derived=derived, claims=(claim,), links=(_role_link(role),))


def _require_role(put: Put, role: str) -> None:
    gone = put.transaction.was_deleted(role) and put.transaction.get(role) is None
    if gone:
        message = f"the role definition '{role}' does not exist"
        raise AzureError("RoleDefinitionDoesNotExist", message, target="roleDefinitionId")


def _not_updatable(path: str) -> AzureError:
    message = (
        f"'{path}' of a role assignment cannot be changed: tenant, application, principal, role "
        "and scope are fixed; make a new assignment under another name"
    )
    return AzureError("RoleAssignmentUpdateNotPermitted", message, status=409, target=path)


ROLE_DEFINITION = ResourceType(
    module="authorization",
    name="RoleDefinition",
    arm_type=arm_ids.ROLE_DEFINITION,
    api_version="2022-05-01-preview",
    id_template="/{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}",
    put=_put_definition,
    delete=_delete_definition,
)
ROLE_ASSIGNMENT = ResourceType(
    module="authorization",
    name="RoleAssignment",
    arm_type=arm_ids.ROLE_ASSIGNMENT,
    api_version="2022-04-01",
    id_template="/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    force_new=frozenset({"principalId"}),
    immutable={"principalId": _not_updatable, "roleDefinitionId": _not_updatable},
    put=_put_assignment,
)
