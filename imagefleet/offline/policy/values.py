"""Property values of files as a pack is shown them: secrets, outputs, assets and references."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from imagefleet.offline.values import (
    OUTPUT_SIGNATURE,
    RESOURCE_SIGNATURE,
    SECRET_SIGNATURE,
    SIGNATURE_KEY,
    UNKNOWN,
    Properties,
    Secret,
)

REDACTED = "[secret]"
"""What stands for a value that we cannot read; the engine and the rules know the same text."""

_LARGEST = 1.7e308  # just under the largest double, the only number that the protocol carries


class UnusableValue(ValueError):  # noqa: N818 a value, named by the caller with its place
    """A value that the protocol of policy packs cannot carry; the text says why."""


def properties(values: Mapping[str, Any]) -> Properties:
    """Return the properties in `values` for a pack; raises `UnusableValue`.

    A ciphertext becomes `[secret]`, which rules cannot decide; a secret in clear stays one.
    """
    return {_text(key): _value(item) for key, item in values.items()}


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        if not abs(value) <= _LARGEST:  # so that NaN is refused too
            message = "a number is not finite, or too large for a double"
            raise UnusableValue(message)
        return value
    if isinstance(value, Mapping):
        return _special(value) if SIGNATURE_KEY in value else properties(value)
    return [_value(item) for item in value]


def _special(value: Mapping[str, Any]) -> Any:
    """Return what an object with the engine's signature stands for."""
    signature = value[SIGNATURE_KEY]
    if signature == SECRET_SIGNATURE:
        return _secret(value)
    if signature == OUTPUT_SIGNATURE:
        inner = _value(value["value"]) if "value" in value else UNKNOWN
        return Secret(inner) if value.get("secret") is True else inner
    if signature == RESOURCE_SIGNATURE:
        return _value(value.get("id") or value.get("urn") or UNKNOWN)
    # Assets and archives are kept by their hash only, and what is newer is not known to us.
    return REDACTED


def _secret(value: Mapping[str, Any]) -> Any:
    if "value" in value:
        return Secret(_value(value["value"]))
    plaintext = value.get("plaintext")  # `pulumi stack export --show-secrets`
    if isinstance(plaintext, str):
        try:
            return Secret(_value(json.loads(plaintext)))
        except ValueError:
            return REDACTED
    return REDACTED


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        message = "a text holds half a surrogate pair (\\ud800 to \\udfff)"
        raise UnusableValue(message) from None
    return value
