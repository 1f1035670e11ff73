"""Two deployment files (`pulumi stack export`) read as if one had become the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from imagefleet.domain.judgements import SourcePlace
from imagefleet.review.property_diff import property_diffs
from imagefleet.review.run import Run, RunInputError, Step, raw_inputs, shown_inputs
from imagefleet.review.shapes import resource_fault

_NOTHING: Mapping[str, Any] = {"deployment": {"resources": []}}


def read_deployment(text: str, *, name: str = "the deployment") -> Mapping[str, Any]:
    """Return a deployment file; raises `RunInputError` for anything else."""
    try:
        document = json.loads(text)
    except ValueError as error:
        message = f"{name} is not JSON ({error}); expected what `pulumi stack export` writes"
        raise RunInputError(message) from None
    resources = document.get("deployment") if isinstance(document, dict) else None
    if not isinstance(resources, dict) or not isinstance(resources.get("resources") or [], list):
        message = f"{name} holds no deployment; expected what `pulumi stack export` writes"
        raise RunInputError(message)
    for number, each in enumerate(resources.get("resources") or [], 1):
        if fault := resource_fault(each):
            place = f"{name}, resource {number} of the deployment"
            message = f"{place}: {fault}; expected what `pulumi stack export` writes"
            raise RunInputError(message)
    return dict(document)


def run_between(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Run:
    """Return the steps from one deployment to the other; None is an empty stack.

    No policy judges a file here. A resource whose id is another one was replaced.
    """
    olds, news = _by_urn(before or _NOTHING), _by_urn(after or _NOTHING)
    steps = [_step(urn, olds.get(urn), news.get(urn)) for urn in {*olds, *news}]
    return Run(steps=tuple(sorted(steps, key=lambda step: (step.type, step.name, step.urn))))


def _by_urn(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {
        each["urn"]: each
        for each in document["deployment"].get("resources") or []
        if not each.get("delete") and not each["type"].startswith("pulumi:providers:")
    }


def _step(urn: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Step:
    before = None if old is None else raw_inputs(old)
    after = None if new is None else raw_inputs(new)
    diffs = property_diffs(before, after)
    some = new or old or {}
    return Step(
        op=_op(old, new, changed=bool(diffs)),
        urn=urn,
        type=some["type"],
        custom=bool(some.get("custom")),
        before=shown_inputs(before),
        after=shown_inputs(after),
        diffs=diffs,
        place=SourcePlace.of_position(str(some.get("sourcePosition") or "")),
    )


def _op(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, *, changed: bool) -> str:
    if old is None:
        return "create"
    if new is None:
        return "delete"
    if new.get("custom") and old.get("id") != new.get("id"):
        return "replace"
    return "update" if changed else "same"
