"""Pools and image versions as one side of a change has them, read from the inputs of resources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from imagefleet.domain import arm_ids, autoscale, regions, steady
from imagefleet.domain import pools as limits
from imagefleet.domain.arm_ids import ArmId, ArmIdError

_POOL = re.compile(r"^azure-native:batch(?:/\w+)?:Pool$")
_ACCOUNT = re.compile(r"^azure-native:batch(?:/\w+)?:BatchAccount$")
_VERSION = re.compile(r"^azure-native:compute(?:/\w+)?:GalleryImageVersion$")
_KINDS = {
    arm_ids.MANAGED_IMAGE: "managed image",
    arm_ids.SNAPSHOT: "snapshot",
    arm_ids.DISK: "disk",
    arm_ids.VIRTUAL_MACHINE: "virtual machine",
    arm_ids.IMAGE_VERSION: "image version",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageName:
    """The image version that a pool starts from; `version` is empty for another reference."""

    image: str
    version: str
    key: str = ""

    def __str__(self) -> str:
        return f"{self.image} {self.version}".strip()

    @property
    def place(self) -> str:
        """Gallery, image and version as the id spells them, to be compared with a version's."""
        return self.key.lower().rpartition("/galleries/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolState:
    """A pool: its id and account, the account's region ("" where it is not in the stack), nodes.

    `ceiling` is the highest number of nodes: the fixed target, or what an autoscale formula can
    ask for; None where that cannot be told. `timeout` is in minutes, None for autoscale.
    """

    pool_id: str
    account: str
    region: str
    image: ImageName
    vm_size: str
    dedicated: int = 0
    low_priority: int = 0
    autoscale: bool = False
    ceiling: int | None = None
    timeout: float | None = None

    @property
    def nodes(self) -> str:
        """The nodes in words: `4`, `4 + 2 low priority`, `autoscale, at most 50`."""
        if self.autoscale:
            return "autoscale" if self.ceiling is None else f"autoscale, at most {self.ceiling}"
        if not self.low_priority:
            return str(self.dedicated)
        return f"{self.dedicated} + {self.low_priority} low priority"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionState:
    """An image version: its replicas by region, what it is made from; `key` is its id, folded."""

    image: str
    version: str
    gallery: str
    key: str
    replicas: tuple[tuple[str, int], ...]
    source: str
    end_of_life: str = ""
    excluded_from_latest: bool = False

    @property
    def name(self) -> str:
        """Image and version."""
        return f"{self.image} {self.version}"

    @property
    def place(self) -> str:
        """Gallery, image and version as the end of the id spells them."""
        return f"{self.gallery}/images/{self.image}/versions/{self.version}".lower()


Side = Mapping[str, tuple[str, Mapping[str, Any]]]
"""One side of a change: type and inputs of every resource, by its URN."""


def is_pool(type_token: str) -> bool:
    """Whether a type is a Batch pool's, in any of its spellings."""
    return _POOL.match(type_token) is not None


def is_version(type_token: str) -> bool:
    """Whether a type is a gallery image version's, in any of its spellings."""
    return _VERSION.match(type_token) is not None


def pools(side: Side) -> dict[str, PoolState]:
    """Return the pools of one side by URN."""
    where = _account_regions(side.values())
    return {urn: _pool(inputs, where) for urn, (kind, inputs) in side.items() if is_pool(kind)}


def versions(side: Side) -> dict[str, VersionState]:
    """Return the image versions of one side by URN."""
    return {urn: _version(inputs) for urn, (kind, inputs) in side.items() if is_version(kind)}


def _account_regions(resources: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, str]:
    return {
        str(inputs.get("accountName", "")).lower(): regions.normalise(str(inputs["location"]))
        for kind, inputs in resources
        if _ACCOUNT.match(kind) and isinstance(inputs.get("location"), str)
    }


def _pool(inputs: Mapping[str, Any], where: Mapping[str, str]) -> PoolState:
    account = str(inputs.get("accountName", ""))
    scale = inputs.get("scaleSettings")
    scale = scale if isinstance(scale, Mapping) else {}
    fixed, auto = scale.get("fixedScale"), scale.get("autoScale")
    fixed = fixed if isinstance(fixed, Mapping) else {}
    dedicated = _number(fixed.get("targetDedicatedNodes"))
    low = _number(fixed.get("targetLowPriorityNodes"))
    formula = auto.get("formula") if isinstance(auto, Mapping) else None
    return PoolState(
        pool_id=str(inputs.get("poolName", "")),
        account=account,
        region=where.get(account.lower(), ""),
        image=_image(inputs),
        vm_size=str(inputs.get("vmSize", "")),
        dedicated=dedicated,
        low_priority=low,
        autoscale=formula is not None,
        ceiling=autoscale.ceiling(formula) if isinstance(formula, str) else dedicated + low,
        timeout=None if formula is not None else _timeout(fixed.get("resizeTimeout")),
    )


def _timeout(value: Any) -> float:
    """Return the minutes of a resize timeout; the service's own where none can be read."""
    minutes = steady.timeout_minutes(value) if isinstance(value, str) else None
    return limits.RESIZE_TIMEOUT_DEFAULT if minutes is None else minutes


def _image(inputs: Mapping[str, Any]) -> ImageName:
    value: Any = inputs
    for part in ("deploymentConfiguration", "virtualMachineConfiguration", "imageReference"):
        value = value.get(part) if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping):
        return ImageName(image="", version="")
    arm = _arm_id(value.get("id"))
    if arm is not None and arm.is_a(arm_ids.IMAGE_VERSION):
        _, image, version = arm.names
        return ImageName(image=image, version=version, key=arm.key)
    if arm is not None:
        return ImageName(image=arm.name, version="")
    parts = (value.get("publisher"), value.get("offer"), value.get("sku"))
    named = "/".join(part for part in parts if isinstance(part, str))
    return ImageName(image=named or str(value.get("id", "")), version=str(value.get("version", "")))


def _version(inputs: Mapping[str, Any]) -> VersionState:
    profile = inputs.get("publishingProfile")
    profile = profile if isinstance(profile, Mapping) else {}
    image, version = (
        str(inputs.get("galleryImageName", "")),
        str(inputs.get("galleryImageVersionName", "")),
    )
    gallery = str(inputs.get("galleryName", ""))
    return VersionState(
        image=image,
        version=version,
        gallery=gallery,
        key=f"{gallery}/{image}/{version}".lower(),
        replicas=_replicas(profile),
        source=_source(inputs.get("storageProfile")),
        end_of_life=str(profile.get("endOfLifeDate") or "")[:10],
        excluded_from_latest=profile.get("excludeFromLatest") is True,
    )


def _replicas(profile: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """Return the replicas by region; Azure makes one where neither region nor profile says."""
    default = _number(profile.get("replicaCount")) or 1
    targets = profile.get("targetRegions")
    found = {
        regions.normalise(str(target.get("name", ""))): (
            _number(target.get("regionalReplicaCount")) or default
        )
        for target in (targets if isinstance(targets, list) else [])
        if isinstance(target, Mapping)
    }
    return tuple(sorted(found.items()))


def _source(profile: Any) -> str:
    """Return kind and name of what a version is made from."""
    if not isinstance(profile, Mapping):
        return ""
    for place in (profile.get("source"), _inner(profile, "osDiskImage", "source")):
        if isinstance(place, Mapping):
            given = place.get("id") or place.get("virtualMachineId") or place.get("uri")
            arm = _arm_id(given)
            if arm is None:
                return str(given or "").partition("?")[0]
            kinds = (word for kind, word in _KINDS.items() if arm.is_a(kind))
            name = "/".join(arm.names[1:]) if arm.is_a(arm_ids.IMAGE_VERSION) else arm.name
            return f"{next(kinds, arm.resource_type)} {name}"
    return ""


def _inner(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _arm_id(value: Any) -> ArmId | None:
    try:
        return arm_ids.parse(value) if isinstance(value, str) else None
    except ArmIdError:
        return None


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0
