"""What azure-native hands out before anything exists, and what it reads back afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagefleet.offline import schema
from imagefleet.offline.check import API_VERSION
from imagefleet.offline.resource_types import ResourceType, equal, region
from imagefleet.offline.values import UNKNOWN, Properties

# What azure-native carries over into the preview of an update.
_STABLE = ("name", "location")


def preview_outputs(
    kind: ResourceType, inputs: Properties, old_outputs: Properties | None = None
) -> Properties:
    """Return the outputs at preview: the inputs, and unknown for every response property not set.

    At the preview of an update (`old_outputs` given) name and location are already known.
    """
    outputs: Properties = _filled(inputs, kind.outputs)
    outputs["id"] = UNKNOWN
    for name in _STABLE if old_outputs is not None else ():
        if old_outputs is not None and name in old_outputs:
            outputs[name] = old_outputs[name]
    return outputs


def _filled(value: Any, shape: schema.Shape) -> Any:
    if shape.kind == "any":
        return value
    if shape.kind == "object":
        if not isinstance(value, Mapping):
            return UNKNOWN
        return {
            name: _filled(value.get(name, UNKNOWN), inner)
            for name, inner in shape.properties.items()
        }
    inner = shape.items or schema.ANY
    if shape.kind == "array":
        return [_filled(item, inner) for item in value] if isinstance(value, list) else UNKNOWN
    if shape.kind == "map":
        if not isinstance(value, Mapping):
            return UNKNOWN  # identities are written as a list and read as a map
        return {name: _filled(item, inner) for name, item in value.items()}
    return value


def inputs_read_back(
    kind: ResourceType, inputs: Properties, outputs: Properties, seen: Properties | None = None
) -> Properties:
    """Return `inputs` with what was changed behind the program's back, for a refresh.

    A value that the service only spells otherwise (a region, an enum) stays as it was written;
    path parameters and what a read never shows stay too. What the program did not set belongs to
    the inputs once it differs from the outputs `seen` last, as with azure-native; without them
    it cannot be told from a default of the service.
    """
    written = {name: inputs[name] for name in inputs if name not in kind.path_parameters}
    unwritten = {name: inputs[name] for name in inputs if name in kind.path_parameters}
    shapes = (kind.inputs, kind.outputs)
    return {**unwritten, **_merged_object(written, outputs, seen, shapes, "", kind)}


_Shapes = tuple[schema.Shape, schema.Shape]
"""The shapes of one property as an input and as an output."""


def _merged_object(
    written: Mapping[str, Any],
    found: Mapping[str, Any],
    seen: Any,
    shapes: _Shapes,
    path: str,
    kind: ResourceType,
) -> Properties:
    """Return an object that was written as it was found, with what has appeared in it since."""
    before = seen if isinstance(seen, Mapping) else {}
    result: Properties = {}
    for name, value in written.items():
        inner = _inner(shapes, name)
        if inner is None:
            result[name] = value
            continue
        at = f"{path}.{name}" if path else name
        merged = _merged(value, found.get(name), before.get(name), inner, at, kind)
        if merged is not None:
            result[name] = merged
    if isinstance(seen, Mapping):
        rest = {name: value for name, value in found.items() if name not in written}
        result.update(_appeared(rest, seen, shapes, path, kind))
    return result


def _inner(shapes: _Shapes, name: str) -> _Shapes | None:
    """Return the shapes of a property, None for one that only the inputs or the outputs have."""
    shape, shown = shapes[0].properties.get(name), shapes[1].properties.get(name)
    return None if shape is None or shown is None else (shape, shown)


def _appeared(
    found: Mapping[str, Any],
    seen: Mapping[str, Any],
    shapes: _Shapes,
    path: str,
    kind: ResourceType,
) -> Properties:
    """Return what was found of properties that nobody has written and that were not so before."""
    result: Properties = {}
    for name, value in found.items():
        inner, before = _inner(shapes, name), seen.get(name)
        at = f"{path}.{name}" if path else name
        unread = at in kind.path_parameters or at in kind.write_only
        if inner is None or unread or name == API_VERSION or value == before:
            continue
        if inner[0].kind == "object" and isinstance(value, Mapping) and isinstance(before, Mapping):
            changed = _appeared(value, before, inner, at, kind)
            if changed:
                result[name] = changed
        elif not _same(before, value, inner[0], at):
            result[name] = _as_inputs(value, inner[0])
    return result


def _merged(
    written: Any,
    found: Any,
    seen: Any,
    shapes: _Shapes,
    path: str,
    kind: ResourceType,
) -> Any:
    """Return what was written with what was found where they differ."""
    shape, shown = shapes
    nothing = found is None and written in ([], {})  # a read leaves empty things out
    if nothing or path in kind.write_only or _same(written, found, shape, path):
        return written
    if isinstance(written, list) and isinstance(found, Mapping):
        return written if equal(sorted(written), sorted(found)) else sorted(found)
    if shape.kind == "object" and isinstance(written, Mapping) and isinstance(found, Mapping):
        return _merged_object(written, found, seen, shapes, path, kind)
    if isinstance(written, list) and isinstance(found, list) and len(written) == len(found):
        items = (shape.items or schema.ANY, shown.items or schema.ANY)
        known = seen if isinstance(seen, list) and len(seen) == len(found) else [None] * len(found)
        triples = zip(written, found, known, strict=True)
        return [_merged(one, other, old, items, path, kind) for one, other, old in triples]
    return found


def _same(written: Any, found: Any, shape: schema.Shape, path: str) -> bool:
    """Whether the service only spells a value otherwise: a region, an enum or an id."""
    if not isinstance(written, str) or not isinstance(found, str):
        return bool(written == found)
    if path == "location":
        return region(written) == region(found)
    loose = bool(shape.choices) or written.startswith("/")
    return equal(written, found) if loose else written == found


def inputs_of(kind: ResourceType, resource_id: str, outputs: Properties) -> Properties:
    """Return the inputs that an existing resource would have been made with, for an import.

    Raises `ValueError` where the id is none of this type.
    """
    names = _path_values(kind.id_template, resource_id)
    body: Properties = _as_inputs(outputs, kind.inputs)
    return {**body, **names, "azureApiVersion": kind.api_version}


def _as_inputs(value: Any, shape: schema.Shape) -> Any:
    """Return outputs cut down to the shape of inputs; the map of identities becomes a list."""
    if shape.kind == "object" and isinstance(value, Mapping):
        known = shape.properties
        return {n: _as_inputs(item, known[n]) for n, item in value.items() if n in known}
    if shape.kind == "array" and isinstance(value, Mapping):
        return sorted(value)
    if shape.kind == "array" and isinstance(value, list):
        return [_as_inputs(item, shape.items or schema.ANY) for item in value]
    return value


def _path_values(template: str, resource_id: str) -> dict[str, str]:
    wanted, given = template.strip("/").split("/"), resource_id.strip("/").split("/")
    if wanted[0] == "{scope}":
        tail = len(wanted) - 1
        given = ["/".join(given[:-tail]), *given[-tail:]]
    values: dict[str, str] = {}
    for step, segment in zip(wanted, given, strict=True):
        if step.startswith("{"):
            values[step[1:-1]] = segment
        elif step.casefold() != segment.casefold():
            message = f"{resource_id} is not of the form {template}"
            raise ValueError(message)
    values.pop("subscriptionId", None)
    return values
