"""The conditions that rules are made of, and the only place that words an actual value.

A rule sees secrets in clear and unmarked, so a text is shown only where it is a word of Azure's
own vocabulary, which tells nothing that the rule's name does not tell already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain.findings import Cause, Doubt, Finding
from rules.canonical import ABSENT, UNKNOWN, Path, Resource, flag, path_text, presence, text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

NOT_KNOWN = "is not known before deployment"


def shown(value: str, vocabulary: Collection[str]) -> str:
    """Return `value` if it is a word of `vocabulary`, in any case; else words that hide it."""
    known = {word.casefold() for word in vocabulary}
    return value.strip() if value.strip().casefold() in known else "a text Azure has no meaning for"


def not_known(path: Path) -> Doubt:
    """Return the doubt about a value that exists only after deployment."""
    return Doubt(path=path_text(path), cause=Cause.UNKNOWN, detail=NOT_KNOWN)


def must_be(
    resource: Resource, path: Path, needed: str, vocabulary: Collection[str]
) -> Iterator[Finding | Doubt]:
    """Require the text at `path` to be `needed`, in any case; absent is not."""
    value = text(resource.props, *path)
    if value is UNKNOWN:
        yield not_known(path)
    elif value is ABSENT:
        yield Finding(path=path_text(path), actual="absent", needed=needed)
    elif value.strip().casefold() != needed.casefold():
        yield Finding(path=path_text(path), actual=shown(value, vocabulary), needed=needed)


def must_allow(
    resource: Resource,
    path: Path,
    allowed: Callable[[str], bool],
    *,
    needed: str,
    vocabulary: Collection[str],
) -> Iterator[Finding | Doubt]:
    """Require the text at `path`, if there is one, to be one that `allowed` accepts."""
    value = text(resource.props, *path)
    if value is UNKNOWN:
        yield not_known(path)
    elif isinstance(value, str) and not allowed(value):
        yield Finding(path=path_text(path), actual=shown(value, vocabulary), needed=needed)


def must_be_off(resource: Resource, path: Path) -> Iterator[Finding | Doubt]:
    """Require the truth value at `path` to be false or absent."""
    value = flag(resource.props, *path)
    if value is UNKNOWN:
        yield not_known(path)
    elif value is True:
        yield Finding(path=path_text(path), actual="true", needed="false or absent")


def must_be_absent(resource: Resource, path: Path) -> Iterator[Finding | Doubt]:
    """Require nothing to be set at `path`; what is set there is never shown."""
    value = presence(resource.props, *path)
    if value is UNKNOWN:
        yield not_known(path)
    elif value is True:
        yield Finding(path=path_text(path), actual="set", needed="absent")
