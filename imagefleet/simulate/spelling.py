"""Property names and enum values in the model's spelling: services ignore their case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from imagefleet.offline import schema
from imagefleet.offline.values import Properties


def named(body: Mapping[str, Any], known: Iterable[str]) -> Properties:
    """Return an object with its names as `known` spells them; any other stays, to be refused."""
    by_fold = {name.casefold(): name for name in known}
    return {by_fold.get(name.casefold()) or name: item for name, item in body.items()}


def respelled(value: Any, shape: schema.Shape) -> Any:
    """Return `value` with names and enum values as `shape` spells them, where case alone differs.

    What the shape does not know stays as it is, to be refused by its name.
    """
    if shape.kind == "object" and isinstance(value, Mapping):
        known = shape.properties
        return {
            name: respelled(item, known.get(name, schema.ANY))
            for name, item in named(value, known).items()
        }
    if shape.kind == "array" and isinstance(value, list):
        return [respelled(item, shape.items or schema.ANY) for item in value]
    if shape.choices and isinstance(value, str):
        by_fold = {choice.casefold(): choice for choice in shape.choices}
        return by_fold.get(value.casefold(), value)
    return value
