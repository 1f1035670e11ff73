"""Whether engine events and deployments have the shape that is read from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ANALYZED = frozenset({"policyAnalyzeSummaryEvent", "policyAnalyzeStackSummaryEvent"})
_READ = ("resourcePreEvent", "policyEvent", "diagnosticEvent", "summaryEvent", *sorted(ANALYZED))


def event_fault(event: Mapping[str, Any]) -> str:
    """Return what is wrong with an event, where and what is expected; empty for a sound one."""
    return next(_event_faults(event), "")


def resource_fault(resource: Any) -> str:
    """Return what is wrong with a resource of a deployment; empty for a sound one."""
    if not isinstance(resource, dict):
        return "not an object; expected a resource with urn and type"
    return next(_faults(resource, "", texts=("urn", "type"), objects=("inputs",)), "")


def _event_faults(event: Mapping[str, Any]) -> Iterator[str]:
    for kind in _READ:
        if kind not in event:
            continue
        body = event[kind]
        if not isinstance(body, dict):
            yield f"{kind} is no object"
        elif kind == "resourcePreEvent":
            yield from _step_faults(body)
        elif kind == "diagnosticEvent":
            yield from _faults(body, f"{kind}.", optional=("severity", "message", "urn"))
        elif kind in ANALYZED:
            yield from _faults(body, f"{kind}.", lists=("passed", "failed"))


def _step_faults(body: Mapping[str, Any]) -> Iterator[str]:
    place = "resourcePreEvent.metadata"
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        yield f"{place} is no object"
        return
    yield from _faults(
        metadata,
        f"{place}.",
        texts=("op", "urn", "type"),
        lists=("keys",),
        objects=("old", "new", "detailedDiff"),
    )
    for side in ("old", "new"):
        yield from _faults(metadata.get(side) or {}, f"{place}.{side}.", objects=("inputs",))
    for path, diff in (metadata.get("detailedDiff") or {}).items():
        if not isinstance(diff, dict):
            yield f"{place}.detailedDiff: {path} is no object"


def _faults(
    value: Mapping[str, Any],
    place: str,
    *,
    texts: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
    lists: tuple[str, ...] = (),
    objects: tuple[str, ...] = (),
) -> Iterator[str]:
    """Yield what is not of its type; `texts` must be there, the others may be missing or null."""
    yield from (f"{place}{key} is no text" for key in texts if not isinstance(value.get(key), str))
    for keys, kind, noun in (
        (optional, str, "text"),
        (lists, list, "list"),
        (objects, dict, "object"),
    ):
        for key in keys:
            if value.get(key) is not None and not isinstance(value[key], kind):
                yield f"{place}{key} is no {noun}"
