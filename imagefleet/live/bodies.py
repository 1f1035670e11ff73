"""Answers of Azure's clients as plain values, in the services' own JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from azure.core.exceptions import AzureError
from azure.core.paging import ItemPaged

from imagefleet.live.patience import MOST_PAGES


class EndlessListError(AzureError):
    """A list whose pages do not come to an end."""


def plain(answer: Any) -> Mapping[str, Any]:
    """Return a model of a client as the service's JSON (`properties` nested, camelCase).

    Two threads that make the first instance of a model at the same time disturb each other in the
    clients' generated code (azure-mgmt-* and azure-batch, `model_base.Model.__new__`), which then
    hands out the JSON as it came instead of a model: that is a `dict`, and all we want of it.
    """
    body: Mapping[str, Any] = answer if isinstance(answer, dict) else answer.as_dict()
    return body


def members(listed: ItemPaged[Any]) -> Iterator[Any]:
    """Every member of a list, page after page.

    Raises `EndlessListError` where a page names itself, or one before it, as the next.
    """
    pages: Any = listed.by_page()
    told: set[str] = set()
    for page in pages:
        yield from page
        following = pages.continuation_token
        if not following:
            continue
        if following in told or len(told) == MOST_PAGES:
            message = f"the list does not end: page {len(told) + 1} leads to one before it, or on"
            raise EndlessListError(message)
        told.add(following)


def bodies(listed: ItemPaged[Any]) -> Iterator[Mapping[str, Any]]:
    """Every member of a list as the service's JSON; raises what `members` raises."""
    return (plain(each) for each in members(listed))
