"""Prose for a terminal of 80 columns, whatever script it is in."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

WIDTH = 80


def wrapped(text: str, indent: int = 0, *, first: str | None = None, hanging: int = 0) -> list[str]:
    """Return `text` in lines of at most `WIDTH` cells: a wide character takes two of them.

    Lines begin with `indent` blanks, those after the first with `hanging` more; `first` is what
    the first begins with instead.
    """
    margin = " " * (indent + hanging)
    start = " " * indent if first is None else first
    room = WIDTH - max(len(margin), len(start))
    words = Text(" ".join(text.split()))
    lines = words.wrap(Console(width=WIDTH, color_system=None), room, overflow="fold")
    return [
        f"{margin if number else start}{line.plain.rstrip()}" for number, line in enumerate(lines)
    ]
