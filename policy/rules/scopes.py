"""Which scope a role assignment has, and which of the stack's images lie in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from imagefleet.domain import arm_ids
from imagefleet.domain.arm_ids import ArmId
from rules import demand, tokens
from rules.arm_names import PartialId
from rules.canonical import ABSENT, Resource, WrongShape, text
from rules.once import each_once, once
from rules.stack import External

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.stack import Stack

SCOPE: Final = "scope"
_MANAGEMENT_GROUP: Final = "microsoft.management/managementgroups"
_OF_GALLERIES: Final = (arm_ids.GALLERY, arm_ids.IMAGE_DEFINITION, arm_ids.IMAGE_VERSION)
_IN_GALLERIES: Final = (tokens.GALLERY, tokens.GALLERY_IMAGE, tokens.GALLERY_IMAGE_VERSION)
_HOLDERS: Final = (*_IN_GALLERIES, tokens.RESOURCE_GROUP)
_HOLDING: Final = (arm_ids.GALLERY, arm_ids.IMAGE_DEFINITION)
_DEFINITION: Final = arm_ids.IMAGE_DEFINITION.casefold()


class Breadth(Enum):
    """How much a scope holds, the widest first."""

    ROOT = "the root of the tenant"
    MANAGEMENT_GROUP = "a management group"
    SUBSCRIPTION = "a whole subscription"
    GROUP = "a resource group"
    RESOURCE = "a resource"
    NOWHERE = "no scope of Azure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image definition, as far as its id is known, and the stack's resources it lies in."""

    id: PartialId
    urns: frozenset[str]


def arm_of(value: str) -> ArmId | None:
    """Return the id that a scope spells; programs leave out the first slash at times."""
    stripped = value.strip()
    return arm_ids.try_parse(stripped if stripped.startswith("/") else f"/{stripped}")


def breadth(value: str) -> Breadth:
    """Return how much the scope `value` holds."""
    if not value.strip().strip("/"):
        return Breadth.ROOT
    arm = arm_of(value)
    if arm is None:
        return Breadth.NOWHERE
    kind = arm.resource_type.casefold()
    if kind == _MANAGEMENT_GROUP:
        return Breadth.MANAGEMENT_GROUP
    if arm.is_a(arm_ids.SUBSCRIPTION):
        return Breadth.SUBSCRIPTION
    return Breadth.GROUP if arm.is_a(arm_ids.RESOURCE_GROUP) else Breadth.RESOURCE


def at_images(assignment: Resource, stack: Stack) -> bool | None:
    """Whether a role is assigned at a gallery, definition or version; None if that is open."""
    value = text(assignment.props, SCOPE)
    if value is ABSENT:
        return False
    if isinstance(value, str):
        arm = arm_of(value)
        return arm is not None and any(arm.is_a(kind) for kind in _OF_GALLERIES)
    if stack.sources(assignment, SCOPE, _IN_GALLERIES):
        return True
    return False if stack.property_dependencies.get(assignment.urn, {}).get(SCOPE) else None


def images(stack: Stack) -> tuple[Image, ...]:
    """Return the image definitions that pools start from, else all that the stack has."""
    return once(stack, _images)


def covers(assignment: Resource, image: Image, stack: Stack) -> bool | None:
    """Whether an image definition lies in the scope of an assignment; None if that is open.

    By the scope's value, and where that is not known by what it is made from. A version's scope
    does not hold its definition.
    """
    value = text(assignment.props, SCOPE)
    answer = value_covers(value, image) if isinstance(value, str) else None
    if answer is not None:
        return answer
    holders = stack.sources(assignment, SCOPE, _HOLDERS)
    if not holders:
        return None
    return any(
        holder.urn in image.urns and holder.type != tokens.GALLERY_IMAGE_VERSION
        for holder in holders
    )


def value_covers(value: str, image: Image) -> bool | None:
    """Whether an image definition lies in the scope `value`, by whole segments of its id.

    A subscription that no provider shows is taken to be the one that is named. Management groups
    hold subscriptions that no id shows.
    """
    wide = breadth(value)
    if wide is Breadth.ROOT:
        return True
    if wide is Breadth.MANAGEMENT_GROUP:
        return None
    arm = arm_of(value)
    if arm is None:
        return False
    if wide is Breadth.RESOURCE and not any(arm.is_a(kind) for kind in _HOLDING):
        return False
    scope = PartialId.of(arm)
    names = [*zip(scope.names, image.id.names, strict=False)] if wide is Breadth.RESOURCE else []
    group = [] if wide is Breadth.SUBSCRIPTION else [(scope.group, image.id.group)]
    pairs = [(scope.subscription, image.id.subscription), *group, *names]
    if any(None not in pair and pair[0] != pair[1] for pair in pairs):
        return False
    # where a gallery's name agrees, its group may stay open
    return None if any(None in pair for pair in names or group) else True


def _images(stack: Stack) -> tuple[Image, ...]:
    used: dict[Image, None] = {}
    for pool in stack.of_types({tokens.BATCH_POOL}):
        image = image_of(pool, stack)
        if image is not None:
            used[image] = None
    return tuple(used) or tuple(dict.fromkeys(_all(stack)))


def image_of(pool: Resource, stack: Stack) -> Image | None:
    """Return the image definition that `pool` starts from, None where no gallery version is."""
    return each_once(stack, pool, _image_of)


def _image_of(pool: Resource, stack: Stack) -> Image | None:
    try:
        found = demand.image_of(pool, stack)
    except WrongShape:
        return None
    if isinstance(found, Resource):
        return each_once(stack, found, _image)
    if isinstance(found, External) and found.arm is not None:
        parent = found.arm.parent if found.arm.is_a(arm_ids.IMAGE_VERSION) else found.arm
        if parent is not None and parent.is_a(arm_ids.IMAGE_DEFINITION):
            return _outside(parent, stack)
    return None


def _outside(definition: ArmId, stack: Stack) -> Image:
    """Return an image whose version is not in the stack; its definition or gallery may be."""
    found = (stack.by_id(one) for one in (definition, definition.parent) if one is not None)
    urns = frozenset(one.urn for one in found if one is not None)
    return Image(id=PartialId.of(definition), urns=urns)


def _all(stack: Stack) -> Iterator[Image]:
    for kind in _IN_GALLERIES[::-1]:
        found = [_image(resource, stack) for resource in stack.of_types({kind})]
        if found:
            yield from found
            return


def _image(resource: Resource, stack: Stack) -> Image:
    """Return the image that a version, definition or gallery of the stack is, or holds."""
    own = stack.id_of(resource)
    holders = [resource]
    kinds = _IN_GALLERIES[: _IN_GALLERIES.index(resource.type)]
    for kind in (*kinds, tokens.RESOURCE_GROUP):
        holder = stack.owner(resource, kind)
        if isinstance(holder, Resource):
            holders.append(holder)
    names = (*own.names, None)[:2]
    return Image(
        id=PartialId(
            arm_type=_DEFINITION, names=names, group=own.group, subscription=own.subscription
        ),
        urns=frozenset(
            holder.urn for holder in holders if holder.type != tokens.GALLERY_IMAGE_VERSION
        ),
    )
