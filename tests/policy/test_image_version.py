"""Image versions: name, replication, encryption, caching."""

from __future__ import annotations

import pytest

from rules import tokens
from rules.image_version import (
    VERSION_FULL_REPLICATION,
    VERSION_HOST_CACHING,
    VERSION_NAME_SEMVER,
    VERSION_NO_UEFI_KEYS,
    VERSION_OS_DISK_PLATFORM_KEY,
    VERSION_OS_DISK_UNENCRYPTED,
)
from rules.verdicts import Edition, Sample
from tests.policy.judging import UNKNOWN, judge


def version(**props: object) -> Sample:
    return Sample(type=tokens.GALLERY_IMAGE_VERSION, props=props)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("1.0.0", "pass"),
        ("0.0.1", "pass"),
        ("2147483647.0.0", "pass"),
        ("2147483648.0.0", "fail"),
        ("1.0", "fail"),
        ("1.0.0.0", "fail"),
        ("1.01.0", "fail"),
        ("v1.0.0", "fail"),
        ("1.0.0-rc1", "fail"),
        ("latest", "fail"),
        ("version1a2b3c4d", "fail"),
        ("", "fail"),
        (None, "fail"),
        (1.0, "fail"),
        (UNKNOWN, "undecided"),
    ],
)
def test_a_version_is_named_by_three_numbers(name, verdict):
    assert judge(VERSION_NAME_SEMVER, version(galleryImageVersionName=name)).verdict == verdict


@pytest.mark.parametrize(
    ("name", "shown"),
    [("1.0", "1.0"), ("s3cret", "a text of another form"), ("9" * 500, "a text of another form")],
)
def test_a_wrong_name_is_shown_if_it_is_a_number(name, shown):
    (line,) = judge(VERSION_NAME_SEMVER, version(galleryImageVersionName=name)).findings
    assert line.startswith(f"galleryImageVersionName is {shown}; needed: ")


def test_an_absent_name_is_one_that_the_provider_makes_up():
    (line,) = judge(VERSION_NAME_SEMVER, version()).findings
    assert "the provider makes one up" in line


@pytest.mark.parametrize(
    ("mode", "verdict"),
    [
        (None, "pass"),
        ("Full", "pass"),
        ("full", "pass"),
        ("Shallow", "fail"),
        ("s3cret", "fail"),
        (UNKNOWN, "undecided"),
    ],
)
def test_replication_is_full_or_not_stated(mode, verdict):
    sample = version(publishingProfile={"replicationMode": mode})
    answer = judge(VERSION_FULL_REPLICATION, sample)
    assert answer.verdict == verdict
    assert "s3cret" not in answer.text


def test_edition_global_has_keys_for_trusted_launch():
    sample = version(securityProfile={"uefiSettings": {"signatureTemplateNames": ["x"]}})
    assert judge(VERSION_NO_UEFI_KEYS, sample).verdict == "fail"
    answer = judge(VERSION_NO_UEFI_KEYS, sample, edition=Edition.GLOBAL)
    assert answer.verdict == "not-applicable"


def encrypted(*encryptions: object) -> Sample:
    regions = [{"name": "westeurope", "encryption": each} for each in encryptions]
    return version(publishingProfile={"targetRegions": regions})


OWN_KEY = {"osDiskImage": {"diskEncryptionSetId": "s3cret"}}
CONFIDENTIAL = {
    "osDiskImage": {"securityProfile": {"confidentialVMEncryptionType": "EncryptedWithPmk"}}
}


@pytest.mark.parametrize(
    ("sample", "mandatory", "advisory", "everywhere"),
    [
        (version(), "pass", "pass", "pass"),
        (encrypted(None), "pass", "pass", "pass"),
        (encrypted({"osDiskImage": {}}), "pass", "pass", "pass"),
        (encrypted({"dataDiskImages": [{"lun": 0}]}), "pass", "pass", "pass"),
        (encrypted(OWN_KEY), "pass", "fail", "fail"),
        (encrypted(CONFIDENTIAL), "fail", "pass", "fail"),
        (encrypted(UNKNOWN), "undecided", "undecided", "undecided"),
        (version(publishingProfile=UNKNOWN), "undecided", "undecided", "undecided"),
        (encrypted({"osDiskImage": UNKNOWN}, CONFIDENTIAL), "fail", "undecided", "fail"),
    ],
)
def test_the_os_disk_is_encrypted_by_nobody(sample, mandatory, advisory, everywhere):
    assert judge(VERSION_OS_DISK_UNENCRYPTED, sample).verdict == mandatory
    assert judge(VERSION_OS_DISK_PLATFORM_KEY, sample).verdict == advisory
    noted = judge(VERSION_OS_DISK_PLATFORM_KEY, sample, edition=Edition.GLOBAL)
    assert noted.verdict == everywhere
    assert "s3cret" not in noted.text
    answer = judge(VERSION_OS_DISK_UNENCRYPTED, sample, edition=Edition.GLOBAL)
    assert answer.verdict == "not-applicable"


def test_every_region_is_looked_at():
    (line,) = judge(VERSION_OS_DISK_UNENCRYPTED, encrypted(None, CONFIDENTIAL)).findings
    place = "publishingProfile.targetRegions[1].encryption.osDiskImage.securityProfile"
    assert line == f"{place} is set; needed: absent."


@pytest.mark.parametrize(
    ("caching", "verdict"),
    [
        ("ReadWrite", "pass"),
        ("readwrite", "pass"),
        ("ReadOnly", "fail"),
        ("None", "fail"),
        (None, "fail"),
        (UNKNOWN, "undecided"),
    ],
)
def test_caching_is_read_write_and_absent_is_not(caching, verdict):
    sample = version(storageProfile={"osDiskImage": {"hostCaching": caching}})
    assert judge(VERSION_HOST_CACHING, sample).verdict == verdict
    image = Sample(
        type=tokens.MANAGED_IMAGE, props={"storageProfile": {"osDisk": {"caching": caching}}}
    )
    assert judge(VERSION_HOST_CACHING, image).verdict == verdict


def test_a_captured_image_has_the_caching_of_its_machine():
    image = Sample(type=tokens.MANAGED_IMAGE, props={"sourceVirtualMachine": {"id": "x"}})
    answer = judge(VERSION_HOST_CACHING, image)
    assert answer.doubts[0].startswith("undecided, external: storageProfile.osDisk.caching ")
    image = Sample(type=tokens.MANAGED_IMAGE, props={"sourceVirtualMachine": UNKNOWN})
    assert (
        judge(VERSION_HOST_CACHING, image)
        .doubts[0]
        .startswith("undecided, unknown: sourceVirtualMachine ")
    )
