"""Rules about the disks of builder machines: managed, cached, persistent, and all captured."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from imagefleet.domain import builders, vm_sizes
from imagefleet.domain.findings import Finding
from imagefleet.domain.fleet import Caching
from rules import tokens, wording
from rules.builder import BUILDERS, of_builders, outside
from rules.canonical import ABSENT, UNKNOWN, Resource, count, path_text, presence, read, text
from rules.conditions import must_be, must_be_absent, must_be_off, not_known
from rules.examples import captured, machine
from rules.numbers import numbers_of
from rules.verdicts import (
    Context,
    Level,
    NotApplicable,
    Outcome,
    Sample,
    Severity,
    StackRule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rules.canonical import Path
    from rules.stack import Stack

CACHING = tuple(caching.value for caching in Caching)
_OS_DISK = ("storageProfile", "osDisk")
_DATA_DISKS = ("storageProfile", "dataDisks")
_DATA_DISK_IMAGES = ("storageProfile", "dataDiskImages")
_WHOLE: Mapping[str, Path] = {
    tokens.MANAGED_IMAGE: ("sourceVirtualMachine",),
    tokens.GALLERY_IMAGE_VERSION: ("storageProfile", "source"),
}
_SCRIPTS: tuple[Path, ...] = (("osProfile", "customData"), ("userData",))


def _managed(machine: Resource, _: Context) -> Iterator[Outcome]:
    disks: list[Path] = [_OS_DISK]
    data = count(machine.props, *_DATA_DISKS)
    if data is UNKNOWN:
        yield not_known(_DATA_DISKS)
    elif isinstance(data, int):
        disks += [(*_DATA_DISKS, index) for index in range(data)]
    for disk in disks:
        yield from must_be_absent(machine, (*disk, "vhd"))
        yield from must_be_absent(machine, (*disk, "image"))


def _cached(machine: Resource, _: Context) -> Iterator[Outcome]:
    needed = Caching.READ_WRITE.value
    yield from must_be(machine, (*_OS_DISK, "caching"), needed, CACHING)
    yield from must_be_off(machine, (*_OS_DISK, "writeAcceleratorEnabled"))


def _persistent(machine: Resource, _: Context) -> Iterator[Outcome]:
    yield from must_be_absent(machine, (*_OS_DISK, "diffDiskSettings"))


def temp_disk(resource: Resource, path: Path) -> Iterator[Outcome]:
    """Require a VM size at `path` that has a temporary disk, by the dated table."""
    size = text(resource.props, *path)
    needed = "a size with a temporary disk, such as Standard_D4ds_v5"
    if size is UNKNOWN:
        yield not_known(path)
    elif size is ABSENT:
        yield Finding(path=path_text(path), actual="absent", needed=needed)
    else:
        has_one = vm_sizes.look_up(str(size)).temp_disk
        if has_one is None:
            shown = wording.size(str(size))
            detail = f"is {shown}, of which the table of {vm_sizes.AS_OF} tells nothing"
            yield outside(path, detail)
        elif not has_one:
            actual = f"{wording.size(str(size))}, which has none"
            yield Finding(path=path_text(path), actual=actual, needed=needed)


def _temp_drive(machine: Resource, _: Context) -> Iterator[Outcome]:
    yield from temp_disk(machine, ("hardwareProfile", "vmSize"))
    for path in _SCRIPTS:
        script = text(machine.props, *path)
        if script is UNKNOWN:
            yield not_known(path)
        elif isinstance(script, str) and builders.moves_temp_drive(_decoded(script)):
            yield Finding(
                path=path_text(path),
                actual="a script that seems to move the temporary drive",
                needed="one that leaves it where it is",
            )


def _decoded(script: str) -> str:
    """Return a start-up script as text; Azure takes it in base64."""
    try:
        return base64.b64decode(script, validate=True).decode("utf-8", errors="replace")
    except (binascii.Error, ValueError):
        return script


def _all_captured(image: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    path = _DATA_DISKS if image.type == tokens.MANAGED_IMAGE else _DATA_DISK_IMAGES
    whole = _takes_all_disks(image)
    if whole is not False:
        yield NotApplicable("the disks come with the source") if whole is True else not_known(whole)
        return
    machines = _machines_behind(image, stack)
    if len(machines) != 1:
        yield NotApplicable("no one machine of the stack is behind this image")
        return
    there = numbers_of(machines[0].props, "lun", *_DATA_DISKS)
    here = numbers_of(image.props, "lun", *path)
    if there is UNKNOWN or here is UNKNOWN:
        yield not_known(path)
        return
    wanted, got = _set(there), _set(here)
    if wanted != got:
        yield Finding(
            path=path_text(path),
            actual=f"of LUNs {_listed(got)}",
            needed=f"LUNs {_listed(wanted)}, those of machine {wording.called(machines[0])}",
        )


def _takes_all_disks(image: Resource) -> bool | Path:
    """Whether the image is made from a whole machine or image and lists no disk of its own.

    The path of what that hangs on where it is not known yet.
    """
    source = _WHOLE[image.type]
    whole = read(image.props, *source)
    if whole is ABSENT:
        return False
    if image.type == tokens.GALLERY_IMAGE_VERSION:
        listed = presence(image.props, *_DATA_DISK_IMAGES)
        if listed is not ABSENT:
            return False if listed is True else _DATA_DISK_IMAGES
    return source if whole is UNKNOWN else True


def _machines_behind(image: Resource, stack: Stack) -> list[Resource]:
    """Return the machines that the image's snapshots and disks come from."""
    found: dict[str, Resource] = {}
    seen: set[str] = set()
    waiting = [image]
    while waiting:
        for maker in stack.makers(waiting.pop()):
            if maker.urn in seen:
                continue
            seen.add(maker.urn)
            if maker.type == tokens.VIRTUAL_MACHINE:
                found[maker.urn] = maker
                continue
            waiting.append(maker)
            if maker.type == tokens.DISK:
                users = stack.dependants(maker, (tokens.VIRTUAL_MACHINE,))
                found.update((user.urn, user) for user in users)
    return list(found.values())


def _set(luns: frozenset[int] | object) -> frozenset[int]:
    return luns if isinstance(luns, frozenset) else frozenset()


def _listed(luns: frozenset[int]) -> str:
    return ", ".join(str(lun) for lun in sorted(luns)) or "none"


def _from_snapshots(*luns: int) -> tuple[Sample, ...]:
    """Return a machine with data disks 0 and 1, its snapshots, and an image of the given LUNs."""
    disks = [{"lun": 0, "createOption": "Empty"}, {"lun": 1, "createOption": "Empty"}]
    snapshot = Sample(
        type=tokens.SNAPSHOT,
        name="snapshot",
        props={"snapshotName": "os", "creationData": {"createOption": "Copy"}},
        depends={"creationData": ("vm",)},
    )
    image = Sample(
        type=tokens.MANAGED_IMAGE,
        name="image",
        props={
            "imageName": "render",
            "storageProfile": {
                "osDisk": {"osType": "Linux", "osState": "Generalized"},
                "dataDisks": [{"lun": lun} for lun in luns],
            },
        },
        depends={"storageProfile": ("snapshot",)},
    )
    return (machine({"storageProfile.dataDisks": disks}), snapshot, image)


BUILDER_MANAGED_DISKS = StackRule(
    id="builder-managed-disks",
    summary="A builder has managed disks.",
    why="Snapshots, managed images and image versions are made from managed disks; a disk in a "
    "storage account is none.",
    remedy="Delete vhd and image from osDisk and dataDisks; managed disks are the default.",
    sentences=("D45", "D46"),
    types=frozenset({tokens.VIRTUAL_MACHINE}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=of_builders(_managed),
    good=captured(),
    bad=captured({"storageProfile.osDisk.vhd": {"uri": "https://example.invalid/os.vhd"}}),
    options=(BUILDERS,),
)

BUILDER_CACHING_READ_WRITE = StackRule(
    id="builder-caching-read-write",
    summary="The system disk of a builder has ReadWrite caching.",
    why="The document recommends it for faster provisioning of pools. Where it is left out, Azure "
    "takes None or ReadOnly by the kind of disk.",
    remedy="Set storageProfile.osDisk.caching to ReadWrite; writeAcceleratorEnabled excludes it.",
    sentences=("D55",),
    types=frozenset({tokens.VIRTUAL_MACHINE}),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=of_builders(_cached),
    good=captured(),
    bad=captured({"storageProfile.osDisk.caching": "ReadOnly"}),
    options=(BUILDERS,),
)

BUILDER_NO_EPHEMERAL_OS = StackRule(
    id="builder-no-ephemeral-os",
    summary="The system disk of a builder is not ephemeral.",
    why="An ephemeral disk lives on the host and cannot be snapshotted, and one on the resource "
    "disk takes the place of the temporary drive.",
    remedy="Delete storageProfile.osDisk.diffDiskSettings.",
    sentences=("D50", "D56"),
    types=frozenset({tokens.VIRTUAL_MACHINE}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=of_builders(_persistent),
    good=captured(),
    bad=captured({"storageProfile.osDisk.diffDiskSettings": {"option": "Local"}}),
    options=(BUILDERS,),
)

BUILDER_DEFAULT_TEMP_DRIVE = StackRule(
    id="builder-default-temp-drive",
    summary="A builder has the default temporary drive and leaves it alone.",
    why="The Batch node agent expects the temporary drive where the base image has it. Scripts "
    "are only searched for the usual ways to move it.",
    remedy="Choose a size with a temporary disk, and take mounts of ephemeral0, ResourceDisk "
    "settings and page files out of custom data.",
    sentences=("D50", "D51"),
    types=frozenset({tokens.VIRTUAL_MACHINE}),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=of_builders(_temp_drive),
    good=captured(),
    bad=captured({"hardwareProfile.vmSize": "Standard_D4s_v5"}),
    options=(BUILDERS,),
)

BUILDER_DATA_DISKS_LUN = StackRule(
    id="builder-data-disks-lun",
    summary="An image holds the data disks of its builder, under the same LUNs.",
    why="A data disk that is left out is missing on every node, and one under another LUN appears "
    "as another device. Whether it is formatted and mounted cannot be seen.",
    remedy="Take a snapshot of every data disk and list it under the LUN it has on the machine.",
    sentences=("D14", "D60"),
    types=frozenset({tokens.MANAGED_IMAGE, tokens.GALLERY_IMAGE_VERSION}),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_all_captured,
    good=_from_snapshots(0, 1),
    bad=_from_snapshots(0),
)

RULES = (
    BUILDER_MANAGED_DISKS,
    BUILDER_CACHING_READ_WRITE,
    BUILDER_NO_EPHEMERAL_OS,
    BUILDER_DEFAULT_TEMP_DRIVE,
    BUILDER_DATA_DISKS_LUN,
)
