"""A check as a value, and what it finds."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from imagefleet.live.failures import Unreadable

if TYPE_CHECKING:
    from imagefleet.live.doctor.view import View

T = TypeVar("T")


class Status(StrEnum):
    """How a check came out. What cannot be told is never passed over as good."""

    PASS = "pass"  # noqa: S105 no password
    FAIL = "fail"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """A command that nobody should run unread, and `why`: no script of ours runs it."""

    command: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a check found of one subject.

    `commands` are those of Azure CLI that would mend it: each adds something and takes nothing
    away. `by_hand` are those that do.
    """

    status: Status
    subject: str
    message: str
    commands: tuple[str, ...] = ()
    by_hand: tuple[ByHand, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question to Azure.

    `title` says what should be so, `sentences` where the document says it, `remedy` what to do
    where it is not. `calls` says in words which requests it needs; checks share the answers. What
    fails of an `advice` does not count against the stack.
    """

    id: str
    title: str
    run: Callable[[View], Iterable[Found]]
    remedy: str
    calls: str
    sentences: tuple[str, ...] = ()
    source: str = ""
    advice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A check and all it found; nothing found means that the stack has nothing of the kind."""

    check: Check
    found: tuple[Found, ...]

    @property
    def status(self) -> Status:
        """The worst of what was found."""
        statuses = {each.status for each in self.found}
        for status in (Status.FAIL, Status.UNKNOWN):
            if status in statuses:
                return status
        return Status.PASS

    @property
    def counts(self) -> bool:
        """Whether a failure counts against the stack."""
        return not self.check.advice


def good(subject: str, message: str) -> Found:
    """A subject that is as it should be."""
    return Found(status=Status.PASS, subject=subject, message=message)


def bad(subject: str, message: str, *commands: str, by_hand: Iterable[ByHand] = ()) -> Found:
    """A subject that is not, with the commands that would mend it."""
    return Found(
        status=Status.FAIL,
        subject=subject,
        message=message,
        commands=commands,
        by_hand=tuple(by_hand),
    )


def unsure(subject: str, message: str) -> Found:
    """A subject of which it cannot be told, and why not."""
    return Found(status=Status.UNKNOWN, subject=subject, message=message)


def each(
    subjects: Iterable[T], name: Callable[[T], str], judge: Callable[[T], Iterable[Found]]
) -> Iterator[Found]:
    """Judge every subject; one that cannot be read hides no other."""
    for subject in subjects:
        try:
            yield from judge(subject)
        except Unreadable as trouble:
            yield unsure(name(subject), str(trouble))


def command(*words: str) -> str:
    """A command of Azure CLI, each word quoted for a shell where that is needed."""
    return shlex.join(words)
