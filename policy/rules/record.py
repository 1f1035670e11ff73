"""The side record: every judgement of a run in a file, for whoever has to report them all.

The engine's answer names findings and, for a whole stack, whether a rule passed. When the
environment variable IMAGEFLEET_VERDICTS names a file, the pack appends one line per answer of a
rule on a resource to it, a JSON object with the keys

    rule        the rule's id
    urn         the resource's URN; for one inside a template, the URN of the template's resource
    inner       where a template holds the resource, "" for a resource of the program itself
    verdict     pass, fail, undecided, not-applicable or waived
    level       the rule's own level: advisory or mandatory; configuration may say otherwise
    phase       resource or stack
    path        fail, waived and undecided: the property, else ""
    actual      fail and waived: what it is; undecided: what stands in the way;
                not-applicable: the reason; else ""
    needed      fail and waived: what it has to be, else ""
    cause       undecided: unknown, external, or fault for a rule that broke; waived: the exemption
                in words; else ""
    exemption   null, or {owner, ticket, reason, expires, daysLeft} of the entry about this rule
                and resource: with waived it holds, with fail it has expired (daysLeft < 0)

A judgement of several findings or doubts has one line for each. Findings are written before the
cap on reports. A rule about other types has no line about a resource. A later run over the same
resource adds lines; the last judgement counts. Each line is written by one call and at once.
"""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from rules.exemptions import Exemption
    from rules.verdicts import Described, Judgement
    from rules.waivers import Judged

VARIABLE = "IMAGEFLEET_VERDICTS"


class Record:
    """Writes judgements to the file that the environment names; writes nothing without one."""

    def __init__(self, path: str | None = None) -> None:
        self._path = path if path is not None else os.environ.get(VARIABLE, "")
        self._lock = threading.Lock()

    def add(self, rule: Described, judged: Judged, *, phase: str, today: date) -> None:
        """Append the lines of one judgement; a file that cannot be written ends the writing."""
        if not self._path:
            return
        resource, judgement, exemption = judged.resource, judged.judgement, judged.exemption
        head = {
            "rule": rule.id,
            "urn": resource.reported_at,
            "inner": resource.place,
            "verdict": judgement.verdict.value,
            "level": rule.level.value,
            "phase": phase,
        }
        tail: dict[str, Any] = {"exemption": _exemption(exemption, today)}
        if judgement.waived and exemption is not None:
            tail["cause"] = f"{exemption}, until {exemption.expires}"
        text = "".join(json.dumps(head | part | tail) + "\n" for part in _parts(judgement))
        with self._lock:
            try:
                with open(self._path, "a", encoding="utf-8") as file:  # noqa: PTH123 append, once per judgement
                    file.write(text)
            except OSError:
                self._path = ""  # a record is no reason to stop a deployment


def _parts(judgement: Judgement) -> list[dict[str, str]]:
    empty = {"path": "", "actual": "", "needed": "", "cause": ""}
    if judgement.findings:
        return [
            empty | {"path": one.path, "actual": one.actual, "needed": one.needed}
            for one in judgement.findings
        ]
    if judgement.doubts:
        return [
            empty | {"path": one.path, "actual": one.detail, "cause": one.cause.value}
            for one in judgement.doubts
        ]
    return [empty | {"actual": judgement.not_applicable or ""}]


def _exemption(entry: Exemption | None, today: date) -> dict[str, Any] | None:
    if entry is None:
        return None
    return {
        "owner": entry.owner,
        "ticket": entry.ticket,
        "reason": entry.reason,
        "expires": entry.expires.isoformat(),
        "daysLeft": entry.days_left(today),
    }
