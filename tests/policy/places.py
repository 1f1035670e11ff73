"""Places in properties: every step of a value at any depth, and copies changed at one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Place = tuple[str | int, ...]


def places(value: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every place inside a value, with what stands there."""
    if isinstance(value, dict):
        steps: Any = list(value)
    elif isinstance(value, list | tuple):
        steps = range(len(value))
    else:
        return
    for step in steps:
        yield (*at, step), value[step]
        yield from places(value[step], (*at, step))


def put(value: Any, path: Place, new: Any) -> Any:
    """A copy of a value with `new` at a place, which may be one that it does not have yet."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, list | tuple):
        return [put(one, rest, new) if at == step else one for at, one in enumerate(value)]
    inner = dict(value or {})
    return {**inner, step: put(inner.get(str(step)), rest, new)}
