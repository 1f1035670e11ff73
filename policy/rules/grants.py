"""Which role an assignment gives, what a custom role allows, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from imagefleet.domain import arm_ids, image_access, roles
from imagefleet.domain.findings import Cause, Doubt
from imagefleet.domain.roles import Permission, Role
from rules import scopes, tokens
from rules.canonical import ABSENT, UNKNOWN, Missing, Path, Resource, WrongShape, count, text
from rules.conditions import not_known
from rules.once import once
from rules.stack import External

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.stack import Stack

ROLE: Final = "roleDefinitionId"
PRINCIPAL: Final = "principalId"
PERMISSIONS: Final = "permissions"

Given = Role | Resource | External | Missing
Answer = bool | Doubt


def role_of(assignment: Resource, stack: Stack) -> Given:
    """Return the role that is assigned: built-in, of the stack, or a custom one outside it."""
    value = text(assignment.props, ROLE)
    if isinstance(value, str):
        built_in = roles.built_in(value.strip())
        if built_in is not None:
            return built_in
        if arm_ids.try_parse(value) is None and "/" not in value.strip():
            # a bare GUID, which Azure's own tools accept
            found = stack.by_id(f"/providers/{arm_ids.ROLE_DEFINITION}/{value.strip()}")
            return found if isinstance(found, Resource) else External(value, None)
    return stack.referred(assignment, (ROLE,), (tokens.ROLE_DEFINITION,))


def external_role() -> Doubt:
    """The doubt about a custom role that is not of the stack."""
    return Doubt(
        path=ROLE,
        cause=Cause.EXTERNAL,
        detail="is a custom role outside the stack, whose permissions no input shows",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """One block of permissions, and the first path in each list that is not known."""

    known: Permission
    open_action: Path | None
    open_not_action: Path | None


def grants(definition: Resource, action: str) -> Answer:
    """Whether a role definition allows `action`, or the doubt. Raises `WrongShape`.

    Data actions do not count; each block is judged by itself, as Azure adds them up.
    """
    blocks = _blocks(definition)
    if blocks is UNKNOWN:
        return not_known((PERMISSIONS,))
    doubt: Doubt | None = None
    for block in blocks:
        answer = _block_grants(block, action)
        if answer is True:
            return True
        if isinstance(answer, Doubt):
            doubt = doubt or answer
    return doubt or False


def _block_grants(block: _Block, action: str) -> Answer:
    anything = Permission(actions=("*",), not_actions=block.known.not_actions)
    if not roles.grants((anything,), action):
        return False
    if not roles.grants((block.known,), action):
        return False if block.open_action is None else not_known(block.open_action)
    return True if block.open_not_action is None else not_known(block.open_not_action)


def permissions(definition: Resource) -> tuple[Permission, ...] | Literal[Missing.UNKNOWN]:
    """Return what is known of a role's blocks, `UNKNOWN` when nothing is. Raises `WrongShape`."""
    blocks = _blocks(definition)
    return UNKNOWN if blocks is UNKNOWN else tuple(block.known for block in blocks)


def _blocks(definition: Resource) -> tuple[_Block, ...] | Literal[Missing.UNKNOWN]:
    size = count(definition.props, PERMISSIONS)
    if size is UNKNOWN:
        return UNKNOWN
    return tuple(
        _block(definition, (PERMISSIONS, index))
        for index in range(size if isinstance(size, int) else 0)
    )


def _block(definition: Resource, at: Path) -> _Block:
    actions, open_action = _texts(definition, (*at, "actions"))
    not_actions, open_not_action = _texts(definition, (*at, "notActions"))
    return _Block(
        known=Permission(actions=actions, not_actions=not_actions),
        open_action=open_action,
        open_not_action=open_not_action,
    )


def _texts(resource: Resource, path: Path) -> tuple[tuple[str, ...], Path | None]:
    """Return the known texts of a list, and the path of the first that is not known."""
    size = count(resource.props, *path)
    if size is UNKNOWN:
        return (), path
    items = {
        index: text(resource.props, *path, index)
        for index in range(size if isinstance(size, int) else 0)
    }
    still_open = next((index for index, item in items.items() if item is UNKNOWN), None)
    known = tuple(item.strip() for item in items.values() if isinstance(item, str))
    return known, None if still_open is None else (*path, still_open)


def holds_access(given: Given) -> Answer:
    """Whether a role holds beginGetAccess (D32), or the doubt."""
    if isinstance(given, Role):
        return image_access.grants_access(given)
    if isinstance(given, Resource):
        return grants(given, roles.BEGIN_GET_ACCESS)
    if isinstance(given, External):
        return external_role()
    return False if given is ABSENT else not_known((ROLE,))


def assignments(stack: Stack) -> tuple[Resource, ...]:
    """Return the role assignments of the stack that can be read at all."""
    return once(stack, _assignments)


def _assignments(stack: Stack) -> tuple[Resource, ...]:
    return tuple(one for one in stack.of_types({tokens.ROLE_ASSIGNMENT}) if _readable(one, stack))


def _readable(assignment: Resource, stack: Stack) -> bool:
    """Whether all that rules read of an assignment is of the right kind, its role included."""
    try:
        for name in (ROLE, PRINCIPAL, scopes.SCOPE):
            text(assignment.props, name)
        holds_access(role_of(assignment, stack))
    except WrongShape:
        return False
    return True


def assignments_of(definition: Resource, stack: Stack) -> tuple[Resource, ...]:
    """Return the assignments of a role definition of the stack."""
    found = once(stack, _by_definition)
    return found.get(definition.urn, ())


def _by_definition(stack: Stack) -> Mapping[str, tuple[Resource, ...]]:
    found: dict[str, tuple[Resource, ...]] = {}
    for assignment in stack.of_types({tokens.ROLE_ASSIGNMENT}):
        try:
            given = role_of(assignment, stack)
        except WrongShape:
            continue
        if isinstance(given, Resource):
            found[given.urn] = (*found.get(given.urn, ()), assignment)
    return found


def companion(assignment: Resource, stack: Stack) -> Answer:
    """Whether another assignment gives the same principal access at such a scope, or the doubt.

    A role that only reads images is enough beside one that holds beginGetAccess.
    """
    doubt: Doubt | None = None
    for other in once(stack, _by_principal).get(_principal(assignment, stack), ()):
        if other.urn == assignment.urn or not _overlap(assignment, other, stack):
            continue
        answer = holds_access(role_of(other, stack))
        if answer is True:
            return True
        if isinstance(answer, Doubt):
            doubt = doubt or answer
    return doubt or False


def _by_principal(stack: Stack) -> Mapping[object, tuple[Resource, ...]]:
    found: dict[object, tuple[Resource, ...]] = {}
    for assignment in assignments(stack):
        principal = _principal(assignment, stack)
        found[principal] = (*found.get(principal, ()), assignment)
    return found


def _principal(assignment: Resource, stack: Stack) -> object:
    """Return what tells principals apart: the id, or as long as it is open what it is made from."""
    value = text(assignment.props, PRINCIPAL)
    if isinstance(value, str):
        return value.strip().casefold()
    sources = frozenset(stack.property_dependencies.get(assignment.urn, {}).get(PRINCIPAL, ()))
    return sources or assignment.urn


def _overlap(one: Resource, other: Resource, stack: Stack) -> bool:
    """Whether one of two scopes lies in the other."""
    left, right = (text(each.props, scopes.SCOPE) for each in (one, other))
    if isinstance(left, str) and isinstance(right, str):
        wide = {scopes.Breadth.ROOT, scopes.Breadth.MANAGEMENT_GROUP}
        if {scopes.breadth(left), scopes.breadth(right)} & wide:
            return True
        first, second = scopes.arm_of(left), scopes.arm_of(right)
        if first is None or second is None:
            return False
        return first.covers(second) or second.covers(first)
    images = scopes.images(stack)
    return any(
        scopes.covers(one, image, stack) is not False
        and scopes.covers(other, image, stack) is not False
        for image in images
    )
