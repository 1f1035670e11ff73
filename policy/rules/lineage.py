"""Rules about the line from a machine's disk to an image version and the pools that run it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imagefleet.domain import image_words, lineage
from imagefleet.domain.findings import Finding
from imagefleet.domain.lineage import Artefact, Step
from rules import tokens
from rules.ancestry import Statement, Trait, own, upstream
from rules.canonical import ABSENT, UNKNOWN, Missing, Path, Resource, path_text, text
from rules.conditions import not_known, shown
from rules.image import generation_of
from rules.lineage_samples import BROKEN_CHAIN, CHAIN, GENERATION_CLASH, OS_CLASH
from rules.origins import ARTEFACTS, origins
from rules.stack import External
from rules.verdicts import Context, Level, NotApplicable, Outcome, Severity, StackRule
from rules.version_source import actual_source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from rules.stack import Stack

IMAGE_REFERENCE: Final = (
    "deploymentConfiguration",
    "virtualMachineConfiguration",
    "imageReference",
)
_OS_TYPE: Final[Mapping[str, Path]] = {
    tokens.GALLERY_IMAGE: ("osType",),
    tokens.MANAGED_IMAGE: ("storageProfile", "osDisk", "osType"),
    tokens.SNAPSHOT: ("osType",),
    tokens.DISK: ("osType",),
    tokens.VIRTUAL_MACHINE: ("storageProfile", "osDisk", "osType"),
}
_GENERATION: Final[Mapping[str, Path]] = dict.fromkeys(
    (tokens.GALLERY_IMAGE, tokens.MANAGED_IMAGE, tokens.SNAPSHOT, tokens.DISK),
    ("hyperVGeneration",),
)
_MADE: Final = frozenset({tokens.GALLERY_IMAGE_VERSION, tokens.MANAGED_IMAGE, tokens.SNAPSHOT})


def _os_type(resource: Resource) -> str | Missing:
    path = _OS_TYPE.get(resource.type)
    return ABSENT if path is None else text(resource.props, *path)


def _generation(resource: Resource) -> str | Missing:
    if resource.type == tokens.GALLERY_IMAGE:
        return generation_of(resource)
    path = _GENERATION.get(resource.type)
    return ABSENT if path is None else text(resource.props, *path)


_OF_OS_TYPE: Final = Trait(read=_os_type, paths=_OS_TYPE)
_OF_GENERATION: Final = Trait(read=_generation, paths=_GENERATION)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _agrees(
    resource: Resource,
    stack: Stack,
    trait: Trait,
    vocabulary: Collection[str],
) -> Iterator[Outcome]:
    """Require what a resource, or the definition of a version, says to be what its source says."""
    mine = own(resource, stack, trait)
    if mine is None:
        yield NotApplicable("it says nothing of it itself; what is made from it is compared")
        return
    if not isinstance(mine, Statement):
        yield mine
        return
    for path, theirs in upstream(resource, stack, trait):
        if not isinstance(theirs, Statement):
            yield theirs
        elif not _same(mine.value, theirs.value):
            # a version says nothing itself: its place in the finding is the source that it names
            place = trait.paths.get(resource.type)
            here, there = (theirs, mine) if place is None else (mine, theirs)
            yield Finding(
                path=path_text(place or path),
                actual=f"{shown(here.value, vocabulary)} by {here.source}",
                needed=f"{shown(there.value, vocabulary)}, which {there.source} says",
            )


def _os_type_matches(resource: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    yield from _agrees(resource, stack, _OF_OS_TYPE, image_words.OS_TYPES)


def _generation_matches(resource: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    yield from _agrees(resource, stack, _OF_GENERATION, image_words.GENERATIONS)


def _chain(resource: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    if resource.type == tokens.BATCH_POOL:
        yield from _pool_link(resource, stack)
        return
    target = ARTEFACTS[resource.type]
    found = origins(resource, stack)
    if not found:
        yield Finding(
            path="creationData" if resource.type == tokens.SNAPSHOT else "storageProfile",
            actual="without a source",
            needed=" or ".join(lineage.sources_of(target)),
        )
    for origin in found:
        if origin.undecided:
            yield not_known(origin.path)
        elif origin.kind is None or lineage.step(origin.kind, target) is Step.REFUSED:
            if origin.kind is Artefact.VHD and resource.type == tokens.SNAPSHOT:
                continue  # an import, which snapshot-imported judges
            yield Finding(
                path=path_text(origin.path),
                actual=actual_source(origin),
                needed=" or ".join(lineage.sources_of(target)),
            )


def _pool_link(pool: Resource, stack: Stack) -> Iterator[Outcome]:
    path = (*IMAGE_REFERENCE, "id")
    if text(pool.props, *path) is ABSENT:
        if isinstance(text(pool.props, *IMAGE_REFERENCE, "publisher"), str):
            yield NotApplicable("the pool runs a Marketplace image")
            return
        yield Finding(path=path_text(path), actual="absent", needed=Artefact.IMAGE_VERSION.value)
        return
    found = stack.referred(pool, path, (tokens.GALLERY_IMAGE_VERSION, tokens.GALLERY_IMAGE))
    if found is UNKNOWN:
        yield not_known(path)
    elif isinstance(found, External):
        kind = None if found.arm is None else lineage.kind_of(found.text)
        gallery = found.arm is not None and "/galleries/images" in found.arm.resource_type.lower()
        if not gallery:
            yield Finding(
                path=path_text(path),
                actual="no id of an image version" if kind is None else f"of kind {kind}",
                needed=Artefact.IMAGE_VERSION.value,
            )


IMAGE_OS_TYPE_MATCHES = StackRule(
    id="image-os-type-matches",
    summary="An image has the operating system type of what it is made from.",
    why="The disk decides what the system is. A pool's node agent follows the definition, so "
    "that a node with the wrong type never starts.",
    remedy="Set osType of snapshot, managed image and definition to that of the source's system.",
    sentences=("D66",),
    types=_MADE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_os_type_matches,
    good=CHAIN,
    bad=OS_CLASH,
)

IMAGE_GENERATION_MATCHES = StackRule(
    id="image-generation-matches",
    summary="An image has the generation of what it is made from.",
    why="A generation 1 disk has no UEFI boot and a generation 2 disk no BIOS boot: a machine of "
    "the other kind does not start from it. Absent means V1 in a definition before API "
    "2025-03-03 and V2 from then on; elsewhere it is left to Azure.",
    remedy="Set hyperVGeneration of snapshot, managed image and definition to that of the disk.",
    sentences=(),
    types=_MADE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_generation_matches,
    good=CHAIN,
    bad=GENERATION_CLASH,
)

IMAGE_CHAIN_COMPLETE = StackRule(
    id="image-chain-complete",
    summary="Every link from a pool to the disk of its image is there, in the stack or by id.",
    why="The order of the work is machine, snapshots, managed image, gallery, pool. A link that "
    "is missing explains why other rules could not decide, or fail.",
    remedy="Name the source of each: a version's managed image, its snapshots, their disks.",
    sentences=("D25", "D39", "D63"),
    types=_MADE | {tokens.BATCH_POOL},
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_chain,
    good=CHAIN,
    bad=BROKEN_CHAIN,
)

RULES = (IMAGE_OS_TYPE_MATCHES, IMAGE_GENERATION_MATCHES, IMAGE_CHAIN_COMPLETE)
