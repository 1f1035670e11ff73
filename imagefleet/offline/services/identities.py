"""The `identity` of a resource, as every service that has one takes and shows it."""

from __future__ import annotations

from collections.abc import Callable

from imagefleet.domain import arm_ids
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import Put
from imagefleet.offline.services import references
from imagefleet.offline.services.managed_identity import stable_guid, tenant
from imagefleet.offline.store import key_of
from imagefleet.offline.values import Properties

_IDS = "identity.userAssignedIdentities"


def identities(put: Put, invalid: Callable[[str, str], AzureError]) -> Properties:
    """Return the `identity` property of a resource as a read shows it, {} for none.

    Raises what `invalid` makes of a message and a path: the error of the service, whose code is
    its own.
    """
    given = put.body.get("identity")
    if given is None:
        return {}
    kind = str(given.get("type", "None"))
    shown: Properties = {"type": kind}
    if "SystemAssigned" in kind:
        shown["principalId"] = stable_guid(put.id, "principal")
        shown["tenantId"] = tenant(put.settings)
    ids = list(given.get("userAssignedIdentities") or [])
    if ("UserAssigned" in kind) != bool(ids):
        needed = "name at least one" if "UserAssigned" in kind else "be empty"
        message = f"identity.type is {kind}, so {_IDS} must {needed}"
        raise invalid(message, _IDS)
    if len({key_of(identity_id) for identity_id in ids}) != len(ids):
        message = f"{_IDS} names one identity twice"
        raise invalid(message, _IDS)
    for identity_id in ids:
        parsed = arm_ids.try_parse(identity_id)
        if parsed is None or not parsed.is_a(arm_ids.USER_ASSIGNED_IDENTITY):
            message = (
                f"{_IDS} holds '{identity_id}', which is no id of a resource of the type "
                f"{arm_ids.USER_ASSIGNED_IDENTITY}"
            )
            raise invalid(message, _IDS)
        shown.setdefault("userAssignedIdentities", {})[identity_id] = _user_assigned(
            put, identity_id
        )
    return {"identity": shown}


def _user_assigned(put: Put, identity_id: str) -> Properties:
    """Return what a read shows of one user-assigned identity, made here or outside."""
    found = references.find(put.transaction, identity_id)
    if found is None:
        return {
            "clientId": stable_guid(identity_id, "client"),
            "principalId": stable_guid(identity_id, "principal"),
        }
    return {name: found.state[name] for name in ("clientId", "principalId")}
