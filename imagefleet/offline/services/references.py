"""Ids that one resource gives of another: which must be here, and which are assumed outside.

An id is *outside* when nothing here could have made it: another kind of resource (a disk, a
storage account), or one in a resource group that this Azure has never seen. Such ids are assumed
to exist. In a group, gallery or account that is here, what is not here does not exist; nor does
what was here and was deleted.
"""

from __future__ import annotations

from typing import Any

from imagefleet.domain import arm_ids
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import Put, ResourceType, equal, group_key
from imagefleet.offline.store import Record, Transaction

SIMULATED = frozenset(
    kind.casefold()
    for kind in (
        arm_ids.RESOURCE_GROUP,
        arm_ids.GALLERY,
        arm_ids.IMAGE_DEFINITION,
        arm_ids.IMAGE_VERSION,
        arm_ids.MANAGED_IMAGE,
        arm_ids.SNAPSHOT,
        arm_ids.BATCH_ACCOUNT,
        arm_ids.BATCH_POOL,
        arm_ids.ROLE_DEFINITION,
        arm_ids.ROLE_ASSIGNMENT,
        arm_ids.USER_ASSIGNED_IDENTITY,
    )
)


def not_found(resource_id: str, *, status: int = 404) -> AzureError:
    """Return the error for a resource that is not there."""
    message = f"the resource '{resource_id}' was not found"
    return AzureError("ResourceNotFound", message, status=status, target=resource_id)


def missing(transaction: Transaction, resource_id: str) -> bool:
    """Whether an id that is not in the store cannot be outside either."""
    if transaction.was_deleted(resource_id):
        return True
    parsed = arm_ids.try_parse(resource_id)
    if parsed is None or parsed.resource_type.casefold() not in SIMULATED:
        return False
    above = parsed.parent
    while above is not None and above.resource_type != arm_ids.SUBSCRIPTION:
        text = str(above)
        if transaction.get(text) is not None or transaction.was_deleted(text):
            return True
        above = above.parent
    return False


def find(transaction: Transaction, resource_id: str) -> Record | None:
    """Return the resource, None for one outside; raises `ResourceNotFound` for a missing one."""
    record = transaction.get(resource_id)
    if record is None and missing(transaction, resource_id):
        raise not_found(resource_id)
    return record


def require_parent(put: Put, kind: ResourceType) -> None:
    """Refuse a resource whose resource group or parent is gone or never was."""
    parent = kind.parent_key(put.id)
    if not parent or put.transaction.get(parent) is not None:
        return
    if not missing(put.transaction, parent):
        return
    group = group_key(put.id)
    if parent == group or put.transaction.was_deleted(group):
        name = put.path["resourceGroupName"]
        message = f"the resource group '{name}' of '{put.id}' was not found"
        raise AzureError("ResourceGroupNotFound", message, status=404, target=put.id)
    message = f"the parent resource of '{put.id}' was not found; create it first"
    raise AzureError("ParentResourceNotFound", message, status=404, target=put.id)


def same(one: Any, other: Any) -> bool:
    """Whether a service takes two values of a fixed property for the same."""
    return equal(one, other)


def refuse_children(
    transaction: Transaction, record: Record, arm_type: str, code: str = "CannotDeleteResource"
) -> None:
    """Refuse to delete a resource that others are nested in, naming some of them."""
    nested = transaction.children(record.id, arm_type, limit=3)
    if nested:
        ids = "; ".join(child.id for child in nested)
        message = (
            f"cannot delete '{record.id}' while nested resources exist; some of them are: {ids}. "
            "Delete all nested resources first"
        )
        raise AzureError(code, message, status=409, target=record.id)
