"""Managed images are made from one snapshot per disk."""

from __future__ import annotations

import pytest

from rules import tokens
from rules.managed_image import IMAGE_FROM_SNAPSHOTS
from rules.verdicts import Sample
from tests.policy.judging import UNKNOWN, judge

COMPUTE = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g"
    "/providers/Microsoft.Compute"
)
SNAPSHOT = {"snapshot": {"id": f"{COMPUTE}/snapshots/s"}}
DISK = {"managedDisk": {"id": f"{COMPUTE}/disks/d"}}
BLOB = {"blobUri": "https://x/y.vhd?sig=s3cret"}
MACHINE = {"id": f"{COMPUTE}/virtualMachines/m"}


def image(
    os_disk: object = None, *data_disks: object, machine: object = None, **depends: tuple[str, ...]
) -> Sample:
    profile = {"osDisk": os_disk, "dataDisks": list(data_disks)}
    return Sample(
        name="image",
        type=tokens.MANAGED_IMAGE,
        props={"storageProfile": profile, "sourceVirtualMachine": machine},
        depends=depends,
    )


@pytest.mark.parametrize(
    ("sample", "verdict"),
    [
        (image(SNAPSHOT), "pass"),
        (image(SNAPSHOT, {"lun": 0, **SNAPSHOT}), "pass"),
        (image(DISK), "fail"),
        (image(BLOB), "fail"),
        (image(None, machine=MACHINE), "fail"),
        (image(None), "fail"),
        (image(SNAPSHOT | DISK), "fail"),
        (image(SNAPSHOT, machine=MACHINE), "fail"),
        (image({"snapshot": {"id": f"{COMPUTE}/disks/d"}}), "fail"),
        (image({"snapshot": {"id": "s3cret"}}), "fail"),
        (image(SNAPSHOT, {"lun": 0, **DISK}), "fail"),
        (image(SNAPSHOT, {"lun": 0}), "fail"),
        (image(SNAPSHOT, {"lun": 0, **SNAPSHOT, **BLOB}), "fail"),
        (image({"snapshot": {"id": UNKNOWN}}), "undecided"),
        (image({"snapshot": UNKNOWN}), "undecided"),
        (image(UNKNOWN), "undecided"),
        (image(SNAPSHOT, UNKNOWN), "undecided"),
        (image(SNAPSHOT, {"lun": 0, "snapshot": {"id": UNKNOWN}}), "undecided"),
    ],
)
def test_every_disk_comes_from_one_snapshot(sample, verdict):
    answer = judge(IMAGE_FROM_SNAPSHOTS, sample)
    assert answer.verdict == verdict
    assert "s3cret" not in answer.text


def test_a_data_disk_is_named_by_its_place():
    (line,) = judge(IMAGE_FROM_SNAPSHOTS, image(SNAPSHOT, SNAPSHOT, DISK)).findings
    assert line.startswith("storageProfile.dataDisks[1].managedDisk.id is of kind disk; ")


def test_unknown_ids_are_snapshots_if_they_are_made_from_snapshots():
    unknown = {"snapshot": {"id": UNKNOWN}}
    sample = image(unknown, {"lun": 0, **unknown}, storageProfile=("os", "data"))
    made = [Sample(name=name, type=tokens.SNAPSHOT, props={}) for name in ("os", "data")]
    assert judge(IMAGE_FROM_SNAPSHOTS, sample, *made).verdict == "pass"
