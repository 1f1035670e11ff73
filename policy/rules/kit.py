"""The one place that knows the policy SDK: rules become its policies, findings its reports.

The SDK decodes a resource anew for every policy that it asks. It does not decode for a policy
whose `has_validation()` says no, and counts it as not applicable: so the first policy of a call
builds the view of the resource, and those whose rule is about other types say no. Were the SDK
to stop asking, every policy would be asked in full and answer the same.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import pulumi_policy as sdk
from pulumi_policy.proxy import UnknownValueError

from rules import tokens
from rules.canonical import UNKNOWN, Provider, Resource, read
from rules.lifeline import end_with_parent
from rules.session import Session
from rules.stack import Stack
from rules.verdicts import Described, Judgement, Rule, StackRule

if TYPE_CHECKING:
    from imagefleet.domain.findings import Finding

# One answer holds the findings of all rules and must stay under 4 MiB, the most that the engine's
# connection to a pack takes; a finding is well under 1 KiB.
MOST_FINDINGS = 100
PAGE = "docs/policies.md"
# About a third of it is the depth of properties that can be judged; no Azure type comes near.
_DEEPEST = 10_000


def run_pack(name: str, rules: Sequence[Rule | StackRule]) -> NoReturn:
    """Serve `rules` as a policy pack until the process is ended."""
    end_with_parent()
    # A whole stack decoded at once is a large young heap without garbage: fewer collections
    # halve the time of the stack rules and cost no memory worth naming.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    # The SDK walks properties by recursion; deeply nested ones must not end the call.
    sys.setrecursionlimit(_DEEPEST)
    sdk.PolicyPack(name=name, policies=list(policies(rules)))
    message = "the policy server ended"
    raise SystemExit(message)


def policies(rules: Sequence[Rule | StackRule]) -> tuple[sdk.Policy, ...]:
    """Return one SDK policy per rule, sharing the memory of one session."""
    session = Session()
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
        judgement = self._rule.judge(resource, self._rule.context(args.get_config()))
        self._session.note(self._rule, resource.urn, judgement.doubts)
        _report(self._rule, [(resource.urn, judgement)], report_violation)
        _answer([judgement], args)


class _StackPolicy(sdk.StackValidationPolicy):
    def __init__(self, index: int, rule: StackRule, session: Session) -> None:
        super().__init__(**_described(rule))
        self._index, self._rule, self._session = index, rule, session

    def validate(
        self, args: sdk.StackValidationArgs, report_violation: sdk.ReportViolation
    ) -> None:
        stack = self._session.stack(self._index, lambda seen: _stack(args.resources, seen))
        context = self._rule.context(args.get_config())
        judged = [
            (resource.urn, self._rule.judge(resource, stack, context))
            for resource in stack.of_types(self._rule.types)
        ]
        for urn, judgement in judged:
            self._session.note(self._rule, urn, judgement.doubts)
        _report(self._rule, judged, report_violation)
        _answer([judgement for _, judgement in judged], args)


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


def message(rule: Described, finding: Finding) -> str:
    """Return the text of a report: all that the command line shows, so the remedy goes in."""
    sources = ", ".join((*rule.sentences, f"{PAGE}#{rule.id}"))
    return f"{finding}\nRemedy: {rule.remedy} ({sources})"


def _report(
    rule: Described,
    judged: Iterable[tuple[str, Judgement]],
    report_violation: sdk.ReportViolation,
) -> None:
    findings = [(urn, finding) for urn, judgement in judged for finding in judgement.findings]
    for urn, finding in findings[:MOST_FINDINGS]:
        report_violation(message(rule, finding), urn)
    if len(findings) > MOST_FINDINGS:
        more = len(findings) - MOST_FINDINGS
        report_violation(f"{more} more findings of {rule.id} are not shown.", None)


def _answer(
    judgements: Sequence[Judgement], args: sdk.ResourceValidationArgs | sdk.StackValidationArgs
) -> None:
    """Keep what is undecided or about nothing here from counting as passed."""
    if any(judgement.findings for judgement in judgements):
        return
    doubts = [str(doubt) for judgement in judgements for doubt in judgement.doubts]
    if doubts:
        args.not_applicable("\n".join(doubts[:MOST_FINDINGS]))
    reasons = [judgement.not_applicable for judgement in judgements]
    if None not in reasons:
        args.not_applicable(reasons[0] if reasons else "the stack has no such resource")


def _resource(args: sdk.ResourceValidationArgs | sdk.PolicyResource) -> Resource:
    """Return the canonical view of what the SDK hands out."""
    token = tokens.parse(args.resource_type)
    known = token.canonical in tokens.COVERED
    props = _plain(args.props) if known else {}
    version = read(props, "azureApiVersion")
    return Resource(
        urn=args.urn,
        name=args.name,
        type=token.canonical,
        token=args.resource_type,
        api_version=version if isinstance(version, str) else token.api_version,
        props=props,
        ignore_changes=tuple(args.opts.ignore_changes),
        protect=args.opts.protect,
        parent=args.opts.parent,
        provider=_provider(args.provider) if known else None,
        from_outputs=isinstance(args, sdk.PolicyResource),
    )


def _provider(provider: sdk.PolicyProviderResource | None) -> Provider | None:
    if provider is None:
        return None
    return Provider(urn=provider.urn, type=provider.resource_type, props=_plain(provider.props))


def _stack(resources: Sequence[sdk.PolicyResource], seen: Mapping[str, Resource]) -> Stack:
    """Return the stack with the inputs `seen` before; what was only read has but outputs."""
    return Stack(
        resources={
            resource.urn: seen.get(resource.urn) or _resource(resource) for resource in resources
        },
        dependencies={
            resource.urn: [other.urn for other in resource.dependencies] for resource in resources
        },
        property_dependencies={
            resource.urn: {
                name: [other.urn for other in others]
                for name, others in resource.property_dependencies.items()
            }
            for resource in resources
        },
    )


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
