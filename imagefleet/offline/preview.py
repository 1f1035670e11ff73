"""What azure-native hands out before anything exists, and what it reads back afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagefleet.offline import schema
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


def inputs_read_back(kind: ResourceType, inputs: Properties, outputs: Properties) -> Properties:
    """Return `inputs` with what was changed behind the program's back, for a refresh.

    A value that the service only spells otherwise (a region, an enum) stays as it was written;
    path parameters and what a read never shows stay too.
    """
    result: Properties = {}
    for name, value in inputs.items():
        shape, shown = kind.inputs.properties.get(name), kind.outputs.properties.get(name)
        if shape is None or shown is None or name in kind.path_parameters:
            result[name] = value
            continue
        merged = _merged(value, outputs.get(name), (shape, shown), name, kind)
        if merged is not None:
            result[name] = merged
    return result


def _merged(
    written: Any,
    found: Any,
    shapes: tuple[schema.Shape, schema.Shape],
    path: str,
    kind: ResourceType,
) -> Any:
    """Return what was written with what was found where they differ; `shapes` are in and out."""
    shape, shown = shapes
    nothing = found is None and written in ([], {})  # a read leaves empty things out
    if nothing or path in kind.write_only or _same(written, found, shape, path):
        return written
    if isinstance(written, list) and isinstance(found, Mapping):
        return written if equal(sorted(written), sorted(found)) else sorted(found)
    if shape.kind == "object" and isinstance(written, Mapping) and isinstance(found, Mapping):
        result = {}
        for name, value in written.items():
            inner = (shape.properties.get(name), shown.properties.get(name))
            if inner[0] is None or inner[1] is None:
                result[name] = value
                continue
            at = f"{path}.{name}"
            merged = _merged(value, found.get(name), (inner[0], inner[1]), at, kind)
            if merged is not None:
                result[name] = merged
        return result
    if isinstance(written, list) and isinstance(found, list) and len(written) == len(found):
        items = (shape.items or schema.ANY, shown.items or schema.ANY)
        pairs = zip(written, found, strict=True)
        return [_merged(one, other, items, path, kind) for one, other in pairs]
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
