"""The rule that lists a run's exemptions: `exemptions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain.findings import Finding
from rules.exemptions import SOON, Exemption
from rules.verdicts import Context, Level, Outcome, Severity, StackRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.canonical import Resource
    from rules.stack import Stack

_MOST_NAMES = 5


def _listed(_: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if stack.waivers is None:
        return
    used = stack.waivers.used(stack.resources)
    for entry in stack.waivers.entries:
        urns = used.get(entry)
        if entry.rule not in stack.waivers.rule_ids:
            yield _about(entry, "for a rule that the pack does not have", "the id of a rule")
        elif not urns:
            yield _about(entry, "of no use: it waives no finding", "its removal")
        elif not entry.holds(context.today):
            days = -entry.days_left(context.today)
            yield _about(
                entry,
                f"expired since {entry.expires} ({_days(days)}); {entry.rule} finds again on "
                f"{_names(urns)}",
                "a repair, or a new decision",
            )
        else:
            yield _about(entry, _in_force(entry, urns, context), f"a repair by {entry.expires}")


def _in_force(entry: Exemption, urns: list[str], context: Context) -> str:
    left = entry.days_left(context.today)
    soon = "about to expire: " if left <= SOON.days else ""
    return f"{soon}waiving {entry.rule} on {_names(urns)}, {_days(left)} left"


def _about(entry: Exemption, actual: str, needed: str) -> Finding:
    return Finding(path=entry.place, actual=f"{actual} ({entry})", needed=needed)


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"


def _names(urns: list[str]) -> str:
    names = sorted({urn.rpartition("::")[2] for urn in urns})
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


EXEMPTIONS = StackRule(
    id="exemptions",
    summary="Every exemption of the stack is listed, with the days it has left.",
    why="What is waived is not met all the same, and an exemption that nobody sees is never ended. "
    "One that waives nothing hides the next finding of its rule.",
    remedy="Repair what is waived before the exemption ends; remove one that is of no use.",
    sentences=(),
    types=None,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_listed,
    once=True,
    good=(),
    bad=(),
)
