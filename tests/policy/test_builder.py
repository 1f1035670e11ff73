"""Builder machines: which they are, and what the image takes over from them."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest

from rules import (
    builder,
    builder_disks,
    builder_encryption,
    builder_extensions,
    builder_image,
    tokens,
)
from rules.examples import captured, machine, put
from rules.verdicts import Edition, Level, Sample
from tests.policy.direct import judged, verdict

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
ALL = [
    rule
    for family in (builder, builder_image, builder_extensions, builder_encryption, builder_disks)
    for rule in family.RULES
]
BY_ID = {rule.id: rule for rule in ALL}
EACH = pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
OS = "storageProfile.osDisk"
BASE = "storageProfile.imageReference"


@EACH
def test_the_examples_pass_and_fail_as_they_say(rule, ask):
    assert ask(rule, *rule.good).verdict == "pass"
    answer = ask(rule, *rule.bad)
    assert answer.verdict == "fail"
    assert rule.remedy in answer.reports[0][0]


@EACH
def test_a_bad_example_breaks_no_other_mandatory_rule(rule, ask):
    others = [other for other in ALL if other is not rule and other.level is Level.MANDATORY]
    found = [other.id for other in others if ask(other, *rule.bad).verdict == "fail"]
    assert found == []


@EACH
def test_a_machine_that_no_image_is_made_from_is_nobodys_business(rule, ask):
    bad = next((one for one in rule.bad if one.type == tokens.VIRTUAL_MACHINE), machine())
    assert ask(rule, bad).verdict == "not-applicable"


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("builder-managed-disks", f"{OS}.vhd"),
        ("builder-managed-disks", f"{OS}.image.uri"),
        ("builder-managed-disks", "storageProfile.dataDisks"),
        ("builder-first-party-image", BASE),
        ("builder-first-party-image", f"{BASE}.publisher"),
        ("builder-first-party-image", f"{BASE}.sku"),
        ("builder-first-party-image", f"{BASE}.id"),
        ("builder-first-party-image", f"{BASE}.communityGalleryImageId"),
        ("builder-image-custom", f"{BASE}.id"),
        ("builder-no-plan", "plan"),
        ("builder-no-plan", "plan.name"),
        ("builder-licence-noted", "licenseType"),
        ("builder-no-implicit-extensions", "applicationProfile.galleryApplications"),
        (
            "builder-no-implicit-extensions",
            "osProfile.windowsConfiguration.patchSettings.patchMode",
        ),
        ("builder-extension-operations-off", "osProfile"),
        ("builder-extension-operations-off", "osProfile.allowExtensionOperations"),
        ("builder-no-trusted-launch", "securityProfile"),
        ("builder-security-type-stated", "securityProfile.securityType"),
        ("builder-os-disk-unencrypted", f"{OS}.encryptionSettings"),
        ("builder-os-disk-unencrypted", f"{OS}.encryptionSettings.enabled"),
        ("builder-no-cmk-or-host-encryption", f"{OS}.managedDisk.diskEncryptionSet"),
        ("builder-no-cmk-or-host-encryption", "securityProfile.encryptionAtHost"),
        ("builder-no-confidential-disk", f"{OS}.managedDisk.securityProfile"),
        ("builder-caching-read-write", f"{OS}.caching"),
        ("builder-caching-read-write", f"{OS}.writeAcceleratorEnabled"),
        ("builder-no-ephemeral-os", f"{OS}.diffDiskSettings"),
        ("builder-default-temp-drive", "hardwareProfile.vmSize"),
        ("builder-default-temp-drive", "osProfile.customData"),
        ("builder-default-temp-drive", "userData"),
    ],
)
def test_an_unknown_is_undecided_where_it_matters(rule, path, ask):
    assert ask(BY_ID[rule], *captured({path: UNKNOWN})).verdict == "undecided"


@pytest.mark.parametrize(
    ("rule", "changes", "expected"),
    [
        ("builder-managed-disks", {f"{OS}.managedDisk": None}, "pass"),
        ("builder-managed-disks", {f"{OS}.vhd": {}}, "pass"),
        ("builder-managed-disks", {"storageProfile.dataDisks": [{"vhd": {"uri": "x"}}]}, "fail"),
        ("builder-managed-disks", {"storageProfile.dataDisks": [{"lun": 0}]}, "pass"),
        ("builder-first-party-image", {f"{BASE}.publisher": "Canonical"}, "pass"),
        ("builder-first-party-image", {f"{BASE}.sku": "unheard-of"}, "fail"),
        ("builder-first-party-image", {BASE: None}, "fail"),
        ("builder-first-party-image", {BASE: None, f"{OS}.createOption": "Attach"}, "undecided"),
        ("builder-first-party-image", {BASE: {"id": "an id"}}, "not-applicable"),
        ("builder-first-party-image", {BASE: {"communityGalleryImageId": "c"}}, "fail"),
        ("builder-first-party-image", {BASE: {"sharedGalleryImageId": "c"}}, "fail"),
        ("builder-image-custom", {BASE: None}, "pass"),
        ("builder-no-plan", {"plan": {}}, "pass"),
        ("builder-licence-noted", {"licenseType": "sles_byos"}, "fail"),
        ("builder-licence-noted", {"licenseType": "Windows_Server"}, "pass"),
        ("builder-licence-noted", {"plan": {"name": "pro"}}, "pass"),
        (
            "builder-no-implicit-extensions",
            {"applicationProfile.galleryApplications": [{"packageReferenceId": "x"}]},
            "fail",
        ),
        (
            "builder-no-implicit-extensions",
            {"osProfile.windowsConfiguration.patchSettings.patchMode": "automaticbyplatform"},
            "fail",
        ),
        (
            "builder-no-implicit-extensions",
            {"osProfile.windowsConfiguration.patchSettings.patchMode": "Manual"},
            "pass",
        ),
        ("builder-extension-operations-off", {"osProfile": None}, "fail"),
        ("builder-extension-operations-off", {"osProfile.allowExtensionOperations": None}, "fail"),
        (
            "builder-extension-operations-off",
            {"osProfile.allowExtensionOperations": "False"},
            "pass",
        ),
        (
            "builder-extension-operations-off",
            {"osProfile": None, f"{OS}.createOption": "Attach"},
            "not-applicable",
        ),
        ("builder-os-disk-unencrypted", {f"{OS}.encryptionSettings": {}}, "pass"),
        ("builder-no-cmk-or-host-encryption", {f"{OS}.managedDisk.diskEncryptionSet.id": "x"},
         "fail"),
        ("builder-no-confidential-disk", {f"{OS}.managedDisk.securityProfile": {}}, "pass"),
        ("builder-caching-read-write", {f"{OS}.caching": None}, "fail"),
        ("builder-caching-read-write", {f"{OS}.caching": "readwrite"}, "pass"),
        ("builder-caching-read-write", {f"{OS}.writeAcceleratorEnabled": True}, "fail"),
        ("builder-no-ephemeral-os", {f"{OS}.diffDiskSettings": {}}, "pass"),
        ("builder-no-ephemeral-os", {f"{OS}.diffDiskSettings": {"placement": "ResourceDisk"}},
         "fail"),
        ("builder-default-temp-drive", {"hardwareProfile.vmSize": "STANDARD_D2S_V3"}, "pass"),
        ("builder-default-temp-drive", {"hardwareProfile": None}, "fail"),
        ("builder-default-temp-drive", {"hardwareProfile.vmSize": "Standard_M128"}, "undecided"),
    ],
)  # fmt: skip
def test_corners_of_each_requirement(rule, changes, expected, ask):
    assert ask(BY_ID[rule], *captured(changes)).verdict == expected


@pytest.mark.parametrize(
    "script",
    [
        "#cloud-config\nmounts:\n  - [ephemeral0, /data]\n",
        "sed -i 's/ResourceDisk.Format=y/ResourceDisk.Format=n/' /etc/waagent.conf",
        "wmic pagefileset set name='E:\\\\pagefile.sys'",
    ],
)
@pytest.mark.parametrize("path", ["osProfile.customData", "userData"])
def test_a_script_that_moves_the_temporary_drive_is_hinted_at_and_not_shown(script, path, ask):
    rule = BY_ID["builder-default-temp-drive"]
    for text in (script, b64encode(script.encode()).decode()):
        answer = ask(rule, *captured({path: text}))
        assert answer.verdict == "fail"
        assert text not in answer.text


def test_other_scripts_leave_it_alone(ask):
    text = b64encode(b"#cloud-config\npackages: [htop]\n").decode()
    changes = {"osProfile.customData": text}
    assert ask(BY_ID["builder-default-temp-drive"], *captured(changes)).verdict == "pass"


def test_a_base_beside_the_list_can_be_allowed(ask):
    rule = BY_ID["builder-first-party-image"]
    chain = captured({f"{BASE}.publisher": "Contoso"})
    assert ask(rule, *chain).verdict == "fail"
    config = {"baseImages": ["contoso/ubuntu-*/*"]}
    assert ask(rule, *chain, config=config).verdict == "pass"


def test_a_base_whose_support_is_over_is_not_supported():
    base = {"publisher": "Canonical", "offer": "UbuntuServer", "sku": "18.04-LTS"}
    judgement = judged(BY_ID["builder-first-party-image"], *captured({BASE: base}))
    (finding,) = judgement.findings
    assert "ended on 2024-12-31" in finding.actual


def test_a_plan_is_refused_in_china_and_noted_elsewhere():
    chain = captured({"plan": {"name": "pro"}})
    mandatory, noted = BY_ID["builder-no-plan"], BY_ID["builder-licence-noted"]
    assert verdict(mandatory, *chain) == "fail"
    assert verdict(mandatory, *chain, edition=Edition.GLOBAL) == "not-applicable"
    assert verdict(noted, *chain, edition=Edition.GLOBAL) == "fail"


def test_trusted_launch_is_refused_in_global_only_on_the_way_to_a_managed_image():
    rule = BY_ID["builder-no-trusted-launch"]
    changes = {"securityProfile.securityType": "TrustedLaunch"}
    version = Sample(
        type=tokens.GALLERY_IMAGE_VERSION,
        name="version",
        props={},
        depends={"storageProfile": ("vm",)},
    )
    assert verdict(rule, *captured(changes), edition=Edition.GLOBAL) == "fail"
    alone = (machine(changes), version)
    assert verdict(rule, *alone) == "fail"
    assert verdict(rule, *alone, edition=Edition.GLOBAL) == "not-applicable"


NEW, OLD = "2025-11-01", "2024-11-01"
GEN1 = {"publisher": "Canonical", "offer": "0001-com-ubuntu-server-jammy", "sku": "22_04-lts"}
NO_GENERATION = {"publisher": "MicrosoftWindowsServer", "offer": "x", "sku": "2022-datacenter"}


@pytest.mark.parametrize(
    ("version", "changes", "explicit", "stated"),
    [
        (NEW, {}, "pass", "not-applicable"),
        (NEW, {"securityProfile": None}, "fail", "not-applicable"),
        (NEW, {"securityProfile": None, BASE: GEN1}, "not-applicable", "not-applicable"),
        (NEW, {"securityProfile": None, BASE: {"id": "x"}}, "undecided", "not-applicable"),
        (NEW, {"securityProfile": None, BASE: NO_GENERATION}, "undecided", "not-applicable"),
        (OLD, {}, "not-applicable", "pass"),
        (OLD, {"securityProfile": None}, "not-applicable", "fail"),
        (OLD, {"securityProfile.securityType": "TrustedLaunch"}, "not-applicable", "pass"),
        (None, {"securityProfile": None}, "not-applicable", "fail"),
    ],
)
def test_the_security_type_is_stated_where_the_default_is_another(
    version, changes, explicit, stated
):
    chain = captured({"azureApiVersion": version, **changes})
    assert verdict(BY_ID["builder-security-type-explicit"], *chain) == explicit
    assert verdict(BY_ID["builder-security-type-stated"], *chain) == stated


def test_the_generation_can_be_configured():
    rule = BY_ID["builder-security-type-explicit"]
    chain = captured({"azureApiVersion": NEW, "securityProfile": None, BASE: {"id": "x"}})
    assert verdict(rule, *chain, options={"generation": "V2"}) == "fail"
    assert verdict(rule, *chain, options={"generation": "V1"}) == "not-applicable"


def test_luns_are_compared_along_the_disks_of_the_machine():
    rule = BY_ID["builder-data-disks-lun"]
    vm, snapshot, image = rule.bad
    (finding,) = judged(rule, vm, snapshot, image, of="image").findings
    assert str(finding) == (
        "storageProfile.dataDisks is of LUNs 0; needed: LUNs 0, 1, those of machine vm."
    )
    unknown = replace(vm, props=put(vm.props, "storageProfile.dataDisks", [{"lun": UNKNOWN}]))
    assert verdict(rule, unknown, snapshot, image, of="image") == "undecided"
    assert verdict(rule, image, of="image") == "not-applicable"


def test_a_captured_machine_brings_its_disks():
    rule = BY_ID["builder-data-disks-lun"]
    vm, image = captured({"storageProfile.dataDisks": [{"lun": 3}]})
    assert verdict(rule, vm, image, of="image") == "not-applicable"


def test_no_finding_shows_what_a_program_may_hide(ask):
    """Free texts at every path that a builder rule reads stay out of its words."""
    text = "https://x/?sig=s3cret value"
    paths = [
        f"{OS}.vhd.uri", f"{OS}.caching", f"{OS}.encryptionSettings.enabled", f"{BASE}.id",
        f"{BASE}.publisher", "plan.name", "licenseType", "hardwareProfile.vmSize",
        "osProfile.customData", "securityProfile.securityType",
    ]  # fmt: skip
    for path in paths:
        for rule in ALL:
            assert "s3cret" not in ask(rule, *captured({path: text})).text, (rule.id, path)
