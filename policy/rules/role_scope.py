"""Rules about the scopes at which roles are assigned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imagefleet.domain import arm_ids, image_access, roles
from imagefleet.domain.findings import Cause, Doubt, Finding
from imagefleet.domain.roles import Role
from rules import examples, grants, scopes, tokens
from rules.canonical import ABSENT, UNKNOWN, Resource, count, text
from rules.conditions import not_known
from rules.example_stacks import HOME, assigned, closed
from rules.grants import ROLE, Given
from rules.once import once
from rules.scopes import SCOPE, Breadth
from rules.verdicts import (
    Context,
    Level,
    NotApplicable,
    Outcome,
    Rule,
    Sample,
    Severity,
    StackRule,
)
from rules.wording import called, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.scopes import Image
    from rules.stack import Stack

_ASSIGNABLE: Final = "assignableScopes"
_TOO_WIDE: Final = frozenset({Breadth.ROOT, Breadth.MANAGEMENT_GROUP, Breadth.SUBSCRIPTION})
_SHOWN: Final = 3


def _covers_image(assignment: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    images = scopes.images(stack)
    if not images:
        yield NotApplicable("the stack has no gallery image")
        return
    given = grants.role_of(assignment, stack)
    if not _meant_for_images(assignment, given, stack):
        yield NotApplicable("the role is not about gallery images")
        return
    answers = [scopes.covers(assignment, image, stack) for image in images]
    if True in answers:
        yield from _assignable(assignment, given, stack)
    elif None in answers:
        yield _open(assignment)
    else:
        yield Finding(path=SCOPE, actual=_shown(assignment), needed=_needed(images, stack))


def _meant_for_images(assignment: Resource, given: Given, stack: Stack) -> bool:
    """Whether a role is given for the sake of gallery images.

    At a gallery it is. Elsewhere a role that names galleries or disks is, and a narrow built-in
    one that holds beginGetAccess unless some other assignment of the stack reaches the images:
    then one that does not has a purpose of its own, backups for example.
    """
    if scopes.at_images(assignment, stack):
        return True
    if isinstance(given, Resource):
        allowed = grants.permissions(given)
        return allowed is not UNKNOWN and image_access.made_for_images(allowed)
    if not isinstance(given, Role) or given.broad:
        return False
    if given == roles.COMPUTE_GALLERY_IMAGE_READER:
        return True
    return image_access.grants_access(given) and (
        _reaches(assignment, stack) or not once(stack, _reached)
    )


def _reaches(assignment: Resource, stack: Stack) -> bool:
    return any(scopes.covers(assignment, image, stack) for image in scopes.images(stack))


def _reached(stack: Stack) -> bool:
    """Whether some assignment of the stack gives access to an image."""
    return any(
        grants.holds_access(grants.role_of(each, stack)) is True and _reaches(each, stack)
        for each in grants.assignments(stack)
    )


def _open(assignment: Resource) -> Doubt:
    value = text(assignment.props, SCOPE)
    if isinstance(value, str) and scopes.breadth(value) is Breadth.MANAGEMENT_GROUP:
        return Doubt(
            path=SCOPE,
            cause=Cause.EXTERNAL,
            detail="is a management group, whose subscriptions no input shows",
        )
    return not_known((SCOPE,))


def _shown(assignment: Resource) -> str:
    value = text(assignment.props, SCOPE)
    arm = scopes.arm_of(value) if isinstance(value, str) else None
    if arm is not None:
        return kind_of(arm)
    return "made from other resources" if value is UNKNOWN else str(Breadth.NOWHERE.value)


def _needed(images: tuple[Image, ...], stack: Stack) -> str:
    found = [_definition(image, stack) for image in images]
    more = f" or {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"a definition, gallery or group that {', '.join(found[:_SHOWN])}{more} lies in"


def _definition(image: Image, stack: Stack) -> str:
    inside = (stack.resources[urn] for urn in sorted(image.urns) if urn in stack.resources)
    known = next((one for one in inside if one.type == tokens.GALLERY_IMAGE), None)
    return "a pool's image" if known is None else f"image definition {called(known)}"


def _assignable(assignment: Resource, given: Given, stack: Stack) -> Iterator[Outcome]:
    """Require the scope of a custom role of the stack to be one that it can be assigned at."""
    if not isinstance(given, Resource):
        return
    size = count(given.props, _ASSIGNABLE)
    at = (_ASSIGNABLE,) if isinstance(size, int) and size else (SCOPE,)
    if size is UNKNOWN:
        limits: list[str | None] = [None]
    elif at == (_ASSIGNABLE,):
        items = [text(given.props, _ASSIGNABLE, index) for index in range(int(str(size)))]
        limits = [item if isinstance(item, str) else None for item in items]
    else:
        # a role without assignable scopes can be assigned where it is made
        own = text(given.props, SCOPE)
        limits = [own if isinstance(own, str) else None]
    value = text(assignment.props, SCOPE)
    known = [limit for limit in limits if limit is not None]
    if isinstance(value, str) and any(_holds(limit, value) for limit in known):
        return
    if not isinstance(value, str) or None in limits:
        if not _share_a_source(given, at[0], assignment, stack):
            yield Doubt(
                path=SCOPE,
                cause=Cause.UNKNOWN,
                detail=f"is open, or {_ASSIGNABLE} of role {called(given)} is",
            )
        return
    yield Finding(
        path=SCOPE,
        actual=_shown(assignment),
        needed=f"a scope within {_ASSIGNABLE} of role {called(given)}",
    )


def _holds(limit: str, scope: str) -> bool:
    """Whether `scope` lies in `limit`; what a management group holds is taken to be all."""
    wide = {Breadth.ROOT, Breadth.MANAGEMENT_GROUP}
    if scopes.breadth(limit) in wide:
        return True
    outer, inner = scopes.arm_of(limit), scopes.arm_of(scope)
    return outer is not None and inner is not None and outer.covers(inner)


def _share_a_source(definition: Resource, name: str, assignment: Resource, stack: Stack) -> bool:
    """Whether role and assignment take their scopes from one resource, or from one and its group.

    A scope that is open is then still known to lie in what the other is made from.
    """
    limits = stack.sources(definition, name, (tokens.RESOURCE_GROUP, tokens.GALLERY))
    inside = (tokens.RESOURCE_GROUP, tokens.GALLERY, tokens.GALLERY_IMAGE)
    for source in stack.sources(assignment, SCOPE, inside):
        for limit in limits:
            if source.urn == limit.urn or stack.owner(source, limit.type) == limit:
                return True
    return False


def _not_too_wide(assignment: Resource, _: Context) -> Iterator[Outcome]:
    value = text(assignment.props, SCOPE)
    if value is UNKNOWN:
        yield not_known((SCOPE,))
    elif isinstance(value, str) and (wide := scopes.breadth(value)) in _TOO_WIDE:
        needed = "a resource group, or a gallery or image in it"
        yield Finding(path=SCOPE, actual=wide.value, needed=needed)
    role = text(assignment.props, ROLE)
    if role is UNKNOWN:
        yield not_known((ROLE,))
    elif role is not ABSENT and roles.built_in(role.strip()) == image_access.OWNER:
        needed = "a role that holds no more than what making pools takes"
        yield Finding(path=ROLE, actual=image_access.OWNER.name, needed=needed)


_OTHER_GALLERY: Final = examples.GALLERY_ID.removesuffix("fleet") + "flee"


def _granted(scope: str) -> tuple[Sample, ...]:
    return closed(examples.version(), assigned(roles.DISK_BACKUP_READER.guid, scope))


ROLE_SCOPE_COVERS_IMAGE = StackRule(
    id="role-scope-covers-image",
    summary="A role for gallery images is assigned where the images are.",
    why="An application reaches an image only by a role at the image definition or above it: at "
    "its gallery, resource group or subscription. A custom role also has to be assignable there.",
    remedy="Set scope to the id of the gallery that the pools' images lie in.",
    sentences=("D30",),
    types=frozenset({tokens.ROLE_ASSIGNMENT}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_covers_image,
    good=_granted(examples.GALLERY_ID),
    bad=_granted(_OTHER_GALLERY),
)

ROLE_SCOPE_NOT_TOO_WIDE = Rule(
    id="role-scope-not-too-wide",
    summary="A role is assigned no wider than at a resource group, and is not Owner.",
    why="A role at a subscription or above reaches everything in it, and an owner may give roles "
    "away; making pools from an image takes neither.",
    remedy="Assign a narrow role at the gallery.",
    sentences=(),
    types=frozenset({tokens.ROLE_ASSIGNMENT}),
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_not_too_wide,
    good=(assigned(roles.DISK_BACKUP_READER.guid),),
    bad=(assigned(roles.DISK_BACKUP_READER.guid, arm_ids.subscription(HOME)),),
)

RULES = (ROLE_SCOPE_COVERS_IMAGE, ROLE_SCOPE_NOT_TOO_WIDE)
