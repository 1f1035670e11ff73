"""One page of a list, and the address of the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from imagefleet.offline.model import AzureError

SKIP = "$skiptoken"
_Item = TypeVar("_Item")


def page(
    items: Sequence[_Item], size: int, address: str, query: Mapping[str, str]
) -> tuple[Sequence[_Item], str | None]:
    """Return the items of the page that `query` asks for, and the next page's address.

    Raises `AzureError` for a token that no answer of ours has given out.
    """
    text = query.get(SKIP, "0")
    if not text.isdecimal():
        message = f"the query parameter '{SKIP}' is not from an earlier answer: '{text}'"
        raise AzureError("InvalidSkipToken", message, target=SKIP)
    start = int(text)
    end = start + size
    if end >= len(items):
        return items[start:end], None
    return items[start:end], f"{address}?{urlencode({**query, SKIP: str(end)})}"
