"""Which source may become which artefact, and what must stay the same on the way.

The document's path is disk -> snapshot -> managed image -> image version (D25, D26, D33 to D36).
Azure allows shorter ways, which are allowed here but not the document's. OS type, OS state,
generation, architecture and security type are decided by the disk at the start, so every artefact
after it must say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from imagefleet.domain import arm_ids
from imagefleet.domain.fleet import Architecture, Generation, OsType
from imagefleet.domain.security import LOCKED_TYPES, SecurityType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagefleet.domain.fleet import ImageIdentifier


class Artefact(StrEnum):
    """A thing that an image is made from or becomes."""

    DISK = "disk"
    VIRTUAL_MACHINE = "virtual machine"
    VHD = "VHD"
    SNAPSHOT = "snapshot"
    MANAGED_IMAGE = "managed image"
    IMAGE_VERSION = "image version"


class OsState(StrEnum):
    """Whether the system on a disk is ready to become many machines, in Azure's spelling."""

    GENERALIZED = "Generalized"
    SPECIALIZED = "Specialized"


class Step(StrEnum):
    """How a step from one artefact to another stands."""

    DOCUMENT = "the document's own path"
    ALLOWED = "allowed by Azure, not the document's path"
    REFUSED = "refused"


_STEPS: Final = {
    (Artefact.DISK, Artefact.SNAPSHOT): Step.DOCUMENT,
    (Artefact.SNAPSHOT, Artefact.MANAGED_IMAGE): Step.DOCUMENT,
    (Artefact.VIRTUAL_MACHINE, Artefact.MANAGED_IMAGE): Step.DOCUMENT,
    (Artefact.VHD, Artefact.MANAGED_IMAGE): Step.DOCUMENT,
    (Artefact.MANAGED_IMAGE, Artefact.IMAGE_VERSION): Step.DOCUMENT,
    (Artefact.SNAPSHOT, Artefact.SNAPSHOT): Step.ALLOWED,
    (Artefact.DISK, Artefact.MANAGED_IMAGE): Step.ALLOWED,
    (Artefact.DISK, Artefact.IMAGE_VERSION): Step.ALLOWED,
    (Artefact.SNAPSHOT, Artefact.IMAGE_VERSION): Step.ALLOWED,
    (Artefact.VIRTUAL_MACHINE, Artefact.IMAGE_VERSION): Step.ALLOWED,
    (Artefact.VHD, Artefact.IMAGE_VERSION): Step.ALLOWED,
    (Artefact.IMAGE_VERSION, Artefact.IMAGE_VERSION): Step.ALLOWED,
}
"""Azure documentation, Compute Gallery, image sources; everything not listed is refused."""

_KINDS: Final = {
    arm_ids.DISK: Artefact.DISK,
    arm_ids.VIRTUAL_MACHINE: Artefact.VIRTUAL_MACHINE,
    arm_ids.SNAPSHOT: Artefact.SNAPSHOT,
    arm_ids.MANAGED_IMAGE: Artefact.MANAGED_IMAGE,
    arm_ids.IMAGE_VERSION: Artefact.IMAGE_VERSION,
}

MANAGED_IMAGE_ARCHITECTURES: Final = frozenset({Architecture.X64})
"""Managed images are the older kind and know no Arm64 (Azure documentation, Trusted Launch)."""

_PLAN_PUBLISHERS: Final = frozenset({"center-for-internet-security-inc", "resf"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What an artefact says about the system on its disk; None where it says nothing."""

    os_type: OsType | None = None
    os_state: OsState | None = None
    generation: Generation | None = None
    architecture: Architecture | None = None
    security_type: SecurityType | None = None


def kind_of(resource_id: str) -> Artefact | None:
    """What kind of artefact an ARM id names, or None for any other resource."""
    parsed = arm_ids.try_parse(resource_id)
    return _KINDS.get(parsed.resource_type) if parsed is not None else None


def step(source: Artefact, target: Artefact) -> Step:
    """How making `target` from `source` stands."""
    return _STEPS.get((source, target), Step.REFUSED)


def sources_of(target: Artefact) -> tuple[Artefact, ...]:
    """What `target` may be made from, the document's ways first."""
    allowed = [pair for pair in _STEPS if pair[1] == target]
    return tuple(source for source, _ in sorted(allowed, key=_STEPS.__getitem__, reverse=True))


def disagreements(source: Traits, target: Traits) -> Iterator[str]:
    """Where source and target contradict each other; what one of them leaves open agrees."""
    pairs = (
        ("operating system", source.os_type, target.os_type),
        ("OS state", source.os_state, target.os_state),
        ("generation", source.generation, target.generation),
        ("architecture", source.architecture, target.architecture),
    )
    for what, one, other in pairs:
        if one is not None and other is not None and one != other:
            yield f"{what} is {one} at the source and {other} here"
    locked = (source.security_type, target.security_type)
    if None not in locked and locked[0] != locked[1] and set(locked) & LOCKED_TYPES:
        yield f"security type is {locked[0]} at the source and {locked[1]} here"


def usable_for_pools(traits: Traits) -> Iterator[str]:
    """Why Batch cannot run an image with these traits (D19, D37, D38)."""
    if traits.os_state == OsState.SPECIALIZED:
        yield "Batch runs generalized images only"
    if traits.security_type in LOCKED_TYPES:
        yield f"an image of security type {traits.security_type} starts no standard node"


def managed_image_fault(architecture: Architecture, security_type: SecurityType) -> str | None:
    """Why a system cannot pass through a managed image, or None."""
    if architecture not in MANAGED_IMAGE_ARCHITECTURES:
        return f"a managed image cannot be {architecture}"
    if security_type in LOCKED_TYPES:
        return f"a managed image cannot be {security_type}"
    return None


def base_traits(base: ImageIdentifier) -> Traits:
    """What a Marketplace image's SKU says about it, where its spelling is unambiguous."""
    sku = base.sku.lower()
    generation = None
    if "gen2" in sku or sku.endswith("-g2"):
        generation = Generation.V2
    elif "gen1" in sku:
        generation = Generation.V1
    return Traits(
        generation=generation,
        architecture=Architecture.ARM64 if "arm64" in sku else None,
    )


def has_purchase_plan(base: ImageIdentifier) -> bool:
    """Whether the publisher is known to sell under licence and purchase terms (D43).

    False proves nothing: the list holds publishers whose every image has a plan.
    """
    return base.publisher.lower() in _PLAN_PUBLISHERS
