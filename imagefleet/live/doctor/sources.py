"""What the image versions still to be made will be made from, and the machines behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from imagefleet.domain import arm_ids
from imagefleet.domain.fleet_plan import ImageVersionPlan
from imagefleet.live.doctor import reads
from imagefleet.live.doctor.reads import Body
from imagefleet.live.doctor.view import View, group_of, with_id
from imagefleet.live.failures import Unreadable

_LISTED = (arm_ids.DISK, arm_ids.SNAPSHOT, arm_ids.MANAGED_IMAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One thing that a version is made from; `role` is `os`, `lun0`, ... or `image`.

    `kind` is its ARM type. Several versions may name one source: `version` is the first of them.
    """

    id: str
    kind: str
    role: str
    version: ImageVersionPlan

    @property
    def name(self) -> str:
        """Its kind and name, for people."""
        words = self.kind.rpartition("/")[2].removesuffix("s")
        return f"{words} {arm_ids.parse(self.id).name} of {self.version.key}"


def sources(view: View) -> tuple[Source, ...]:
    """The sources of all versions that are not there yet; a version that is made needs none.

    A version of which that cannot be told counts as one still to be made. Worked out once a run.
    """
    return view.reader.once("sources", lambda: _sources(view))


def _sources(view: View) -> tuple[Source, ...]:
    found: dict[str, Source] = {}
    for version in view.plan.image_versions:
        if version.existing or _is_made(view, version):
            continue
        for resource_id, role in _named(version):
            parsed = arm_ids.try_parse(resource_id)
            if parsed is not None:
                found.setdefault(
                    resource_id.lower(),
                    Source(id=resource_id, kind=parsed.resource_type, role=role, version=version),
                )
    _warm(view, found.values())
    return tuple(found.values())


def vhds(view: View) -> tuple[str, ...]:
    """The keys of versions still to be made from an uploaded VHD, which nobody can look into."""
    return tuple(
        version.key
        for version in view.plan.image_versions
        if version.managed_image is not None
        and version.managed_image.vhd_uri is not None
        and not _is_made(view, version)
    )


def seen(view: View, source: Source) -> Body:
    """A source as it stands; raises `Unreadable`."""
    if source.kind == arm_ids.VIRTUAL_MACHINE:
        return view.reader.get(reads.machine(source.id))
    if source.kind == arm_ids.IMAGE_VERSION:
        return view.reader.get(reads.version(source.id))
    if _many(view, source):
        listed = with_id(
            view.reader.get(reads.in_group(source.kind, group_of(source.id))), source.id
        )
        if listed is not None:
            return listed
    return view.reader.get(reads.one(source.id))


def machine_of(view: View, source: Source) -> str | None:
    """The id of the machine that a disk is attached to; raises `Unreadable`."""
    if source.kind == arm_ids.VIRTUAL_MACHINE:
        return source.id
    owner = seen(view, source).get("managedBy")
    return str(owner) if owner else None


def _named(version: ImageVersionPlan) -> list[tuple[str, str]]:
    image = version.managed_image
    if image is None:
        return [(version.source_id, "image")] if version.source_id else []
    if image.virtual_machine_id is not None:
        return [(image.virtual_machine_id, "os")]
    if image.os_snapshot_id is None:
        return []
    taken = {snapshot.id.lower(): snapshot.source_id for snapshot in image.snapshots}
    pairs = [(image.os_snapshot_id, "os")]
    pairs += [(each, f"lun{lun}") for lun, each in image.data_snapshot_ids.items()]
    return [(taken.get(each.lower(), each), role) for each, role in pairs]


def _is_made(view: View, version: ImageVersionPlan) -> bool:
    try:
        return view.version_listed(version.id) is not None
    except Unreadable:
        return False


def _many(view: View, source: Source) -> bool:
    """Whether a list is the cheaper question: more than one of its kind lies in its group."""
    group = group_of(source.id).lower()
    alike = {
        resource_id.lower()
        for version in view.plan.image_versions
        if not version.existing
        for resource_id, _ in _named(version)
        if arm_ids.spells(resource_id, source.kind) and group_of(resource_id).lower() == group
    }
    return len(alike) > 1


def _warm(view: View, found: Iterable[Source]) -> None:
    asked: list[reads.Read[Body]] = []
    for source in found:
        if source.kind == arm_ids.VIRTUAL_MACHINE:
            asked.append(reads.machine(source.id))
        elif source.kind == arm_ids.IMAGE_VERSION:
            asked.append(reads.version(source.id))
        elif source.kind in _LISTED and not _many(view, source):
            asked.append(reads.one(source.id))
    view.reader.warm(asked)
