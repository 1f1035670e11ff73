"""The words that all reports share, safe to show wherever they end up."""

from __future__ import annotations

import unicodedata
from typing import Final

from imagefleet.domain.judgements import Result, Verdict

ECHOES: Final = frozenset({"undecided", "undecided-noted"})
"""Rules whose advisory findings repeat, for the engine's output, what is undecided anyway."""

_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe(text: str) -> str:
    """Return `text` on one line, without characters that steer a terminal or break XML."""
    return visible(" ".join(text.split()) if any(each.isspace() for each in text) else text)


def visible(text: str) -> str:
    """Return `text` as `safe` does, with every blank kept and a sign for every end of a line."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("�" if unicodedata.category(each) in _UNSAFE else each for each in text)


def sentence(result: Result) -> str:
    """Return what a result says beside its rule and resource; empty for a pass."""
    place = safe(result.path or "")
    actual = safe(result.actual or "")
    if result.verdict is Verdict.UNDECIDED:
        # A doubt is worded as a predicate: "is not known before deployment".
        words = f"{place} {actual}".strip() or "undecided"
        return f"{words}{f' ({safe(result.cause)})' if result.cause else ''}."
    words = f"{place} is {actual}" if place and actual else actual or place
    if result.needed:
        words += f"; needed: {safe(result.needed)}"
    if result.verdict is Verdict.WAIVED and result.cause:
        words += f"; waived: {safe(result.cause)}" if words else f"waived: {safe(result.cause)}"
    return f"{words}." if words else ""


def local_name(result: Result) -> str:
    """Return how the text report calls a resource: type and name, as far as they are known."""
    parts = result.urn.split("::", 3)
    if len(parts) < 4:  # noqa: PLR2004 urn:pulumi:stack::project::types::name
        return safe(result.resource)
    name = result.resource if result.resource != result.urn else parts[3]
    return f"{safe(parts[2].rpartition('$')[2])} {safe(name)}"


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is not one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
