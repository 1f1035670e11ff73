"""API versions that lack what the rules read, and changes that hide it."""

from __future__ import annotations

import pytest

from rules import ALL_RULES, tokens
from rules.crosscutting import LOCAL_PACKAGE_VERSION, MINIMUM
from rules.verdicts import Sample

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
(IGNORED,) = [rule for rule in ALL_RULES if rule.id == "ignore-changes-hides-constraint"]
DEFINITION = {
    "osState": "Generalized",
    "hyperVGeneration": "V2",
    "features": [{"name": "SecurityType", "value": "Standard"}],
}


@pytest.mark.parametrize(
    ("kind", "version", "verdict"),
    [
        (tokens.BATCH_POOL, "2024-07-01", "pass"),
        (tokens.BATCH_POOL, "2024-02-01", "pass"),
        (tokens.BATCH_POOL, "2023-11-01", "fail"),
        (tokens.BATCH_POOL, "2020-01-01-preview", "fail"),
        (tokens.BATCH_POOL, "newest", "fail"),
        (tokens.BATCH_POOL, "2020-13-01", "fail"),
        (tokens.BATCH_POOL, None, "not-applicable"),
        (tokens.BATCH_POOL, UNKNOWN, "undecided"),
        ("azure-native_batch_v20200301:batch:Pool", None, "fail"),
        ("azure-native_batch_v20240701:batch:Pool", None, "pass"),
        (tokens.GALLERY, "2010-01-01", "not-applicable"),
    ],
)
def test_an_old_api_version_is_named(kind, version, verdict, ask):
    sample = Sample(type=kind, props={"azureApiVersion": version})
    assert ask(LOCAL_PACKAGE_VERSION, sample).verdict == verdict


def test_the_oldest_version_can_be_set(ask):
    sample = Sample(type=tokens.BATCH_POOL, props={"azureApiVersion": "2024-07-01"})
    config = {"minimum": {tokens.BATCH_POOL: "2025-06-01"}}
    (line,) = ask(LOCAL_PACKAGE_VERSION, sample, config=config).findings
    assert line == "azureApiVersion is 2024-07-01; needed: 2025-06-01 or newer."


def test_the_list_of_versions_is_of_types_with_rules():
    assert set(MINIMUM) <= tokens.COVERED


def ignoring(*paths, kind=tokens.GALLERY_IMAGE, props=DEFINITION):
    return Sample(type=kind, props=props, ignore_changes=paths)


@pytest.mark.parametrize(
    "path",
    [
        "osState",
        "features",
        "features[0]",
        "features[0].value",
        "features[*].value",
        'features[0]["value"]',
        "*",
        "features[*]",
    ],
)
def test_an_ignored_path_that_a_mandatory_rule_reads_is_named(path, ask):
    (line,) = ask(IGNORED, ignoring("tags", path)).findings
    assert line.startswith("ignoreChanges[1] is hiding what image-")


@pytest.mark.parametrize("path", ["tags", "description", "privacyStatementUri", "tags.a", "]["])
def test_an_ignored_path_that_no_rule_reads_is_fine(path, ask):
    assert ask(IGNORED, ignoring(path)).verdict == "pass"


def test_a_path_that_is_read_though_absent_is_hidden_too(ask):
    sample = ignoring(
        "deploymentConfiguration.virtualMachineConfiguration.securityProfile",
        kind=tokens.BATCH_POOL,
        props={"vmSize": "x"},
    )
    assert ask(IGNORED, sample).verdict == "fail"


def test_what_only_stack_rules_read_counts_too(ask):
    sample = ignoring("location", kind=tokens.BATCH_ACCOUNT, props={"location": "chinanorth3"})
    (line,) = ask(IGNORED, sample).findings
    assert "a rule about the resource and its neighbours" in line


def test_a_resource_that_ignores_nothing_is_not_looked_at(ask):
    assert ask(IGNORED, ignoring()).verdict == "not-applicable"
    other = Sample(type="azure-native:network:VirtualNetwork", props={}, ignore_changes=("*",))
    assert ask(IGNORED, other).verdict == "not-applicable"
