"""The whole difference, resource by resource and property by property, as lines of a diff."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imagefleet.review.changes import StackReview
from imagefleet.review.property_diff import PropertyDiff, leaves
from imagefleet.review.redaction import shown
from imagefleet.review.run import Step
from imagefleet.review.wording import visible

_SIGNS: Final = {"create": "+", "import": "+", "delete": "-", "discard": "-"}
_LONGEST: Final = 400
_LONGEST_PATH: Final = 200
# How much of a long value stands before the first difference.
_LEAD: Final = 40


def raw_diff(review: StackReview) -> Iterator[str]:
    """Yield the lines; a line starts with `+`, `-`, `!` (changed) or a space."""
    for step in review.steps:
        if step.changes and (step.custom or step.diffs):
            yield from _step(step)


def _step(step: Step) -> Iterator[str]:
    sign = _SIGNS.get(step.op, "!")
    yield _line(sign, f"{step.op} {step.type} {step.name}")
    if step.op in _SIGNS:
        for path, value in leaves(step.after or step.before or {}):
            if path:
                yield _value(sign, path, shown(value))
        return
    for diff in step.diffs:
        yield from _property(diff)


def _property(diff: PropertyDiff) -> Iterator[str]:
    forces = " (forces replacement)" if diff.forces_replacement else ""
    olds = [] if diff.kind == "add" else list(leaves(diff.before, diff.path))
    news = [] if diff.kind == "delete" else list(leaves(diff.after, diff.path))
    start = 0
    if len(olds) == len(news) == 1:
        start = _first_difference(shown(olds[0][1]), shown(news[0][1]))
    for sign, side in (("-", olds), ("+", news)):
        for path, value in side:
            yield _value(sign, path, shown(value), start, forces)


def _first_difference(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _value(sign: str, path: str, value: str, start: int = 0, note: str = "") -> str:
    """Return a line about a value; of one too long for it, what surrounds `start`."""
    name = _cut(path, _LONGEST_PATH)
    room = _LONGEST - len(f"{sign}     {name}: {note}")
    if len(value) > room:
        first = max(start - _LEAD, 0)
        value = _cut(f"…{value[first:]}" if first else value, room)
    return _line(sign, f"    {name}: {value}{note}")


def _line(sign: str, text: str) -> str:
    return _cut(f"{sign} {visible(text)}", _LONGEST)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
