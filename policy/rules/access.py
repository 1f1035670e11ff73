"""Rules about the roles that let an application make pools from gallery images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from imagefleet.domain import image_access, roles
from imagefleet.domain.findings import Doubt, Finding
from imagefleet.domain.roles import Role
from rules import grants, scopes, tokens
from rules.canonical import UNKNOWN, Resource
from rules.conditions import not_known
from rules.example_stacks import CUSTOM_ROLE, assigned, custom_role
from rules.grants import PERMISSIONS, ROLE
from rules.scopes import SCOPE
from rules.stack import External
from rules.verdicts import Context, Level, NotApplicable, Outcome, Sample, Severity, StackRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.stack import Stack

_NEEDED: Final = f"a role that holds {roles.BEGIN_GET_ACCESS}"
_ELSEWHERE: Final = NotApplicable("the role is not assigned at a gallery or an image")


def _not_reader(assignment: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    given = grants.role_of(assignment, stack)
    if given is UNKNOWN:
        yield _ELSEWHERE if _elsewhere(assignment, stack) else not_known((ROLE,))
        return
    if not isinstance(given, Role):
        yield NotApplicable("a custom role, which role-grants-begin-get-access judges")
        return
    if given not in image_access.INSUFFICIENT:
        return
    here = scopes.at_images(assignment, stack)
    if not here:
        yield not_known((SCOPE,)) if here is None else _ELSEWHERE
        return
    answer = grants.companion(assignment, stack)
    if isinstance(answer, Doubt):
        yield answer
    elif not answer:
        yield Finding(path=ROLE, actual=given.name, needed=_NEEDED)


def _elsewhere(assignment: Resource, stack: Stack) -> bool:
    return scopes.at_images(assignment, stack) is False


def _begin_get_access(resource: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    if resource.type == tokens.ROLE_DEFINITION:
        yield from _definition(resource, stack)
    else:
        yield from _assignment(resource, stack)


def _assignment(assignment: Resource, stack: Stack) -> Iterator[Outcome]:
    """Judge an assignment whose role has no definition in the stack to judge."""
    given = grants.role_of(assignment, stack)
    if isinstance(given, Role):
        yield NotApplicable("a built-in role, which role-not-reader judges")
    elif isinstance(given, Resource):
        yield NotApplicable("the role's definition is judged")
    elif not _at_or_over_images(assignment, stack):
        yield _ELSEWHERE
    elif isinstance(given, External):
        yield grants.external_role()
    elif given is UNKNOWN:
        yield not_known((ROLE,))


def _at_or_over_images(assignment: Resource, stack: Stack) -> bool:
    """Whether an assignment is, or may be, about the images of the stack."""
    return not _elsewhere(assignment, stack) or any(
        scopes.covers(assignment, image, stack) for image in scopes.images(stack)
    )


def _definition(definition: Resource, stack: Stack) -> Iterator[Outcome]:
    allowed = grants.permissions(definition)
    answer = grants.grants(definition, roles.BEGIN_GET_ACCESS)
    uses = grants.assignments_of(definition, stack)
    concerned = _uses_for_images(uses, stack, allowed)
    if not (concerned or (not uses and _concerns_images(allowed))):
        yield NotApplicable("the role is not about images")
    elif isinstance(answer, Doubt):
        yield answer
    elif not answer:
        yield from _lacking(definition, concerned, stack)


def _concerns_images(allowed: Any) -> bool:
    return allowed is UNKNOWN or image_access.concerns_images(allowed)


def _uses_for_images(uses: Sequence[Resource], stack: Stack, allowed: Any) -> tuple[Resource, ...]:
    """Return the assignments at images, and those over images of a role that concerns them."""
    wider = _concerns_images(allowed)
    return tuple(
        use
        for use in uses
        if scopes.at_images(use, stack) or (wider and _at_or_over_images(use, stack))
    )


def _lacking(
    definition: Resource, concerned: Sequence[Resource], stack: Stack
) -> Iterator[Outcome]:
    """Find fault with a role, unless each who gets it has the access by another one."""
    answers = [grants.companion(use, stack) for use in concerned]
    if answers and all(answer is True for answer in answers):
        return
    doubt = next((answer for answer in answers if isinstance(answer, Doubt)), None)
    if doubt is not None and False not in answers:
        yield doubt
        return
    allowed = grants.permissions(definition)
    blocks = () if allowed is UNKNOWN else allowed
    named_at_all = roles.grants(
        [roles.Permission(actions=block.actions) for block in blocks], roles.BEGIN_GET_ACCESS
    )
    taken = "notActions take away" if named_at_all else "no action allows"
    yield Finding(
        path=PERMISSIONS,
        actual=f"insufficient, {taken} {roles.BEGIN_GET_ACCESS}",
        needed="that action in some block, and not taken away again in it",
    )


def _custom(actions: Sequence[str]) -> tuple[Sample, ...]:
    return (custom_role(actions), assigned(CUSTOM_ROLE))


ROLE_NOT_READER = StackRule(
    id="role-not-reader",
    summary="Who gets a role at a gallery image gets more than reading.",
    why="Reading a gallery image is not enough to make a pool from it: the application also needs "
    f"{roles.BEGIN_GET_ACCESS}, which no reader's role holds.",
    remedy="Assign a custom role that reads the image and holds "
    f"{roles.BEGIN_GET_ACCESS}, or Disk Backup Reader beside Compute Gallery Image Reader.",
    sentences=("D32",),
    types=frozenset({tokens.ROLE_ASSIGNMENT}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_not_reader,
    good=(assigned(roles.DISK_BACKUP_READER.guid),),
    bad=(assigned(roles.READER.guid),),
)

ROLE_GRANTS_BEGIN_GET_ACCESS = StackRule(
    id="role-grants-begin-get-access",
    summary="A custom role for gallery images holds the action that starts access to a disk.",
    why=f"Without {roles.BEGIN_GET_ACCESS} Azure refuses to make a pool from the image, whatever "
    "else the role allows; data actions do not count.",
    remedy=f"Add {roles.BEGIN_GET_ACCESS} to actions of the role.",
    sentences=("D32",),
    types=frozenset({tokens.ROLE_DEFINITION, tokens.ROLE_ASSIGNMENT}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_begin_get_access,
    good=_custom(roles.NEEDED),
    bad=_custom(roles.READ_IMAGE),
)

RULES = (ROLE_NOT_READER, ROLE_GRANTS_BEGIN_GET_ACCESS)
