"""How values are handed to resources: references that are known at once, and what is absent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from datetime import date

import pulumi

from imagefleet.domain import arm_ids


class MadeIds(MutableMapping[str, pulumi.Output[str]]):
    """The ARM ids of what a program makes, each with an output that depends on it.

    An id is found in every spelling of it, as Azure would find it; a source is written by hand,
    and one that is missed here would be read before it is made.
    """

    def __init__(self) -> None:
        self._made: dict[str, pulumi.Output[str]] = {}

    def __getitem__(self, arm_id: str) -> pulumi.Output[str]:
        return self._made[_one_spelling(arm_id)]

    def __setitem__(self, arm_id: str, made: pulumi.Output[str]) -> None:
        self._made[_one_spelling(arm_id)] = made

    def __delitem__(self, arm_id: str) -> None:
        del self._made[_one_spelling(arm_id)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


def _one_spelling(arm_id: str) -> str:
    parsed = arm_ids.try_parse(arm_id)
    return parsed.key if parsed is not None else arm_id


def known(owner: pulumi.Resource | None, value: str) -> pulumi.Output[str]:
    """Return `value` as an output of `owner`: known at the first preview, and depending on it.

    ARM ids and names are known before anything exists, and an unknown one would make every rule
    about it undecidable. A URN is known even in a preview, so an output made from it carries the
    value and the *property* dependency, which `depends_on` does not: the cascade of
    delete-before-replace and the policy pack follow property dependencies only. Without an owner
    (the thing exists outside the stack) the value stands alone.
    """
    if owner is None:
        return pulumi.Output.from_input(value)
    return owner.urn.apply(lambda _: value)


def tags_or_absent(tags: Mapping[str, str]) -> dict[str, str] | None:
    """Return the tags, or None: an empty mapping breaks redeployments, absence does not."""
    return dict(tags) or None


def day_or_absent(day: date | None) -> str | None:
    """Return the start of the day in UTC as Azure writes a date and time, or None."""
    return f"{day.isoformat()}T00:00:00Z" if day else None
