"""ISO 8601 durations as Azure writes them: days, hours, minutes and seconds.

Azure answers in the shortest form (`PT1H30M`, never `PT90M`), so ours are written that way: a
refresh then finds nothing changed.
"""

from __future__ import annotations

import re
from typing import Final

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_ISO = re.compile(
    r"P(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?"
    r"(?:(?P<seconds>\d{1,9}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)
_CLOCK = re.compile(
    r"(?:(?P<days>\d{1,9})\.)?(?P<hours>\d{1,2}):(?P<minutes>\d{2}):"
    r"(?P<seconds>\d{2}(?:\.\d{1,9})?)",
    re.ASCII,
)


def from_minutes(minutes: int) -> str:
    """The duration of so many whole minutes: 45 -> `PT45M`, 90 -> `PT1H30M`, 1500 -> `P1DT1H`."""
    days, rest = divmod(minutes * MINUTE, DAY)
    hours, rest = divmod(rest, HOUR)
    date = f"{days}D" if days else ""
    time = (f"{hours}H" if hours else "") + (f"{rest // MINUTE}M" if rest else "")
    if not date and not time:
        return "PT0S"
    return f"P{date}T{time}" if time else f"P{date}"


def seconds(text: str) -> float | None:
    """The seconds of `PT30M`, `P0DT0H30M0S`, `PT1800S` or `00:30:00`; None for any other form."""
    stripped = text.strip().upper()
    match = _ISO.fullmatch(stripped) or _CLOCK.fullmatch(stripped)
    if match is None or not any(match.groupdict().values()):
        return None
    part = {name: float(value or 0) for name, value in match.groupdict().items()}
    whole = part["days"] * DAY + part["hours"] * HOUR + part["minutes"] * MINUTE
    return whole + part["seconds"]
