"""OData filters of the few kinds that the services document and clients use."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from imagefleet.simulate.errors import not_supported

_EQUAL = re.compile(r"([\w/]+) eq '((?:[^']|'')*)'")
_CALL = re.compile(r"(\w+)\((?:'([^']*)')?\)")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)


def conditions(text: str | None, known: Collection[str]) -> Mapping[str, str]:
    """Return a filter's conditions by name: `name eq 'value'` and `function('value')`, anded.

    Names are in lower case, the value of `atScope()` is "". Raises `AzureError` for any other
    form, and for a name that is not in `known`: no filter is passed over.
    """
    found: dict[str, str] = {}
    for part in _AND.split(text.strip()) if text and text.strip() else ():
        match = _EQUAL.fullmatch(part.strip()) or _CALL.fullmatch(part.strip())
        name = match[1].casefold() if match else ""
        if match is None or name not in known:
            allowed = ", ".join(sorted(known)) or "none"
            what = f"the filter '{part.strip()}' (known here: {allowed})"
            raise not_supported(what)
        found[name] = (match[2] or "").replace("''", "'")
    return found
