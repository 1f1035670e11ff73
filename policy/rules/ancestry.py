"""What the things that an image is made from say about the system on their disk.

A trait is one such statement (OS type, generation, security type). What an artefact leaves open
is asked of its own sources; what the last of them leaves open is open, which agrees with all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imagefleet.domain.findings import Cause, Doubt
from rules import tokens
from rules.canonical import (
    ABSENT,
    API_VERSION,
    UNKNOWN,
    Missing,
    Path,
    Resource,
    path_text,
    presence,
)
from rules.conditions import not_known
from rules.origins import Origin, called, origins
from rules.stack import External

if TYPE_CHECKING:
    from rules.stack import Stack

_MOST_STEPS = 50  # a chain that refers to itself has no end
_DEFINITION: Path = ("galleryImageName",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """How a trait is read of a resource, and the property by type that carries it."""

    read: Callable[[Resource], str | Missing]
    paths: Mapping[str, Path]

    def open_in(self, resource: Resource) -> Doubt:
        """The doubt about what `resource` says, which is not known yet."""
        path = self.paths.get(resource.type, ("properties",))
        by_default = resource.api_version is UNKNOWN and presence(resource.props, *path) is ABSENT
        return not_known(API_VERSION if by_default else path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a resource says of a trait; `value` is in Azure's words."""

    value: str
    resource: Resource

    @property
    def source(self) -> str:
        """Who says it, for messages."""
        return called(self.resource)


def definition_of(version: Resource, stack: Stack) -> Resource | Doubt:
    """Return the definition that a version belongs to, or why it cannot be looked at."""
    found = stack.owner(version, tokens.GALLERY_IMAGE)
    if isinstance(found, Resource):
        return found
    if isinstance(found, External):
        return Doubt(
            path=path_text(_DEFINITION),
            cause=Cause.EXTERNAL,
            detail="is the name of an image definition outside the stack",
        )
    return not_known(_DEFINITION)


def own(resource: Resource, stack: Stack, trait: Trait) -> Statement | Doubt | None:
    """Return what a resource says itself; for a version its definition speaks.

    The doubt about what a definition says stands at the version's own property that names it.
    """
    speaker: Resource | Doubt = resource
    if resource.type == tokens.GALLERY_IMAGE_VERSION:
        speaker = definition_of(resource, stack)
    if isinstance(speaker, Doubt):
        return speaker
    value = trait.read(speaker)
    if value is UNKNOWN:
        doubt = trait.open_in(speaker)
        return doubt if speaker is resource else about(_DEFINITION, speaker, doubt)
    return None if value is ABSENT else Statement(value=value, resource=speaker)


def upstream(
    resource: Resource, stack: Stack, trait: Trait, steps: int = _MOST_STEPS
) -> Iterator[tuple[Path, Statement | Doubt]]:
    """Yield what the nearest source that says anything says, with the property that names it.

    One for each source; a doubt where the line leaves the stack or is not known yet.
    """
    for origin in origins(resource, stack) if steps else ():
        if not origin.makers:
            yield origin.path, origin.doubt()
            continue
        found = [_said(origin.path, maker, stack, trait, steps) for maker in origin.makers]
        answer = found[0] if len(found) == 1 else _common(origin, found)
        if answer is not None:
            yield origin.path, answer


def _said(
    path: Path, maker: Resource, stack: Stack, trait: Trait, steps: int
) -> Statement | Doubt | None:
    """Return what `maker` or its own sources say; `path` names it in the resource made of it."""
    said = own(maker, stack, trait)
    if said is None:
        above = [answer for _, answer in upstream(maker, stack, trait, steps - 1)]
        said = next((answer for answer in above if isinstance(answer, Statement)), None) or next(
            iter(above), None
        )
    return about(path, maker, said) if isinstance(said, Doubt) else said


def about(path: Path, other: Resource, doubt: Doubt) -> Doubt:
    """Return the doubt about another resource as one about the property that names it."""
    return replace(
        doubt,
        path=path_text(path),
        detail=f"is that of {called(other)}, whose {doubt.path} {doubt.detail}",
    )


def _common(origin: Origin, found: list[Statement | Doubt | None]) -> Statement | Doubt | None:
    """Return the one thing that all who may be meant say; snapshots of data disks say nothing."""
    said = [answer for answer in found if answer is not None]
    statements = [answer for answer in said if isinstance(answer, Statement)]
    if len(statements) == len(said) and len({one.value.casefold() for one in statements}) < 2:  # noqa: PLR2004 agreed
        return statements[0] if statements else None
    return not_known(origin.path)
