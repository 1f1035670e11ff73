"""The official examples against the doors: what passes, and a list of the rest, not to grow."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagefleet.simulate.messages import Answer
from tests.simulate.comparison import CONTRADICTIONS, differences
from tests.simulate.conformance import Verdict, judge, report, run, verdict
from tests.simulate.unsupported import REASONS

EXAMPLES = Path(__file__).parents[3] / "shared" / "azure-examples"
# Example -> what the refusal names. docs/simulated-azure.md gives the reasons.
UNSUPPORTED = {
    "batch-data-plane/PoolAdd_VirtualMachineConfiguration.json": "vmSize",
    "batch/CertificateGetWithDeletionError.json": "Microsoft.Batch/batchAccounts/certificates",
    "batch/PoolCreate_CloudServiceConfiguration.json": "cloudServiceConfiguration",
    "batch/PoolCreate_MinimalCloudServiceConfiguration.json": "cloudServiceConfiguration",
    "batch/PoolUpdate_OtherProperties.json": "cloudServiceConfiguration",
    "compute-disks/Disk_Create_ByCopyingASnapshot.json": "Microsoft.Compute/disks",
    "compute-disks/Disk_Create_Empty.json": "Microsoft.Compute/disks",
    "resources/GetNamedProviderAtTenant.json": "$expand=resourceTypes/aliases",
    "resources/GetProvider.json": "Microsoft.TestRP1",
}
PASSED = 88
DOCS = Path(__file__).parents[2] / "docs" / "simulated-azure.md"


@pytest.fixture(scope="module")
def verdicts():
    if not EXAMPLES.is_dir():
        pytest.skip(f"the folder of official examples is not here: {EXAMPLES}")
    return run(EXAMPLES)


def test_no_example_fails(verdicts):
    assert [(v.name, v.why) for v in verdicts if v.kind == "failed"] == []


def test_at_least_as_many_examples_pass_as_before(verdicts):
    assert sum(verdict.kind == "passed" for verdict in verdicts) >= PASSED


def test_the_unsupported_examples_are_these_and_the_refusal_names_why(verdicts):
    found = {verdict.name: verdict.why for verdict in verdicts if verdict.kind == "unsupported"}
    assert found.keys() == UNSUPPORTED.keys()
    for name, part in UNSUPPORTED.items():
        assert part in found[name], name


def test_every_reason_is_needed(verdicts):
    found = [verdict.why for verdict in verdicts if verdict.kind == "unsupported"]
    spare = [
        (code, part)
        for code, part in REASONS
        if not any(why.startswith(code) and part in why for why in found)
    ]
    assert spare == []


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidRequestContent", "Could not find member 'tags' on the request content"),
        ("InvalidRequestBody", "The property 'metadata' does not exist on a pool"),
        ("NotSupportedBySimulation", "the resource type 'Microsoft.Compute/images' is not"),
        ("InvalidPropertyValue", "'vmSize' is 'standard_d4s_v3', which nobody has"),
    ],
)
def test_a_refusal_that_nobody_has_listed_is_a_failure(code, message):
    document = {"parameters": {}, "responses": {"200": {}}}
    arm = {"error": {"code": code, "message": message}}
    batch = {"code": code, "message": {"lang": "en-US", "value": message}}
    for body in (arm, batch):
        assert verdict("x.json", document, Answer(status=400, body=body)).kind == "failed"


def test_an_operation_that_nobody_answers_is_a_failure():
    document = {"parameters": {}, "responses": {"200": {}}}
    assert judge("x.json", document, "Jobs_List").kind == "failed"


def test_every_unsupported_example_is_in_the_documentation():
    text = DOCS.read_text(encoding="utf-8")
    missing = [name for name in UNSUPPORTED if name.rsplit("/", 1)[-1] not in text]
    assert missing == []
    assert [name for name, _ in CONTRADICTIONS if name.rsplit("/", 1)[-1] not in text] == []


def test_the_comparison_sees_what_is_missing_or_of_another_kind():
    wanted = {"a": {"b": 1, "c": "Yes"}, "d": [{"e": True}]}
    assert list(differences(wanted, {"a": {"b": 2.5, "c": "No"}, "d": [{"e": False}]}, "")) == []
    assert list(differences({"d": [1]}, {"d": []}, "")) == ["d: must not be empty"]
    found = list(differences(wanted, {"a": {"b": "1", "c": "yes"}, "d": [{}]}, ""))
    assert found == [
        "a.b: must be int, got '1'",
        "a.c: must be spelled 'Yes', got 'yes'",
        "d[0].e: absent",
    ]


def test_the_report_gives_counts_and_reasons():
    lines = report([Verdict("x", "passed"), Verdict("y", "unsupported", "because")])
    assert lines == ["1 passed, 0 failed, 1 unsupported", "  unsupported: y: because"]


def test_the_report_says_how_many_ids_were_assumed_to_exist():
    one, two = "/subscriptions/s/one", "/subscriptions/s/two"
    verdicts = [Verdict("x", "passed", "", (one, two)), Verdict("y", "passed", "", (one,))]
    assert report(verdicts)[-1] == "  assumed to exist outside: 2 ids"
