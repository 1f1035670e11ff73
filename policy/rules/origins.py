"""What snapshots, managed images and image versions are made from, as their inputs say it.

An origin is one source that a resource names: by the property it stands in and by its id, or, as
long as the id is not known, by the resources of the stack that its value comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from imagefleet.domain import lineage
from imagefleet.domain.findings import Cause, Doubt
from imagefleet.domain.lineage import Artefact
from rules import tokens, wording
from rules.canonical import ABSENT, UNKNOWN, Path, Resource, path_text, read, text
from rules.conditions import not_known
from rules.stack import External

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rules.stack import Stack

ARTEFACTS: Final[Mapping[str, Artefact]] = {
    tokens.VIRTUAL_MACHINE: Artefact.VIRTUAL_MACHINE,
    tokens.DISK: Artefact.DISK,
    tokens.SNAPSHOT: Artefact.SNAPSHOT,
    tokens.MANAGED_IMAGE: Artefact.MANAGED_IMAGE,
    tokens.GALLERY_IMAGE_VERSION: Artefact.IMAGE_VERSION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A property that can name a source, with the kinds that belong there."""

    path: Path
    kinds: frozenset[Artefact]


def _slot(dotted: str, *kinds: Artefact) -> Slot:
    return Slot(path=tuple(dotted.split(".")), kinds=frozenset(kinds))


def _disk_slots(place: str) -> tuple[Slot, ...]:
    return (
        _slot(f"{place}.snapshot.id", Artefact.SNAPSHOT),
        _slot(f"{place}.managedDisk.id", Artefact.DISK),
        _slot(f"{place}.blobUri", Artefact.VHD),
    )


COMMUNITY = _slot("storageProfile.source.communityGalleryImageId")
SLOTS: Final[Mapping[str, tuple[Slot, ...]]] = {
    tokens.SNAPSHOT: (
        _slot("creationData.sourceResourceId", Artefact.DISK),
        _slot("creationData.sourceUri", Artefact.VHD),
    ),
    tokens.MANAGED_IMAGE: (
        _slot("sourceVirtualMachine.id", Artefact.VIRTUAL_MACHINE),
        *_disk_slots("storageProfile.osDisk"),
    ),
    tokens.GALLERY_IMAGE_VERSION: (
        _slot(
            "storageProfile.source.id",
            Artefact.MANAGED_IMAGE,
            Artefact.IMAGE_VERSION,
            Artefact.VIRTUAL_MACHINE,
        ),
        _slot("storageProfile.source.virtualMachineId", Artefact.VIRTUAL_MACHINE),
        COMMUNITY,
        _slot("storageProfile.osDiskImage.source.id", Artefact.SNAPSHOT, Artefact.DISK),
        _slot("storageProfile.osDiskImage.source.uri", Artefact.VHD),
        _slot("storageProfile.osDiskImage.source.storageAccountId", Artefact.VHD),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One source of a resource.

    `kind` is None for what Azure makes no image from, and for what is not known. `makers` are the
    resources of the stack that it is, or may be as long as more than one of them is left;
    `external` says that it is outside the stack, `open` that its id is not known yet.
    """

    slot: Slot
    path: Path
    kind: Artefact | None = None
    makers: tuple[Resource, ...] = ()
    external: External | None = None
    open: bool = False

    @property
    def fits(self) -> bool:
        """Whether it is of a kind that belongs where it stands."""
        return self.kind in self.slot.kinds

    @property
    def undecided(self) -> bool:
        """Whether it is open what this is, or with a file's address whether it is there at all."""
        return self.open and self.kind in (None, Artefact.VHD)

    def doubt(self) -> Doubt:
        """The doubt about what cannot be read of this source."""
        if self.external is None:
            return not_known(self.path)
        kind = self.kind or "resource"
        article = "an" if kind[0] in "aeiou" else "a"
        return Doubt(
            path=path_text(self.path),
            cause=Cause.EXTERNAL,
            detail=f"is that of {article} {kind} outside the stack, whose system no input shows",
        )


def origins(resource: Resource, stack: Stack) -> tuple[Origin, ...]:
    """Return the sources that `resource` names; none for types that name none.

    Where a whole object is not known, it counts as one open source. Raises `WrongShape`.
    """
    return in_slots(resource, stack, SLOTS.get(resource.type, ()))


def disk_origins(resource: Resource, stack: Stack, place: Path) -> tuple[Origin, ...]:
    """Return the sources that the disk of a managed image at `place` names."""
    slots = tuple(
        Slot(path=(*place, *slot.path), kinds=slot.kinds)
        for slot in (
            Slot(path=("snapshot", "id"), kinds=frozenset({Artefact.SNAPSHOT})),
            Slot(path=("managedDisk", "id"), kinds=frozenset({Artefact.DISK})),
            Slot(path=("blobUri",), kinds=frozenset({Artefact.VHD})),
        )
    )
    return in_slots(resource, stack, slots)


def in_slots(resource: Resource, stack: Stack, slots: tuple[Slot, ...]) -> tuple[Origin, ...]:
    """Return the sources named in `slots`, a file in storage but once."""
    found: dict[Path, Origin] = {}
    for slot in slots:
        for origin in _origin(resource, stack, slot):
            found.setdefault(origin.path, origin)
    files = [origin for origin in found.values() if origin.kind is Artefact.VHD]
    return tuple(one for one in found.values() if one not in files[1:])


def _origin(resource: Resource, stack: Stack, slot: Slot) -> Iterator[Origin]:
    value = text(resource.props, *slot.path)
    if value is ABSENT:
        return
    if value is UNKNOWN:
        path = _open_at(resource, slot.path)
        if slot.kinds == {Artefact.VHD} and path == slot.path:
            yield Origin(slot=slot, path=path, kind=Artefact.VHD, open=True)
            return
        kind, makers = _candidates(resource, stack, slot)
        named_here = len(makers) == 1 and path == slot.path
        yield Origin(slot=slot, path=path, kind=kind, makers=makers, open=not named_here)
        return
    if slot is COMMUNITY or slot.kinds == {Artefact.VHD}:
        kind = None if slot is COMMUNITY else Artefact.VHD
        yield Origin(slot=slot, path=slot.path, kind=kind, external=External("", None))
        return
    yield _known(resource, stack, slot, value)


def _known(resource: Resource, stack: Stack, slot: Slot, value: str) -> Origin:
    found = stack.referred(resource, slot.path, tuple(ARTEFACTS))
    kind = lineage.kind_of(value)
    if isinstance(found, Resource):
        return Origin(slot=slot, path=slot.path, kind=kind, makers=(found,))
    if isinstance(found, External):
        return Origin(slot=slot, path=slot.path, kind=kind, external=found)
    return Origin(slot=slot, path=slot.path, kind=kind, open=True)


def _candidates(
    resource: Resource, stack: Stack, slot: Slot
) -> tuple[Artefact | None, tuple[Resource, ...]]:
    """Return what an unknown id comes from, of the kinds that belong there if there are such.

    A machine where only a disk belongs stands for its disk, whose id Azure gives with it.
    """
    found = stack.sources(resource, str(slot.path[0]), tuple(ARTEFACTS))
    kinds = {maker.urn: ARTEFACTS[maker.type] for maker in found}
    if Artefact.VIRTUAL_MACHINE not in slot.kinds and slot.kinds & {Artefact.DISK}:
        kinds = {
            urn: Artefact.DISK if kind is Artefact.VIRTUAL_MACHINE else kind
            for urn, kind in kinds.items()
        }
    fitting = tuple(maker for maker in found if kinds[maker.urn] in slot.kinds)
    chosen = fitting or found
    distinct = {kinds[maker.urn] for maker in chosen}
    return (distinct.pop() if len(distinct) == 1 else None), chosen


def _open_at(resource: Resource, path: Path) -> Path:
    """Return the outermost step of `path` that is not known."""
    for depth in range(1, len(path)):
        if read(resource.props, *path[:depth]) is UNKNOWN:
            return path[:depth]
    return path


def called(resource: Resource) -> str:
    """Return a resource's kind and logical name, for messages."""
    kind = ARTEFACTS.get(resource.type, "image definition")
    return f"{kind} {wording.called(resource)}"
