"""Microsoft.ManagedIdentity: user-assigned identities."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from imagefleet.domain import arm_ids
from imagefleet.offline.model import ProviderSettings
from imagefleet.offline.resource_types import Outcome, Put, ResourceType
from imagefleet.offline.store import key_of


def stable_guid(resource_id: str, purpose: str) -> str:
    """Return a GUID that depends on the id and the purpose alone, so runs can be compared."""
    return str(uuid5(NAMESPACE_URL, f"{key_of(resource_id)}#{purpose}"))


def tenant(settings: ProviderSettings) -> str:
    """Return the tenant's id, made up from the subscription where the settings have none."""
    return settings.tenant_id or str(uuid5(NAMESPACE_URL, f"tenant#{settings.subscription_id}"))


def _put(put: Put) -> Outcome:
    return Outcome(
        derived={
            "clientId": stable_guid(put.id, "client"),
            "principalId": stable_guid(put.id, "principal"),
            "tenantId": tenant(put.settings),
        }
    )


USER_ASSIGNED_IDENTITY = ResourceType(
    module="managedidentity",
    name="UserAssignedIdentity",
    arm_type=arm_ids.USER_ASSIGNED_IDENTITY,
    api_version="2023-01-31",
    id_template=(
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
        "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"
    ),
    force_new=frozenset({"location"}),
    put=_put,
)
