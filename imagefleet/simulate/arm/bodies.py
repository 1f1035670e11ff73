"""ARM bodies and the flat properties that the model speaks, one into the other.

ARM keeps a few properties at the top and all else under `properties`; azure-native, whose names
the model has, lays `properties` open. Where it renames one besides, `_RENAMED` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagefleet.domain import arm_ids
from imagefleet.offline import schema
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import ResourceType
from imagefleet.offline.values import Properties
from imagefleet.simulate.changes import unreadable
from imagefleet.simulate.spelling import named, respelled

_TOP = frozenset(
    {"extendedLocation", "identity", "kind", "location", "managedBy", "plan", "sku", "tags",
     "zones"}
)  # fmt: skip
# What only the service writes; a request that was made from an answer carries it back.
_ITS_OWN = frozenset({"etag", "id", "name", "systemData", "type"})
_OURS = frozenset({"azureApiVersion", "__inputs"})
# ARM's name under `properties` -> azure-native's.
_RENAMED: Mapping[str, Mapping[str, str]] = {arm_ids.ROLE_DEFINITION: {"type": "roleType"}}
# Types whose `properties` azure-native leaves closed.
_CLOSED = frozenset({arm_ids.RESOURCE_GROUP})
_IDENTITIES = "userAssignedIdentities"


def inputs_of(kind: ResourceType, body: Properties, *, partial: bool = False) -> Properties:
    """Return the inputs that a request body means, without the path's.

    With `partial` (PATCH) a null stays None, at any depth, to take the property away. Read-only
    properties are left out, as the services do; raises `AzureError` naming a property that nobody
    knows.
    """
    read_only = (*kind.outputs.properties, *kind.path_parameters)
    spelled = respelled(named(_opened(kind, body), read_only), kind.inputs)
    if "identity" in spelled:
        spelled["identity"] = _identity(spelled["identity"])
    wanted: Properties = {}
    for name, value in spelled.items():
        if value is None:
            if partial:
                wanted[name] = None
            continue
        if _accepted(kind, name):
            shape = kind.inputs.properties[name]
            shown = kind.outputs.properties.get(name, schema.ANY)
            whole = value if partial else schema.without_nulls(value)
            wanted[name] = without_read_only(whole, shape, shown)
    _require_shape(kind, wanted)
    return wanted


def _opened(kind: ResourceType, body: Properties) -> Properties:
    """Return the properties of a body with `properties` laid open; refuse what is misplaced."""
    body = named(body, {*_TOP, *_ITS_OWN, "properties"})
    inner = body.get("properties")
    if inner is not None and not isinstance(inner, Mapping):
        message = f"'properties' must be an object, got {type(inner).__name__}"
        raise AzureError("InvalidRequestContent", message, target="properties")
    renamed = _RENAMED.get(kind.arm_type, {})
    inner = named(inner or {}, {*_TOP, *renamed})
    if kind.arm_type in _CLOSED:
        inner = _without_shown(kind, inner)
    found: Properties = {}
    for name, value in body.items():
        if name in _ITS_OWN or name == "properties":
            continue
        if name not in _TOP:
            raise unreadable(name, "; it may belong under 'properties'")
        found[name] = value
    for name, value in inner.items():
        if name in _TOP:
            raise unreadable(f"properties.{name}", f"; '{name}' belongs beside 'properties'")
        found[renamed.get(name, name)] = value
    return found


def _without_shown(kind: ResourceType, inner: Mapping[str, Any]) -> Properties:
    """Return what lies under `properties` without what only the service writes there."""
    shown = kind.outputs.properties["properties"].properties
    return {name: value for name, value in named(inner, shown).items() if name not in shown}


def _accepted(kind: ResourceType, name: str) -> bool:
    """Whether a property is an input; False for one that only the service writes."""
    if name in kind.inputs.properties and name not in kind.path_parameters:
        return True
    if name in kind.outputs.properties or name in kind.path_parameters:
        return False
    known = [item for item in kind.inputs.properties if item not in kind.path_parameters]
    at = name if name in _TOP else f"properties.{name}"
    raise unreadable(at, f" of {kind.arm_type}{schema.nearest(name, known)}")


def _require_shape(kind: ResourceType, inputs: Properties) -> None:
    """Refuse unknown nested properties, other types and values outside an enum, each by name."""
    for name, value in inputs.items():
        if value is None:
            continue
        whole = schema.without_nulls(value)
        for path, reason in schema.faults(whole, kind.inputs.properties[name], name):
            at = path if name in _TOP else f"properties.{path}"
            text = reason.replace(f"'{path}'", f"'{at}'").replace("azure-native knows", "is known")
            text = text.replace("is not a property that is known", "is not a property of this type")
            raise AzureError("InvalidRequestContent", text, target=at)


def without_read_only(value: Any, shape: schema.Shape, shown: schema.Shape) -> Any:
    """Return `value` without the nested properties that outputs have and inputs do not."""
    if shape.kind == "object" and isinstance(value, Mapping):
        kept: Properties = {}
        for name, item in value.items():
            inner = shape.properties.get(name)
            if inner is not None:
                other = shown.properties.get(name, schema.ANY)
                kept[name] = without_read_only(item, inner, other)
            elif name.casefold() not in {each.casefold() for each in shown.properties}:
                kept[name] = item
        return kept
    if shape.kind == "array" and isinstance(value, list):
        items = shape.items or schema.ANY
        return [without_read_only(item, items, shown.items or schema.ANY) for item in value]
    return value


def _identity(identity: Any) -> Any:
    """Return an identity with its map of ids as azure-native's list; a null takes an id away."""
    if not isinstance(identity, Mapping) or not isinstance(identity.get(_IDENTITIES), Mapping):
        return identity
    ids = sorted(name for name, value in identity[_IDENTITIES].items() if value is not None)
    return {**identity, _IDENTITIES: ids}


def body_of(kind: ResourceType, outputs: Properties) -> Properties:
    """Return the ARM body of a resource from the model's outputs."""
    own = _ITS_OWN | _TOP
    shown = {name: value for name, value in outputs.items() if name not in _OURS}
    if kind.arm_type in _CLOSED:
        return shown
    back = {ours: theirs for theirs, ours in _RENAMED.get(kind.arm_type, {}).items()}
    body: Properties = {name: value for name, value in shown.items() if name in own}
    body["properties"] = {
        back.get(name, name): value for name, value in shown.items() if name not in own
    }
    return body
