"""The line from disk to pool: one operating system type, one generation, no missing link."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules import tokens
from rules.lineage import (
    IMAGE_CHAIN_COMPLETE,
    IMAGE_GENERATION_MATCHES,
    IMAGE_OS_TYPE_MATCHES,
)
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
from rules.verdicts import Sample
from tests.policy.judging import UNKNOWN, judge

OS_DISK = IMAGE.props["storageProfile"]["osDisk"]
UNKNOWN_SOURCE = {"source": {"id": UNKNOWN}}


def image(**os_disk: object) -> Sample:
    return changed(IMAGE, storageProfile={"osDisk": {**OS_DISK, **os_disk}})


def verdicts(rule, *samples) -> dict[str, str]:
    return {name: one.verdict.value for name, one in judge(rule, *samples).answers.items()}


def test_a_version_is_compared_with_the_nearest_that_says_anything():
    windows = changed(DEFINITION, osType="Windows")
    (line,) = judge(IMAGE_OS_TYPE_MATCHES, DISK, SNAPSHOT, IMAGE, windows, VERSION).findings
    assert line == (
        "storageProfile.source.id is Linux by managed image image; "
        "needed: Windows, which image definition definition says."
    )
    silent = image(osType=None)
    (line,) = judge(IMAGE_OS_TYPE_MATCHES, DISK, SNAPSHOT, silent, windows, VERSION).findings
    assert "Linux by snapshot snapshot" in line
    quiet = changed(SNAPSHOT, osType=None)
    (line,) = judge(IMAGE_OS_TYPE_MATCHES, DISK, quiet, silent, windows, VERSION).findings
    assert "Linux by disk disk" in line


def test_every_link_is_compared_with_its_own_source():
    samples = (changed(DISK, osType="Windows"), *CHAIN[1:])
    assert judge(IMAGE_OS_TYPE_MATCHES, *samples).findings == [
        "osType is Linux by snapshot snapshot; needed: Windows, which disk disk says."
    ]
    samples = (DISK, changed(SNAPSHOT, hyperVGeneration="v1"), IMAGE, DEFINITION, VERSION)
    assert len(judge(IMAGE_GENERATION_MATCHES, *samples).findings) == 2


def test_spelling_makes_no_difference():
    samples = (changed(DISK, osType="LINUX", hyperVGeneration="v2"), *CHAIN[1:])
    assert judge(IMAGE_OS_TYPE_MATCHES, *samples).verdict == "pass"
    assert judge(IMAGE_GENERATION_MATCHES, *samples).verdict == "pass"


@pytest.mark.parametrize("rule", [IMAGE_OS_TYPE_MATCHES, IMAGE_GENERATION_MATCHES])
def test_what_all_leave_open_agrees(rule):
    nothing = {"osType": None, "hyperVGeneration": None}
    samples = (
        changed(DISK, **nothing),
        changed(SNAPSHOT, **nothing),
        changed(image(osType=None), hyperVGeneration=None),
        DEFINITION,
        VERSION,
    )
    assert verdicts(rule, *samples) == {
        "snapshot": "not-applicable",
        "image": "not-applicable",
        "version": "pass",
    }


@pytest.mark.parametrize(
    ("api", "verdict"), [(None, "fail"), ("2024-03-03", "fail"), ("2025-03-03", "pass")]
)
def test_a_definition_without_a_generation_has_its_apis_default(api, verdict):
    definition = changed(DEFINITION, hyperVGeneration=None, azureApiVersion=api)
    samples = (DISK, SNAPSHOT, IMAGE, definition, VERSION)
    assert verdicts(IMAGE_GENERATION_MATCHES, *samples)["version"] == verdict


@pytest.mark.parametrize("rule", [IMAGE_OS_TYPE_MATCHES, IMAGE_GENERATION_MATCHES])
def test_what_is_outside_the_stack_is_external(rule):
    answer = judge(rule, IMAGE, DEFINITION, VERSION)
    assert answer.answers["version"].verdict.value == "pass"
    (line,) = answer.doubts
    assert line.startswith("undecided, external: storageProfile.osDisk.snapshot.id is that of a s")
    (line,) = judge(rule, IMAGE, VERSION, SNAPSHOT, DISK).doubts
    assert line == (
        "undecided, external: galleryImageName is the name of an image definition outside the "
        "stack."
    )


@pytest.mark.parametrize("rule", [IMAGE_OS_TYPE_MATCHES, IMAGE_GENERATION_MATCHES])
def test_what_is_not_known_yet_is_unknown(rule):
    version = replace(changed(VERSION, storageProfile=UNKNOWN_SOURCE), depends={})
    (line,) = judge(rule, DEFINITION, version).doubts
    assert line.startswith("undecided, unknown: storageProfile.source.id ")
    samples = (DISK, SNAPSHOT, IMAGE, changed(DEFINITION, osType=UNKNOWN), VERSION)
    definition = changed(DEFINITION, osType=UNKNOWN, hyperVGeneration=UNKNOWN)
    samples = (DISK, SNAPSHOT, IMAGE, definition, VERSION)
    (line,) = judge(rule, *samples).doubts
    assert line.startswith("undecided, unknown: galleryImageName is that of image definition d")


def test_unknown_ids_are_followed_over_the_graph():
    version = changed(VERSION, storageProfile=UNKNOWN_SOURCE)
    windows = changed(DEFINITION, osType="Windows")
    answer = judge(IMAGE_OS_TYPE_MATCHES, DISK, SNAPSHOT, IMAGE, windows, version)
    assert answer.verdict == "fail"
    assert judge(IMAGE_OS_TYPE_MATCHES, *CHAIN[:4], version).verdict == "pass"


def test_snapshots_of_data_disks_beside_the_os_disks_do_not_disturb():
    data = replace(changed(SNAPSHOT, osType=None, hyperVGeneration=None), name="data", depends={})
    data = changed(data, snapshotName="data", creationData={"createOption": "Copy"})
    made = replace(
        image(snapshot={"id": UNKNOWN}), depends={"storageProfile": ("snapshot", "data")}
    )
    answer = judge(IMAGE_OS_TYPE_MATCHES, DISK, SNAPSHOT, data, made)
    assert answer.answers["image"].verdict.value == "pass"
    other = changed(data, osType="Windows")
    answer = judge(IMAGE_OS_TYPE_MATCHES, DISK, SNAPSHOT, other, made)
    assert answer.answers["image"].verdict.value == "undecided"


def test_a_version_of_a_version_is_compared_with_its_definition():
    other = replace(changed(DEFINITION, galleryImageName="old", osType="Windows"), name="old")
    source = replace(changed(VERSION, galleryImageName="old"), name="source", depends={})
    copied = f"{COMPUTE}/galleries/fleet/images/old/versions/1.0.0"
    version = changed(VERSION, storageProfile={"source": {"id": copied}})
    version = replace(version, depends={})
    answer = judge(IMAGE_OS_TYPE_MATCHES, DEFINITION, other, source, version)
    assert "Windows by image definition old" in str(answer.answers["version"].findings[0])


def test_a_line_that_bites_its_tail_ends():
    itself = f"{COMPUTE}/snapshots/render-os"
    loop = changed(
        SNAPSHOT, osType=None, creationData={"createOption": "Copy", "sourceResourceId": itself}
    )
    answer = judge(IMAGE_OS_TYPE_MATCHES, loop, IMAGE, DEFINITION, VERSION)
    assert answer.answers["version"].verdict.value == "pass"


def pool(reference: object, **depends: tuple[str, ...]) -> Sample:
    machine = {"virtualMachineConfiguration": {"imageReference": reference}}
    return Sample(
        name="pool",
        type=tokens.BATCH_POOL,
        props={"deploymentConfiguration": machine},
        depends=depends,
    )


GALLERY = f"{COMPUTE}/galleries/fleet/images/render"


@pytest.mark.parametrize(
    ("sample", "verdict"),
    [
        (pool({"id": f"{GALLERY}/versions/1.0.0"}), "pass"),
        (pool({"id": f"{GALLERY}/versions/9.0.0"}), "pass"),
        (pool({"id": GALLERY}), "pass"),
        (pool({"id": f"{COMPUTE}/images/render"}), "fail"),
        (pool({"id": "s3cret"}), "fail"),
        (pool({}), "fail"),
        (pool({"publisher": "canonical", "offer": "o"}), "not-applicable"),
        (pool({"id": UNKNOWN}), "undecided"),
        (pool({"id": UNKNOWN}, deploymentConfiguration=("version",)), "pass"),
        (pool(UNKNOWN), "undecided"),
    ],
)
def test_a_pool_is_linked_to_a_gallery_image(sample, verdict):
    answer = judge(IMAGE_CHAIN_COMPLETE, *CHAIN, sample)
    assert answer.answers["pool"].verdict.value == verdict
    assert "s3cret" not in answer.text


@pytest.mark.parametrize(
    ("sample", "verdict"),
    [
        (SNAPSHOT, "pass"),
        (replace(SNAPSHOT, depends={}), "pass"),
        (changed(SNAPSHOT, creationData={}), "fail"),
        (changed(SNAPSHOT, creationData={"sourceUri": "https://x"}), "pass"),
        (changed(IMAGE, storageProfile={}), "fail"),
        (changed(VERSION, storageProfile=None), "fail"),
        (changed(VERSION, storageProfile={"source": {"id": "s3cret"}}), "fail"),
        (replace(changed(VERSION, storageProfile=UNKNOWN_SOURCE), depends={}), "undecided"),
    ],
)
def test_each_link_is_there_or_named(sample, verdict):
    answer = judge(IMAGE_CHAIN_COMPLETE, sample)
    assert answer.verdict == verdict
    assert "s3cret" not in answer.text
