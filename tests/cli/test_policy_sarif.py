"""SARIF of the project's own stacks: valid by the official schema, the same on every run."""

from __future__ import annotations

import json

import jsonschema
import pytest

from rules import ALL_RULES
from tests.cli.projects import Project
from tests.review import sarif_checks

FINGERPRINTS = "partialFingerprints"


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft4Validator:
    return sarif_checks.validator()


@pytest.mark.parametrize("stack", ["dev", "prod", "china"])
def test_the_report_of_a_stack_is_valid_complete_and_stable(project: Project, stack, validator):
    project.rehearse(stack)
    first, second = (
        project.run("policy", "check", "export.json", "--format", "sarif") for _ in range(2)
    )
    assert (first.code, first.err) == (0, "")
    log = json.loads(first.out)
    assert [error.message for error in validator.iter_errors(log)] == []
    (run,) = log["runs"]
    declared = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert declared == [rule.id for rule in ALL_RULES]
    assert run["results"]
    prints = [json.dumps(each[FINGERPRINTS], sort_keys=True) for each in run["results"]]
    again = json.loads(second.out)["runs"][0]["results"]
    assert prints == [json.dumps(each[FINGERPRINTS], sort_keys=True) for each in again]
    # a service that takes results with one fingerprint for one shows each of them
    assert len(set(prints)) == len(prints)
