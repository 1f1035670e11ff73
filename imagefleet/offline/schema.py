"""The shapes of azure-native's inputs and outputs, read from the installed SDK.

The SDK's `*Args` and response classes are the only statement of property names, nested names and
enum values that this project holds; nothing here is written down a second time.
"""

from __future__ import annotations

import collections.abc
import enum
import importlib
import inspect
import threading
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, Literal

from pulumi import Output
from pulumi import _types as sdk_types

from imagefleet.offline.values import is_unknown

Kind = Literal["object", "array", "map", "string", "integer", "number", "boolean", "any"]
_SCALARS: Mapping[object, Kind] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
}
_SDK = "pulumi_azure_native"
# What `Input[...]` adds to a declaration beside the value itself.
_PLUMBING = (collections.abc.Awaitable, Output)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a property may hold; `source` is the SDK class of an object, `items` of a container.

    `choices` lists the values of an enum, empty where any value of the kind is allowed.
    """

    kind: Kind
    source: type | None = None
    items: Shape | None = None
    choices: tuple[str, ...] = ()

    @property
    def properties(self) -> Mapping[str, Shape]:
        """The properties of an object by wire name (`osType`), empty for anything else."""
        return {} if self.source is None else _object_properties(self.source)

    @property
    def required(self) -> frozenset[str]:
        """The wire names that an object must have."""
        return frozenset() if self.source is None else _required(self.source)


ANY = Shape("any")
_LOADING = threading.Lock()


@cache
def input_shape(module: str, name: str) -> Shape:
    """Return the shape of a resource's inputs, for example of `compute`, `Snapshot`."""
    return Shape("object", source=_sdk_class(module, f"{name}Args"))


@cache
def output_shape(module: str, name: str) -> Shape:
    """Return the shape of a resource's outputs as its SDK class declares them."""
    return Shape("object", source=_sdk_class(module, name))


def _sdk_class(module: str, name: str) -> type:
    # The SDK loads its modules lazily, and before Python 3.12 a lazy module that two threads touch
    # for the first time at once is seen half loaded by one of them.
    with _LOADING:
        found: type = getattr(importlib.import_module(f"{_SDK}.{module}"), name)
    return found


@cache
def _object_properties(source: type) -> Mapping[str, Shape]:
    if sdk_types.is_input_type(source):
        declared = sdk_types.input_type_types(source)
    elif sdk_types.is_output_type(source):
        declared = sdk_types.output_type_types(source)
    else:
        declared = sdk_types.resource_types(source)
    return {name: _shape_of(declaration) for name, declaration in declared.items()}


@cache
def _required(source: type) -> frozenset[str]:
    if not sdk_types.is_input_type(source):
        return frozenset()
    wire = sdk_types.input_type_py_to_pulumi_names(source)
    parameters = inspect.signature(source).parameters.values()
    return frozenset(
        wire[parameter.name]
        for parameter in parameters
        if parameter.name in wire and parameter.default is inspect.Parameter.empty
    )


def _shape_of(declaration: Any) -> Shape:
    if declaration in _SCALARS:
        return Shape(_SCALARS[declaration])
    if isinstance(declaration, type):
        return _shape_of_class(declaration)
    origin, arguments = typing.get_origin(declaration), typing.get_args(declaration)
    if origin in (typing.Union, types.UnionType):
        return _shape_of_union(arguments)
    if origin is collections.abc.Sequence:
        return Shape("array", items=_shape_of(arguments[0]))
    if origin is collections.abc.Mapping:
        return Shape("map", items=_shape_of(arguments[1]))
    return ANY


def _shape_of_class(declaration: type) -> Shape:
    if issubclass(declaration, enum.Enum):
        return Shape("string", choices=tuple(str(member.value) for member in declaration))
    if sdk_types.is_input_type(declaration) or sdk_types.is_output_type(declaration):
        return Shape("object", source=declaration)
    return ANY


def _shape_of_union(arguments: tuple[Any, ...]) -> Shape:
    """Return the shape inside `Input[...]` and `Optional[...]`; an open enum keeps its values."""
    shapes = [
        _shape_of(argument)
        for argument in arguments
        if argument is not type(None) and typing.get_origin(argument) not in _PLUMBING
    ]
    chosen = [shape for shape in shapes if shape.choices] or shapes
    return chosen[0] if chosen else ANY


def nearest(name: str, known: collections.abc.Iterable[str]) -> str:
    """Return a hint such as `; did you mean 'osType'?`, or nothing where no name comes close."""
    by_fold = {item.casefold(): item for item in known}
    close = get_close_matches(name.casefold(), by_fold, n=1)
    return f"; did you mean '{by_fold[close[0]]}'?" if close else ""


def faults(value: Any, shape: Shape, path: str = "") -> list[tuple[str, str]]:
    """Return every fault of `value` against `shape` as (path, reason); unknowns are never one."""
    if is_unknown(value) or shape.kind == "any":
        return []
    if shape.kind == "object":
        return _object_faults(value, shape, path)
    if shape.kind == "map":
        return _map_faults(value, shape, path)
    if shape.kind == "array":
        return _array_faults(value, shape, path)
    return _scalar_faults(value, shape, path)


def _object_faults(value: Any, shape: Shape, path: str) -> list[tuple[str, str]]:
    if not isinstance(value, Mapping):
        return [(path, f"'{path}' must be an object, got {_spelled(value)}")]
    found: list[tuple[str, str]] = []
    known = shape.properties
    for name in sorted(shape.required - value.keys()):
        at = f"{path}.{name}" if path else name
        found.append((at, f"missing required property '{at}'"))
    for name, item in value.items():
        at = f"{path}.{name}" if path else name
        if name in known:
            found += faults(item, known[name], at)
        elif not name.startswith("__"):
            reason = f"'{at}' is not a property that azure-native knows{nearest(name, known)}"
            found.append((at, reason))
    return found


def _map_faults(value: Any, shape: Shape, path: str) -> list[tuple[str, str]]:
    if not isinstance(value, Mapping):
        return [(path, f"'{path}' must be a map, got {_spelled(value)}")]
    inner = shape.items or ANY
    return [fault for key, item in value.items() for fault in faults(item, inner, f"{path}.{key}")]


def _array_faults(value: Any, shape: Shape, path: str) -> list[tuple[str, str]]:
    if not isinstance(value, list):
        return [(path, f"'{path}' must be a list, got {_spelled(value)}")]
    inner = shape.items or ANY
    return [
        fault
        for index, item in enumerate(value)
        for fault in faults(item, inner, f"{path}[{index}]")
    ]


def _scalar_faults(value: Any, shape: Shape, path: str) -> list[tuple[str, str]]:
    if not _is_kind(value, shape.kind):
        article = "an" if shape.kind == "integer" else "a"
        return [(path, f"'{path}' must be {article} {shape.kind}, got {_spelled(value)}")]
    folded = {choice.casefold() for choice in shape.choices}
    if shape.choices and str(value).casefold() not in folded:
        allowed = ", ".join(shape.choices)
        return [(path, f"'{path}' must be one of {allowed}, got {_spelled(value)}")]
    return []


def _is_kind(value: object, kind: Kind) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind == "string":
        return isinstance(value, str)
    if kind == "number":
        return isinstance(value, int | float)
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def _spelled(value: object) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return repr(value)


def projected(value: Any, shape: Shape) -> Any:
    """Return `value` with only the properties that `shape` declares, at every depth."""
    if shape.kind == "object" and isinstance(value, Mapping):
        known = shape.properties
        return {name: projected(item, known[name]) for name, item in value.items() if name in known}
    if shape.kind in ("array", "map") and shape.items is not None:
        inner = shape.items
        if isinstance(value, list):
            return [projected(item, inner) for item in value]
        if isinstance(value, Mapping):
            return {name: projected(item, inner) for name, item in value.items()}
    return value


def without_nulls(value: Any) -> Any:
    """Return `value` without the null properties of any object in it, as azure-native reads it."""
    if isinstance(value, Mapping):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value
