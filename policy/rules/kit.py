"""The one place that knows the policy SDK: rules become its policies, findings its reports.

The SDK decodes a resource anew for every policy that it asks. It does not decode for a policy
whose `has_validation()` says no, and counts it as not applicable: so the first policy of a call
builds the view of the resource, and those whose rule is about other types say no. Were the SDK
to stop asking, every policy would be asked in full and answer the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import pulumi_policy as sdk
from pulumi_policy.proxy import UnknownValueError

from imagefleet.domain.findings import Doubt, Finding
from rules import templates, tokens
from rules.canonical import API_VERSION, UNKNOWN, Provider, Resource, api_version, read
from rules.collector import Collector
from rules.lifeline import end_with_parent
from rules.session import Session
from rules.settings_rule import PACK_SETTINGS, settings
from rules.stack import Stack
from rules.verdicts import OTHER_TYPE, Described, Rule, StackRule, Verdict
from rules.waivers import Judged

if TYPE_CHECKING:
    from rules.verdicts import Context

# One answer holds the findings of all rules and must stay under 4 MiB, the most that the engine's
# connection to a pack takes; a report is about 1 KiB, and some 60 rules judge a stack.
MOST_FINDINGS = 50
_LONGEST_LINE = 640
_Said = TypeVar("_Said", Finding, Doubt)
PAGE = "docs/policies.md"
# About a third of it is the depth of properties that can be judged; no Azure type comes near.
_DEEPEST = 10_000


def run_pack(name: str, rules: Sequence[Rule | StackRule]) -> NoReturn:
    """Serve `rules` as a policy pack until the process is ended."""
    end_with_parent()
    Collector.switch_on()
    # The SDK walks properties by recursion; deeply nested ones must not end the call.
    sys.setrecursionlimit(_DEEPEST)
    sdk.PolicyPack(name=name, policies=list(policies(rules)))
    message = "the policy server ended"
    raise SystemExit(message)


def policies(rules: Sequence[Rule | StackRule]) -> tuple[sdk.Policy, ...]:
    """Return one SDK policy per rule, sharing the memory of one session."""
    session = Session([rule.id for rule in rules])
    return tuple(
        _StackPolicy(index, rule, session)
        if isinstance(rule, StackRule)
        else _ResourcePolicy(index, rule, session)
        for index, rule in enumerate(rules)
    )


class _ResourcePolicy(sdk.ResourceValidationPolicy):
    def __init__(self, index: int, rule: Rule, session: Session) -> None:
        super().__init__(**_described(rule))
        self._index, self._rule, self._session = index, rule, session

    def has_validation(self) -> bool:
        return self._session.may_concern(self._index, self._rule)

    def validate(
        self, args: sdk.ResourceValidationArgs, report_violation: sdk.ReportViolation
    ) -> None:
        resource = self._session.resource(self._index, args.urn, lambda: _resource(args))
        if self._rule.id == PACK_SETTINGS.id:
            self._session.configure(settings(args.get_config()))
        if not self._session.is_first(args.urn) and self._rule.once:
            args.not_applicable("the rule is about the run, and answered on its first resource")
        context = _context(self._rule, args, self._session)
        judged = [
            self._session.judged(self._rule, each, self._rule.judge(each, context), "resource")
            for each in (resource, *resource.inner)
            if self._rule.concerns(each)
        ]
        _report(self._rule, judged, report_violation)
        _answer(judged, args)


class _StackPolicy(sdk.StackValidationPolicy):
    def __init__(self, index: int, rule: StackRule, session: Session) -> None:
        super().__init__(**_described(rule))
        self._index, self._rule, self._session = index, rule, session

    def validate(
        self, args: sdk.StackValidationArgs, report_violation: sdk.ReportViolation
    ) -> None:
        stack = self._session.stack(self._index, lambda seen: _stack(args.resources, seen))
        _let_go(args.resources)
        context = _context(self._rule, args, self._session)
        concerned = [each for each in stack.resources.values() if self._rule.concerns(each)]
        judged = [
            self._session.judged(self._rule, each, self._rule.judge(each, stack, context), "stack")
            for each in (concerned[:1] if self._rule.once else concerned)
        ]
        _report(self._rule, judged, report_violation)
        _answer(judged, args)


def _context(
    rule: Rule | StackRule,
    args: sdk.ResourceValidationArgs | sdk.StackValidationArgs,
    session: Session,
) -> Context:
    return rule.context(
        args.get_config(), edition=session.settings.edition, today=session.settings.today
    )


def _described(rule: Described) -> dict[str, Any]:
    """Return the SDK's description of a rule; its sentences travel as tags."""
    schema = None
    if rule.options:
        schema = sdk.PolicyConfigSchema(
            properties={option.name: dict(option.schema) for option in rule.options}
        )
    return {
        "name": rule.id,
        "description": rule.summary,
        "enforcement_level": sdk.EnforcementLevel(rule.level.value),
        "severity": sdk.Severity(rule.severity.value),
        "config_schema": schema,
        "tags": list(rule.sentences),
        "remediation_steps": rule.remedy,
        "url": f"{PAGE}#{rule.id}",
    }


def message(rule: Described, finding: Finding, judged: Judged | None = None) -> str:
    """Return the text of a report: all that the command line shows, so the remedy goes in."""
    sources = ", ".join((*rule.sentences, f"{PAGE}#{rule.id}"))
    line = str(finding)
    if len(line) > _LONGEST_LINE:
        line = line[:_LONGEST_LINE] + "..."
    lines = [line, f"Remedy: {rule.remedy} ({sources})"]
    if judged is not None and judged.exemption is not None and judged.today_is_past:
        entry = judged.exemption
        lines.insert(1, f"Its exemption ({entry}) expired on {entry.expires}.")
    return "\n".join(lines)


def _report(
    rule: Described, judged: Iterable[Judged], report_violation: sdk.ReportViolation
) -> None:
    findings = [
        (answer, finding)
        for answer in judged
        if not answer.judgement.waived
        for finding in answer.judgement.findings
    ]
    for answer, finding in findings[:MOST_FINDINGS]:
        placed = _placed(finding, answer.resource.place)
        report_violation(message(rule, placed, answer), answer.resource.reported_at)
    if len(findings) > MOST_FINDINGS:
        more = len(findings) - MOST_FINDINGS
        report_violation(f"{more} more findings of {rule.id} are not shown.", None)


def _placed(said: _Said, place: str) -> _Said:
    return replace(said, place=place) if place and not said.place else said


def _answer(
    judged: Sequence[Judged], args: sdk.ResourceValidationArgs | sdk.StackValidationArgs
) -> None:
    """Keep what is undecided, waived or about nothing here from counting as passed."""
    verdicts = {answer.judgement.verdict for answer in judged}
    if Verdict.FAIL in verdicts:
        return
    doubts = [
        str(_placed(doubt, answer.resource.place))
        for answer in judged
        for doubt in answer.judgement.doubts
    ]
    if doubts:
        more = len(doubts) - MOST_FINDINGS
        rest = [f"{more} more open questions are not shown."] if more > 0 else []
        args.not_applicable("\n".join(doubts[:MOST_FINDINGS] + rest))
    waived = [answer for answer in judged if answer.judgement.waived and answer.exemption]
    if waived:
        entry = waived[0].exemption
        args.not_applicable(f"waived until {entry.expires if entry else ''} ({entry})")
    if not judged:
        args.not_applicable(OTHER_TYPE.not_applicable or "")
    reasons = [answer.judgement.not_applicable for answer in judged]
    if None not in reasons:
        args.not_applicable(reasons[0])


def _resource(args: sdk.ResourceValidationArgs | sdk.PolicyResource) -> Resource:
    """Return the canonical view of what the SDK hands out."""
    token = tokens.parse(args.resource_type)
    known = token.canonical in tokens.COVERED or token.canonical in tokens.TEMPLATES
    props = _plain(args.props) if known else {}
    resource = Resource(
        urn=args.urn,
        name=args.name,
        type=token.canonical,
        token=args.resource_type,
        api_version=api_version(read(props, *API_VERSION), token.api_version),
        props=props,
        ignore_changes=tuple(args.opts.ignore_changes),
        protect=args.opts.protect,
        parent=args.opts.parent,
        provider=_provider(args.provider) if known else None,
        from_outputs=isinstance(args, sdk.PolicyResource),
    )
    if token.canonical not in tokens.TEMPLATES:
        return resource
    return replace(resource, inner=templates.expand(resource))


def _provider(provider: sdk.PolicyProviderResource | None) -> Provider | None:
    if provider is None:
        return None
    return Provider(urn=provider.urn, type=provider.resource_type, props=_plain(provider.props))


def _stack(resources: Sequence[sdk.PolicyResource], seen: Mapping[str, Resource]) -> Stack:
    """Return the stack with the inputs `seen` before; what was only read has but outputs."""
    views: dict[str, Resource] = {}
    dependencies: dict[str, Sequence[str]] = {}
    by_property: dict[str, Mapping[str, Sequence[str]]] = {}
    for resource in resources:
        urn = resource.urn
        views[urn] = seen.get(urn) or _resource(resource)
        dependencies[urn] = [other.urn for other in resource.dependencies]
        by_property[urn] = {
            name: [other.urn for other in others]
            for name, others in resource.property_dependencies.items()
        }
        for inner in views[urn].inner:
            views[inner.urn] = inner
            by_property[inner.urn] = templates.dependencies(views[urn], inner, by_property[urn])
    return Stack(resources=views, dependencies=dependencies, property_dependencies=by_property)


def _let_go(resources: Sequence[sdk.PolicyResource]) -> None:
    """Empty what the SDK decoded for one policy; it would keep it beside what the next one gets."""
    for resource in resources:
        resource.props = {}


def _plain(value: Any) -> Any:
    """Return a copy of the SDK's proxies as plain values, unknowns marked and nothing raised."""
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value.keys()}  # noqa: SIM118 iterating the items would raise
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_item(value, index) for index in range(len(value))]
    return value


def _item(container: Any, key: Any) -> Any:
    try:
        return _plain(container[key])
    except UnknownValueError:
        return UNKNOWN
