"""The raw value of the configuration, made sure to be what JSON can say before pydantic sees it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imagefleet.domain.fault import SECRET_PLACEHOLDER

if TYPE_CHECKING:
    from imagefleet.domain.fault import Path

_DEEPEST = 50
_INT64 = range(-(2**63), 2**63)


@dataclass(slots=True)
class PlainReader:
    """Copies a raw value into plain mappings, lists and scalars, leaving out what is none.

    `faults` has the way to each part that was left out, with a message.
    """

    faults: list[tuple[Path, str]] = field(default_factory=list)

    def read(self, value: object, steps: Path = ()) -> object:
        """The plain copy of `value`, which stands at `steps`; None where there is nothing."""
        message = _fault(value, steps)
        if message is not None:
            self.faults.append((steps, message))
            return None
        if isinstance(value, Mapping):
            items = ((str(key), item) for key, item in value.items())
            copies = ((key, self.read(item, (*steps, key))) for key, item in items)
            return {key: copy for key, copy in copies if copy is not None}
        if isinstance(value, Sequence) and not isinstance(value, str):
            # What is no value stays in a list as None, so that the others keep their positions.
            return [self.read(item, (*steps, index)) for index, item in enumerate(value)]
        return value


def _fault(value: object, steps: Path) -> str | None:
    if value is None:
        return "is empty; give it a value or take the key out"
    if len(steps) > _DEEPEST:
        return f"is nested more than {_DEEPEST} levels deep"
    if isinstance(value, str):
        return _text_fault(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "must be a number, got one that has no value"
    if isinstance(value, int) and value not in _INT64:
        return "must be a number of at most 64 bits"
    if isinstance(value, Mapping) and not all(_is_text(str(key)) for key in value):
        return "has a key that is not text"
    if isinstance(value, bool | int | float | Mapping | list | tuple):
        return None
    return "must be a text, a number, true, false, a list or a mapping"


def _text_fault(value: str) -> str | None:
    if value == SECRET_PLACEHOLDER:
        return (
            "is encrypted (`secure:`); nothing in the fleet is a secret, because plans, previews "
            "and logs show it: write it in plain"
        )
    return None if _is_text(value) else "must be a text, and holds what is no character"


def _is_text(value: str) -> bool:
    """Whether `value` can be written as UTF-8, which half of a surrogate pair cannot."""
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
