"""Every resource type that the simulated Azure knows, by type token and by ARM type."""

from __future__ import annotations

from functools import lru_cache

from imagefleet.offline import schema
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import ResourceType
from imagefleet.offline.services import (
    authorization,
    batch_accounts,
    batch_pools,
    compute_gallery,
    compute_images,
    managed_identity,
    resources,
)

TYPES: tuple[ResourceType, ...] = (
    resources.RESOURCE_GROUP,
    compute_images.SNAPSHOT,
    compute_images.IMAGE,
    compute_gallery.GALLERY,
    compute_gallery.GALLERY_IMAGE,
    compute_gallery.GALLERY_IMAGE_VERSION,
    authorization.ROLE_DEFINITION,
    authorization.ROLE_ASSIGNMENT,
    managed_identity.USER_ASSIGNED_IDENTITY,
    batch_accounts.BATCH_ACCOUNT,
    batch_pools.POOL,
)
BY_TOKEN = {kind.token: kind for kind in TYPES}
BY_ARM_TYPE = {kind.arm_type.casefold(): kind for kind in TYPES}


@lru_cache(maxsize=1024)
def resource_type(token: str) -> ResourceType:
    """Return the declaration of a type token; raises `AzureError` naming an unknown one."""
    found = BY_TOKEN.get(token)
    if found is not None:
        return found
    if "/v" in token or token.startswith("azure-native_"):
        hint = "; tokens of one API version are not simulated: use the default version's"
    else:
        hint = schema.nearest(token, BY_TOKEN) or f"; it knows {', '.join(BY_TOKEN)}"
    message = f"the simulated Azure does not know the resource type '{token}'{hint}"
    raise AzureError("InvalidResourceType", message, status=404, target=token)
