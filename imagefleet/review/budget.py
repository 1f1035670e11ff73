"""A text of parts that is never longer than its limit, by construction.

Each part says how short it can be and fills what it is given. The most important part is served
first, and what is left is the next one's; so the least important is cut first, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


class Part(Protocol):
    """A piece of a report that can be made shorter."""

    def fit(self, budget: int) -> str:
        """Return the fullest text of at most `budget` characters, else the shortest there is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A text that stays as it is."""

    text: str

    def fit(self, budget: int) -> str:  # noqa: ARG002 it has one size
        """Return the text."""
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A head and as many rows as there is room for; the rest is counted in words.

    `wrap` makes the whole of both; it adds the same number of characters to every body.
    """

    head: str
    rows: Sequence[str]
    noun: str
    wrap: Callable[[str], str] = str
    least: int = 0

    def fit(self, budget: int) -> str:
        """Return the head with the rows that fit, at least the first `least` of them."""
        whole = self._text(len(self.rows))
        if len(whole) <= budget:
            return whole
        room = budget - len(self._text(0))
        shown = 0
        while shown < len(self.rows) and room >= len(self.rows[shown]) + 1:
            room -= len(self.rows[shown]) + 1
            shown += 1
        least = min(self.least, len(self.rows))
        # The head comes back with the first row, and a count has as many digits as it needs.
        while shown > least and len(self._text(shown)) > budget:
            shown -= 1
        return self._text(max(shown, least))

    def _text(self, shown: int) -> str:
        left = len(self.rows) - shown
        lines = [self.head, *self.rows[:shown]] if shown or not left else []
        if left:
            more = f" more {self.noun}" if shown else f" {self.noun}"
            note = f"_{left:,}{more}{'' if left == 1 else 's'} not shown here: no room is left._"
            lines += ["", note] if lines else [note]
        return self.wrap("\n".join(line for line in lines if line or left))


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """A text in ever shorter forms, the fullest first.

    `last` makes the form that fits any number of characters from `least` on.
    """

    forms: Sequence[Callable[[], str]]
    last: Callable[[int], str]
    least: int

    def fit(self, budget: int) -> str:
        """Return the first form that fits, else the last of at least `least` characters."""
        for form in self.forms:
            text = form()
            if len(text) <= budget:
                return text
        return self.last(max(budget, self.least))


def assemble(parts: Sequence[tuple[int, Part]], limit: int, between: str = "\n\n") -> str:
    """Return the parts in their order, together at most `limit` characters.

    Each comes with its rank, 0 the most important. Raises `ValueError` where even the shortest
    texts of all parts are longer than the limit.
    """
    texts = [part.fit(0) for _, part in parts]
    spare = limit - sum(len(text) for text in texts) - len(between) * (len(parts) - 1)
    if spare < 0:
        message = f"the shortest report is {limit - spare} characters, over the limit of {limit}"
        raise ValueError(message)
    for _, index in sorted((rank, index) for index, (rank, _) in enumerate(parts)):
        fullest = parts[index][1].fit(len(texts[index]) + spare)
        spare -= len(fullest) - len(texts[index])
        texts[index] = fullest
    return between.join(text for text in texts if text)
