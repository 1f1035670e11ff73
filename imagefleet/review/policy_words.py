"""What a policy said in an engine event, taken apart into place, actual and needed value.

The pack's own rules about openness are no findings of their own here: what `undecided` lists is
undecided, what `undecided-noted` lists is for Azure to answer, what `exemptions` lists a waiver.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from imagefleet.domain.findings import Finding, find_finding
from imagefleet.review import redaction
from imagefleet.review.wording import safe

_COLOUR = re.compile(r"<\{%[^%]*%\}>")
_REMEDY = re.compile(r"^Remedy: (?P<remedy>.+?)(?: \((?P<sources>[^()]*)\))?$")
_DAYS = re.compile(r"\b(\d+) days? left\b")
_IN_FORCE = re.compile(r"^(?:about to expire: )?waiving (\S+) on ")
_EXPIRED = re.compile(r"^expired since \S+ \((\d+) days?\)")


class Kind(IntEnum):
    """What a policy's word is, the weightiest first."""

    FAILURE = 0
    UNDECIDED = 1
    WAIVER = 2
    NOTED = 3
    ADVICE = 4


_WAIVERS = "exemptions"
_OPENNESS = {
    "undecided": Kind.UNDECIDED,
    "undecided-noted": Kind.NOTED,
    _WAIVERS: Kind.WAIVER,
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PolicyWord:
    """One thing that one policy says about one resource.

    `resource` is the logical name (`the stack` where there is none); `actual` the whole text where
    the policy words its findings in another form than ours. `days_left` is a waiver's, negative
    where it has expired, None where it is no use or says no day; `waives` is the rule that a waiver
    in force is about.
    """

    kind: Kind
    rule: str
    resource: str
    urn: str
    level: str
    severity: str
    summary: str
    path: str
    actual: str
    needed: str
    remedy: str
    sources: str
    days_left: int | None = None
    waives: str = ""

    @property
    def stops(self) -> bool:
        """Whether this refuses the run."""
        return self.level == "mandatory"

    @property
    def sentence(self) -> str:
        """What was found, in one sentence."""
        found = f"{self.path} is {self.actual}" if self.path else self.actual
        needed = f"; needed: {self.needed}" if self.needed else ""
        return f"{found}{needed}".rstrip(".") + "."


def policy_words(event: Mapping[str, Any]) -> Iterator[PolicyWord]:
    """Yield what a policy event says: one word for each finding in its text."""
    rule, urn = str(event.get("policyName", "")), str(event.get("resourceUrn") or "")
    message = redaction.text(_COLOUR.sub("", str(event.get("message", ""))).strip())
    lines = message.split("\n")
    lines = [line.strip() for line in lines if line.strip()]
    remedies = [match for line in lines if (match := _REMEDY.match(line))]
    findings = [found for line in lines[1:] if (found := find_finding(line))]
    level = str(event.get("enforcementLevel", "advisory"))
    # The pack lists the exemptions of the stack on whichever resource it was asked about first.
    if rule == _WAIVERS:
        urn = ""
    name = urn.rsplit("::", 1)[-1]
    said = [line for line in lines[1:] if not _REMEDY.match(line)] or lines[:1]
    for finding in findings or [Finding(path="", actual=" ".join(said), needed="")]:
        path = f"{finding.place}: {finding.path}" if finding.place else finding.path
        actual = safe(finding.actual)
        yield PolicyWord(
            kind=_kind(rule, level),
            rule=safe(rule),
            resource=safe(name) or "the stack",
            urn=safe(urn),
            level=level,
            severity=str(event.get("severity") or ""),
            summary=safe(lines[0]) if lines else "",
            path=safe(path),
            actual=actual,
            needed=safe(finding.needed),
            remedy=safe(remedies[0]["remedy"]) if remedies else "",
            sources=safe(remedies[0]["sources"] or "") if remedies else "",
            days_left=_days_left(actual) if rule == _WAIVERS else None,
            waives=_waived(actual) if rule == _WAIVERS else "",
        )


def _kind(rule: str, level: str) -> Kind:
    if level == "mandatory":
        return Kind.FAILURE
    return _OPENNESS.get(rule, Kind.ADVICE)


def _waived(actual: str) -> str:
    match = _IN_FORCE.match(actual)
    return match[1] if match else ""


def _days_left(actual: str) -> int | None:
    if match := _EXPIRED.match(actual):
        return -int(match[1])
    match = _DAYS.search(actual)
    return int(match[1]) if match else None
