"""Snapshots, versions, pools and builder machines are of the standard security type."""

from __future__ import annotations

import pytest

from rules import tokens
from rules.builder import BUILDER_NO_TRUSTED_LAUNCH
from rules.image_version import VERSION_NO_UEFI_KEYS
from rules.pool import POOL_NO_TRUSTED_LAUNCH
from rules.snapshot import SNAPSHOT_NO_TRUSTED_LAUNCH
from rules.verdicts import Sample

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
MACHINE = "deploymentConfiguration.virtualMachineConfiguration"


def nested(path: str, value: object) -> dict[str, object]:
    """Properties with `value` at `path` and nothing else."""
    for step in reversed(path.split(".")):
        value = {step: value}
    return value


def snapshot(path: str, value: object) -> Sample:
    return Sample(type=tokens.SNAPSHOT, props=nested(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("securityProfile", None),
        ("securityProfile", {}),
        ("securityProfile.securityType", "Standard"),
        ("creationData.createOption", "Copy"),
        ("creationData.createOption", "CopyStart"),
        ("creationData.createOption", "Import"),
    ],
)
def test_a_plain_snapshot_passes(path, value, ask):
    assert ask(SNAPSHOT_NO_TRUSTED_LAUNCH, snapshot(path, value)).verdict == "pass"


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        ("securityProfile.securityType", "TrustedLaunch", "TrustedLaunch"),
        ("securityProfile.securityType", "trustedlaunch", "trustedlaunch"),
        (
            "securityProfile.securityType",
            "ConfidentialVM_NonPersistedTPM",
            "ConfidentialVM_NonPersistedTPM",
        ),
        ("securityProfile.securityType", "s3cret", "a text Azure has no meaning for"),
        ("creationData.securityDataUri", "https://x/?sig=s3cret", "set"),
        ("creationData.createOption", "ImportSecure", "ImportSecure"),
        ("creationData.createOption", "uploadpreparedsecure", "uploadpreparedsecure"),
        ("securityProfile.securityType", 5, "a number"),
    ],
)
def test_a_snapshot_with_a_secure_part_fails(path, value, shown, ask):
    answer = ask(SNAPSHOT_NO_TRUSTED_LAUNCH, snapshot(path, value))
    (line,) = answer.findings
    assert line.startswith(f"{path} is {shown}; needed: ")
    assert "s3cret" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "securityProfile",
        "securityProfile.securityType",
        "creationData",
        "creationData.securityDataUri",
        "creationData.createOption",
    ],
)
def test_a_snapshot_with_an_unknown_part_is_undecided(path, ask):
    assert ask(SNAPSHOT_NO_TRUSTED_LAUNCH, snapshot(path, UNKNOWN)).verdict == "undecided"


def version(settings: object) -> Sample:
    props = {"securityProfile": {"uefiSettings": settings}}
    return Sample(type=tokens.GALLERY_IMAGE_VERSION, props=props)


@pytest.mark.parametrize("settings", [None, {}, {"signatureTemplateNames": []}])
def test_a_version_without_keys_passes(settings, ask):
    assert ask(VERSION_NO_UEFI_KEYS, version(settings)).verdict == "pass"


def test_a_version_with_keys_fails_and_shows_none(ask):
    settings = {"additionalSignatures": {"pk": {"type": "x509", "value": ["s3cret"]}}}
    answer = ask(VERSION_NO_UEFI_KEYS, version(settings))
    assert answer.findings == ["securityProfile.uefiSettings is set; needed: absent."]
    assert "s3cret" not in answer.text


@pytest.mark.parametrize("settings", [UNKNOWN, {"signatureTemplateNames": UNKNOWN}, [UNKNOWN]])
def test_a_version_whose_keys_are_unknown_is_undecided(settings, ask):
    assert ask(VERSION_NO_UEFI_KEYS, version(settings)).verdict == "undecided"


def pool(path: str, value: object) -> Sample:
    return Sample(type=tokens.BATCH_POOL, props=nested(f"{MACHINE}.{path}", value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("securityProfile", {"encryptionAtHost": True}),
        ("securityProfile.securityType", "standard"),
        ("securityProfile.uefiSettings.secureBootEnabled", False),
        ("securityProfile.uefiSettings.vTpmEnabled", "false"),
        ("osDisk.managedDisk.securityProfile", {}),
        ("osDisk.caching", "ReadWrite"),
    ],
)
def test_a_standard_pool_passes(path, value, ask):
    assert ask(POOL_NO_TRUSTED_LAUNCH, pool(path, value)).verdict == "pass"


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        ("securityProfile.securityType", "trustedLaunch", "trustedLaunch"),
        ("securityProfile.securityType", "confidentialVM", "confidentialVM"),
        ("securityProfile.securityType", "confidentialvm", "confidentialvm"),
        ("securityProfile.uefiSettings.secureBootEnabled", True, "true"),
        ("securityProfile.uefiSettings.vTpmEnabled", "True", "true"),
        (
            "osDisk.managedDisk.securityProfile",
            {"securityEncryptionType": "VMGuestStateOnly"},
            "set",
        ),
        ("securityProfile", "trustedLaunch", "a text"),
    ],
)
def test_a_pool_with_a_secure_part_fails(path, value, shown, ask):
    (line, *_) = ask(POOL_NO_TRUSTED_LAUNCH, pool(path, value)).findings
    assert line.startswith(f"{MACHINE}.{path} is {shown}; needed: ")


@pytest.mark.parametrize(
    "path",
    [
        "securityProfile",
        "securityProfile.securityType",
        "securityProfile.uefiSettings",
        "securityProfile.uefiSettings.secureBootEnabled",
        "securityProfile.uefiSettings.vTpmEnabled",
        "osDisk",
        "osDisk.managedDisk",
        "osDisk.managedDisk.securityProfile",
        "osDisk.managedDisk.securityProfile.securityEncryptionType",
    ],
)
def test_a_pool_with_an_unknown_part_is_undecided(path, ask):
    assert ask(POOL_NO_TRUSTED_LAUNCH, pool(path, UNKNOWN)).verdict == "undecided"


def machine(value: object = "TrustedLaunch", **more: object) -> Sample:
    profile = {"securityType": value, **more}
    return Sample(name="vm", type=tokens.VIRTUAL_MACHINE, props={"securityProfile": profile})


def made_from(name: str, kind: str, key: str, *sources: str) -> Sample:
    return Sample(name=name, type=kind, props={}, depends={key: sources})


IMAGE = made_from("image", tokens.MANAGED_IMAGE, "sourceVirtualMachine", "vm")
CHAINS = {
    "captured machine": [machine(), IMAGE],
    "snapshot of its disk": [
        machine(),
        made_from("snap", tokens.SNAPSHOT, "creationData", "vm"),
    ],
    "disk attached to it": [
        Sample(
            name="vm",
            type=tokens.VIRTUAL_MACHINE,
            props={"securityProfile": {"securityType": "TrustedLaunch"}},
            depends={"storageProfile": ("disk",)},
        ),
        made_from("disk", tokens.DISK, "creationData"),
        made_from("snap", tokens.SNAPSHOT, "creationData", "disk"),
    ],
    "long way to a version": [
        machine(),
        made_from("snap", tokens.SNAPSHOT, "creationData", "vm"),
        made_from("image", tokens.MANAGED_IMAGE, "storageProfile", "snap"),
        made_from("version", tokens.GALLERY_IMAGE_VERSION, "storageProfile", "image"),
    ],
}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_a_machine_that_an_image_is_made_from_is_judged(chain, ask):
    answer = ask(BUILDER_NO_TRUSTED_LAUNCH, *chain)
    assert answer.findings == ["securityProfile.securityType is TrustedLaunch; needed: Standard."]
    assert answer.reports[0][1].endswith("::vm")


def test_any_other_machine_is_nobodys_business(ask):
    group = Sample(name="group", type="azure-native:resources:ResourceGroup", props={})
    image = made_from("image", tokens.MANAGED_IMAGE, "resourceGroupName", "group")
    assert ask(BUILDER_NO_TRUSTED_LAUNCH, machine(), image, group).verdict == "not-applicable"
    assert ask(BUILDER_NO_TRUSTED_LAUNCH, image, group).verdict == "not-applicable"


def test_a_machine_inside_a_builder_component_is_judged(ask):
    parents = "my:index:ImageBuilder$"
    assert ask(BUILDER_NO_TRUSTED_LAUNCH, machine(), parents=parents).verdict == "fail"


def test_a_machine_named_in_the_settings_is_judged(ask):
    config = {"builders": ["v?"]}
    assert ask(BUILDER_NO_TRUSTED_LAUNCH, machine(), config=config).verdict == "fail"


@pytest.mark.parametrize(
    ("sample", "verdict"),
    [
        (machine("Standard"), "pass"),
        (machine(None), "pass"),
        (machine(None, uefiSettings={"secureBootEnabled": True}), "fail"),
        (machine(None, uefiSettings={"vTpmEnabled": True}), "fail"),
        (machine("Standard", uefiSettings={"vTpmEnabled": UNKNOWN}), "undecided"),
        (machine(UNKNOWN), "undecided"),
        (machine("ConfidentialVM"), "fail"),
    ],
)
def test_a_builder_is_judged_by_type_and_firmware(sample, verdict, ask):
    assert ask(BUILDER_NO_TRUSTED_LAUNCH, sample, IMAGE).verdict == verdict


def test_one_doubtful_machine_does_not_silence_the_rule(ask):
    other = Sample(
        name="vm2",
        type=tokens.VIRTUAL_MACHINE,
        props={"securityProfile": {"securityType": "TrustedLaunch"}},
    )
    image = made_from("image", tokens.MANAGED_IMAGE, "sourceVirtualMachine", "vm", "vm2")
    answer = ask(BUILDER_NO_TRUSTED_LAUNCH, machine(UNKNOWN), other, image)
    assert [place.rpartition("::")[2] for _, place in answer.reports] == ["vm2"]


def test_a_machine_that_is_only_read_is_judged_by_its_outputs(ask):
    answer = ask(BUILDER_NO_TRUSTED_LAUNCH, machine(), IMAGE, only_read=True)
    assert answer.findings == ["securityProfile.securityType is TrustedLaunch; needed: Standard."]
