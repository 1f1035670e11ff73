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
    start = start_of(query)
    return rest(items[start:], start, size, address, query)


def start_of(query: Mapping[str, str]) -> int:
    """Return how many items lie before the page that `query` asks for; raises as `page` does."""
    text = query.get(SKIP, "0")
    if not text.isdecimal():
        message = f"the query parameter '{SKIP}' is not from an earlier answer: '{text}'"
        raise AzureError("InvalidSkipToken", message, target=SKIP)
    return int(text)


def rest(
    items: Sequence[_Item], start: int, size: int, address: str, query: Mapping[str, str]
) -> tuple[Sequence[_Item], str | None]:
    """Return a page and the next one's address from the items after the first `start`.

    One more than a page has is enough of them.
    """
    if len(items) <= size:
        return items, None
    return items[:size], f"{address}?{urlencode({**query, SKIP: str(start + size)})}"
