"""Rules about the pack itself: what it does not look at, and what it could not decide.

They are advisory. A stack that accepts no open question sets `undecided` to mandatory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain.findings import Cause, Doubt, Finding
from rules import tokens
from rules.verdicts import (
    Context,
    Described,
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


def _weighs(rule: Described, doubt: Doubt) -> bool:
    return doubt.cause is Cause.UNKNOWN and rule.level is Level.MANDATORY


def _undecided(resource: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    yield from _said(resource, stack, weighty=True)


def _noted(resource: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    yield from _said(resource, stack, weighty=False)


def _said(resource: Resource, stack: Stack, *, weighty: bool) -> Iterator[Finding]:
    for rule, doubt in stack.doubts.get(resource.urn, ()):
        if _weighs(rule, doubt) is weighty:
            sources = _hangs_on(doubt, resource, stack) if doubt.cause is Cause.UNKNOWN else ""
            yield Finding(
                path=doubt.path,
                actual=_state(doubt.detail) + sources,
                needed=f"an answer for {rule.id}",
            )


def _state(detail: str) -> str:
    """Return a doubt's detail, which follows on the property's name, as what follows on `is`."""
    stripped = detail.removeprefix("is ")
    return stripped if stripped != detail else f"undecided: it {detail}"


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
