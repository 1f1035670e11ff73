"""Walks a plan for every derived value, for `imagefleet plan --why`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from imagefleet.domain.fleet_plan import Derived

if TYPE_CHECKING:
    from imagefleet.domain.costs import Costs
    from imagefleet.domain.fleet_plan import FleetPlan


def derived_values(plan: FleetPlan | Costs) -> Iterator[tuple[str, Derived[Any]]]:
    """Every derived value of a plan, or of its costs, with its path, in their own order.

    A path names fields and keys, `pools[render-1.1.0].resize_timeout`; never a position, unless
    an item has neither key nor name.
    """
    for field in fields(plan):
        yield from _walk(field.name, getattr(plan, field.name))


def _walk(path: str, value: object) -> Iterator[tuple[str, Derived[Any]]]:
    if isinstance(value, Derived):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(f"{path}[{key}]", item)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _walk(f"{path}[{_label(item, index)}]", item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _walk(f"{path}.{field.name}", getattr(value, field.name))


def _label(item: object, index: int) -> str:
    key = getattr(item, "key", None) or getattr(item, "name", None)
    return key if isinstance(key, str) else str(index)
