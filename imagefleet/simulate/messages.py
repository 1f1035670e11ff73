"""A request and its answer, apart from any web framework."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from imagefleet.offline.model import AzureError
from imagefleet.offline.values import Properties

READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; header and query names are in lower case, the path is decoded."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Properties:
        """Return the body as a JSON object, {} for an empty one.

        Raises `AzureError` where it is anything else.
        """
        if not self.body.strip():
            return {}
        try:
            found = json.loads(self.body)
        except ValueError as error:
            message = f"the request content is not valid JSON: {error}"
            raise AzureError("InvalidRequestContent", message) from error
        if not isinstance(found, dict):
            message = f"the request content must be a JSON object, got {type(found).__name__}"
            raise AzureError("InvalidRequestContent", message)
        return found

    def whole_number(self, name: str, default: int, most: int) -> int:
        """Return a query parameter that must lie between 1 and `most`."""
        text = self.query.get(name)
        if text is None:
            return default
        if not text.isdecimal() or not 1 <= int(text) <= most:
            message = f"the query parameter '{name}' must be 1 to {most}, got '{text}'"
            raise AzureError("InvalidQueryParameterValue", message, target=name)
        return int(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a door answers; `body` is JSON, None for no content."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class DroppedConnectionError(Exception):
    """Raised in place of an answer: the connection is cut without one."""


Handler = Callable[[Request], Answer]
"""What answers a request; raises `AzureError` for an error answer."""

Around = Callable[[Request, Handler], Answer]
"""What may stand around every request (faults): it calls the handler, or answers instead of it."""
