"""The whole difference, resource by resource and property by property, as lines of a diff."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imagefleet.review.changes import StackReview
from imagefleet.review.property_diff import PropertyDiff, leaves
from imagefleet.review.redaction import shown
from imagefleet.review.run import Step
from imagefleet.review.wording import safe

_SIGNS: Final = {"create": "+", "import": "+", "delete": "-", "discard": "-"}
_LONGEST: Final = 400


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
                yield _line(sign, f"    {path}: {shown(value)}")
        return
    for diff in step.diffs:
        yield from _property(diff)


def _property(diff: PropertyDiff) -> Iterator[str]:
    forces = " (forces replacement)" if diff.forces_replacement else ""
    if diff.kind != "add":
        for path, value in leaves(diff.before, diff.path):
            yield _line("-", f"    {path}: {shown(value)}{forces}")
    if diff.kind != "delete":
        for path, value in leaves(diff.after, diff.path):
            yield _line("+", f"    {path}: {shown(value)}{forces}")


def _line(sign: str, text: str) -> str:
    indent = len(text) - len(text.lstrip())
    line = f"{sign} {' ' * indent}{safe(text)}"
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
