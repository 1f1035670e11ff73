"""The node agent of pools, and the disks of their nodes."""

from __future__ import annotations

from datetime import date

import pytest

from rules import examples as given
from rules import pool_agent, pool_disks
from rules.examples import lone_pool, together
from rules.verdicts import Sample
from tests.policy.direct import judged, verdict

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
BY_ID = {rule.id: rule for rule in (*pool_agent.RULES, *pool_disks.RULES)}
ID = "imageReference.id"
MARKETPLACE = {"publisher": "canonical", "offer": "ubuntu-24_04-lts", "sku": "server"}


def chain(pool_changes=None, definition=None, version=None) -> tuple[Sample, ...]:
    return together(given.pool(pool_changes), given.version(version), given.definition(definition))


@pytest.mark.parametrize(
    ("agent", "system", "expected"),
    [
        ("batch.node.ubuntu 24.04", "Linux", "pass"),
        ("batch.node.windows amd64", "windows", "pass"),
        ("Batch.Node.WINDOWS  amd64", "Windows", "pass"),
        ("batch.node.windows amd64", "Linux", "fail"),
        ("batch.node.ubuntu 24.04", "Windows", "fail"),
        (None, "Linux", "fail"),
        ("batch.node.ubuntu 24.04", UNKNOWN, "undecided"),
    ],
)
def test_the_agent_is_of_the_images_system(agent, system, expected, ask):
    samples = chain({"nodeAgentSkuId": agent}, {"osType": system})
    assert ask(BY_ID["pool-node-agent-os"], *samples).verdict == expected


def test_windows_settings_on_linux_fail_whatever_the_image(ask):
    sample = lone_pool({"windowsConfiguration": {"enableAutomaticUpdates": False}})
    assert ask(BY_ID["pool-node-agent-os"], *sample).verdict == "fail"


def with_builder(pool_changes=None, machine=None) -> tuple[Sample, ...]:
    return together(
        given.pool(pool_changes), given.version(), given.definition(), *given.captured(machine)
    )


OLD_AGENT = {"nodeAgentSkuId": "batch.node.ubuntu 22.04"}
COPIED = {"identifier": MARKETPLACE}


def test_a_known_builder_decides_the_agent_and_evidence_only_hints(ask):
    known = with_builder(OLD_AGENT)
    (line,) = ask(BY_ID["pool-node-agent-sku"], *known).findings
    assert "canonical/ubuntu-24_04-lts/server" in line
    assert line.endswith("needed: batch.node.ubuntu 24.04.")
    assert ask(BY_ID["pool-node-agent-sku-likely"], *known).verdict == "not-applicable"
    copied = chain(OLD_AGENT, COPIED)
    assert ask(BY_ID["pool-node-agent-sku"], *copied).verdict == "undecided"
    assert ask(BY_ID["pool-node-agent-sku-likely"], *copied).verdict == "fail"


def test_a_configured_base_speaks_for_images_outside_the_stack(ask):
    rule = BY_ID["pool-node-agent-sku-likely"]
    config = {"baseImage": "Canonical/ubuntu-24_04-lts/server"}
    assert ask(rule, *lone_pool(OLD_AGENT), config=config).verdict == "fail"
    assert ask(rule, *lone_pool(), config=config).verdict == "pass"
    assert ask(rule, *chain(OLD_AGENT)).verdict == "not-applicable"


def test_a_base_that_the_catalogue_lacks_is_undecided(ask):
    base = {"storageProfile.imageReference.sku": "server-arm64"}
    samples = with_builder(machine=base)
    assert ask(BY_ID["pool-node-agent-sku"], *samples).verdict == "undecided"


@pytest.mark.parametrize(
    ("agent", "today", "expected"),
    [
        ("batch.node.ubuntu 22.04", date(2027, 6, 29), "pass"),
        ("batch.node.ubuntu 22.04", date(2027, 6, 30), "pass"),
        ("batch.node.ubuntu 22.04", date(2027, 7, 1), "fail"),
        ("batch.node.ubuntu 16.04", date(2026, 9, 1), "fail"),
        ("BATCH.NODE.UBUNTU  24.04", date(2026, 9, 1), "pass"),
        ("batch.node.debian 12", date(2026, 9, 1), "undecided"),
        ("ubuntu", date(2026, 9, 1), "fail"),
        (None, date(2026, 9, 1), "not-applicable"),
    ],
)
def test_support_of_an_agent_ends_on_its_day(agent, today, expected):
    sample = lone_pool({"nodeAgentSkuId": agent})
    assert verdict(BY_ID["pool-node-agent-retired"], *sample, today=today) == expected


EPHEMERAL = {"osDisk.ephemeralOSDiskSettings.placement": "CacheDisk"}
TARGETS = {"diskEncryptionConfiguration.targets": ["TemporaryDisk"]}


@pytest.mark.parametrize(
    ("rule", "changes", "expected"),
    [
        ("pool-os-disk-caching", {"osDisk": None}, "pass"),
        ("pool-os-disk-caching", {"osDisk.caching": "readwrite"}, "pass"),
        ("pool-os-disk-caching", {"osDisk.caching": "ReadOnly"}, "fail"),
        ("pool-os-disk-caching", EPHEMERAL, "fail"),
        ("pool-os-disk-caching", EPHEMERAL | {"osDisk.caching": "ReadOnly"}, "pass"),
        ("pool-os-disk-caching", EPHEMERAL | {"osDisk.caching": None}, "pass"),
        ("pool-ephemeral-placement", {"osDisk": None}, "pass"),
        ("pool-ephemeral-placement",
         {"osDisk.ephemeralOSDiskSettings.placement": "cachedisk"}, "pass"),
        ("pool-ephemeral-placement",
         {"osDisk.ephemeralOSDiskSettings.placement": "NvmeDisk"}, "fail"),
        ("pool-temp-drive-size", {"/vmSize": "STANDARD_D2S_V3"}, "pass"),
        ("pool-temp-drive-size", {"/vmSize": "standard_e4as_v5"}, "fail"),
        ("pool-temp-drive-size", {"/vmSize": "Standard_M128"}, "undecided"),
        ("pool-temp-drive-size", {"/vmSize": None}, "fail"),
        ("pool-no-linux-disk-encryption", {"diskEncryptionConfiguration": {"targets": []}},
         "pass"),
        ("pool-no-linux-disk-encryption",
         TARGETS | {"nodeAgentSkuId": "batch.node.windows amd64"}, "not-applicable"),
        ("pool-no-linux-disk-encryption", TARGETS | {"imageReference": MARKETPLACE},
         "not-applicable"),
        ("pool-no-linux-disk-encryption", TARGETS | {ID: UNKNOWN}, "undecided"),
        ("pool-no-linux-disk-encryption", TARGETS | {"nodeAgentSkuId": UNKNOWN}, "undecided"),
    ],
)  # fmt: skip
def test_corners_of_the_disks(rule, changes, expected, ask):
    assert ask(BY_ID[rule], *lone_pool(changes)).verdict == expected


def test_linux_is_known_from_the_definition_too(ask):
    rule = BY_ID["pool-no-linux-disk-encryption"]
    unknown = TARGETS | {"nodeAgentSkuId": UNKNOWN}
    assert ask(rule, *chain(unknown)).verdict == "fail"
    assert ask(rule, *chain(unknown, {"osType": "Windows"})).verdict == "not-applicable"


LUNS = "dataDisks"


@pytest.mark.parametrize(
    ("own", "image", "expected"),
    [
        ([], [{"lun": 0}], "not-applicable"),
        ([{"lun": 0}], [{"lun": 0}], "fail"),
        ([{"lun": 0}], [{"lun": "0"}], "fail"),
        ([{"lun": 1}], [{"lun": 0}], "pass"),
        ([{"lun": 1}], UNKNOWN, "undecided"),
        ([{"lun": UNKNOWN}], [{"lun": 0}], "undecided"),
        ([{"lun": "x"}], [{"lun": 0}], "fail"),
    ],
)
def test_data_disks_have_luns_of_their_own(own, image, expected, ask):
    version = {"storageProfile": {"dataDiskImages": image}}
    samples = chain({LUNS: own}, version=version)
    assert ask(BY_ID["pool-data-disks-vs-image"], *samples).verdict == expected


def test_data_disks_of_a_source_outside_the_stack_are_a_question_for_azure():
    (doubt,) = judged(BY_ID["pool-data-disks-vs-image"], *chain({LUNS: [{"lun": 0}]})).doubts
    assert doubt.cause == "external"
