"""How a word that is not known in a file is answered."""

from __future__ import annotations

from collections.abc import Iterable

from imagefleet.offline.schema import nearest


def unknown(word: object, known: Iterable[str]) -> str:
    """Return that a word is not known, with the nearest one and all that are allowed."""
    words = list(known)
    hint = nearest(str(word), words) or ";"
    return f"'{word}' is not known{hint} allowed: {', '.join(words)}"
