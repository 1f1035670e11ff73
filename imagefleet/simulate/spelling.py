"""Property names and enum values in the model's spelling: services ignore their case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagefleet.offline import schema


def respelled(value: Any, shape: schema.Shape) -> Any:
    """Return `value` with names and enum values as `shape` spells them, where case alone differs.

    What the shape does not know stays as it is, to be refused by its name.
    """
    if shape.kind == "object" and isinstance(value, Mapping):
        known = {name.casefold(): name for name in shape.properties}
        pairs = ((known.get(name.casefold()) or name, item) for name, item in value.items())
        spelled: dict[str, Any] = dict(pairs)
        return {
            name: respelled(item, shape.properties.get(name, schema.ANY))
            for name, item in spelled.items()
        }
    if shape.kind == "array" and isinstance(value, list):
        return [respelled(item, shape.items or schema.ANY) for item in value]
    if shape.choices and isinstance(value, str):
        by_fold = {choice.casefold(): choice for choice in shape.choices}
        return by_fold.get(value.casefold(), value)
    return value
