"""What a rule is, and how its answer on one resource is reached.

A check yields a `Finding` for each thing that is wrong, a `Doubt` for each thing it could not
decide, or `NotApplicable`; yielding nothing means that the requirement is met. Whatever a check
raises leaves the rule undecided: a fault of the pack is no pass, and stops no run, whatever the
level of the rule. `rules-sound` (honesty.py) reports it as a finding against the rule.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from imagefleet.domain.findings import Cause, Doubt, Finding
from rules.canonical import Resource, WrongShape, path_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rules.stack import Stack


class Level(Enum):
    """What a finding does: stop the run, or be shown."""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"


class Severity(Enum):
    """How much harm an unmet requirement does."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Verdict(Enum):
    """The answer of one rule on one resource."""

    PASS = "pass"  # noqa: S105 a verdict
    FAIL = "fail"
    UNDECIDED = "undecided"
    NOT_APPLICABLE = "not-applicable"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """Yielded by a check for a resource that its requirement is not about."""

    reason: str


Outcome = Finding | Doubt | NotApplicable


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A setting of one rule, in the stack's policy configuration; `schema` is JSON Schema."""

    name: str
    schema: Mapping[str, Any]
    default: Any


class Edition(Enum):
    """Which text of the document holds where the editions differ."""

    CHINA = "china"
    GLOBAL = "global"


# The clock of a check that is given none, as in a unit test.
_SOME_DAY = date(2026, 9, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a check may know besides resources: its rule's settings, the edition, the day."""

    options: Mapping[str, Any] = field(default_factory=dict)
    edition: Edition = Edition.CHINA
    today: date = _SOME_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A resource of an example: `depends` names, per property, the samples its value comes from.

    `provider` names the sample that is its explicit provider, `protect` is the resource option.
    """

    type: str
    props: Mapping[str, Any]
    name: str = "it"
    depends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignore_changes: tuple[str, ...] = ()
    provider: str | None = None
    protect: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What every rule says about itself; `id` is policy name, page anchor and test name at once.

    `types` are canonical tokens, None for every resource. `sentences` are D-numbers of the
    document. `summary` states the requirement, `why` the harm, `remedy` what to write instead.
    `about` narrows `types` where another look at the resource tells that it is not concerned.
    `once` marks a rule about the run as a whole, which is answered on the first resource only.
    """

    id: str
    summary: str
    why: str
    remedy: str
    sentences: tuple[str, ...]
    types: frozenset[str] | None
    severity: Severity
    level: Level
    good: tuple[Sample, ...]
    bad: tuple[Sample, ...]
    options: tuple[Option, ...] = ()
    about: Callable[[Resource], bool] | None = None
    once: bool = False

    def concerns(self, resource: Resource) -> bool:
        """Whether the rule looks at resources like this one at all; never raises."""
        if self.types is not None and resource.type not in self.types:
            return False
        try:
            return self.about is None or self.about(resource)
        except Exception:  # noqa: BLE001 the judgement asks again, and tells of the fault
            return True

    def _settle(self, resource: Resource) -> None:
        """Raise what `about` raises."""
        if self.about is not None:
            self.about(resource)

    def context(
        self,
        configured: Mapping[str, Any],
        *,
        edition: Edition = Edition.CHINA,
        today: date = _SOME_DAY,
    ) -> Context:
        """Return the context of a check, with this rule's defaults under what is configured."""
        return Context(
            options={option.name: option.default for option in self.options} | dict(configured),
            edition=edition,
            today=today,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Described):
    """A requirement on one resource, decided by its inputs alone."""

    check: Callable[[Resource, Context], Iterable[Outcome]]

    def judge(self, resource: Resource, context: Context) -> Judgement:
        """Return this rule's answer on `resource`; never raises."""
        if not self.concerns(resource):
            return OTHER_TYPE

        def check() -> Iterable[Outcome]:
            self._settle(resource)
            return self.check(resource, context)

        return _judge(check)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRule(Described):
    """A requirement on one resource that takes its neighbours to decide."""

    check: Callable[[Resource, Stack, Context], Iterable[Outcome]]

    def judge(self, resource: Resource, stack: Stack, context: Context) -> Judgement:
        """Return this rule's answer on `resource` among `stack`; never raises."""
        if not self.concerns(resource):
            return OTHER_TYPE

        def check() -> Iterable[Outcome]:
            self._settle(resource)
            return self.check(resource, stack, context)

        return _judge(check)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Everything one rule found on one resource; one finding outweighs any doubt.

    `waived`: an exemption that holds accepts what was found.
    """

    findings: tuple[Finding, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    not_applicable: str | None = None
    waived: bool = False

    @property
    def verdict(self) -> Verdict:
        """The answer in one word."""
        if self.findings:
            return Verdict.WAIVED if self.waived else Verdict.FAIL
        if self.doubts:
            return Verdict.UNDECIDED
        return Verdict.PASS if self.not_applicable is None else Verdict.NOT_APPLICABLE


OTHER_TYPE = Judgement(not_applicable="the rule is about other types")


def _judge(check: Callable[[], Iterable[Outcome]]) -> Judgement:
    findings: list[Finding] = []
    doubts: list[Doubt] = []
    reason: str | None = None
    try:
        for outcome in check():
            if isinstance(outcome, Finding):
                findings.append(outcome)
            elif isinstance(outcome, Doubt):
                doubts.append(outcome)
            else:
                reason = outcome.reason
    except WrongShape as error:
        findings.append(
            Finding(path=path_text(error.path), actual=error.actual, needed=error.needed)
        )
    except Exception as error:  # noqa: BLE001 a broken rule must not end the whole deployment
        doubts.append(_fault(error))
    return Judgement(findings=tuple(findings), doubts=tuple(doubts), not_applicable=reason)


def _fault(error: Exception) -> Doubt:
    """Say where a rule broke; the error's own text stays out, it may quote a secret value."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} at {PurePath(frame.filename).name}:{frame.lineno}"
    return Doubt(path="rule", cause=Cause.FAULT, detail=f"is broken ({place})")
