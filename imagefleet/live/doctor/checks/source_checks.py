"""The disks, snapshots, images and machines that new image versions are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from imagefleet.domain import arm_ids, regions, security
from imagefleet.live.doctor import reads
from imagefleet.live.doctor.model import ByHand, Check, Found, bad, command, each, good, unsure
from imagefleet.live.doctor.reads import Body
from imagefleet.live.doctor.sources import Source, machine_of, seen, sources, vhds
from imagefleet.live.doctor.view import (
    View,
    definition_of,
    gallery_of,
    properties,
    stated_security_type,
)
from imagefleet.live.failures import Unreadable

_MACHINE = arm_ids.VIRTUAL_MACHINE
_PLATFORM_KEY = "encryptionatrestwithplatformkey"
_READ_WRITE = "readwrite"
_GENERALIZED = "osstate/generalized"

_UNSEEN = "could not be read; source-there says why"
_Judge = Callable[[Source, Body], Iterable[Found]]


def _sources(view: View, judge: _Judge) -> Iterator[Found]:
    """Judge every source as it stands."""

    def one(source: Source) -> Iterable[Found]:
        there = _seen(view, source)
        return (unsure(source.name, _UNSEEN),) if there is None else judge(source, there)

    return each(sources(view), _name, one)


def _seen(view: View, source: Source) -> Body | None:
    """A source as it stands, None where it cannot be read: `source-there` says why, once."""
    try:
        return seen(view, source)
    except Unreadable:
        return None


def _machines(view: View, judge: _Judge, asked: str) -> Iterator[Found]:
    """Judge the machine behind every source that is a machine or an OS disk."""

    def one(source: Source) -> Iterator[Found]:
        if source.role.startswith("lun"):
            return
        if source.kind not in (_MACHINE, arm_ids.DISK):
            yield unsure(source.name, f"does not show {asked} of the machine it comes from")
            return
        if _seen(view, source) is None:
            yield unsure(source.name, _UNSEEN)
            return
        machine = machine_of(view, source)
        if machine is None:
            yield unsure(source.name, f"is attached to no machine that would show {asked}")
            return
        yield from judge(source, view.reader.get(reads.machine(machine)))

    yield from each(sources(view), _name, one)
    for key in vhds(view):
        yield unsure(f"VHD of {key}", f"a blob does not show {asked} of its machine")


def _there(view: View) -> Iterable[Found]:
    def one(source: Source) -> Iterator[Found]:
        try:
            there = seen(view, source)
        except Unreadable as trouble:
            if not trouble.missing:
                raise
            yield bad(source.name, f"is not there: {source.id}")
            return
        region, home = str(there.get("location", "")), source.version.location
        anywhere = source.kind == arm_ids.IMAGE_VERSION
        if anywhere or regions.same(region, home):
            yield good(source.name, "is there")
        else:
            yield bad(source.name, f"lies in {region}, the version is made in {home}")

    yield from each(sources(view), _name, one)
    for key in vhds(view):
        yield unsure(f"VHD of {key}", "a blob is not looked at; `up` will say whether it is there")


def _standard(view: View) -> Iterable[Found]:
    def judge(source: Source, there: Body) -> Iterator[Found]:
        said = properties(there)
        if source.kind == arm_ids.IMAGE_VERSION:
            yield from _definition_standard(view, source)
            return
        if source.kind == arm_ids.MANAGED_IMAGE:
            yield good(source.name, "is a managed image, which has no other than the standard type")
            return
        kind = str((said.get("securityProfile") or {}).get("securityType") or "Standard")
        if security.is_standard(kind):
            yield good(source.name, "has the standard security type")
        else:
            yield bad(source.name, f"has the security type {kind}")

    return _sources(view, judge)


def _definition_standard(view: View, source: Source) -> Iterator[Found]:
    listed = view.in_group(reads.definitions(gallery_of(source.id)), definition_of(source.id))
    if listed is None:
        yield unsure(source.name, "its definition is not shown")
        return
    stated = stated_security_type(listed)
    if security.security_type(stated) in security.LOCKED_TYPES:
        yield bad(source.name, f"is of a definition with the security type {stated}")
    else:
        yield good(source.name, "is of a definition that makes standard machines")


def _generation(view: View) -> Iterable[Found]:
    def judge(source: Source, there: Body) -> Iterator[Found]:
        if source.role.startswith("lun"):
            return
        said = properties(there)
        view_of = said.get("instanceView") or {}
        shown = said.get("hyperVGeneration") or view_of.get("hyperVGeneration")
        planned = view.fleet.images[source.version.image_key].generation.value
        if not shown:
            yield unsure(source.name, "does not show its generation")
        elif str(shown).upper() == planned:
            yield good(source.name, f"is of generation {planned}")
        else:
            yield bad(source.name, f"is of generation {shown}, the stack says {planned}")

    return _sources(view, judge)


def _no_plan(view: View) -> Iterable[Found]:
    def judge(source: Source, machine: Body) -> Iterator[Found]:
        plan = machine.get("plan") or {}
        if plan:
            words = ", ".join(f"{key} {value}" for key, value in sorted(plan.items()))
            yield bad(source.name, f"its machine has a purchase plan ({words})")
        else:
            yield good(source.name, "its machine has no purchase plan")

    return _machines(view, judge, "the purchase plan")


def _managed_disks(view: View) -> Iterable[Found]:
    def judge(source: Source, machine: Body) -> Iterator[Found]:
        if source.kind != _MACHINE:
            yield good(source.name, "is a managed disk")
            return
        storage = properties(machine).get("storageProfile") or {}
        disks = [storage.get("osDisk") or {}, *(storage.get("dataDisks") or ())]
        plain = [str(disk.get("name", "?")) for disk in disks if not disk.get("managedDisk")]
        if not storage:
            yield unsure(source.name, "does not show its disks")
        elif plain:
            yield bad(source.name, f"has disks that are not managed: {', '.join(plain)}")
        else:
            yield good(source.name, f"has {len(disks)} managed disks")

    return _machines(view, judge, "the disks")


def _no_extensions(view: View) -> Iterable[Found]:
    def judge(source: Source, machine: Body) -> Iterator[Found]:
        machine_id = str(machine["id"])
        names = [str(each["name"]) for each in view.reader.get(reads.extensions(machine_id))]
        inside = properties(machine).get("instanceView") or {}
        names += [str(each.get("name", "?")) for each in inside.get("extensions") or ()]
        found = sorted(set(names))
        if not found:
            yield good(source.name, "its machine has no extension")
            return
        mend = [
            ByHand(
                command=command(
                    "az", "vm", "extension", "delete", "--ids", f"{machine_id}/extensions/{name}"
                ),
                why="it takes away what the extension does on the machine: sign-in, backup, watch",
            )
            for name in found
        ]
        words = f"its machine has extensions: {', '.join(found)}"
        yield bad(source.name, words, by_hand=mend)

    return _machines(view, judge, "the extensions")


def _unencrypted(view: View) -> Iterable[Found]:
    def judge(source: Source, there: Body) -> Iterator[Found]:
        if source.role.startswith("lun"):
            return
        reasons = [*_encrypted(properties(there))]
        if reasons:
            yield bad(source.name, f"its OS disk is encrypted: {', '.join(reasons)}")
        elif source.kind == arm_ids.IMAGE_VERSION:
            yield unsure(source.name, "a version does not show how its source was encrypted")
        else:
            yield good(source.name, "has no encryption but the platform's own")

    return _sources(view, judge)


def _encrypted(said: Body) -> Iterator[str]:
    """How a machine, disk, snapshot or image is encrypted beyond the platform's own keys."""
    if (said.get("securityProfile") or {}).get("encryptionAtHost"):
        yield "encryption at host"
    kind = str((said.get("encryption") or {}).get("type") or "")
    if kind and kind.lower() != _PLATFORM_KEY:
        yield kind
    if (said.get("encryptionSettingsCollection") or {}).get("enabled"):
        yield "Azure Disk Encryption"
    disk: Any = (said.get("storageProfile") or {}).get("osDisk") or {}
    if (disk.get("encryptionSettings") or {}).get("enabled"):
        yield "Azure Disk Encryption"
    holder = disk.get("managedDisk") or disk
    if isinstance(holder, dict) and holder.get("diskEncryptionSet"):
        yield "a disk encryption set"


def _generalized(view: View) -> Iterable[Found]:
    def judge(source: Source, there: Body) -> Iterator[Found]:
        said = properties(there)
        if source.kind == _MACHINE:
            codes = [
                str(status.get("code", "")).lower()
                for status in (said.get("instanceView") or {}).get("statuses") or ()
            ]
            if _GENERALIZED in codes:
                yield good(source.name, "is generalized")
            elif not codes:
                yield unsure(source.name, "does not show its state")
            else:
                yield bad(source.name, "is not marked as generalized", by_hand=[_marked(source.id)])
        elif source.kind == arm_ids.MANAGED_IMAGE:
            disk = (said.get("storageProfile") or {}).get("osDisk") or {}
            state = str(disk.get("osState") or "")
            if not state:
                yield unsure(source.name, "does not show its OS state")
            elif state.lower() == "generalized":
                yield good(source.name, "is generalized")
            else:
                yield bad(source.name, f"is {state}")
        elif source.role == "os":
            yield unsure(source.name, "a disk does not show whether its system was generalized")

    return _sources(view, judge)


def _marked(machine_id: str) -> ByHand:
    return ByHand(
        command=command("az", "vm", "generalize", "--ids", machine_id),
        why="the machine can never be started again; only when its system was generalized "
        "(sysprep, or waagent -deprovision+user) and it is deallocated",
    )


def _caching(view: View) -> Iterable[Found]:
    def judge(source: Source, machine: Body) -> Iterator[Found]:
        disk = (properties(machine).get("storageProfile") or {}).get("osDisk") or {}
        caching = str(disk.get("caching") or "")
        if not caching:
            yield unsure(source.name, "its machine does not show the caching of its OS disk")
        elif caching.lower() == _READ_WRITE:
            yield good(source.name, "its machine's OS disk is cached ReadWrite")
        else:
            yield bad(source.name, f"its machine's OS disk is cached {caching}")

    return _machines(view, judge, "the caching")


def _name(source: Source) -> str:
    return source.name


_CALLS = "1 list a resource group of several disks, snapshots or images, else 1 get a source"
_MACHINES = "1 get a machine"
CHECKS: Final = (
    Check(
        id="source-there",
        title="What new versions are made from is there, in their home region",
        run=_there,
        remedy="Correct the id, or copy the source to the region of the fleet.",
        calls=_CALLS,
        sentences=("D26", "D33", "D34", "D35", "D36"),
    ),
    Check(
        id="source-standard",
        title="Sources have the standard security type",
        run=_standard,
        remedy="Build the machine again with security type Standard: it cannot be taken back.",
        calls=f"{_CALLS}, shared; 1 list a gallery of source versions",
        sentences=("D19", "D20"),
    ),
    Check(
        id="source-generation",
        title="Sources have the generation of their image",
        run=_generation,
        remedy="Correct `generation` in the stack file, or build the machine again.",
        calls=f"{_CALLS}, shared",
        source="Azure documentation, Compute Gallery",
    ),
    Check(
        id="source-no-plan",
        title="Source machines have no purchase plan",
        run=_no_plan,
        remedy="Start from a first-party Marketplace image.",
        calls=_MACHINES,
        sentences=("D41", "D43"),
    ),
    Check(
        id="source-managed-disks",
        title="Source machines have managed disks",
        run=_managed_disks,
        remedy="Convert the disks: `az vm convert`.",
        calls=f"{_MACHINES}, shared",
        sentences=("D45",),
    ),
    Check(
        id="source-no-extensions",
        title="Source machines have no extensions",
        run=_no_extensions,
        remedy="Delete them before the machine is generalized; leftovers on the disk stay.",
        calls=f"{_MACHINES}, shared; 1 list a machine",
        sentences=("D47", "D48"),
    ),
    Check(
        id="source-unencrypted",
        title="The OS disks of sources are not encrypted",
        run=_unencrypted,
        remedy="Build the machine without disk encryption, encryption at host and customer keys.",
        calls=f"{_CALLS}, shared",
        sentences=("D52",),
    ),
    Check(
        id="source-generalized",
        title="Sources are generalized",
        run=_generalized,
        remedy="Run sysprep or `waagent -deprovision+user`, deallocate, then mark it.",
        calls=f"{_CALLS}, shared",
        sentences=("D35", "D37"),
    ),
    Check(
        id="source-caching",
        title="Source machines cache their OS disk ReadWrite",
        run=_caching,
        remedy="`osDiskCaching: ReadWrite` of the version, the default, decides for pools.",
        calls=f"{_MACHINES}, shared",
        sentences=("D55",),
        advice=True,
    ),
)
