"""Faults of the fleet itself: place, resource group, tags, gallery and access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imagefleet.domain import arm_ids, naming, regions
from imagefleet.domain.fault import (
    Fault,
    duplicates,
    elsewhere,
    id_faults,
    named,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imagefleet.domain.fleet import Fleet, Gallery

PRINCIPAL_TYPES: Final = ("ServicePrincipal", "User", "Group", "ForeignGroup", "Device")
"""The kinds of principal of a role assignment (Azure REST API, role assignments)."""

TAGS_MAXIMUM: Final = 50
TAG_NAME_MAXIMUM: Final = 512
TAG_VALUE_MAXIMUM: Final = 256
_TAG_REFUSED: Final = "<>%&\\?/"
"""Limits of tags (Azure documentation, Use tags to organize resources)."""


def faults(fleet: Fleet) -> Iterator[Fault]:
    """Faults of everything in the stack file that is not an image, an account or a pool."""
    if not naming.is_guid(fleet.subscription_id):
        yield Fault(
            path=("subscriptionId",),
            value=fleet.subscription_id,
            message="must be the GUID of a subscription; it comes from azure-native:subscriptionId",
        )
    yield from named(("location",), fleet.location, regions.fault(fleet.location, fleet.cloud))
    group = fleet.resource_group.name
    yield from named(("resourceGroup", "name"), group, naming.resource_group_fault(group))
    yield from _tag_faults(fleet.tags)
    yield from _gallery_faults(fleet, fleet.gallery)
    yield from _access_faults(fleet)


def needs_acknowledgement(fleet: Fleet, text: str | None, resource_type: str) -> bool:
    """Whether an id lies in another subscription and `batchRegistered` does not say so (D27)."""
    far = elsewhere(text, resource_type, fleet.subscription_id)
    return far and not fleet.gallery.batch_registered


ACKNOWLEDGE: Final = (
    "is in another subscription than the fleet: register Microsoft.Batch there (az provider "
    "register --namespace Microsoft.Batch --subscription <id>) and set gallery.batchRegistered: "
    "true"
)


def _gallery_faults(fleet: Fleet, gallery: Gallery) -> Iterator[Fault]:
    if (gallery.name is None) == (gallery.id is None):
        given = "neither" if gallery.name is None else "both"
        yield Fault(
            path=("gallery",),
            value=given,
            message="must have exactly one of name (a new gallery) and id (an existing one)",
        )
    if gallery.name is not None:
        path = ("gallery", "name")
        yield from named(path, gallery.name, naming.gallery_fault(gallery.name))
    if gallery.id is not None:
        yield from id_faults(("gallery", "id"), gallery.id, arm_ids.GALLERY)
    if needs_acknowledgement(fleet, gallery.id, arm_ids.GALLERY):
        yield Fault(path=("gallery", "id"), value=gallery.id, message=ACKNOWLEDGE)
    if gallery.location is not None:
        wrong = regions.fault(gallery.location, fleet.cloud)
        yield from named(("gallery", "location"), gallery.location, wrong)


def _tag_faults(tags: Mapping[str, str]) -> Iterator[Fault]:
    if len(tags) > TAGS_MAXIMUM:
        message = f"must be at most {TAGS_MAXIMUM} tags"
        yield Fault(path=("tags",), value=len(tags), message=message)
    for name, value in sorted(tags.items()):
        path = ("tags", name)
        if not 0 < len(name) <= TAG_NAME_MAXIMUM or set(name) & set(_TAG_REFUSED):
            message = (
                f"must have a name of 1 to {TAG_NAME_MAXIMUM} characters without {_TAG_REFUSED}"
            )
            yield Fault(path=path, value=name, message=message)
        if len(value) > TAG_VALUE_MAXIMUM:
            message = f"must be at most {TAG_VALUE_MAXIMUM} characters"
            yield Fault(path=path, value=value, message=message)
    identities = ((("tags", name), name, name.lower()) for name in sorted(tags))
    yield from duplicates(identities, "differs from another tag in case only")


def _access_faults(fleet: Fleet) -> Iterator[Fault]:
    for key, grant in sorted(fleet.access.items()):
        path = ("access", key)
        yield from named(path, key, naming.key_fault(key))
        if not naming.is_guid(grant.principal_id):
            yield Fault(
                path=(*path, "principalId"),
                value=grant.principal_id,
                message=(
                    "must be the object id of the principal, a GUID, not its name or e-mail; az ad "
                    "sp show --id <application id> --query id prints it"
                ),
            )
        if grant.principal_type not in PRINCIPAL_TYPES:
            yield Fault(
                path=(*path, "principalType"),
                value=grant.principal_type,
                message=f"must be one of {', '.join(PRINCIPAL_TYPES)}",
            )
    given = (
        (
            ("access", key, "principalId"),
            grant.principal_id,
            (grant.principal_id.lower(), grant.role, grant.scope),
        )
        for key, grant in sorted(fleet.access.items())
    )
    yield from duplicates(given, "is given the same role at the same scope twice")
