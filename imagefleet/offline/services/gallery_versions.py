"""Microsoft.Compute: gallery image versions and their replication.

A version has one source, never changed, in its own region; its home region is among its targets;
regions and replica counts change in place. Replication is a matter of time: the home region
first, then all others side by side, whatever the size of the image.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagefleet.domain import arm_ids, replication, security, versions
from imagefleet.offline import clock
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import Outcome, Put, ResourceType, at, region
from imagefleet.offline.services import security_features, version_sources
from imagefleet.offline.services.compute_images import fixed, invalid
from imagefleet.offline.store import Record, Transaction
from imagefleet.offline.values import Properties

# Our assumptions: reports of whole versions speak of 30 to 60 minutes, Azure of up to six hours.
HOME_MINUTES = 20.0
REGION_MINUTES = 20.0
REPLICA_MINUTES = 10.0
# Validation of a Trusted Launch capable version takes an hour or more (Compute Gallery).
VALIDATION_MINUTES = 60.0
_VALIDATED = frozenset(
    {
        security.SecurityType.TRUSTED_LAUNCH_SUPPORTED,
        security.SecurityType.TRUSTED_LAUNCH_AND_CONFIDENTIAL_VM_SUPPORTED,
    }
)
_STORAGE = "Standard_LRS"


def _put(put: Put) -> Outcome:
    wrong = versions.fault(put.name)
    if wrong:
        message = f"the image version name '{put.name}' {wrong}"
        raise invalid(message, "galleryImageVersionName")
    definition = put.transaction.get(put.id.rsplit("/", 2)[0])
    links = version_sources.require_source(put, definition)
    targets = _targets(put)
    profile = put.body.get("publishingProfile") or {}
    published = put.now if put.old is None else put.old.created
    derived = {
        "publishingProfile": {
            "excludeFromLatest": False,
            "replicaCount": 1,
            "replicationMode": "Full",
            "storageAccountType": _STORAGE,
            **profile,
            "targetRegions": targets,
            "publishedDate": clock.timestamp(published),
        },
        "safetyProfile": {
            "allowDeletionOfReplicatedLocations": True,
            "blockDeletionBeforeEndOfLife": False,
            **(put.body.get("safetyProfile") or {}),
            "policyViolations": [],
            "reportedForPolicyViolation": False,
        },
    }
    copies = _copies(put, targets)
    minutes = max((copy["until"] for copy in copies.values()), default=put.now) - put.now
    if put.old is None and definition is not None and _is_validated(definition):
        minutes += VALIDATION_MINUTES
    minutes = max(minutes, 0)
    internal: Properties = {"copies": copies, "until": put.now + minutes}
    return Outcome(derived=derived, internal=internal, links=links, minutes=minutes)


def _targets(put: Put) -> list[Properties]:
    """Return the target regions with the service's defaults; refuse what it refuses."""
    profile = put.body.get("publishingProfile") or {}
    home = str(put.body["location"])
    targets = profile.get("targetRegions", [{"name": home}])
    spelled = [str(target["name"]) for target in targets]
    folded = [region(name) for name in spelled]
    if len(set(folded)) != len(folded):
        message = f"Duplicate regions are not allowed in the target regions, got {spelled}"
        raise invalid(message, "publishingProfile.targetRegions")
    if region(home) not in folded:
        message = (
            f"the publishing profile regions {spelled} must contain the location of the image "
            f"version, '{home}'"
        )
        raise invalid(message, "publishingProfile.targetRegions")
    _refuse_removal(put, folded)
    default = {
        "excludeFromLatest": profile.get("excludeFromLatest", False),
        "regionalReplicaCount": profile.get("replicaCount", 1),
        "storageAccountType": profile.get("storageAccountType", _STORAGE),
    }
    filled = [{**default, **target} for target in targets]
    for target in filled:
        count = target["regionalReplicaCount"]
        if not 1 <= count <= replication.MAXIMUM:
            message = (
                f"the replicas in {target['name']} must be 1 to {replication.MAXIMUM}, got {count}"
            )
            raise invalid(message, "publishingProfile.targetRegions")
    return filled


def _refuse_removal(put: Put, folded: list[str]) -> None:
    """Refuse to take a region away where the version says that this must not happen."""
    if at(put.body, "safetyProfile", "allowDeletionOfReplicatedLocations") is not False:
        return
    before = {region(target["name"]) for target in _regions_of(put.old)}
    removed = sorted(before - set(folded))
    if removed:
        message = (
            f"the replicas in {', '.join(removed)} cannot be removed while "
            "safetyProfile.allowDeletionOfReplicatedLocations is false"
        )
        raise AzureError("OperationNotAllowed", message, status=409, target=put.id)


def _regions_of(record: Record | None) -> list[Properties]:
    found = at(record.state if record else {}, "publishingProfile", "targetRegions")
    return found if isinstance(found, list) else []


def _copies(put: Put, targets: list[Properties]) -> dict[str, Properties]:
    """Return when the replicas of each region are begun and done, by region."""
    earlier: Mapping[str, Any] = put.old.internal.get("copies", {}) if put.old else {}
    home = region(put.body["location"])
    copies: dict[str, Properties] = {}
    for target in targets:
        name, count = region(target["name"]), int(target["regionalReplicaCount"])
        before = earlier.get(name)
        if before is not None and before.get("failed"):
            before = None
        if before is not None and count <= before["replicas"]:
            copies[name] = {**before, "replicas": count}
            continue
        copy: Properties = {"begun": put.now, "replicas": count, "before": 0}
        if before is not None:
            copy["until"] = put.now + REPLICA_MINUTES
            copy["before"] = before["replicas" if before["until"] <= put.now else "before"]
        elif put.old is not None or name == home:
            copy["until"] = put.now + HOME_MINUTES
        else:
            copy["until"] = put.now + HOME_MINUTES + REGION_MINUTES
        copies[name] = copy
    return copies


def _is_validated(definition: Record) -> bool:
    return security_features.security_type(definition) in _VALIDATED


def replicas_in(version: Record, location: str, now: float) -> int | None:
    """Return the finished replicas of a version in a region, None where it is no target."""
    copy = at(version.internal, "copies", region(location))
    if copy is None:
        return None
    if copy.get("failed"):
        return int(copy["before"])
    return int(copy["replicas" if copy["until"] <= now else "before"])


def replication_status(version: Record, now: float) -> Properties:
    """Return `replicationStatus` as a read with `$expand=ReplicationStatus` shows it."""
    summary = []
    for target in _regions_of(version):
        copy = version.internal["copies"][region(target["name"])]
        length = copy["until"] - copy["begun"]
        part = 1.0 if length <= 0 else min(max((now - copy["begun"]) / length, 0.0), 1.0)
        state = "Completed" if part >= 1 else "Replicating"
        shown: Properties = {"region": target["name"], "state": state, "progress": int(part * 100)}
        if copy.get("failed"):
            details = "the copy of the image to this region has failed"
            shown |= {"state": "Failed", "progress": 0, "details": details}
        summary.append(shown)
    return {"aggregatedState": _aggregated(summary), "summary": summary}


def _aggregated(summary: list[Properties]) -> str:
    states = {item["state"] for item in summary}
    if "Replicating" in states:
        return "InProgress"
    return "Failed" if "Failed" in states else "Completed"


def _view(transaction: Transaction, record: Record) -> Properties:
    if record.internal.get("until", 0) <= transaction.now:
        failed = any(copy.get("failed") for copy in record.internal["copies"].values())
        return {"provisioningState": "Failed"} if failed else {}
    return {"provisioningState": "Creating" if record.revision == 1 else "Updating"}


def _delete(transaction: Transaction, record: Record) -> None:
    if at(record.state, "safetyProfile", "blockDeletionBeforeEndOfLife") is not True:
        return
    end = at(record.state, "publishingProfile", "endOfLifeDate")
    if end and clock.minutes_at(str(end)) > transaction.now:
        message = (
            f"'{record.id}' cannot be deleted before its end of life on {end}; clear "
            "safetyProfile.blockDeletionBeforeEndOfLife first"
        )
        code = "DeleteGalleryImageVersionBlockedBeforeEndOfLife"
        raise AzureError(code, message, status=409, target=record.id)


_PROFILE = "galleryImageVersion.properties."


def _fixed(path: str) -> AzureError:
    return fixed(f"{_PROFILE}{path}")


GALLERY_IMAGE_VERSION = ResourceType(
    module="compute",
    name="GalleryImageVersion",
    arm_type=arm_ids.IMAGE_VERSION,
    api_version="2024-03-03",
    id_template=(
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
        "/providers/Microsoft.Compute/galleries/{galleryName}/images/{galleryImageName}"
        "/versions/{galleryImageVersionName}"
    ),
    force_new=frozenset({"location"}),
    immutable={
        "storageProfile.source": _fixed,
        "storageProfile.osDiskImage": _fixed,
        "storageProfile.dataDiskImages": _fixed,
        "publishingProfile.storageAccountType": _fixed,
        "publishingProfile.replicationMode": _fixed,
        "securityProfile": _fixed,
    },
    put=_put,
    view=_view,
    delete=_delete,
)
