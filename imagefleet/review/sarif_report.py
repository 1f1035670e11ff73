"""The answers of a check as SARIF 2.1.0 (OASIS standard), for code scanning services.

Findings, waived findings as suppressed ones, and what is undecided as results of kind `open`;
passes are left out, because services show every result as an alert. What kept a run from judging
everything is a notification of the tool, and the run no success.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from imagefleet.domain.judgements import (
    Result,
    Review,
    RuleFacts,
    RunFault,
    SourcePlace,
    Verdict,
)
from imagefleet.review.wording import local_name, safe, sentence

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {"mandatory": "error", "advisory": "warning", "disabled": "none"}
# In the middle of the bands that code scanning makes of this score (0 to 10).
_SECURITY_SEVERITY = {"low": "2.0", "medium": "5.5", "high": "8.0", "critical": "9.5"}


def render(review: Review, *, tool_version: str, artifact: str) -> str:
    """Return the log; `artifact` is the URI reference of the file that was checked."""
    indices = {rule.id: index for index, rule in enumerate(review.rules)}
    verdicts = (Verdict.FAIL, Verdict.WAIVED, Verdict.UNDECIDED)
    shown = [result for result in review.results if result.verdict in verdicts]
    run = {
        "tool": {
            "driver": {
                "name": "imagefleet",
                "version": tool_version,
                "rules": [_rule(rule) for rule in review.rules],
            }
        },
        "properties": {"checker": review.checker, "checkerVersion": review.version},
        "invocations": [_invocation(review.faults, artifact)],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(result, indices[result.rule.id], artifact, mark)
            for result, mark in zip(shown, _fingerprints(shown), strict=True)
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def fingerprint(result: Result) -> str:
    """Return what identifies a result from run to run: rule, resource and path, hashed."""
    parts = (result.rule.id, result.urn or result.resource, result.path or "")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _fingerprints(results: Iterable[Result]) -> Iterator[str]:
    """Yield a fingerprint for each, no two the same: what repeats is numbered."""
    seen: Counter[str] = Counter()
    for result in results:
        mark = fingerprint(result)
        seen[mark] += 1
        yield mark if seen[mark] == 1 else f"{mark}/{seen[mark]}"


def _invocation(faults: Iterable[RunFault], artifact: str) -> dict[str, Any]:
    notifications = [
        {
            "level": "error",
            "message": {"text": f"{fault.subject}: {fault.text}"},
            "locations": [
                {"physicalLocation": _physical(fault.place or SourcePlace(uri=artifact))}
            ],
        }
        for fault in faults
    ]
    told = {"toolExecutionNotifications": notifications} if notifications else {}
    return {"executionSuccessful": not notifications} | told


def _rule(rule: RuleFacts) -> dict[str, Any]:
    properties: dict[str, Any] = {"tags": ["policy", *rule.sentences]}
    if rule.severity in _SECURITY_SEVERITY:
        properties["security-severity"] = _SECURITY_SEVERITY[rule.severity]
    see = f" See {rule.url}." if rule.url else ""
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": f"{rule.remedy}{see}".strip() or rule.summary},
        "defaultConfiguration": {
            "enabled": rule.level != "disabled",
            "level": _LEVELS.get(rule.level, "warning"),
        },
        "properties": properties,
    }


def _result(result: Result, index: int, artifact: str, mark: str) -> dict[str, Any]:
    undecided = result.verdict is Verdict.UNDECIDED
    place = result.place or SourcePlace(uri=artifact)
    location: dict[str, Any] = {"physicalLocation": _physical(place)}
    if result.urn:
        location["logicalLocations"] = [
            {
                "name": safe(result.urn.split("::", 3)[-1]),
                "fullyQualifiedName": safe(result.urn),
                "kind": "resource",
            }
        ]
    said = ": ".join(filter(None, [local_name(result), sentence(result) or result.rule.summary]))
    entry: dict[str, Any] = {
        "ruleId": result.rule.id,
        "ruleIndex": index,
        # The standard has a level only for what failed.
        "kind": "open" if undecided else "fail",
        "level": "none" if undecided else _LEVELS.get(result.rule.level, "warning"),
        "message": {"text": said},
        "locations": [location],
        "partialFingerprints": {"ruleResourcePath/v1": mark},
        "properties": {"verdict": result.verdict.value},
    }
    if result.related:
        entry["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _physical(place),
                "message": {"text": "where the program declares it"},
            }
            for number, place in enumerate(result.related, 1)
        ]
    if result.verdict is Verdict.WAIVED:
        reason = {"justification": safe(result.cause)} if result.cause else {}
        entry["suppressions"] = [{"kind": "external", "status": "accepted"} | reason]
    return entry


def _physical(place: SourcePlace) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": place.uri}}
    if place.line is not None:
        column = {"startColumn": place.column} if place.column is not None else {}
        physical["region"] = {"startLine": place.line} | column
    return physical
