"""How values are handed to resources: references that are known at once, and what is absent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pulumi


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
