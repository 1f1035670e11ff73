"""The rule that what pools run from cannot be deleted by a slip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain.findings import Finding
from rules import tokens
from rules.canonical import UNKNOWN, Resource, flag, read
from rules.conditions import not_known
from rules.examples import pool, together, version
from rules.once import once
from rules.pool_source import IMAGE_ID
from rules.verdicts import Context, Level, NotApplicable, Outcome, Severity, StackRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.stack import Stack

_VERSION = (tokens.GALLERY_IMAGE_VERSION,)
_BLOCKS = ("safetyProfile", "blockDeletionBeforeEndOfLife")


def _protected(resource: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    if resource.protect:
        return
    needed = "protect: true"
    if resource.type == tokens.GALLERY_IMAGE_VERSION:
        if resource.urn not in once(stack, _used):
            yield NotApplicable("no pool of the stack runs this version")
            return
        blocks = flag(resource.props, *_BLOCKS)
        if blocks is UNKNOWN:
            yield not_known(_BLOCKS)
        if blocks is True or blocks is UNKNOWN:
            return
        needed += f", or true at {'.'.join(_BLOCKS)}"
    yield Finding(path="options.protect", actual="false or absent", needed=needed)


def _used(stack: Stack) -> frozenset[str]:
    """Return the URNs of the image versions that pools of the stack name or are made from."""
    found: set[str] = set()
    for user in stack.of_types((tokens.BATCH_POOL,)):
        sources = stack.sources(user, IMAGE_ID[0], _VERSION)
        found.update(source.urn for source in sources)
        named = read(user.props, *IMAGE_ID)
        inside = stack.by_id(named, _VERSION) if isinstance(named, str) else None
        if inside is not None:
            found.add(inside.urn)
    return frozenset(found)


IMAGE_PROTECT = StackRule(
    id="image-protect",
    summary="Galleries, image definitions and image versions that pools run are protected.",
    why="Without the image a pool gets no new nodes, and everything in a gallery goes with it.",
    remedy="Set the resource option protect, or on a version "
    "safetyProfile.blockDeletionBeforeEndOfLife with an endOfLifeDate.",
    sentences=(),
    types=frozenset({tokens.GALLERY, tokens.GALLERY_IMAGE, tokens.GALLERY_IMAGE_VERSION}),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_protected,
    good=together(pool(), version({"safetyProfile": {"blockDeletionBeforeEndOfLife": True}})),
    bad=together(pool(), version()),
)

RULES = (IMAGE_PROTECT,)
