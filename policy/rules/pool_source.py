"""Where a pool's image comes from: the image version, definition and machine behind its id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imagefleet.domain import arm_ids
from imagefleet.domain.findings import Cause, Doubt
from rules import tokens
from rules.canonical import ABSENT, UNKNOWN, Resource, path_text
from rules.conditions import not_known
from rules.verdicts import NotApplicable
from rules.wording import called, kind_of

if TYPE_CHECKING:
    from imagefleet.domain.arm_ids import ArmId
    from rules.stack import Referred, Stack

MACHINE: Final = ("deploymentConfiguration", "virtualMachineConfiguration")
REFERENCE: Final = (*MACHINE, "imageReference")
IMAGE_ID: Final = (*REFERENCE, "id")
NOT_FROM_A_GALLERY: Final = "the pool runs no image of a gallery by id"

_IN_A_GALLERY = (tokens.GALLERY_IMAGE_VERSION, tokens.GALLERY_IMAGE)
_SOURCES = (*_IN_A_GALLERY, tokens.MANAGED_IMAGE)


def made_by(pool: Resource, stack: Stack) -> str | None:
    """Return the type of what an image id that is not known yet is made from, None if open.

    The proof is the graph's: an id that depends on an image version is that version's.
    """
    kinds = {source.type for source in stack.sources(pool, IMAGE_ID[0], _SOURCES)}
    return next((kind for kind in _SOURCES if kind in kinds), None)


def version_of(pool: Resource, stack: Stack) -> Referred:
    """Return the image version that a pool names, `External`, or why there is none."""
    return stack.referred(pool, IMAGE_ID, (tokens.GALLERY_IMAGE_VERSION,))


def definition_of(pool: Resource, stack: Stack) -> Resource | Doubt | NotApplicable:
    """Return the image definition that a pool's image is of, or why it cannot be told."""
    found = stack.referred(pool, IMAGE_ID, _IN_A_GALLERY)
    if found is ABSENT:
        return NotApplicable(NOT_FROM_A_GALLERY)
    if found is UNKNOWN:
        if made_by(pool, stack) == tokens.MANAGED_IMAGE:
            return NotApplicable(NOT_FROM_A_GALLERY)
        return not_known(IMAGE_ID)
    if isinstance(found, Resource):
        if found.type == tokens.GALLERY_IMAGE:
            return found
        owner = stack.owner(found, tokens.GALLERY_IMAGE)
        if isinstance(owner, Resource):
            return owner
        return not_known(IMAGE_ID) if owner is UNKNOWN else outside_stack(_arm(owner))
    return _outside(_arm(found), stack)


def _outside(arm: ArmId | None, stack: Stack) -> Resource | Doubt | NotApplicable:
    """Judge an id that no version or definition of the stack has: its definition may be here."""
    if arm is not None and arm.is_a(arm_ids.IMAGE_VERSION) and arm.parent is not None:
        inside = stack.by_id(arm.parent, (tokens.GALLERY_IMAGE,))
        return outside_stack(arm) if inside is None else inside
    if arm is not None and arm.is_a(arm_ids.IMAGE_DEFINITION):
        return outside_stack(arm)
    return NotApplicable(NOT_FROM_A_GALLERY)


def _arm(external: object) -> ArmId | None:
    return getattr(external, "arm", None)


def outside_stack(arm: ArmId | None) -> Doubt:
    """Return the doubt about an image outside the stack."""
    name = "an image" if arm is None else kind_of(arm)
    detail = f"is the id of {name} outside the stack"
    return Doubt(path=path_text(IMAGE_ID), cause=Cause.EXTERNAL, detail=detail)


def not_known_of(image: Resource, key: str) -> Doubt:
    """Return the doubt about a property of the pool's image definition that is not known yet."""
    detail = f"is of image definition {called(image)}, whose {key} is not known yet"
    return Doubt(path=path_text(IMAGE_ID), cause=Cause.UNKNOWN, detail=detail)
