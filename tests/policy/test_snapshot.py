"""Snapshots are full copies of managed disks."""

from __future__ import annotations

import pytest

from rules import tokens
from rules.snapshot import (
    SNAPSHOT_FROM_MANAGED_DISK,
    SNAPSHOT_FULL,
    SNAPSHOT_IMPORTED,
    SNAPSHOT_NO_TRUSTED_LAUNCH,
)
from rules.verdicts import Edition, Sample
from tests.policy.judging import UNKNOWN, judge

COMPUTE = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g"
    "/providers/Microsoft.Compute"
)
DISK = f"{COMPUTE}/disks/d"


def snapshot(option: object = "Copy", source: object = DISK, **extra: object) -> Sample:
    data = {"createOption": option, "sourceResourceId": source}
    return Sample(name="snapshot", type=tokens.SNAPSHOT, props={"creationData": data, **extra})


@pytest.mark.parametrize(
    ("sample", "verdict"),
    [
        (snapshot(), "pass"),
        (snapshot(incremental=False), "pass"),
        (snapshot(incremental="false"), "pass"),
        (snapshot(incremental=None, sku={"name": "Standard_ZRS"}), "pass"),
        (snapshot(incremental=True), "fail"),
        (snapshot(incremental="True"), "fail"),
        (snapshot("CopyStart"), "fail"),
        (snapshot("copystart", incremental=False), "fail"),
        (snapshot(incremental=UNKNOWN), "undecided"),
        (snapshot(UNKNOWN), "undecided"),
        (snapshot(incremental=1.0), "fail"),
    ],
)
def test_a_snapshot_is_full(sample, verdict):
    assert judge(SNAPSHOT_FULL, sample).verdict == verdict


@pytest.mark.parametrize(
    ("sample", "verdict", "imported"),
    [
        (snapshot(), "pass", "pass"),
        (snapshot("copy", DISK.lower()), "pass", "pass"),
        (snapshot("Import", None), "not-applicable", "fail"),
        (snapshot("import", DISK), "not-applicable", "fail"),
        (snapshot(None), "fail", "pass"),
        (snapshot("CopyStart"), "fail", "pass"),
        (snapshot("s3cret"), "fail", "pass"),
        (snapshot("Copy", None), "fail", "pass"),
        (snapshot("Copy", f"{COMPUTE}/snapshots/s"), "fail", "pass"),
        (snapshot("Copy", f"{COMPUTE}/virtualMachines/m"), "fail", "pass"),
        (snapshot("Copy", "s3cret"), "fail", "pass"),
        (snapshot("Copy", UNKNOWN), "undecided", "pass"),
        (snapshot(UNKNOWN), "undecided", "undecided"),
        (Sample(type=tokens.SNAPSHOT, props={"creationData": UNKNOWN}), "undecided", "undecided"),
        (Sample(type=tokens.SNAPSHOT, props={}), "fail", "pass"),
    ],
)
def test_a_snapshot_is_a_copy_of_a_managed_disk(sample, verdict, imported):
    answer, other = judge(SNAPSHOT_FROM_MANAGED_DISK, sample), judge(SNAPSHOT_IMPORTED, sample)
    assert (answer.verdict, other.verdict) == (verdict, imported)
    assert "s3cret" not in answer.text + other.text


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        (tokens.DISK, "pass"),
        (tokens.VIRTUAL_MACHINE, "pass"),
        (tokens.SNAPSHOT, "fail"),
        (tokens.GALLERY, "undecided"),
    ],
)
def test_an_unknown_source_is_what_it_is_made_from(kind, verdict):
    sample = Sample(
        name="snapshot",
        type=tokens.SNAPSHOT,
        props={"creationData": {"createOption": "Copy", "sourceResourceId": UNKNOWN}},
        depends={"creationData": ("made",)},
    )
    made = Sample(name="made", type=kind, props={})
    answer = judge(SNAPSHOT_FROM_MANAGED_DISK, sample, made).answers["snapshot"]
    assert answer.verdict.value == verdict


def test_edition_global_leaves_the_security_type_to_the_lineage():
    sample = snapshot(securityProfile={"securityType": "TrustedLaunch"})
    assert judge(SNAPSHOT_NO_TRUSTED_LAUNCH, sample).verdict == "fail"
    answer = judge(SNAPSHOT_NO_TRUSTED_LAUNCH, sample, edition=Edition.GLOBAL)
    assert answer.verdict == "not-applicable"
