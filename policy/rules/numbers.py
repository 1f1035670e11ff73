"""Whole numbers among properties: floats on the wire, texts in templates."""

from __future__ import annotations

import re
from typing import Any

from rules.canonical import ABSENT, UNKNOWN, Missing, Step, WrongShape, count, read

_WHOLE = re.compile(r"[+-]?\d{1,18}(?:\.0{1,18})?", re.ASCII)


def whole(props: Any, *path: Step) -> int | Missing:
    """Return the whole number at `path`, `ABSENT` or `UNKNOWN`; raise `WrongShape` for another."""
    value = read(props, *path)
    if isinstance(value, Missing):
        return value
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value.strip().partition(".")[0])
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise WrongShape(path, value, "a whole number")


def numbers_of(props: Any, key: str, *path: Step) -> frozenset[int] | Missing:
    """Return the number under `key` of every item of a list, `ABSENT`, or `UNKNOWN` if one is."""
    size = count(props, *path)
    if isinstance(size, Missing):
        return size
    found = [whole(props, *path, index, key) for index in range(size)]
    if UNKNOWN in found:
        return UNKNOWN
    return frozenset(number for number in found if number is not ABSENT and isinstance(number, int))
