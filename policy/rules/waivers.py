"""Judgements after the exemptions of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rules.canonical import Resource
from rules.exemptions import Exemption
from rules.settings_rule import Settings
from rules.verdicts import Judgement
from rules.waiver_log import WaiverLog

if TYPE_CHECKING:
    from collections.abc import Collection

    from rules.verdicts import Described


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A judgement after the exemptions; `exemption` is the entry about it, in force or expired."""

    resource: Resource
    judgement: Judgement
    exemption: Exemption | None = None
    today_is_past: bool = False


class Waivers:
    """Applies the exemptions of a run to its judgements, and logs what each was good for."""

    def __init__(self, rule_ids: Collection[str] = ()) -> None:
        self.log = WaiverLog(rule_ids)
        self.settings = Settings()

    def configure(self, settings: Settings) -> None:
        """Let `settings`, and the exemptions they name, hold from here on."""
        self.settings = settings
        self.log.entries = settings.exemptions.entries

    def apply(self, rule: Described, resource: Resource, judgement: Judgement) -> Judged:
        """Return the judgement, waived if an exemption that holds covers what was found."""
        today = self.settings.today
        entry = None
        if judgement.findings or judgement.doubts:
            entry = self.settings.exemptions.about(rule.id, resource.reported_at, today)
        self.log.note(rule.id, resource.urn, reported_at=resource.reported_at, entry=entry)
        if entry is None:
            return Judged(resource=resource, judgement=judgement)
        holds = entry.holds(today)
        if holds and judgement.findings:
            judgement = replace(judgement, waived=True)
        return Judged(
            resource=resource, judgement=judgement, exemption=entry, today_is_past=not holds
        )
