"""What a policy check hands to its reports: rules, and one answer per rule and resource.

The wordings of findings are described by the rules (`imagefleet.domain.findings`), so nothing
here holds a value that a report would have to hide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

# `project:///__main__.py#12,3`, as engines note where a resource is declared
_POSITION = re.compile(r"^project:///(?P<uri>[^#]+)(#(?P<line>\d+)(,(?P<column>\d+))?)?$")


class Verdict(StrEnum):
    """The answer of one rule about one resource.

    `waived`: the requirement is not met, and an exemption in force says that this is accepted.
    """

    PASS = "pass"  # noqa: S105 a verdict
    FAIL = "fail"
    UNDECIDED = "undecided"
    NOT_APPLICABLE = "not-applicable"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFacts:
    """What a rule says about itself; `level` is the configured one.

    `kind` is `resource` or `stack` for a rule of the pack, `program` for one that reads program
    source. `settings` maps the rule's settings to their JSON Schema.
    """

    id: str
    summary: str
    kind: str
    level: str  # advisory, mandatory or disabled
    severity: str  # low, medium, high or critical; empty where the pack names none
    sentences: tuple[str, ...]
    remedy: str
    url: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlace:
    """A place in a file, by its URI reference; line and column count from 1."""

    uri: str
    line: int | None = None
    column: int | None = None

    @classmethod
    def of_position(cls, position: str) -> Self | None:
        """Return the place that an engine notes as `sourcePosition`; None for any other text.

        Its URI reference starts from the project's folder.
        """
        match = _POSITION.match(position)
        if match is None:
            return None
        line, column = match["line"], match["column"]
        return cls(
            uri=match["uri"],
            line=max(int(line), 1) if line else None,
            column=max(int(column), 1) if column else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One answer; a rule that found several things about a resource gives one for each.

    `resource` is what people call it: the name in the input, or the URN. `path`, `actual` and
    `needed` are None where there is nothing to say. `cause` tells why a rule is undecided
    (`unknown`, `external`, or `fault` for one that broke) or by which exemption a finding is
    waived. `place` is where to look first, `related` where else: the program's line behind the
    stack file's entry.
    """

    rule: RuleFacts
    resource: str
    urn: str
    verdict: Verdict
    path: str | None = None
    actual: str | None = None
    needed: str | None = None
    cause: str | None = None
    place: SourcePlace | None = None
    related: tuple[SourcePlace, ...] = ()

    @property
    def stops(self) -> bool:
        """Whether this answer refuses what was checked."""
        return self.verdict is Verdict.FAIL and self.rule.level == "mandatory"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFault:
    """Why something could not be judged as it has to be: a preview that failed, no policy pack."""

    subject: str
    text: str
    place: SourcePlace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A whole check: what was looked at (`subject`, a file or folder), by whom, and the answers.

    With `faults` the answers are not the whole truth, and what was checked is refused.
    """

    subject: str
    checker: str
    version: str
    rules: tuple[RuleFacts, ...]
    results: tuple[Result, ...]
    faults: tuple[RunFault, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether a mandatory rule is not met, or not everything could be judged."""
        return bool(self.faults) or any(result.stops for result in self.results)

    def having(self, verdict: Verdict) -> tuple[Result, ...]:
        """Return the answers with this verdict, in their order."""
        return tuple(result for result in self.results if result.verdict is verdict)
