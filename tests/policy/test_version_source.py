"""What an image version may be made from."""

from __future__ import annotations

import pytest

from rules import tokens
from rules.verdicts import Sample
from rules.version_source import (
    VERSION_SOURCE_ALLOWED,
    VERSION_SOURCE_DIRECT,
    VERSION_SOURCE_VHD,
)
from tests.policy.judging import UNKNOWN, judge

COMPUTE = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g"
    "/providers/Microsoft.Compute"
)
IMAGE = f"{COMPUTE}/images/i"
SNAPSHOT = f"{COMPUTE}/snapshots/s"
DISK = f"{COMPUTE}/disks/d"
MACHINE = f"{COMPUTE}/virtualMachines/m"
DEFINITION = f"{COMPUTE}/galleries/g/images/i"
VERSION = f"{DEFINITION}/versions/1.0.0"
VHD = {"uri": "https://x/y.vhd?sig=s3cret", "storageAccountId": f"{COMPUTE}/a/b"}


def version(source: object = None, os_disk: object = None, depends: tuple[str, ...] = ()) -> Sample:
    profile = {"source": source, "osDiskImage": {"source": os_disk}}
    return Sample(
        name="version",
        type=tokens.GALLERY_IMAGE_VERSION,
        props={"storageProfile": profile},
        depends={"storageProfile": depends},
    )


@pytest.mark.parametrize(
    ("sample", "allowed", "direct"),
    [
        (version({"id": IMAGE}), "pass", "pass"),
        (version({"id": IMAGE.upper() + "/"}), "pass", "pass"),
        (version({"id": VERSION}), "pass", "pass"),
        (version({"id": MACHINE}), "pass", "fail"),
        (version({"virtualMachineId": MACHINE}), "pass", "fail"),
        (version(None, {"id": SNAPSHOT}), "pass", "fail"),
        (version(None, {"id": DISK}), "pass", "fail"),
        (version(None, VHD), "pass", "pass"),
        (version(None, {"uri": VHD["uri"]}), "pass", "pass"),
        (version({"id": SNAPSHOT}), "fail", "pass"),
        (version({"id": DISK}), "fail", "pass"),
        (version({"id": DEFINITION}), "fail", "pass"),
        (version({"id": "s3cret"}), "fail", "pass"),
        (version({"virtualMachineId": IMAGE}), "fail", "pass"),
        (version(None, {"id": IMAGE}), "fail", "pass"),
        (version({"communityGalleryImageId": "s3cret"}), "fail", "pass"),
        (version(), "fail", "pass"),
        (version({}, {}), "fail", "pass"),
        (version({"id": IMAGE}, {"id": SNAPSHOT}), "fail", "fail"),
        (version({"id": IMAGE, "virtualMachineId": MACHINE}), "fail", "fail"),
        (version(None, {"id": SNAPSHOT, **VHD}), "fail", "fail"),
        (version({"id": IMAGE}, VHD), "fail", "pass"),
        (version({"id": UNKNOWN}), "undecided", "undecided"),
        (version(UNKNOWN), "undecided", "undecided"),
        (version(None, UNKNOWN), "undecided", "undecided"),
        (version({"id": IMAGE}, UNKNOWN), "undecided", "undecided"),
        (version({"communityGalleryImageId": UNKNOWN}), "undecided", "undecided"),
    ],
)
def test_every_source_has_its_answer(sample, allowed, direct):
    first, second = judge(VERSION_SOURCE_ALLOWED, sample), judge(VERSION_SOURCE_DIRECT, sample)
    assert (first.verdict, second.verdict) == (allowed, direct)
    assert "s3cret" not in first.text + second.text


def test_two_sources_are_named_by_their_places():
    (line,) = judge(VERSION_SOURCE_ALLOWED, version({"id": IMAGE}, {"id": SNAPSHOT})).findings
    assert line == (
        "storageProfile is with 2 sources (storageProfile.source.id, "
        "storageProfile.osDiskImage.source.id); needed: exactly one source."
    )


def test_a_wrong_kind_is_named_with_what_belongs_there():
    (line,) = judge(VERSION_SOURCE_ALLOWED, version({"id": DEFINITION})).findings
    assert line.startswith("storageProfile.source.id is the id of an image definition; ")
    (line,) = judge(VERSION_SOURCE_ALLOWED, version(None, {"id": IMAGE})).findings
    assert line.endswith("is of kind managed image; needed: disk or snapshot.")


@pytest.mark.parametrize(
    ("kind", "sample", "allowed", "direct"),
    [
        (tokens.MANAGED_IMAGE, version({"id": UNKNOWN}, depends=("made",)), "pass", "pass"),
        (tokens.VIRTUAL_MACHINE, version({"id": UNKNOWN}, depends=("made",)), "pass", "fail"),
        (tokens.SNAPSHOT, version({"id": UNKNOWN}, depends=("made",)), "fail", "pass"),
        (tokens.SNAPSHOT, version(None, {"id": UNKNOWN}, depends=("made",)), "pass", "fail"),
        (tokens.VIRTUAL_MACHINE, version(None, {"id": UNKNOWN}, depends=("made",)), "pass", "fail"),
        (tokens.GALLERY, version({"id": UNKNOWN}, depends=("made",)), "undecided", "undecided"),
    ],
)
def test_an_unknown_id_is_what_it_is_made_from(kind, sample, allowed, direct):
    made = Sample(name="made", type=kind, props={})
    assert judge(VERSION_SOURCE_ALLOWED, made, sample).answers["version"].verdict.value == allowed
    assert judge(VERSION_SOURCE_DIRECT, made, sample).answers["version"].verdict.value == direct


def image(**disk: object) -> Sample:
    return Sample(type=tokens.MANAGED_IMAGE, props={"storageProfile": {"osDisk": disk}})


@pytest.mark.parametrize(
    ("sample", "verdict"),
    [
        (version({"id": IMAGE}), "not-applicable"),
        (version(None, VHD), "fail"),
        (version(None, {"storageAccountId": "x"}), "fail"),
        (version(None, {"uri": UNKNOWN}), "undecided"),
        (version(None, UNKNOWN), "undecided"),
        (image(), "not-applicable"),
        (image(blobUri=VHD["uri"], osState="generalized"), "pass"),
        (image(blobUri=VHD["uri"], osState="Specialized"), "fail"),
        (image(blobUri=VHD["uri"]), "fail"),
        (image(blobUri=VHD["uri"], osState=UNKNOWN), "undecided"),
        (image(blobUri=UNKNOWN, osState="Generalized"), "undecided"),
    ],
)
def test_a_vhd_goes_through_a_generalized_managed_image(sample, verdict):
    answer = judge(VERSION_SOURCE_VHD, sample)
    assert answer.verdict == verdict
    assert "s3cret" not in answer.text
