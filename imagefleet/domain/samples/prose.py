"""Sentences of a sample, as comments of its language."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

_WIDTH = 96


def commented(left_out: Sequence[str], mark: str) -> str:
    """What a sample leaves out as comment lines, with an empty line around; or nothing."""
    if not left_out:
        return ""
    lines = [line for each in left_out for line in _wrapped(f"Not in this sample: {each}.", mark)]
    return "\n" + "\n".join(lines) + "\n"


def _wrapped(text: str, mark: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=f"{mark} ", subsequent_indent=f"{mark}   ")
