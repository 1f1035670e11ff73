"""Rules about who gets the roles: the application that makes the pools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imagefleet.domain import image_access, roles
from imagefleet.domain.findings import Cause, Doubt, Finding
from rules import demand, examples, grants, scopes, tokens
from rules.canonical import ABSENT, UNKNOWN, Resource, path_text, text
from rules.conditions import not_known, shown
from rules.demand import IMAGE_ID
from rules.example_stacks import assigned, closed
from rules.grants import PRINCIPAL
from rules.scopes import SCOPE
from rules.verdicts import (
    Context,
    Level,
    NotApplicable,
    Option,
    Outcome,
    Sample,
    Severity,
    StackRule,
)
from rules.wording import called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.scopes import Image
    from rules.stack import Stack

_TYPE: Final = "principalType"
_APPLICATION: Final = "ServicePrincipal"
_APPLICATIONS: Final = frozenset(word.casefold() for word in image_access.APPLICATION_TYPES)
_GROUPS: Final = frozenset({"group", "foreigngroup"})
_EXTERNAL_ROLE: Final = Option(
    name="externalRole",
    schema={
        "type": "boolean",
        "description": "whether the deploying application gets its role outside the stack",
    },
    default=False,
)


def _exists(pool: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if context.options[_EXTERNAL_ROLE.name] is True:
        yield NotApplicable(f"the role is given outside the stack ({_EXTERNAL_ROLE.name})")
        return
    found = demand.image_of(pool, stack)
    image = scopes.image_of(pool, stack)
    if image is None:
        yield (
            not_known(IMAGE_ID)
            if found is UNKNOWN
            else NotApplicable("the pool names no gallery image by its id")
        )
        return
    answer = _access(image, stack)
    if answer is True:
        return
    if isinstance(answer, Doubt):
        yield answer
    elif isinstance(found, Resource):
        yield Finding(
            path=path_text(IMAGE_ID),
            actual=f"image version {called(found)}, to which the stack gives nobody access",
            needed=f"an assignment of a role with {roles.BEGIN_GET_ACCESS} that reaches it, or "
            f"{_EXTERNAL_ROLE.name}",
        )
    else:
        yield Doubt(
            path=path_text(IMAGE_ID),
            cause=Cause.EXTERNAL,
            detail="is the id of an image outside the stack, whose roles no input shows",
        )


def _access(image: Image, stack: Stack) -> bool | Doubt:
    """Whether some assignment of the stack gives access to `image`, or the doubt."""
    doubt: Doubt | None = None
    for assignment in grants.assignments(stack):
        reaches = scopes.covers(assignment, image, stack)
        if reaches is False:
            continue
        held = grants.holds_access(grants.role_of(assignment, stack))
        if reaches is True and held is True:
            return True
        if held is not False and doubt is None:
            doubt = _of_assignment(assignment, held)
    return doubt or False


def _of_assignment(assignment: Resource, held: bool | Doubt) -> Doubt:  # noqa: FBT001 an answer
    """The doubt about a pool that hangs on an assignment's role or scope."""
    inner = held if isinstance(held, Doubt) else not_known((SCOPE,))
    return Doubt(
        path=path_text(IMAGE_ID),
        cause=inner.cause,
        detail=f"is perhaps reached by assignment {called(assignment)}, whose {inner.path} "
        f"{inner.detail}",
    )


def _principal_type(assignment: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    stated = text(assignment.props, _TYPE)
    application = _is_application(assignment, stack)
    about_images = scopes.at_images(assignment, stack)
    if not application and about_images is False:
        yield NotApplicable("the role is given to no application of the stack, nor at an image")
    elif stated is UNKNOWN:
        yield not_known((_TYPE,))
    elif stated is ABSENT and not application and about_images is None:
        yield not_known((SCOPE,))
    elif stated is ABSENT:
        yield Finding(path=_TYPE, actual="absent", needed=f"{_APPLICATION} for an application")
    elif not application and stated.strip().casefold() in _GROUPS:
        yield NotApplicable("the role is given to a group")
    elif stated.strip().casefold() not in _APPLICATIONS:
        if not application and about_images is None:
            yield not_known((SCOPE,))
            return
        actual = shown(stated, image_access.PRINCIPAL_TYPES)
        yield Finding(path=_TYPE, actual=actual, needed=f"{_APPLICATION} for an application")


def _is_application(assignment: Resource, stack: Stack) -> bool:
    """Whether the principal is an identity or application of the stack, as the graph shows."""
    urns = stack.property_dependencies.get(assignment.urn, {}).get(PRINCIPAL, ())
    return any(urn in stack.resources and _has_identity(stack.resources[urn].type) for urn in urns)


def _has_identity(kind: str) -> bool:
    """Whether resources of a type have a service principal: Azure's identities, Entra's apps."""
    if kind.startswith("azuread:"):
        return "ervicePrincipal" in kind
    return kind in (tokens.USER_ASSIGNED_IDENTITY, tokens.BATCH_ACCOUNT, tokens.VIRTUAL_MACHINE)


def _typed(principal_type: str) -> tuple[Sample, ...]:
    return (assigned(roles.DISK_BACKUP_READER.guid, principal_type=principal_type),)


def _granted() -> Sample:
    return assigned(roles.DISK_BACKUP_READER.guid)


ROLE_PRINCIPAL_TYPE = StackRule(
    id="role-principal-type",
    summary="A role for an application or identity says that it is one.",
    why="Left out, the Python classes write `User`. Azure then looks for a person and refuses an "
    "application that is still being replicated in the directory.",
    remedy="Set principalType to ServicePrincipal.",
    sentences=("D30",),
    types=frozenset({tokens.ROLE_ASSIGNMENT}),
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_principal_type,
    good=_typed(_APPLICATION),
    bad=_typed("User"),
)

ROLE_EXISTS_FOR_POOL_IDENTITY = StackRule(
    id="role-exists-for-pool-identity",
    summary="Somebody gets access to the gallery image that a pool starts from.",
    why="The application that makes the pool needs a role that reaches the image; without it the "
    "pool is refused. Roles are often given elsewhere, which externalRole says.",
    remedy="Assign a role that reads the image and holds "
    f"{roles.BEGIN_GET_ACCESS} at the gallery, or set externalRole.",
    sentences=("D30",),
    types=frozenset({tokens.BATCH_POOL}),
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_exists,
    options=(_EXTERNAL_ROLE,),
    good=closed(examples.version(), examples.pool(), _granted()),
    bad=closed(examples.version(), examples.pool()),
)

RULES = (ROLE_PRINCIPAL_TYPE, ROLE_EXISTS_FOR_POOL_IDENTITY)
