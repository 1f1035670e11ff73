"""Microsoft.Compute: galleries and image definitions.

A gallery's name is unique in its subscription, a definition's identifier in its gallery. What a
definition says about its images (OS, generation, architecture, identifier) never changes, its
features only with `allowUpdateImage`. Neither is deleted while something is in it.
"""

from __future__ import annotations

from imagefleet.domain import arm_ids, naming, security
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import Outcome, Put, ResourceType
from imagefleet.offline.services import references, security_features
from imagefleet.offline.services.compute_images import DEFAULT_GENERATION, invalid, require_name
from imagefleet.offline.services.gallery_versions import GALLERY_IMAGE_VERSION
from imagefleet.offline.services.identities import identities
from imagefleet.offline.store import Record, Transaction, key_of
from imagefleet.offline.values import Properties

__all__ = ["GALLERY", "GALLERY_IMAGE", "GALLERY_IMAGE_VERSION"]


def _put_gallery(put: Put) -> Outcome:
    require_name(put, naming.gallery_fault(put.name), "gallery")
    claim = f"gallery|{put.settings.subscription_id}|{put.name}"
    owner = put.transaction.owner(claim)
    if owner not in (None, key_of(put.id)):
        message = (
            f"the gallery name '{put.name}' is taken in this subscription by {owner}; a gallery's "
            "name must be unique in its subscription"
        )
        raise AzureError("GalleryNameNotUnique", message, status=409, target=put.id)
    unique = f"{put.settings.subscription_id}-{put.name.upper()}"
    derived = {"identifier": {"uniqueName": unique}, **identities(put, invalid)}
    return Outcome(derived=derived, claims=(claim,))


def _delete_gallery(transaction: Transaction, record: Record) -> None:
    references.refuse_children(transaction, record, arm_ids.IMAGE_DEFINITION)


def _put_definition(put: Put) -> Outcome:
    require_name(put, naming.definition_fault(put.name), "image definition")
    identifier = put.body["identifier"]
    parts = [str(identifier[name]) for name in ("publisher", "offer", "sku")]
    gallery = key_of(put.id.rsplit("/", 2)[0])
    claim = "|".join(("identifier", gallery, *parts))
    owner = put.transaction.owner(claim)
    if owner not in (None, key_of(put.id)):
        publisher, offer, sku = parts
        message = (
            f"an image definition identified by (publisher:{publisher}, offer:{offer}, sku:{sku}) "
            f"already exists in the gallery: {owner}; the three together must be unique"
        )
        raise AzureError("ImageDefinitionIdentifierNotUnique", message, status=409, target=put.id)
    if put.body.get("purchasePlan") == {}:
        message = "'purchasePlan' must have name, publisher and product, or be left out"
        raise invalid(message, "purchasePlan")
    features, generation = _features(put)
    _refuse_feature_change(put, features)
    derived: Properties = {
        "hyperVGeneration": generation,
        "architecture": put.body.get("architecture", "x64"),
    }
    if features:
        derived["features"] = features
    return Outcome(derived=derived, claims=(claim,))


def _features(put: Put) -> tuple[list[Properties], str]:
    """Return features and generation with the defaults of the API version (Compute Gallery)."""
    features: list[Properties] = list(put.body.get("features") or [])
    stated = security_features.stated(features)
    newer = security.absent_means_trusted_launch(put.api_version)
    if stated is None and newer:
        default = security.SecurityType.TRUSTED_LAUNCH_SUPPORTED.value
        features.append({"name": security.SECURITY_TYPE_FEATURE, "value": default})
        stated = default
    generation = put.body.get("hyperVGeneration") or ("V2" if newer else DEFAULT_GENERATION)
    if stated is not None:
        kind = security.security_type(stated)
        if kind is None:
            allowed = ", ".join(security.SECURITY_TYPES)
            message = f"the feature SecurityType must be one of {allowed}, got '{stated}'"
            raise invalid(message, "features")
        if kind is not security.SecurityType.STANDARD and str(generation).upper() != "V2":
            message = f"SecurityType '{stated}' needs hyperVGeneration V2, got {generation}"
            raise invalid(message, "features")
    return features, str(generation)


def _refuse_feature_change(put: Put, features: list[Properties]) -> None:
    before = put.old_state("features") or []
    if put.old is None or put.body.get("allowUpdateImage"):
        return
    if not references.same(before, features):
        raise _fixed("features")


def _fixed(path: str) -> AzureError:
    message = (
        f"Changing property 'galleryImage.properties.{path}' is not allowed; make a new image "
        "definition under another name"
    )
    return AzureError("PropertyChangeNotAllowed", message, status=409, target=path)


def _delete_definition(transaction: Transaction, record: Record) -> None:
    references.refuse_children(transaction, record, arm_ids.IMAGE_VERSION)


_GALLERY_ID = (
    "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
    "/providers/Microsoft.Compute/galleries/{galleryName}"
)
GALLERY = ResourceType(
    module="compute",
    name="Gallery",
    arm_type=arm_ids.GALLERY,
    api_version="2024-03-03",
    id_template=_GALLERY_ID,
    force_new=frozenset({"location"}),
    put=_put_gallery,
    delete=_delete_gallery,
)
GALLERY_IMAGE = ResourceType(
    module="compute",
    name="GalleryImage",
    arm_type=arm_ids.IMAGE_DEFINITION,
    api_version="2024-03-03",
    id_template=_GALLERY_ID + "/images/{galleryImageName}",
    force_new=frozenset({"location"}),
    immutable={
        "osType": _fixed,
        "osState": _fixed,
        "hyperVGeneration": _fixed,
        "architecture": _fixed,
        "identifier.publisher": _fixed,
        "identifier.offer": _fixed,
        "identifier.sku": _fixed,
        "purchasePlan": _fixed,
        "disallowed": _fixed,
    },
    put=_put_definition,
    delete=_delete_definition,
)
