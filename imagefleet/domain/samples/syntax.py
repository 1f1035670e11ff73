"""Values as Python source, laid out as a formatter would."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

_STEP = 4
_NARROW = 60
"""Characters up to which a call stays on its line."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Source that is written as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call with named arguments; those that are None are left out."""

    name: str
    arguments: Mapping[str, Value]


Value: TypeAlias = "str | int | bool | Raw | Call | Sequence[Value] | None"


def literal(text: str) -> str:
    """A text as a literal that Python, C# and JSON read alike."""
    quoted = json.dumps(text, ensure_ascii=False)
    # line ends to C#, which takes none of them inside a literal
    for end in ("\u0085", "\u2028", "\u2029"):
        quoted = quoted.replace(end, f"\\u{ord(end):04x}")
    return quoted


def source(value: Value, depth: int = 0) -> str:
    """A value as Python source, its further lines indented by `depth` steps."""
    match value:
        case Raw(text=text):
            return text
        case str():
            return literal(value)
        case Call(name=name, arguments=arguments):
            items = [(f"{key}=", item) for key, item in arguments.items() if item is not None]
            return _bracketed(f"{name}(", items, ")", depth)
        case bool() | int() | None:
            return repr(value)
        case _:
            return _bracketed("[", [("", item) for item in value], "]", depth)


def _bracketed(opening: str, items: Sequence[tuple[str, Value]], closing: str, depth: int) -> str:
    parts = [f"{prefix}{source(item, depth + 1)}" for prefix, item in items]
    line = f"{opening}{', '.join(parts)}{closing}"
    if len(line) <= _NARROW and "\n" not in line:
        return line
    margin = " " * (_STEP * (depth + 1))
    lines = "".join(f"{margin}{part},\n" for part in parts)
    return f"{opening}\n{lines}{' ' * (_STEP * depth)}{closing}"
