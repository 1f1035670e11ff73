"""Rules about managed images (`compute:Image`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain.findings import Finding
from imagefleet.domain.lineage import Artefact
from rules import tokens
from rules.canonical import ABSENT, UNKNOWN, Path, Resource, count, path_text, read, text
from rules.conditions import must_be, not_known
from rules.image import OS_STATES
from rules.origins import Origin, disk_origins, origins
from rules.verdicts import (
    Context,
    Level,
    NotApplicable,
    Outcome,
    Rule,
    Sample,
    Severity,
    StackRule,
)
from rules.version_source import actual_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.stack import Stack

_OS_STATE = ("storageProfile", "osDisk", "osState")
_SOURCE_MACHINE = ("sourceVirtualMachine",)
_OS_DISK = ("storageProfile", "osDisk")
_DATA_DISKS = ("storageProfile", "dataDisks")


def _has_no_state(resource: Resource) -> bool:
    return text(resource.props, *_OS_STATE) is ABSENT


def _generalized(resource: Resource, _: Context) -> Iterator[Outcome]:
    if _has_no_state(resource):
        if read(resource.props, *_SOURCE_MACHINE) is UNKNOWN:
            yield not_known(_SOURCE_MACHINE)
            return
        if read(resource.props, *_SOURCE_MACHINE, "id") is not ABSENT:
            yield NotApplicable("the state is the source machine's: managed-image-source-state")
            return
    yield from must_be(resource, _OS_STATE, "Generalized", OS_STATES)


def _source_state(resource: Resource, _: Context) -> Iterator[Outcome]:
    state = text(resource.props, *_OS_STATE)
    if read(resource.props, *_SOURCE_MACHINE) is UNKNOWN:
        yield not_known(_SOURCE_MACHINE)
    elif read(resource.props, *_SOURCE_MACHINE, "id") is ABSENT:
        yield NotApplicable("the image is captured from no machine")
    elif state is UNKNOWN:
        yield not_known(_OS_STATE)
    elif state is ABSENT:
        yield Finding(
            path=path_text(_OS_STATE),
            actual="absent, so it is that of the source machine, which no input shows",
            needed="a machine that was generalized before the capture",
        )


def _from_snapshots(image: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    yield from _one_snapshot(origins(image, stack), _OS_DISK)
    disks = count(image.props, *_DATA_DISKS)
    if disks is UNKNOWN:
        yield not_known(_DATA_DISKS)
    for index in range(disks if isinstance(disks, int) else 0):
        place = (*_DATA_DISKS, index)
        yield from _one_snapshot(disk_origins(image, stack, place), place)


def _one_snapshot(found: tuple[Origin, ...], place: Path) -> Iterator[Outcome]:
    named = [origin for origin in found if not origin.undecided]
    needed = "exactly one source, a snapshot"
    if not found:
        yield Finding(path=path_text(place), actual="without a source", needed=needed)
    if len(named) > 1:
        actual = f"with {len(named)} sources"
        yield Finding(path=path_text(place), actual=actual, needed=needed)
        return
    for origin in found:
        if origin.undecided:
            yield not_known(origin.path)
        elif origin.kind is not Artefact.SNAPSHOT or not origin.fits:
            yield Finding(
                path=path_text(origin.path),
                actual=actual_source(origin),
                needed="a snapshot, in snapshot.id",
            )


_GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/fleet"
_COMPUTE = f"{_GROUP}/providers/Microsoft.Compute"
_FROM_SNAPSHOT = {
    "osType": "Linux",
    "osState": "Generalized",
    "caching": "ReadWrite",
    "snapshot": {"id": f"{_COMPUTE}/snapshots/render-os"},
}


def _image(**os_disk: object) -> tuple[Sample, ...]:
    disk = _FROM_SNAPSHOT | os_disk
    return (Sample(type=tokens.MANAGED_IMAGE, props={"storageProfile": {"osDisk": disk}}),)


_TYPES = frozenset({tokens.MANAGED_IMAGE})

MANAGED_IMAGE_GENERALIZED = Rule(
    id="managed-image-generalized",
    summary="A managed image holds a generalized operating system.",
    why="A managed image is the way from a machine's disks to an image version, and Batch uses "
    "generalized images only.",
    remedy="Generalize the operating system before its disk is captured and set "
    "storageProfile.osDisk.osState to Generalized.",
    sentences=("D35", "D37"),
    types=_TYPES,
    severity=Severity.CRITICAL,
    level=Level.MANDATORY,
    check=_generalized,
    good=_image(),
    bad=_image(osState="Specialized"),
)

MANAGED_IMAGE_SOURCE_STATE = Rule(
    id="managed-image-source-state",
    summary="A managed image states itself that its operating system is generalized.",
    why="An image captured from a machine takes the machine's state. Whether it was generalized "
    "is no property of a machine, so nobody sees before deployment that it was not.",
    remedy="Generalize the machine before the capture, or make the image from snapshots of its "
    "disks with osState Generalized.",
    sentences=("D35", "D37"),
    types=_TYPES,
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_source_state,
    good=(
        Sample(
            type=tokens.MANAGED_IMAGE,
            props={
                "sourceVirtualMachine": {"id": f"{_COMPUTE}/virtualMachines/builder"},
                "storageProfile": {"osDisk": {"osType": "Linux", "osState": "Generalized"}},
            },
        ),
    ),
    bad=(
        Sample(
            type=tokens.MANAGED_IMAGE,
            props={"sourceVirtualMachine": {"id": f"{_COMPUTE}/virtualMachines/builder"}},
        ),
    ),
)

IMAGE_FROM_SNAPSHOTS = StackRule(
    id="image-from-snapshots",
    summary="A managed image is made from snapshots, one for each of its disks.",
    why="It is the document's way: the machine stays as it is, and the same snapshots can become "
    "an image again.",
    remedy="Take snapshots of the disks and name one for the OS disk and one for each data disk, "
    "and no other source beside it.",
    sentences=("D26", "D34", "D60"),
    types=_TYPES,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_from_snapshots,
    good=_image(),
    bad=_image(snapshot=None, managedDisk={"id": f"{_COMPUTE}/disks/builder-os"}),
)

RULES = (MANAGED_IMAGE_GENERALIZED, MANAGED_IMAGE_SOURCE_STATE, IMAGE_FROM_SNAPSHOTS)
