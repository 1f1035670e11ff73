"""`imagefleet policy check --exemptions`: a bad entry is one error, exit code 2."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.projects import Project

ENTRY: dict[str, Any] = {
    "rule": "account-entra-only",
    "resource": "old",
    "owner": "images team",
    "reason": "moved to the new account next quarter",
    "ticket": "OPS-12",
    "expires": "2999-12-31",
}
ACCOUNT = {
    "type": "azure-native:batch:BatchAccount",
    "name": "old",
    "props": {"allowedAuthenticationModes": ["SharedKey", "AAD"]},
}


def check(project: Project, *entries: Any, report: str = "text"):
    (project.folder / "input.json").write_text(json.dumps({"resources": [ACCOUNT]}))
    (project.folder / "exemptions.json").write_text(json.dumps({"exemptions": list(entries)}))
    more = ("--exemptions", "exemptions.json", "--format", report)
    return project.run("policy", "check", "input.json", *more)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"expires": "soon"}, "exemptions[0].expires is not a day; needed: a day, as 2026-12-31"),
        ({"expires": None}, "exemptions[0].expires is absent"),
        ({"owner": ""}, "exemptions[0].owner is absent"),
        ({"reason": "short"}, "exemptions[0].reason is too short"),
        ({"rule": "image-generalized"}, "exemptions[0].rule is a rule that cannot be waived"),
        ({"until": "2999-12-31"}, "exemptions[0] is an object with a key of no meaning"),
        ({"ticket": ["OPS-12"]}, "exemptions[0].ticket is not a text"),
    ],
)
@pytest.mark.parametrize("report", ["text", "json", "sarif", "junit"])
def test_a_bad_entry_is_one_error_in_every_format(project: Project, change, complaint, report):
    answer = check(project, ENTRY | change, report=report)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: --exemptions exemptions.json is not usable:\n")
    assert f"\n  {complaint}" in answer.err
    assert "Traceback" not in answer.err


def test_all_faults_of_a_file_are_told_at_once(project: Project):
    answer = check(project, ENTRY, "no object", ENTRY | {"owner": 5, "expires": "2999-13-01"})
    assert answer.code == 2
    for complaint in ("exemptions[1] is", "exemptions[2].owner is", "exemptions[2].expires is"):
        assert answer.err.count(complaint) == 1


def test_an_entry_that_waives_nothing_or_names_no_rule_is_reported_and_no_error(project: Project):
    unused = ENTRY | {"resource": "nobody"}
    unknown = ENTRY | {"rule": "account-entra"}
    answer = check(project, ENTRY, unused, unknown)
    assert (answer.code, answer.err) == (0, "")
    assert "WAIVED account-entra-only" in answer.out
    words = " ".join(answer.out.split())
    assert "of no use: it waives no finding" in words
    assert "for a rule that the pack does not have" in words


def test_an_expired_entry_brings_the_finding_back(project: Project):
    answer = check(project, ENTRY | {"expires": "2020-01-31"})
    assert answer.code == 1
    words = " ".join(answer.out.split())
    assert "the exemption of ticket OPS-12 expired on 2020-01-31" in words
