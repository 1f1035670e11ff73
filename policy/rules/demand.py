"""What the pools of a stack ask of image versions: which version, in which region, how many nodes.

Pools are joined to versions and accounts by the stack's dependencies and ids. Where names agree
and only the resource group or subscription is open, the one resource of that name is meant.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from imagefleet.domain import arm_ids, autoscale, regions
from imagefleet.domain.findings import Cause, Doubt
from rules import tokens
from rules.arm_names import PartialId
from rules.canonical import ABSENT, UNKNOWN, Missing, Path, Resource, WrongShape, path_text, text
from rules.conditions import not_known
from rules.numbers import whole
from rules.once import each_once, once
from rules.stack import External
from rules.verdicts import Context, NotApplicable, Option

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rules.stack import Referred, Stack

K = TypeVar("K")

IMAGE_ID: Final[Path] = (
    "deploymentConfiguration",
    "virtualMachineConfiguration",
    "imageReference",
    "id",
)
_SCALE: Final = "scaleSettings"
_TARGETS: Final = ("targetDedicatedNodes", "targetLowPriorityNodes")
_FORMULA: Final[Path] = (_SCALE, "autoScale", "formula")
_ACCOUNT: Final = "accountName"

MAXIMUM_NODES: Final = Option(
    name="maximumNodes",
    schema={
        "type": "object",
        "additionalProperties": {"type": "number", "minimum": 0},
        "description": "the most nodes of pools whose autoscale formula shows no bound, by the "
        "pool's resource name; `*` stands for all others",
    },
    default={},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """How many nodes a pool has at the least, and the doubt if it may have more."""

    least: int
    doubt: Doubt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One pool of an image version; `region` is a normalised name, or why there is none."""

    pool: Resource
    nodes: Nodes
    region: str | Doubt


def nodes(pool: Resource, context: Context) -> Nodes:
    """Return the nodes of `pool`: both fixed targets, or the most its formula can ask for.

    Neither fixed nor automatic is a fixed pool of no node. Raises `WrongShape`.
    """
    fixed, doubt = 0, None
    for name in _TARGETS:
        path = (_SCALE, "fixedScale", name)
        number = whole(pool.props, *path)
        if number is UNKNOWN:
            doubt = doubt or not_known(path)
        elif isinstance(number, int):
            if number < 0:
                raise WrongShape(path, number, "a whole number of at least 0")
            fixed += number
    formula = text(pool.props, *_FORMULA)
    if formula is ABSENT or (formula is UNKNOWN and doubt is not None and fixed == 0):
        return Nodes(least=fixed, doubt=doubt)
    most = _most(pool, formula, context)
    if most is not None:
        return Nodes(least=max(fixed, most), doubt=doubt)
    if formula is UNKNOWN:
        return Nodes(least=max(fixed, 1), doubt=not_known(_FORMULA))
    return Nodes(least=max(fixed, 1), doubt=_boundless())


def _most(pool: Resource, formula: str | Missing, context: Context) -> int | None:
    """Return the bound that the formula shows, else the configured one, else None."""
    shown = autoscale.ceiling(formula) if isinstance(formula, str) else None
    if shown is not None:
        return shown
    caps = context.options.get(MAXIMUM_NODES.name) or {}
    cap = caps.get(pool.name, caps.get("*"))
    return None if cap is None else int(cap)


def _boundless() -> Doubt:
    return Doubt(
        path=path_text(_FORMULA),
        cause=Cause.EXTERNAL,
        detail="is without a bound that shows, so end it in min(..., N) or configure "
        f"{MAXIMUM_NODES.name}",
    )


def image_of(pool: Resource, stack: Stack) -> Referred:
    """Return the image version that `pool` starts from; raise `WrongShape`."""
    return each_once(stack, pool, _image_of)


def _image_of(pool: Resource, stack: Stack) -> Referred:
    found = stack.referred(pool, IMAGE_ID, (tokens.GALLERY_IMAGE_VERSION,))
    value = text(pool.props, *IMAGE_ID)
    if found is not UNKNOWN or not isinstance(value, str):
        return found
    parsed = arm_ids.try_parse(value)
    if parsed is None:
        return found
    wanted = PartialId.of(parsed)
    same = once(stack, _versions_by_names).get(wanted.names, ())
    agreeing = [one for one in same if stack.id_of(one).agrees(wanted)]
    return agreeing[0] if len(agreeing) == 1 else UNKNOWN


def no_image(found: External | Missing) -> Doubt | NotApplicable:
    """The answer about a pool whose image version is not in the stack."""
    if isinstance(found, External):
        if found.arm is None or not found.arm.is_a(arm_ids.IMAGE_VERSION):
            return NotApplicable("the pool names no image version; pool-gallery-image-id judges it")
        return Doubt(
            path=path_text(IMAGE_ID),
            cause=Cause.EXTERNAL,
            detail="is the id of a version outside the stack, whose replicas no input shows",
        )
    if found is UNKNOWN:
        return not_known(IMAGE_ID)
    return NotApplicable("the pool names no image by its id")


def account_of(pool: Resource, stack: Stack) -> Resource | External | Missing:
    """Return the Batch account of `pool`."""
    found = stack.owner(pool, tokens.BATCH_ACCOUNT)
    name = stack.name_of(pool, _ACCOUNT)
    if found is not UNKNOWN or name is None:
        return found
    same = once(stack, _accounts_by_name).get(name.casefold(), ())
    return same[0] if len(same) == 1 else UNKNOWN


def region_of(pool: Resource, stack: Stack) -> str | Doubt:
    """Return the region of the pool's account, normalised, or why it is not known.

    A pool has no location of its own. An account without one lies where its group lies. Raises
    `WrongShape`.
    """
    return each_once(stack, pool, _region_of)


def _region_of(pool: Resource, stack: Stack) -> str | Doubt:
    account = account_of(pool, stack)
    if isinstance(account, External):
        return Doubt(
            path=_ACCOUNT,
            cause=Cause.EXTERNAL,
            detail="is of an account outside the stack, whose region no input shows",
        )
    if not isinstance(account, Resource):
        return not_known((_ACCOUNT,))
    place = text(account.props, "location")
    if place is ABSENT:
        group = stack.owner(account, tokens.RESOURCE_GROUP)
        place = text(group.props, "location") if isinstance(group, Resource) else UNKNOWN
    if isinstance(place, str):
        return regions.normalise(place)
    return Doubt(
        path=_ACCOUNT, cause=Cause.UNKNOWN, detail="is of an account whose region is not known"
    )


def asked(version: Resource, stack: Stack, context: Context) -> tuple[Asked, ...]:
    """Return what each pool of the stack that starts from `version` asks of it.

    A pool with values of the wrong kind is left out: its own judgement says so.
    """
    found: list[Asked] = []
    for pool in once(stack, _pools_by_version).get(version.urn, ()):
        try:
            found.append(
                Asked(pool=pool, nodes=nodes(pool, context), region=region_of(pool, stack))
            )
        except WrongShape:
            continue
    return tuple(found)


def _pools_by_version(stack: Stack) -> Mapping[str, list[Resource]]:
    found: dict[str, list[Resource]] = defaultdict(list)
    for pool in stack.of_types({tokens.BATCH_POOL}):
        try:
            version = image_of(pool, stack)
        except WrongShape:
            continue
        if isinstance(version, Resource):
            found[version.urn].append(pool)
    return found


def _versions_by_names(stack: Stack) -> Mapping[tuple[str | None, ...], list[Resource]]:
    kind = (tokens.GALLERY_IMAGE_VERSION,)
    return _grouped((stack.id_of(one).names, one) for one in stack.of_types(kind))


def _accounts_by_name(stack: Stack) -> Mapping[str | None, list[Resource]]:
    kind = (tokens.BATCH_ACCOUNT,)
    return _grouped((stack.id_of(one).names[0], one) for one in stack.of_types(kind))


def _grouped(pairs: Iterable[tuple[K, Resource]]) -> Mapping[K, list[Resource]]:
    found: dict[K, list[Resource]] = defaultdict(list)
    for key, resource in pairs:
        found[key].append(resource)
    return found
