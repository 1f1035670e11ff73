"""Rules asked directly, for what samples do not carry: editions, the day, options of resources."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rules import Rule, StackRule
from rules.canonical import Resource
from rules.stack import Stack
from rules.verdicts import Edition, Judgement, Sample

TODAY = date(2026, 9, 1)


def urn(sample: Sample) -> str:
    return f"urn:pulumi:dev::fleet::{sample.type}::{sample.name}"


def resource(sample: Sample, **more: Any) -> Resource:
    """Return what a rule sees of a sample."""
    version = sample.props.get("azureApiVersion")
    return Resource(
        urn=urn(sample),
        name=sample.name,
        type=sample.type,
        token=sample.type,
        props=sample.props,
        api_version=version if isinstance(version, str) else None,
        **more,
    )


def stack_of(*samples: Sample, protect: bool = False) -> Stack:
    """Return the stack of samples, joined by what each depends on."""
    by_name = {sample.name: urn(sample) for sample in samples}
    found = [resource(sample, protect=protect) for sample in samples]
    return Stack(
        resources={one.urn: one for one in found},
        property_dependencies={
            urn(sample): {
                key: [by_name[name] for name in names if name in by_name]
                for key, names in sample.depends.items()
            }
            for sample in samples
        },
    )


def judged(
    rule: Rule | StackRule,
    *samples: Sample,
    of: str | None = None,
    edition: Edition = Edition.CHINA,
    today: date = TODAY,
    options: Mapping[str, Any] | None = None,
    protect: bool = False,
) -> Judgement:
    """Return the judgement on the sample called `of`, on the first one if that is not said."""
    stack = stack_of(*samples, protect=protect)
    target = next(sample for sample in samples if of in (None, sample.name))
    context = rule.context(options or {}, edition=edition, today=today)
    if isinstance(rule, Rule):
        return rule.judge(stack.resources[urn(target)], context)
    return rule.judge(stack.resources[urn(target)], stack, context)


def verdict(rule: Rule | StackRule, *samples: Sample, **how: Any) -> str:
    """Return the verdict on the sample called `of`, on the first one if that is not said."""
    return judged(rule, *samples, **how).verdict.value
