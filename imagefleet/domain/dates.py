"""Days as Azure and people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime


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
