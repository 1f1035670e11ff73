"""Days as Azure and people write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final

_API_DAY: Final = re.compile(r"\s*(\d{4}-\d{2}-\d{2})", re.ASCII)


def api_day(version: str | None) -> date | None:
    """Return the day that an API version begins with; None where there is none.

    What follows the day, such as `-preview`, orders no versions here.
    """
    match = _API_DAY.match(version or "")
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def day_of(text: str) -> date | None:
    """Return the day in UTC that an ISO 8601 date, or date and time, falls on; None for others.

    A time without a zone is UTC, as Azure reads it (`endOfLifeDate` of gallery images).
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        return moment.date()
    try:
        return moment.astimezone(UTC).date()
    except OverflowError:
        return moment.date()
