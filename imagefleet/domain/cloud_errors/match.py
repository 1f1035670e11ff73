"""Finds known errors in what people have: a message, a log, the JSON of a response.

Batch wraps Compute's errors, and Pulumi prints both as one long line, so pieces are looked for
wherever they stand; a general error is passed over where a particular one stands near it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from imagefleet.domain.cloud_errors.catalogue import CATALOGUE, named
from imagefleet.domain.cloud_errors.model import KnownError

_GAP = "..."
_GAP_PATTERN = r".{0,400}?"
_NEAR = 600
"""Characters within which a particular error speaks for a general one."""

_ESCAPES = {"\\u0027": "'", "\\'": "'", '\\"': '"', "\\n": " ", "\u2019": "'"}
_PAINT = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One known error in a text: how often it stands there, and where first."""

    error: KnownError
    count: int
    position: int


def find(text: str) -> tuple[Match, ...]:
    """Every known error of a text, in the order of their first places; () where none is known."""
    by_name = named(text)
    if by_name is not None:
        return (Match(error=by_name, count=1, position=0),)
    plain = readable(text)
    folded = plain.lower()
    places = {error.id: _places(error, plain, folded) for error in CATALOGUE}
    particular = sorted(
        at
        for error in CATALOGUE
        if not error.general
        for of_pattern in places[error.id]
        for at in of_pattern
    )
    found = []
    for error in CATALOGUE:
        kept = places[error.id]
        if error.general:
            kept = [[at for at in each if not _is_near(at, particular)] for each in kept]
        first = min((each[0] for each in kept if each), default=None)
        if first is not None:
            # Code and message stand side by side, and are one error.
            found.append(Match(error=error, count=max(map(len, kept)), position=first))
    return tuple(sorted(found, key=lambda match: match.position))


def _is_near(place: int, others: Sequence[int]) -> bool:
    """Whether one of `others`, which are in order, stands near `place`."""
    after = bisect_left(others, place - _NEAR)
    return after < len(others) and others[after] <= place + _NEAR


def readable(text: str) -> str:
    """A text without colours and JSON's escapes, with single spaces for all white space."""
    plain = _PAINT.sub("", text)
    for escaped, meant in _ESCAPES.items():
        plain = plain.replace(escaped, meant)
    return " ".join(plain.split())


def _places(error: KnownError, plain: str, folded: str) -> list[list[int]]:
    """Where an error is spoken of, for each piece of its message and each code, in order."""
    patterns = [
        _message(text)
        for text in error.texts
        if text.lower().split(_GAP, maxsplit=1)[0].strip() in folded
    ]
    patterns += [_code(code) for code in error.codes if code.lower() in folded]
    return [[match.start() for match in pattern.finditer(plain)] for pattern in patterns]


@cache
def _message(text: str) -> re.Pattern[str]:
    parts = [re.escape(part.strip()) for part in text.split(_GAP)]
    return re.compile(_GAP_PATTERN.join(parts), re.IGNORECASE)


@cache
def _code(code: str) -> re.Pattern[str]:
    # A code of one word, such as Conflict, is told from the word by its case.
    one_word = code[1:].islower()
    return re.compile(
        rf"(?<![A-Za-z0-9]){re.escape(code)}(?![A-Za-z0-9])", 0 if one_word else re.IGNORECASE
    )
