"""Property values as the doors of the simulated Azure exchange them.

Plain JSON values (dict, list, str, bool, int, float, None) plus two of our own: `UNKNOWN`, the
engine's sentinel for a value not known yet, and `Secret`, a value that must never be shown.
The simulated services see neither secrets nor their wrapping: doors strip them before the call
(`plain`) and put them back on what comes out (`annotate`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2

# The sentinel for an unknown string, from Pulumi's wire protocol; every kind of unknown is
# written with it, because azure-native only ever sends this one.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# The other sentinels of the wire protocol (bool, number, array, map, asset, archive).
_SENTINELS = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 a wire constant, no secret
RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must not be shown; `value` is plain and may hold `UNKNOWN`."""

    value: Any

    def __repr__(self) -> str:
        return "Secret([secret])"


def is_unknown(value: object) -> bool:
    """Whether `value` itself is one of the engine's sentinels for a value not known yet."""
    return isinstance(value, str) and value in _SENTINELS


def holds_unknown(value: object) -> bool:
    """Whether `value` is unknown or holds an unknown at any depth."""
    if isinstance(value, Secret):
        return holds_unknown(value.value)
    if isinstance(value, Mapping):
        return any(holds_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(holds_unknown(item) for item in value)
    return is_unknown(value)


def holds_secret(value: object) -> bool:
    """Whether `value` is a secret or holds one at any depth."""
    if isinstance(value, Secret):
        return True
    if isinstance(value, Mapping):
        return any(holds_secret(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(holds_secret(item) for item in value)
    return False


def plain(value: Any) -> Any:
    """Return `value` without any secret wrapping, the secret values themselves laid open."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def redacted(value: Any) -> Any:
    """Return `value` with every secret replaced by the text `[secret]`, for people to read."""
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, Mapping):
        return {key: redacted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    return value


def annotate(outputs: Any, inputs: Any) -> Any:
    """Return `outputs` with a secret at each path at which `inputs` holds one.

    The `__inputs` that azure-native keeps in a resource's outputs follow the inputs too.
    """
    if isinstance(inputs, Secret):
        return outputs if isinstance(outputs, Secret) else Secret(outputs)
    if isinstance(outputs, Mapping) and isinstance(inputs, Mapping):
        marked = {key: annotate(item, inputs.get(key)) for key, item in outputs.items()}
        if "__inputs" in outputs:
            marked["__inputs"] = annotate(outputs["__inputs"], inputs)
        return marked
    if isinstance(outputs, list) and isinstance(inputs, list):
        rest: list[Any] = [None] * (len(outputs) - len(inputs))
        return [annotate(out, inp) for out, inp in zip(outputs, [*inputs, *rest], strict=False)]
    return outputs


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Return the property values of a protobuf struct, whole floats as integers.

    Resource references become the id of the resource (its URN where it has none), as azure-native
    receives them; output values become their value, unknown or secret as marked.
    """
    # Field by field: google's own conversion takes twice the time, and a large run makes thousands.
    return {key: _decoded(value) for key, value in struct.fields.items()}


def _decoded(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in _SENTINELS else text
    if kind == "struct_value":
        return _decoded_object(value.struct_value.fields)
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "list_value":
        return [_decoded(item) for item in value.list_value.values]
    return value.bool_value if kind == "bool_value" else None


def _decoded_object(fields: Mapping[str, struct_pb2.Value]) -> Any:
    decoded = {key: _decoded(value) for key, value in fields.items()}
    signature = decoded.get(SIGNATURE_KEY)
    if signature is None:
        return decoded
    if signature == SECRET_SIGNATURE:
        return Secret(decoded.get("value"))
    if signature == RESOURCE_SIGNATURE:
        return decoded.get("id") or decoded.get("urn")
    if signature == OUTPUT_SIGNATURE:
        inner = decoded.get("value", UNKNOWN)
        return Secret(inner) if decoded.get("secret") else inner
    return decoded


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Return a protobuf struct of property values, secrets in the engine's signature form."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        _encode(value, struct.fields[key])
    return struct


def _encode(value: Any, into: struct_pb2.Value) -> None:
    if isinstance(value, str):
        into.string_value = value
    elif isinstance(value, bool):
        into.bool_value = value
    elif isinstance(value, int | float):
        into.number_value = value
    elif value is None:
        into.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, Secret):
        _encode({SIGNATURE_KEY: SECRET_SIGNATURE, "value": value.value}, into)
    elif isinstance(value, Mapping):
        fields = into.struct_value
        fields.SetInParent()  # an empty object is an object too
        for key, item in value.items():
            _encode(item, fields.fields[key])
    elif isinstance(value, list | tuple):
        items = into.list_value
        items.SetInParent()
        for item in value:
            _encode(item, items.values.add())
    else:
        message = f"{type(value).__name__} is not a property value"
        raise TypeError(message)
