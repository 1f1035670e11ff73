"""Rules about the pack itself: what it does not look at, and what it could not decide.

They are advisory. A stack that accepts no open question sets `undecided` to mandatory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain.findings import Cause, Doubt, Finding
from rules import tokens
from rules.verdicts import (
    Context,
    Level,
    Outcome,
    Rule,
    Sample,
    Severity,
    StackRule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.canonical import Resource
    from rules.questions import Question
    from rules.stack import Stack

_CLASSIC_PREFIXES = ("azure:batch/", "azure:compute/sharedImage")
# Of azure-native, and of ARM where a template holds them.
_FAMILIES = (
    "azure-native:batch:",
    "azure-native:compute:Gallery",
    "arm:microsoft.batch/",
    "arm:microsoft.compute/galleries",
)


def _why_not_covered(kind: str) -> str | None:
    """Return why no rule looks at resources of this canonical type though it may concern them."""
    if kind.startswith(_CLASSIC_PREFIXES):
        return "of the classic Azure provider, whose properties have other names"
    if kind.startswith(_FAMILIES) and kind not in tokens.COVERED | tokens.HARMLESS:
        return "a Batch or gallery type that the rules do not know"
    return None


def _may_concern(resource: Resource) -> bool:
    """Whether the type is one that the rule is about: the rules' own need no look."""
    return resource.type not in tokens.COVERED and resource.type.startswith(
        (*_CLASSIC_PREFIXES, *_FAMILIES)
    )


def _not_covered(resource: Resource, _: Context) -> Iterator[Outcome]:
    if reason := _why_not_covered(resource.type):
        yield Finding(path="type", actual=reason, needed="a type of azure-native that has rules")


def _weighs(question: Question) -> bool:
    return question.mandatory and question.doubt.cause is Cause.UNKNOWN


def _sound(resource: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    for question in stack.doubts.get(resource.urn, ()):
        if question.doubt.cause is Cause.FAULT:
            actual = _state(question.doubt)
            yield Finding(path=question.rule, actual=actual, needed="a repair of the rule")


def _undecided(resource: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    for question in stack.doubts.get(resource.urn, ()):
        if _weighs(question):
            doubt = question.doubt
            yield Finding(
                path=doubt.path,
                actual=_state(doubt) + _hangs_on(doubt, resource, stack),
                needed=f"an answer for {question.rule}",
            )


def _noted(resource: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    """Note what else is open, once for each property: several rules ask for the same thing."""
    by_path: dict[str, list[Question]] = {}
    for question in stack.doubts.get(resource.urn, ()):
        if question.doubt.cause is not Cause.FAULT and not _weighs(question):
            by_path.setdefault(question.doubt.path, []).append(question)
    for path, asked in by_path.items():
        doubts = [question.doubt for question in asked]
        states = dict.fromkeys(_state(doubt) for doubt in doubts)
        unknown = next((doubt for doubt in doubts if doubt.cause is Cause.UNKNOWN), None)
        sources = "" if unknown is None else _hangs_on(unknown, resource, stack)
        rules = dict.fromkeys(question.rule for question in asked)
        yield Finding(
            path=path,
            actual=", and ".join(states) + sources,
            needed=f"an answer for {', '.join(rules)}",
        )


def _state(doubt: Doubt) -> str:
    """Return a doubt's detail, which starts with `is`, as what follows on that word."""
    return doubt.detail.removeprefix("is ")


def _hangs_on(doubt: Doubt, resource: Resource, stack: Stack) -> str:
    """Name the resources that the unknown value comes from, as far as the engine recorded them."""
    top = doubt.path.partition(".")[0].partition("[")[0]
    urns = stack.property_dependencies.get(resource.urn, {}).get(top, ())
    names = sorted(urn.rpartition("::")[2] for urn in urns)
    return f", it comes from {', '.join(names)}" if names else ""


NOT_COVERED = Rule(
    id="not-covered",
    summary="Every Batch and gallery resource is of a type that the rules judge.",
    why="A resource that no rule looks at would pass in silence.",
    remedy="Declare it with azure-native, or check it by hand against docs/policies.md.",
    sentences=(),
    types=None,
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_not_covered,
    about=_may_concern,
    good=(Sample(type="azure-native:batch:Application", props={}),),
    bad=(Sample(type="azure:batch/pool:Pool", props={}),),
)

RULES_SOUND = StackRule(
    id="rules-sound",
    summary="No rule of the pack breaks while it judges.",
    why="A rule that breaks by a fault of its own has no answer, and a pack must not stop a "
    "deployment by a fault of its own: the rule is undecided for that resource, and is named here.",
    remedy="Report the finding with the resource's type to the pack's authors, and check the "
    "resource by hand against the rule's section in docs/policies.md.",
    sentences=(),
    types=None,
    severity=Severity.HIGH,
    level=Level.ADVISORY,
    check=_sound,
    good=(),
    bad=(),
)

UNDECIDED = StackRule(
    id="undecided",
    summary="Every mandatory rule can be decided before deployment.",
    why="A value that is known only after deployment can break a rule that the preview could not "
    "check: the commonest way in which a green pull request fails later.",
    remedy="Write the value as a literal, or build it from names that are known at preview.",
    sentences=(),
    types=None,
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_undecided,
    good=(),
    bad=(),
)

UNDECIDED_NOTED = StackRule(
    id="undecided-noted",
    summary="What only Azure itself can answer is listed.",
    why="A rule about something outside the stack, or an advisory rule about an unknown value, "
    "has no answer here; that is said and not passed over.",
    remedy="Look at the named resource on Azure, in the portal or with the Azure CLI.",
    sentences=(),
    types=None,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_noted,
    good=(),
    bad=(),
)
