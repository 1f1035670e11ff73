"""Purchase plans, and the end of an image's life."""

from __future__ import annotations

from datetime import date

import pytest

from rules import tokens
from rules.image_terms import IMAGE_NO_PURCHASE_PLAN, IMAGE_NOT_EXPIRED, IMAGE_PURCHASE_PLAN_NOTED
from rules.verdicts import Edition, Sample
from tests.policy.judging import UNKNOWN, judge

PLAN = {"name": "n", "publisher": "s3cret", "product": "p"}
GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g"


@pytest.mark.parametrize("kind", [tokens.GALLERY_IMAGE, tokens.SNAPSHOT])
@pytest.mark.parametrize(
    ("plan", "verdict"),
    [
        (None, "pass"),
        ({}, "pass"),
        ({"name": None}, "pass"),
        (PLAN, "fail"),
        (UNKNOWN, "undecided"),
        ({"name": UNKNOWN}, "undecided"),
    ],
)
def test_definitions_and_snapshots_have_no_plan(kind, plan, verdict):
    sample = Sample(type=kind, props={"purchasePlan": plan})
    answer = judge(IMAGE_NO_PURCHASE_PLAN, sample)
    assert answer.verdict == verdict
    assert "s3cret" not in answer.text
    noted = judge(IMAGE_PURCHASE_PLAN_NOTED, sample, edition=Edition.GLOBAL)
    assert noted.verdict == verdict


def test_each_edition_has_its_rule():
    sample = Sample(type=tokens.GALLERY_IMAGE, props={"purchasePlan": PLAN})
    china = judge(IMAGE_PURCHASE_PLAN_NOTED, sample)
    everywhere = judge(IMAGE_NO_PURCHASE_PLAN, sample, edition=Edition.GLOBAL)
    assert china.verdict == everywhere.verdict == "not-applicable"


def machine(**changed: object) -> Sample:
    return Sample(
        name="vm",
        type=tokens.VIRTUAL_MACHINE,
        props={"vmName": "vm", "resourceGroupName": "g", "plan": PLAN, **changed},
    )


def disk() -> Sample:
    return Sample(
        name="disk",
        type=tokens.DISK,
        props={"diskName": "os", "resourceGroupName": "g", "purchasePlan": PLAN},
    )


def captured(source: Sample, arm_type: str, name: str) -> Sample:
    return Sample(
        name="snapshot",
        type=tokens.SNAPSHOT,
        props={
            "creationData": {
                "createOption": "Copy",
                "sourceResourceId": f"{GROUP}/providers/Microsoft.Compute/{arm_type}/{name}",
            }
        },
        depends={"creationData": (source.name,)},
    )


def test_machines_and_disks_matter_when_an_image_is_made_from_them():
    assert judge(IMAGE_NO_PURCHASE_PLAN, machine()).verdict == "not-applicable"
    assert judge(IMAGE_NO_PURCHASE_PLAN, disk()).verdict == "not-applicable"
    made = judge(IMAGE_NO_PURCHASE_PLAN, disk(), captured(disk(), "disks", "os"))
    assert made.findings == ["purchasePlan is set; needed: absent."]
    named = judge(IMAGE_NO_PURCHASE_PLAN, machine(), options={"builders": ["v*"]})
    assert named.findings == ["plan is set; needed: absent."]


def test_a_disk_of_a_builder_matters():
    attached = {"osDisk": {"managedDisk": {"id": f"{GROUP}/providers/Microsoft.Compute/disks/os"}}}
    samples = (disk(), machine(plan=None, storageProfile=attached))
    assert judge(IMAGE_NO_PURCHASE_PLAN, *samples).verdict == "not-applicable"
    answer = judge(IMAGE_NO_PURCHASE_PLAN, *samples, options={"builders": ["vm"]})
    assert answer.findings == ["purchasePlan is set; needed: absent."]


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (None, "pass"),
        ("2026-09-02", "pass"),
        ("2026-09-02T00:00:00Z", "pass"),
        ("2026-09-01T00:00:00Z", "fail"),
        ("2026-09-02T00:00:00+08:00", "fail"),
        ("2026-09-01T20:00:00-08:00", "pass"),
        ("2020-01-01", "fail"),
        ("s3cret", "fail"),
        ("", "fail"),
        (20300101.0, "fail"),
        (UNKNOWN, "undecided"),
    ],
)
def test_the_end_of_life_lies_in_the_future_by_utc(value, verdict):
    definition = Sample(type=tokens.GALLERY_IMAGE, props={"endOfLifeDate": value})
    version = Sample(
        type=tokens.GALLERY_IMAGE_VERSION, props={"publishingProfile": {"endOfLifeDate": value}}
    )
    for sample in (definition, version):
        answer = judge(IMAGE_NOT_EXPIRED, sample, today=date(2026, 9, 1))
        assert answer.verdict == verdict
        assert "s3cret" not in answer.text


def test_the_clock_decides():
    sample = Sample(type=tokens.GALLERY_IMAGE, props={"endOfLifeDate": "2030-01-01"})
    assert judge(IMAGE_NOT_EXPIRED, sample, today=date(2029, 12, 31)).verdict == "pass"
    assert judge(IMAGE_NOT_EXPIRED, sample, today=date(2030, 1, 1)).findings == [
        "endOfLifeDate is 2030-01-01, which has come; needed: absent or in the future."
    ]
