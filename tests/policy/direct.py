"""Rules asked about one sample of a stack, with all that such a question may depend on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from rules import Rule, StackRule
from rules.verdicts import Edition, Judgement, Sample
from tests.policy.judging import TODAY, judge


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
    target = next(sample.name for sample in samples if of in (None, sample.name))
    stack = tuple(replace(one, protect=True) for one in samples) if protect else samples
    return judge(
        rule, *stack, of=target, edition=edition, today=today, options=dict(options or {})
    ).answers[target]


def verdict(rule: Rule | StackRule, *samples: Sample, **how: Any) -> str:
    """Return the verdict on the sample called `of`, on the first one if that is not said."""
    return judged(rule, *samples, **how).verdict.value
