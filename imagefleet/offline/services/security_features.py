"""The security type that an image definition states among its features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from imagefleet.domain import security
from imagefleet.offline.store import Record


def stated(features: Sequence[Mapping[str, Any]] | None) -> str | None:
    """Return what the feature SecurityType says, None where there is no such feature."""
    for feature in features or ():
        if security.is_security_type_feature(str(feature.get("name", ""))):
            return str(feature.get("value", ""))
    return None


def security_type(definition: Record) -> security.SecurityType | None:
    """Return the security type of an image definition, None where it states none."""
    text = stated(definition.state.get("features"))
    return None if text is None else security.security_type(text)
