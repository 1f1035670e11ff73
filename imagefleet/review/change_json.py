"""A review as JSON, for programs: what changes in each stack, and everything that was found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import unquote

from imagefleet.domain.judgements import Result, Review, SourcePlace
from imagefleet.review import redaction
from imagefleet.review.change_words import verdict
from imagefleet.review.changes import PoolChange, StackReview, VersionChange
from imagefleet.review.json_report import result_object


def render(reviews: Sequence[StackReview], found: Review, *, base: str = "") -> str:
    """Return the object; `results` are those of `policy check --format json`, with their places."""
    document = {
        "base": base or None,
        "refused": any(review.refused for review in reviews),
        "stacks": [_stack(review) for review in reviews],
        "results": [_result(result) for result in found.results],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _result(result: Result) -> dict[str, Any]:
    places = (result.place, *result.related)
    return result_object(result) | {"places": [_place(each) for each in places if each]}


def _place(place: SourcePlace) -> dict[str, Any]:
    return {"file": unquote(place.uri), "line": place.line, "column": place.column}


def _stack(review: StackReview) -> dict[str, Any]:
    return {
        "stack": review.stack,
        "verdict": verdict(review),
        "refused": review.refused,
        "errors": [redaction.text(error) for error in review.errors],
        "notes": [redaction.text(note) for note in review.notes],
        "pools": [_change(change) for change in review.changed_pools],
        "imageVersions": [_change(change) for change in review.changed_versions],
        "others": dict(review.others),
        "costs": [asdict(line) for line in review.cost],
    }


def _change(change: PoolChange | VersionChange) -> dict[str, Any]:
    return {
        "urn": change.urn,
        "change": change.change.value,
        "properties": list(change.properties),
        "before": None if change.before is None else _state(asdict(change.before)),
        "after": None if change.after is None else _state(asdict(change.after)),
    }


def _state(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a pool or version in the spelling of JSON; an image is its name and version."""
    state = {_camel(name): value for name, value in fields.items() if name != "key"}
    if isinstance(state.get("image"), dict):
        state["image"] = {key: value for key, value in state["image"].items() if key != "key"}
    if "replicas" in state:
        state["replicas"] = dict(state["replicas"])
    return state


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
