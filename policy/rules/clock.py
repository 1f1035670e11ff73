"""The day on which the pack judges, in one place that tests replace."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, date, datetime

# For tests of the pack's process alone: a day (2026-09-01) in place of the present one.
TODAY = "IMAGEFLEET_PACK_TODAY"


def today() -> date:
    """Return the present day in UTC."""
    with suppress(ValueError):
        return date.fromisoformat(os.environ.get(TODAY, ""))
    return datetime.now(tz=UTC).date()
