"""What the exemptions of a run did: which of them waive something, and the rule that lists them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imagefleet.domain.findings import Finding
from rules.canonical import Resource
from rules.exemptions import SOON, Exemption
from rules.settings_rule import Settings
from rules.verdicts import Context, Judgement, Level, Outcome, Severity, StackRule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from rules.stack import Stack
    from rules.verdicts import Described

_MOST_NAMES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A judgement after the exemptions; `exemption` is the entry about it, in force or expired."""

    resource: Resource
    judgement: Judgement
    exemption: Exemption | None = None
    today_is_past: bool = False


class Waivers:
    """Applies the exemptions of a run to its judgements, and remembers what each was good for."""

    def __init__(self, rule_ids: Collection[str] = ()) -> None:
        self.rule_ids = frozenset(rule_ids)
        self.settings = Settings()
        self._lock = threading.Lock()
        self._used: dict[tuple[str, str], tuple[str, Exemption]] = {}

    def apply(self, rule: Described, resource: Resource, judgement: Judgement) -> Judged:
        """Return the judgement, waived if an exemption that holds covers what was found."""
        today = self.settings.today
        entry = None
        if judgement.findings or judgement.doubts:
            entry = self.settings.exemptions.about(rule.id, resource.reported_at, today)
        self._remember((rule.id, resource.urn), resource.reported_at, entry)
        if entry is None:
            return Judged(resource=resource, judgement=judgement)
        holds = entry.holds(today)
        if holds and judgement.findings:
            judgement = replace(judgement, waived=True)
        return Judged(
            resource=resource, judgement=judgement, exemption=entry, today_is_past=not holds
        )

    def used(self, stack: Stack) -> Mapping[Exemption, list[str]]:
        """Return, per exemption, the URNs of the stack's resources for which it mattered."""
        found: dict[Exemption, list[str]] = {}
        for (_, urn), (reported_at, entry) in list(self._used.items()):
            if urn in stack.resources:
                found.setdefault(entry, []).append(reported_at)
        return found

    def _remember(self, key: tuple[str, str], reported_at: str, entry: Exemption | None) -> None:
        if entry is None and key not in self._used:
            return
        with self._lock:
            if entry is None:
                self._used.pop(key, None)
            else:
                self._used[key] = (reported_at, entry)


def _listed(_: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if stack.waivers is None:
        return
    used = stack.waivers.used(stack)
    for entry in stack.waivers.settings.exemptions.entries:
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
