"""Rules about snapshots (`compute:Snapshot`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import image_words, security
from imagefleet.domain.findings import Finding
from rules import tokens
from rules.canonical import ABSENT, UNKNOWN, path_text, text
from rules.conditions import must_allow, must_be, must_be_absent, must_be_off, not_known
from rules.image import JUDGED_ALONG_LINEAGE
from rules.origins import SLOTS, in_slots
from rules.verdicts import (
    Context,
    Edition,
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

    from rules.canonical import Resource
    from rules.stack import Stack

_OPTION = ("creationData", "createOption")
_SOURCE = SLOTS[tokens.SNAPSHOT][0]
_DISK_ID = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/fleet"
    "/providers/Microsoft.Compute/disks/builder-os"
)
_GOOD = {"creationData": {"createOption": "Copy", "sourceResourceId": _DISK_ID}}


def _is(option: str, *words: str) -> bool:
    return option.strip().casefold() in {word.casefold() for word in words}


def _full(resource: Resource, _: Context) -> Iterator[Outcome]:
    yield from must_be_off(resource, ("incremental",))
    yield from must_allow(
        resource,
        _OPTION,
        lambda option: not _is(option, *image_words.INCREMENTAL_OPTIONS),
        needed=f"{image_words.COPY}, because {image_words.COPY_START} makes incremental ones",
        vocabulary=image_words.CREATE_OPTIONS,
    )


def _from_disk(resource: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    option = text(resource.props, *_OPTION)
    if isinstance(option, str) and _is(option, image_words.IMPORT):
        yield NotApplicable("the snapshot is an import, which snapshot-imported judges")
        return
    yield from must_be(resource, _OPTION, image_words.COPY, image_words.CREATE_OPTIONS)
    if option is not UNKNOWN and (option is ABSENT or not _is(option, image_words.COPY)):
        return
    found = in_slots(resource, stack, (_SOURCE,))
    if not found:
        yield Finding(
            path=path_text(_SOURCE.path), actual="absent", needed="the id of a managed disk"
        )
    for origin in found:
        if origin.kind is None and origin.open:
            yield not_known(origin.path)
        elif not origin.fits:
            yield Finding(
                path=path_text(origin.path),
                actual=actual_source(origin),
                needed="the id of a managed disk",
            )


def _not_imported(resource: Resource, _: Context) -> Iterator[Outcome]:
    yield from must_allow(
        resource,
        _OPTION,
        lambda option: not _is(option, image_words.IMPORT),
        needed=f"{image_words.COPY} of a managed disk",
        vocabulary=image_words.CREATE_OPTIONS,
    )


def _standard(resource: Resource, context: Context) -> Iterator[Outcome]:
    if context.edition is Edition.GLOBAL:
        yield JUDGED_ALONG_LINEAGE
        return
    yield from must_allow(
        resource,
        ("securityProfile", "securityType"),
        security.is_standard,
        needed="Standard or absent",
        vocabulary=security.DISK_SECURITY_TYPES,
    )
    yield from must_be_absent(resource, ("creationData", "securityDataUri"))
    yield from must_allow(
        resource,
        _OPTION,
        lambda option: not _is(option, *security.SECURE_CREATE_OPTIONS),
        needed=image_words.COPY,
        vocabulary=security.SECURE_CREATE_OPTIONS,
    )


def _snapshot(**changed: object) -> tuple[Sample, ...]:
    return (Sample(type=tokens.SNAPSHOT, props=_GOOD | changed),)


_TYPES = frozenset({tokens.SNAPSHOT})
_VHD = "https://account.blob.core.chinacloudapi.cn/vhds/render.vhd"

SNAPSHOT_FULL = Rule(
    id="snapshot-full",
    summary="A snapshot for an image is a full copy.",
    why="The document's snapshot is a full, read-only copy of the disk; an incremental one lives "
    "from those before it.",
    remedy="Set incremental to false. A snapshot that is none of an image's may be exempted.",
    sentences=("D56",),
    types=_TYPES,
    severity=Severity.MEDIUM,
    level=Level.MANDATORY,
    check=_full,
    good=_snapshot(incremental=False),
    bad=_snapshot(incremental=True),
)

SNAPSHOT_FROM_MANAGED_DISK = StackRule(
    id="snapshot-from-managed-disk",
    summary="A snapshot for an image is a copy of a managed disk.",
    why="The image is made from snapshots of the builder machine's disks, which are managed ones.",
    remedy="Set creationData to createOption Copy and sourceResourceId to the id of the disk.",
    sentences=("D26", "D34"),
    types=_TYPES,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_from_disk,
    good=_snapshot(),
    bad=_snapshot(
        creationData={
            "createOption": "Copy",
            "sourceResourceId": _DISK_ID.replace("/disks/", "/snapshots/"),
        }
    ),
)

SNAPSHOT_IMPORTED = Rule(
    id="snapshot-imported",
    summary="A snapshot for an image is taken of a disk in Azure, not imported from a file.",
    why="A VHD is allowed as the source of an image if it was generalized before its upload, "
    "which nothing shows; the document goes from it to a managed image without a snapshot.",
    remedy="Take the snapshot of a managed disk, or make the managed image from the VHD.",
    sentences=("D26", "D36"),
    types=_TYPES,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_not_imported,
    good=_snapshot(),
    bad=_snapshot(creationData={"createOption": "Import", "sourceUri": _VHD}),
)

SNAPSHOT_NO_TRUSTED_LAUNCH = Rule(
    id="snapshot-no-trusted-launch",
    summary="A snapshot for an image is of a disk with the standard security type.",
    why="A snapshot of a Trusted Launch or Confidential disk carries that type on into the image, "
    "and Batch supports neither.",
    remedy="Take the snapshot of the disk of a standard machine with createOption Copy; leave out "
    "securityProfile and creationData.securityDataUri.",
    sentences=("D19",),
    types=_TYPES,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_standard,
    good=_snapshot(),
    bad=_snapshot(securityProfile={"securityType": "TrustedLaunch"}),
)

RULES = (
    SNAPSHOT_FULL,
    SNAPSHOT_FROM_MANAGED_DISK,
    SNAPSHOT_IMPORTED,
    SNAPSHOT_NO_TRUSTED_LAUNCH,
)
