"""The rule of edition global about security types: one along the line, from disk to pool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imagefleet.domain import image_security, security
from imagefleet.domain.findings import Cause, Doubt, Finding
from imagefleet.domain.fleet import Generation
from imagefleet.domain.security import SECURITY_TYPES, SecurityType
from rules import tokens
from rules.ancestry import Statement, Trait, about, own, upstream
from rules.canonical import ABSENT, UNKNOWN, Missing, Path, Resource, path_text, text
from rules.conditions import not_known, shown
from rules.image import generation_of, security_entries
from rules.lineage import IMAGE_REFERENCE
from rules.origins import called
from rules.stack import External
from rules.verdicts import (
    Context,
    Edition,
    Level,
    NotApplicable,
    Outcome,
    Severity,
    StackRule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.stack import Stack

_PROFILE: Final[Path] = ("securityProfile", "securityType")
_POOL: Final[Path] = (*IMAGE_REFERENCE[:-1], *_PROFILE)
_WORDS: Final = (*SECURITY_TYPES, *security.DISK_SECURITY_TYPES)
_GALLERY: Final = (tokens.GALLERY_IMAGE_VERSION, tokens.GALLERY_IMAGE)


def _definition_type(definition: Resource) -> str | Missing:
    values = [value for _, value in security_entries(definition)]
    stated = next((value for value in values if isinstance(value, str)), None)
    if stated is not None or UNKNOWN in values:
        return UNKNOWN if stated is None else stated
    generation, version = generation_of(definition), definition.api_version
    if generation == Generation.V1:
        return _STANDARD  # in every version
    if generation is UNKNOWN or version is UNKNOWN:
        return UNKNOWN
    newer = image_security.default_generation(version)
    return image_security.default_type(version, newer) if generation == newer else _STANDARD


_STANDARD: Final = SecurityType.STANDARD


def _security_type(resource: Resource) -> str | Missing:
    """Return the security type that a link of the line states; a managed image has no other."""
    if resource.type == tokens.MANAGED_IMAGE:
        return _STANDARD
    if resource.type == tokens.GALLERY_IMAGE:
        return _definition_type(resource)
    return text(resource.props, *_PROFILE)


_SECURITY: Final = Trait(
    read=_security_type,
    paths={
        tokens.GALLERY_IMAGE: ("features",),
        **dict.fromkeys((tokens.DISK, tokens.SNAPSHOT, tokens.VIRTUAL_MACHINE), _PROFILE),
    },
)


def _parsed(statement: Statement) -> SecurityType | None:
    return image_security.machine_type(statement.value)


def _agrees(resource: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if context.edition is Edition.CHINA:
        yield NotApplicable("edition china allows the standard type only")
    elif resource.type == tokens.BATCH_POOL:
        yield from _pool_agrees(resource, stack)
    else:
        yield from _sources_agree(resource, stack)


def _sources_agree(resource: Resource, stack: Stack) -> Iterator[Outcome]:
    mine = own(resource, stack, _SECURITY)
    if mine is None:
        yield NotApplicable("it states no security type; what is made from it is compared")
        return
    if not isinstance(mine, Statement):
        yield mine
        return
    target = _parsed(mine)
    for path, theirs in upstream(resource, stack, _SECURITY):
        if not isinstance(theirs, Statement):
            yield theirs
            continue
        source = _parsed(theirs)
        if source is None or target is None or not image_security.fits(source, target):
            yield Finding(
                path=path_text(path),
                actual=f"{shown(theirs.value, _WORDS)} by {theirs.source}",
                needed=f"{shown(mine.value, _WORDS)}, which {mine.source} is",
            )


def _pool_agrees(pool: Resource, stack: Stack) -> Iterator[Outcome]:
    path = (*IMAGE_REFERENCE, "id")
    image = stack.referred(pool, path, _GALLERY)
    if image is ABSENT or (isinstance(image, External) and image.arm is None):
        yield NotApplicable("the pool runs no gallery image")
        return
    if image is UNKNOWN or not isinstance(image, Resource):
        yield not_known(path) if image is UNKNOWN else _outside(path)
        return
    theirs = own(image, stack, _SECURITY)
    stated = text(pool.props, *_POOL)
    if stated is UNKNOWN:
        yield not_known(_POOL)
    elif isinstance(theirs, Doubt):
        yield about(path, image, theirs)
    elif theirs is not None:
        machine = _STANDARD if stated is ABSENT else security.security_type(stated)
        kind = _parsed(theirs)
        if kind is None or machine not in image_security.MACHINES[kind]:
            allowed = sorted(image_security.MACHINES.get(kind, ())) if kind else []
            yield Finding(
                path=path_text(_POOL),
                actual="absent" if stated is ABSENT else shown(stated, SECURITY_TYPES),
                needed=f"{' or '.join(allowed) or 'another image'}, which {called(theirs.resource)}"
                " starts",
            )


def _outside(path: Path) -> Doubt:
    return Doubt(
        path=path_text(path),
        cause=Cause.EXTERNAL,
        detail="is the id of an image outside the stack, whose security type no input shows",
    )


IMAGE_SECURITY_TYPE_AGREES = StackRule(
    id="image-security-type-agrees",
    summary="A locked security type is the same from the source to the pool (edition global).",
    why="A TrustedLaunch or ConfidentialVM image starts no other machines, is made from no other "
    "disks, and passes through no managed image.",
    remedy="Give disk, snapshot, definition and pool the same security type and leave out the "
    "managed image, or use the standard type everywhere.",
    sentences=("D19", "D20"),
    types=frozenset(
        {
            tokens.SNAPSHOT,
            tokens.MANAGED_IMAGE,
            tokens.GALLERY_IMAGE_VERSION,
            tokens.BATCH_POOL,
        }
    ),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_agrees,
    # it judges in edition global alone, and examples are read in the default edition
    good=(),
    bad=(),
)

RULES = (IMAGE_SECURITY_TYPE_AGREES,)
