"""The answers of a check as JSON, one object for each."""

from __future__ import annotations

import json
from typing import Any

from imagefleet.domain.judgements import Result, Review


def render(review: Review) -> str:
    """Return `{"results": [...]}`, one result a line."""
    lines = ",\n".join(
        json.dumps(result_object(result), ensure_ascii=False) for result in review.results
    )
    return f'{{"results": [\n{lines}\n]}}\n' if lines else '{"results": []}\n'


def result_object(result: Result) -> dict[str, Any]:
    """Return one answer; what there is nothing to say about is null."""
    return {
        "rule": result.rule.id,
        "resource": result.resource,
        "verdict": result.verdict.value,
        "level": result.rule.level,
        "path": result.path,
        "actual": result.actual,
        "needed": result.needed,
        "remedy": result.rule.remedy,
        "sentences": list(result.rule.sentences),
    }
