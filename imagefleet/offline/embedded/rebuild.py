"""Property values with some of their parts changed, and the rest shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def rebuilt(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return a container with its items changed, or the same one where no item changes.

    Most properties hold no secret, and the larger a stack the more a copy of each would cost.
    """
    if isinstance(value, dict):
        items: dict[str, Any] | None = None
        for key, item in value.items():
            changed = change(item)
            if changed is not item:
                items = dict(value) if items is None else items
                items[key] = changed
        return value if items is None else items
    if isinstance(value, list):
        parts = [change(item) for item in value]
        same = all(one is two for one, two in zip(parts, value, strict=True))
        return value if same else parts
    return value
