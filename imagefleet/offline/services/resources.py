"""Microsoft.Resources: resource groups. Deleting one deletes everything in it, as Azure does."""

from __future__ import annotations

from imagefleet.domain import arm_ids, naming
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import Outcome, Put, ResourceType, region


def _put(put: Put) -> Outcome:
    wrong = naming.resource_group_fault(put.name)
    if wrong:
        message = f"the resource group name '{put.name}' {wrong}"
        raise AzureError("InvalidResourceGroup", message, target="resourceGroupName")
    before = put.old_state("location")
    if before is not None and before != region(put.body.get("location")):
        message = (
            f"the resource group '{put.name}' exists in {before} and cannot be created in "
            f"{put.body.get('location')}; choose another name"
        )
        raise AzureError("InvalidResourceGroupLocation", message, status=409, target="location")
    return Outcome(derived={"properties": {"provisioningState": "Succeeded"}})


RESOURCE_GROUP = ResourceType(
    module="resources",
    name="ResourceGroup",
    arm_type=arm_ids.RESOURCE_GROUP,
    api_version="2024-03-01",
    id_template="/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}",
    force_new=frozenset({"location"}),
    put=_put,
)
