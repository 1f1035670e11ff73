"""Prose in lines that fit a terminal, in any script: a wide character takes two cells."""

from __future__ import annotations

import re
from itertools import pairwise

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

WIDTH = 80
_LEAST_ROOM = 20


def wrapped(text: str, indent: int = 0, *, first: str | None = None, hanging: int = 0) -> list[str]:
    """Return `text` in lines of at most `WIDTH` cells.

    Lines begin with `indent` blanks, those after the first with `hanging` more; `first` is what
    the first begins with instead.
    """
    margin = " " * (indent + hanging)
    start = " " * indent if first is None else first
    words = " ".join(text.split())
    room = WIDTH - max(len(margin), len(start))
    ends = [0, *_breaks(words, room, fold=True), len(words)]
    lines = [words[begin:end].rstrip() for begin, end in pairwise(ends)]
    return [f"{margin if number else start}{line}" for number, line in enumerate(lines)]


def print_hanging(console: Console, markup: str, indent: int, hanging: int = 2) -> None:
    """Print words with markup in lines that fit the console, those after the first further in.

    A long word, such as an ARM id, is left whole: a terminal breaks it where it must, and it can
    be copied. No line ends with blanks, which a log would keep.
    """
    text = Text.from_markup(" ".join(markup.split()))
    room = max(console.width - indent - hanging, _LEAST_ROOM)
    lines = text.divide(_breaks(text.plain, room, fold=False))
    for number, line in enumerate(lines):
        line.rstrip()
        margin = " " * (indent + (hanging if number else 0))
        console.print(Text(margin if line else "").append_text(line), soft_wrap=True)


def _breaks(words: str, room: int, *, fold: bool) -> list[int]:
    """Where lines of `room` cells begin, but for the first.

    A word with wide characters is broken anywhere, as its script is; others only with `fold`.
    """
    found: list[int] = []
    taken = 0
    for match in re.finditer(r"\S+\s*", words):
        word = match.group().rstrip()
        size = cell_len(word)
        blanks = cell_len(match.group()) - size
        if taken and taken + size > room:
            found.append(match.start())
            taken = 0
        if size > room and (fold or size > len(word)):
            for place, character in enumerate(word, match.start()):
                cells = cell_len(character)
                if taken + cells > room:
                    found.append(place)
                    taken = 0
                taken += cells
        else:
            taken += size
        taken += blanks
    return found
