"""Rules judged directly, on the stack that the pack would build of samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from imagefleet.domain.findings import Cause
from rules import tokens
from rules.canonical import API_VERSION, UNKNOWN_TEXTS, Provider, Resource, api_version, read
from rules.stack import Stack
from rules.verdicts import Edition, Judgement, Rule, Sample, StackRule

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
TODAY = date(2026, 9, 1)
assert UNKNOWN in UNKNOWN_TEXTS


@dataclass(frozen=True)
class Judged:
    """All answers of a rule on a stack, by the name of the resource."""

    answers: dict[str, Judgement]

    @property
    def verdict(self) -> str:
        """The worst verdict of all."""
        found = {answer.verdict.value for answer in self.answers.values()}
        order = ("fail", "undecided", "pass", "not-applicable")
        return next((verdict for verdict in order if verdict in found), "not-applicable")

    @property
    def faults(self) -> list[str]:
        """What says that the rule itself broke."""
        return [
            str(one)
            for answer in self.answers.values()
            for one in answer.doubts
            if one.cause is Cause.FAULT
        ]

    @property
    def findings(self) -> list[str]:
        return [str(one) for answer in self.answers.values() for one in answer.findings]

    @property
    def doubts(self) -> list[str]:
        return [str(one) for answer in self.answers.values() for one in answer.doubts]

    @property
    def text(self) -> str:
        reasons = [answer.not_applicable or "" for answer in self.answers.values()]
        return "\n".join([*self.findings, *self.doubts, *reasons])


def urn(sample: Sample) -> str:
    return f"urn:pulumi:dev::fleet::{sample.type}::{sample.name}"


def resource(sample: Sample, samples: Iterable[Sample] = ()) -> Resource:
    """Return what a rule sees of a sample, its provider being one of `samples`."""
    token = tokens.parse(sample.type)
    provider = next((one for one in samples if one.name == sample.provider), None)
    return Resource(
        urn=urn(sample),
        name=sample.name,
        type=token.canonical,
        token=sample.type,
        api_version=api_version(read(sample.props, *API_VERSION), token.api_version),
        props=sample.props,
        ignore_changes=sample.ignore_changes,
        protect=sample.protect,
        provider=None
        if provider is None
        else Provider(urn=urn(provider), type=provider.type, props=provider.props),
    )


def stack_of(listed: Iterable[Sample]) -> Stack:
    """The stack that the pack would build of these samples."""
    samples = tuple(listed)
    urns = {sample.name: urn(sample) for sample in samples}
    return Stack(
        resources={urn(sample): resource(sample, samples) for sample in samples},
        property_dependencies={
            urn(sample): {
                key: [urns[name] for name in names if name in urns]
                for key, names in sample.depends.items()
            }
            for sample in samples
        },
    )


def judge(
    rule: Rule | StackRule,
    *samples: Sample,
    edition: Edition = Edition.CHINA,
    today: date = TODAY,
    options: dict[str, Any] | None = None,
    of: str | None = None,
) -> Judged:
    """Return the rule's answers on every sample that it is about, or on the one called `of`."""
    stack = stack_of(samples)
    context = replace(rule.context(options or {}), edition=edition, today=today)
    return Judged(
        {
            one.name: rule.judge(one, context)
            if isinstance(rule, Rule)
            else rule.judge(one, stack, context)
            for one in stack.resources.values()
            if (rule.concerns(one) if of is None else one.name == of)
        }
    )


def mutations(value: Any, change: Callable[[Any], Any]) -> Iterator[Any]:
    """Yield copies of `value` with one place of it, at any depth, changed."""
    steps = list(value) if isinstance(value, dict) else range(len(value))
    for step in steps:
        copy = deepcopy(value)
        copy[step] = change(value[step])
        yield copy
        if isinstance(value[step], dict | list):
            for inner in mutations(value[step], change):
                copy = deepcopy(value)
                copy[step] = inner
                yield copy
