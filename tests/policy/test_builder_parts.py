"""What belongs to builder machines: extensions, run commands, disks and their snapshots."""

from __future__ import annotations

import pytest

from rules import builder_encryption, builder_extensions, tokens
from rules.examples import captured, machine, put
from rules.verdicts import Edition, Sample
from tests.policy.direct import verdict

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
BY_ID = {rule.id: rule for rule in (*builder_extensions.RULES, *builder_encryption.RULES)}


def installed(kind: str, depends: bool = True, **props: object) -> Sample:
    name = {} if depends and "vmName" not in props else {"vmName": "builder"}
    return Sample(
        type=kind,
        name="installed",
        props={"resourceGroupName": "fleet", **name, **props},
        depends={"vmName": ("vm",)} if depends else {},
    )


EXTENSION = tokens.VIRTUAL_MACHINE_EXTENSION


@pytest.mark.parametrize("depends", [True, False])
def test_an_extension_is_joined_to_its_machine_by_graph_or_name(depends):
    rule = BY_ID["builder-no-extensions"]
    name = UNKNOWN if depends else "BUILDER"
    chain = (*captured(), installed(EXTENSION, depends, vmName=name, type="CustomScript"))
    assert verdict(rule, *chain, of="installed") == "fail"
    assert verdict(rule, *chain, of="vm") == "not-applicable"


def test_an_extension_of_an_unknown_machine_is_undecided_beside_a_builder():
    rule = BY_ID["builder-no-extensions"]
    lone = installed(EXTENSION, depends=False, vmName=UNKNOWN)
    assert verdict(rule, *captured(), lone, of="installed") == "undecided"
    assert verdict(rule, machine(), lone, of="installed") == "not-applicable"


def test_an_extension_of_another_machine_is_nobodys_business():
    other = installed(EXTENSION, depends=False, vmName="web")
    rule = BY_ID["builder-no-extensions"]
    assert verdict(rule, *captured(), other, of="installed") == "not-applicable"
    assert verdict(rule, *captured(), other, of="vm") == "pass"
    options = {"builders": ["we?"]}
    assert verdict(rule, other, of="installed", options=options) == "fail"


def test_an_extension_inside_a_builder_component_fails(ask):
    other = installed(EXTENSION, depends=False, vmName="elsewhere")
    parents = "my:index:ImageBuilder$"
    assert ask(BY_ID["builder-no-extensions"], other, parents=parents).verdict == "fail"


def test_a_run_command_on_a_builder_is_an_implicit_extension():
    chain = (*captured(), installed(tokens.RUN_COMMAND))
    assert verdict(BY_ID["builder-no-implicit-extensions"], *chain, of="installed") == "fail"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("AzureDiskEncryption", "fail"),
        ("azurediskencryptionforlinux", "fail"),
        ("CustomScript", "not-applicable"),
        (UNKNOWN, "undecided"),
        (None, "not-applicable"),
    ],
)
def test_a_disk_encryption_extension_encrypts(kind, expected):
    chain = (*captured(), installed(EXTENSION, type=kind))
    rule = BY_ID["builder-os-disk-unencrypted"]
    assert verdict(rule, *chain, of="installed") == expected


def disk_and_snapshot(**props: object) -> tuple[Sample, ...]:
    disk = Sample(type=tokens.DISK, name="disk", props=props)
    snapshot = Sample(
        type=tokens.SNAPSHOT, name="snapshot", props=props, depends={"creationData": ("disk",)}
    )
    return (disk, snapshot)


@pytest.mark.parametrize("of", ["disk", "snapshot"])
@pytest.mark.parametrize(
    ("rule", "path", "value", "expected"),
    [
        ("builder-os-disk-unencrypted", "encryptionSettingsCollection.enabled", True, "fail"),
        ("builder-os-disk-unencrypted", "encryptionSettingsCollection.enabled", False, "pass"),
        ("builder-os-disk-unencrypted", "encryptionSettingsCollection", UNKNOWN, "undecided"),
        (
            "builder-no-cmk-or-host-encryption",
            "encryption.type",
            "EncryptionAtRestWithCustomerKey",
            "fail",
        ),
        (
            "builder-no-cmk-or-host-encryption",
            "encryption.type",
            "encryptionatrestwithplatformkey",
            "pass",
        ),
        ("builder-no-cmk-or-host-encryption", "encryption.diskEncryptionSetId", "x", "fail"),
        ("builder-no-confidential-disk", "securityProfile.securityType", "TrustedLaunch", "fail"),
        ("builder-no-confidential-disk", "securityProfile.securityType", "Standard", "pass"),
        ("builder-no-confidential-disk", "securityProfile", UNKNOWN, "undecided"),
        (
            "builder-no-confidential-disk",
            "supportedCapabilities.supportedSecurityOption",
            "TrustedLaunchSupported",
            "fail",
        ),
    ],
)
def test_disks_and_snapshots_of_an_image_are_judged(of, rule, path, value, expected):
    chain = disk_and_snapshot(**put({}, path, value))
    assert verdict(BY_ID[rule], *chain, of=of) == expected


def test_in_edition_global_a_trusted_launch_disk_is_no_confidential_one():
    rule = BY_ID["builder-no-confidential-disk"]
    trusted = disk_and_snapshot(securityProfile={"securityType": "TrustedLaunch"})
    assert verdict(rule, *trusted, edition=Edition.GLOBAL) == "pass"
    kind = {"securityType": "ConfidentialVM_DiskEncryptedWithCustomerKey"}
    confidential = disk_and_snapshot(securityProfile=kind)
    assert verdict(rule, *confidential, edition=Edition.GLOBAL) == "fail"


def test_a_disk_that_nothing_is_made_from_is_not_judged():
    disk, _ = disk_and_snapshot(encryptionSettingsCollection={"enabled": True})
    assert verdict(BY_ID["builder-os-disk-unencrypted"], disk) == "not-applicable"


def test_a_managed_image_with_an_own_key_is_noted():
    image = Sample(
        type=tokens.MANAGED_IMAGE,
        props={"storageProfile": {"osDisk": {"diskEncryptionSet": {"id": "x"}}}},
    )
    assert verdict(BY_ID["builder-no-cmk-or-host-encryption"], image) == "fail"
