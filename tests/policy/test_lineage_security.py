"""Edition global: a locked security type is the same from the source to the pool."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules import tokens
from rules.lineage_samples import (
    CHAIN,
    COMPUTE,
    DEFINITION,
    DISK,
    IMAGE,
    SNAPSHOT,
    VERSION,
    changed,
)
from rules.lineage_security import IMAGE_SECURITY_TYPE_AGREES
from rules.verdicts import Edition, Sample
from tests.policy.judging import UNKNOWN, judge

TRUSTED = {"securityProfile": {"securityType": "TrustedLaunch"}}
CONFIDENTIAL = {"securityProfile": {"securityType": "ConfidentialVM_DiskEncryptedWithPlatformKey"}}
DIRECT = replace(
    changed(
        VERSION,
        storageProfile={"osDiskImage": {"source": {"id": f"{COMPUTE}/snapshots/render-os"}}},
    ),
    depends={"galleryImageName": ("definition",), "storageProfile": ("snapshot",)},
)


def definition(value: object) -> Sample:
    return changed(DEFINITION, features=[{"name": "SecurityType", "value": value}])


def pool(value: object = None, image: object = None) -> Sample:
    image_id = f"{COMPUTE}/galleries/fleet/images/render/versions/1.0.0" if image is None else image
    machine = {
        "imageReference": {"id": image_id},
        "securityProfile": {"securityType": value},
    }
    return Sample(
        name="pool",
        type=tokens.BATCH_POOL,
        props={"deploymentConfiguration": {"virtualMachineConfiguration": machine}},
    )


def judged(*samples: Sample):
    return judge(IMAGE_SECURITY_TYPE_AGREES, *samples, edition=Edition.GLOBAL)


def of(name: str, *samples: Sample) -> str:
    return judged(*samples).answers[name].verdict.value


def test_the_standard_type_all_the_way_agrees():
    assert judged(*CHAIN, pool()).verdict == "pass"


def test_a_locked_type_all_the_way_agrees():
    disk, snapshot = changed(DISK, **TRUSTED), changed(SNAPSHOT, **TRUSTED)
    samples = (disk, snapshot, definition("TrustedLaunch"), DIRECT, pool("trustedLaunch"))
    assert judged(*samples).verdict == "pass"


def test_edition_china_has_nothing_to_compare():
    answer = judge(IMAGE_SECURITY_TYPE_AGREES, changed(SNAPSHOT, **TRUSTED), IMAGE)
    assert answer.verdict == "not-applicable"


@pytest.mark.parametrize(
    ("source", "image", "verdict"),
    [
        (TRUSTED, "TrustedLaunch", "pass"),
        (TRUSTED, "Standard", "fail"),
        (TRUSTED, "TrustedLaunchSupported", "fail"),
        (TRUSTED, "ConfidentialVM", "fail"),
        (CONFIDENTIAL, "ConfidentialVM", "pass"),
        ({"securityProfile": {"securityType": "Standard"}}, "TrustedLaunch", "fail"),
        ({"securityProfile": {"securityType": "Standard"}}, "TrustedLaunchSupported", "pass"),
        ({"securityProfile": {"securityType": UNKNOWN}}, "Standard", "undecided"),
        (TRUSTED, UNKNOWN, "undecided"),
        ({"securityProfile": {"securityType": "s3cret"}}, "Standard", "fail"),
    ],
)
def test_a_version_has_the_locked_type_of_its_source(source, image, verdict):
    samples = (changed(SNAPSHOT, **source), DISK, definition(image), DIRECT)
    assert of("version", *samples) == verdict
    assert "s3cret" not in judged(*samples).text


def test_no_locked_type_passes_through_a_managed_image():
    assert of("image", DISK, changed(SNAPSHOT, **TRUSTED), IMAGE) == "fail"
    assert of("version", DISK, SNAPSHOT, IMAGE, definition("TrustedLaunch"), VERSION) == "fail"
    machine = Sample(
        name="vm",
        type=tokens.VIRTUAL_MACHINE,
        props={"vmName": "vm", "resourceGroupName": "fleet", **TRUSTED},
    )
    source = {"id": f"{COMPUTE}/virtualMachines/vm"}
    captured = replace(changed(IMAGE, storageProfile=None, sourceVirtualMachine=source), depends={})
    assert of("image", machine, captured) == "fail"


@pytest.mark.parametrize(
    ("image", "machine", "verdict"),
    [
        ("Standard", None, "pass"),
        ("Standard", "standard", "pass"),
        ("Standard", "trustedLaunch", "fail"),
        ("TrustedLaunch", "trustedLaunch", "pass"),
        ("TrustedLaunch", None, "fail"),
        ("TrustedLaunch", "confidentialVM", "fail"),
        ("ConfidentialVM", "confidentialVM", "pass"),
        ("TrustedLaunchSupported", "trustedLaunch", "pass"),
        ("TrustedLaunchSupported", None, "pass"),
        ("TrustedLaunchSupported", "confidentialVM", "fail"),
        ("Sealed", None, "fail"),
        ("Standard", "s3cret", "fail"),
        ("TrustedLaunch", UNKNOWN, "undecided"),
        (UNKNOWN, None, "undecided"),
    ],
)
def test_a_pool_has_a_type_that_its_image_starts(image, machine, verdict):
    samples = (definition(image), VERSION, pool(machine))
    assert of("pool", *samples) == verdict
    assert "s3cret" not in judged(*samples).text
    floating = f"{COMPUTE}/galleries/fleet/images/render"
    assert of("pool", definition(image), pool(machine, floating)) == verdict


@pytest.mark.parametrize(
    ("image", "verdict"),
    [
        (f"{COMPUTE}/galleries/other/images/i/versions/1.0.0", "undecided"),
        (UNKNOWN, "undecided"),
        ("s3cret", "not-applicable"),
    ],
)
def test_a_pool_on_something_else(image, verdict):
    assert of("pool", definition("Standard"), pool(None, image)) == verdict
