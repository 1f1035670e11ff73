"""The console of every command: a terminal's own width, and lines left whole in a log."""

from __future__ import annotations

import os

from rich.console import Console

# Nobody resizes a log file: there, a line is only broken where it would be hard to read.
LOG_WIDTH = 160


def make_console() -> Console:
    """Return the console that a command prints to."""
    console = Console(highlight=False)
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        console = Console(highlight=False, width=LOG_WIDTH)
    return console


def plural(count: int, word: str) -> str:
    """Return `1 pool` or `2 pools`."""
    return f"{count} {word}{'' if count == 1 else 's'}"
