"""Reads the most nodes that an autoscale formula can ask for, where the formula shows it.

A formula is evaluated by Batch on live metrics, so its ceiling is in general not knowable. Common
formulas end in `min(<number>, ...)`, though, and such a bound can be read: numbers, `min`, `max`,
`+`, the choice `a ? b : c` and earlier variables are understood, anything else has no bound.
Grammar: Azure documentation, Automatically scale Batch pool nodes.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Final

SOURCE: Final = "Azure documentation, Automatically scale Batch pool nodes"

_DEDICATED: Final = ("$targetdedicatednodes", "$targetdedicated")
_LOW_PRIORITY: Final = ("$targetlowprioritynodes",)
_WORD = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([$A-Za-z_][\w.$]*)|(.))", re.ASCII | re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_DEPTH_MAXIMUM: Final = 50


def ceiling(formula: str) -> int | None:
    """The most nodes, dedicated and low-priority, that `formula` can ask for; None if not shown."""
    bounds: dict[str, float | None] = {}
    for statement in _COMMENT.sub(" ", formula).split(";"):
        name, equals, expression = statement.partition("=")
        if equals:
            bounds[name.strip().lower()] = _bound(expression, bounds)
    targets = [name for name in (*_DEDICATED, *_LOW_PRIORITY) if name in bounds]
    found = [bounds[name] for name in targets]
    known = [bound for bound in found if bound is not None]
    if not targets or len(known) < len(found):
        return None
    return math.floor(sum(max(0.0, bound) for bound in known))


def sets_target(formula: str) -> bool:
    """Whether the formula sets a number of nodes at all; Batch refuses one that does not."""
    return any(kinds(formula))


def kinds(formula: str) -> tuple[bool, bool]:
    """Whether the formula sets a number of dedicated nodes, and whether one of low-priority."""
    text = _COMMENT.sub(" ", formula).lower()
    return any(name in text for name in _DEDICATED), any(name in text for name in _LOW_PRIORITY)


class _NoBoundError(Exception):
    """The expression holds something that has no bound for us."""


def _bound(expression: str, bounds: dict[str, float | None]) -> float | None:
    reader = _Reader(words=_words(expression), bounds=bounds)
    try:
        found = reader.choice(0)
    except _NoBoundError:
        return None
    return found if reader.at_end() else None


def _words(text: str) -> list[str]:
    found = (number or name or sign for number, name, sign in _WORD.findall(text))
    return [word for word in found if word.strip()]


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads one expression from its words and answers with its upper bound."""

    words: list[str]
    bounds: dict[str, float | None]
    position: int = field(default=0)

    def at_end(self) -> bool:
        return self.position == len(self.words)

    def choice(self, depth: int) -> float:
        """`condition ? a : b` is bounded by the larger; the condition itself does not matter."""
        if depth > _DEPTH_MAXIMUM:
            raise _NoBoundError
        if self._skip_condition():
            yes = self.choice(depth + 1)
            self._expect(":")
            return max(yes, self.choice(depth + 1))
        return self._sum(depth)

    def _sum(self, depth: int) -> float:
        total = self._operand(depth)
        while self._accept("+"):
            total += self._operand(depth)
        return total

    def _operand(self, depth: int) -> float:
        word = self._take()
        if word == "(":
            inside = self.choice(depth + 1)
            self._expect(")")
            return inside
        if word[0].isdigit():
            return float(word)
        lowered = word.lower()
        if lowered in ("min", "max") and self._accept("("):
            return self._of_list(lowered, depth)
        found = self.bounds.get(lowered)
        if found is None:
            raise _NoBoundError
        return found

    def _of_list(self, function: str, depth: int) -> float:
        """`min` needs one bounded argument, `max` needs all of them bounded."""
        known: list[float] = []
        unbounded = False
        while True:
            found = self._argument(depth)
            unbounded = unbounded or found is None
            known += [] if found is None else [found]
            if self._accept(")"):
                break
            self._expect(",")
        if not known or (function == "max" and unbounded):
            raise _NoBoundError
        return min(known) if function == "min" else max(known)

    def _argument(self, depth: int) -> float | None:
        """One argument of a list: its bound, or None after skipping what has no bound."""
        start = self.position
        try:
            found = self.choice(depth + 1)
        except _NoBoundError:
            found = None
        if found is not None and self._peek() in (",", ")"):
            return found
        self.position = start
        self._skip_argument()
        return None

    def _skip_argument(self) -> None:
        level = 0
        while not self.at_end():
            word = self.words[self.position]
            if level == 0 and word in (",", ")"):
                return
            level += {"(": 1, ")": -1}.get(word, 0)
            self.position += 1
        raise _NoBoundError

    def _skip_condition(self) -> bool:
        """Moves behind the `?` that belongs to this level, if there is one."""
        level = 0
        for index in range(self.position, len(self.words)):
            word = self.words[index]
            if level == 0 and word in (",", ")", ":"):
                return False
            if level == 0 and word == "?":
                self.position = index + 1
                return True
            level += {"(": 1, ")": -1}.get(word, 0)
        return False

    def _peek(self) -> str:
        return "" if self.at_end() else self.words[self.position]

    def _take(self) -> str:
        if self.at_end():
            raise _NoBoundError
        self.position += 1
        return self.words[self.position - 1]

    def _accept(self, word: str) -> bool:
        if self._peek() == word:
            self.position += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise _NoBoundError
