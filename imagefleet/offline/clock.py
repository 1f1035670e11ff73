"""The simulated clock: minutes since a fixed start, advanced on request and never by itself.

The time is kept in the store, so every door and every run sees the same one. Nothing sleeps: what
takes time on Azure is arithmetic on the stored start time and the current minute.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# Fixed, so that two rehearsals of one stack give the same deployment, minute for minute.
START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)

LONGEST_WAIT_MINUTES = 24 * 60
"""A day: beyond any operation or resize, so that a model that never ends is told and no hang."""

# The properties of a read that hold a time: two runs of one program may differ in these alone.
TIME_PROPERTIES = frozenset(
    {
        "allocationStateTransitionTime",
        "createdOn",
        "creationTime",
        "evaluationTime",
        "lastKeySync",
        "lastModified",
        "provisioningStateTransitionTime",
        "publishedDate",
        "startTime",
        "timeCreated",
        "updatedOn",
    }
)


def timestamp(minutes: float) -> str:
    """Return the ISO 8601 time, in UTC, of `minutes` on the simulated clock."""
    moment = START + timedelta(minutes=minutes)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def minutes_at(text: str) -> float:
    """Return where an ISO 8601 time lies on the simulated clock, in minutes (may be negative).

    Raises `ValueError` where `text` is no such time.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - START).total_seconds() / 60
