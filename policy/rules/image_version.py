"""Rules about image versions (`compute:GalleryImageVersion`), apart from what they are made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from imagefleet.domain import versions
from imagefleet.domain.findings import Cause, Doubt, Finding
from imagefleet.domain.fleet import Caching
from imagefleet.domain.image_words import CACHINGS, FULL, REPLICATION_MODES
from rules import tokens
from rules.canonical import ABSENT, UNKNOWN, Path, count, path_text, presence, read, text
from rules.conditions import must_allow, must_be, must_be_absent, not_known
from rules.verdicts import (
    Context,
    Edition,
    Level,
    NotApplicable,
    Outcome,
    Rule,
    Sample,
    Severity,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.canonical import Resource

_NAME = ("galleryImageVersionName",)
_MODE = ("publishingProfile", "replicationMode")
_REGIONS = ("publishingProfile", "targetRegions")
_CACHING = {
    tokens.GALLERY_IMAGE_VERSION: ("storageProfile", "osDiskImage", "hostCaching"),
    tokens.MANAGED_IMAGE: ("storageProfile", "osDisk", "caching"),
}
# Digits and dots are a number that went wrong and may be shown; any other text may be a secret.
_NUMERIC = re.compile(r"[\d.]{1,40}", re.ASCII)
_CONFIDENTIAL = "securityProfile"


def _semver(resource: Resource, _: Context) -> Iterator[Outcome]:
    value = text(resource.props, *_NAME)
    needed = "Major.Minor.Patch, such as 1.0.0"
    if value is UNKNOWN:
        yield not_known(_NAME)
    elif value is ABSENT:
        actual = "absent, so the provider makes one up that is no version"
        yield Finding(path=path_text(_NAME), actual=actual, needed=needed)
    elif versions.fault(value) is not None:
        actual = value if _NUMERIC.fullmatch(value) else "a text of another form"
        yield Finding(path=path_text(_NAME), actual=actual, needed=needed)


def _full(resource: Resource, _: Context) -> Iterator[Outcome]:
    yield from must_allow(
        resource,
        _MODE,
        lambda mode: mode.strip().casefold() == FULL.casefold(),
        needed=f"absent or {FULL}",
        vocabulary=REPLICATION_MODES,
    )


def _no_uefi_keys(resource: Resource, context: Context) -> Iterator[Outcome]:
    if context.edition is Edition.GLOBAL:
        yield NotApplicable("edition global allows Trusted Launch, which the keys are for")
        return
    yield from must_be_absent(resource, ("securityProfile", "uefiSettings"))


def _os_disk_encryptions(resource: Resource) -> Iterator[tuple[Path, Any]]:
    """Yield the encryption of the OS disk in each region, or what is unknown on the way there."""
    regions = count(resource.props, *_REGIONS)
    if regions is UNKNOWN:
        yield _open_at(resource, _REGIONS), UNKNOWN
    for index in range(regions if isinstance(regions, int) else 0):
        path = (*_REGIONS, index, "encryption", "osDiskImage")
        value = read(resource.props, *path)
        yield (_open_at(resource, path) if value is UNKNOWN else path), value


def _open_at(resource: Resource, path: Path) -> Path:
    for depth in range(1, len(path)):
        if read(resource.props, *path[:depth]) is UNKNOWN:
            return path[:depth]
    return path


def _unencrypted(resource: Resource, context: Context) -> Iterator[Outcome]:
    if context.edition is Edition.GLOBAL:
        yield NotApplicable("edition global allows it, see version-os-disk-platform-key")
        return
    for path, value in _os_disk_encryptions(resource):
        if value is UNKNOWN:
            yield not_known(path)
        else:
            yield from must_be_absent(resource, (*path, _CONFIDENTIAL))


def _platform_key(resource: Resource, context: Context) -> Iterator[Outcome]:
    for path, value in _os_disk_encryptions(resource):
        if value is UNKNOWN:
            yield not_known(path)
            continue
        # in edition china the confidential part is the mandatory rule's
        yield from must_be_absent(resource, (*path, "diskEncryptionSetId"))
        if context.edition is Edition.GLOBAL:
            yield from must_be_absent(resource, (*path, _CONFIDENTIAL))


def _read_write(resource: Resource, _: Context) -> Iterator[Outcome]:
    path = _CACHING[resource.type]
    machine = ("sourceVirtualMachine", "id")
    if resource.type == tokens.MANAGED_IMAGE and text(resource.props, *path) is ABSENT:
        source = presence(resource.props, *machine)
        if source is UNKNOWN:
            yield not_known(_open_at(resource, machine))
            return
        if source is True:
            yield Doubt(
                path=path_text(path),
                cause=Cause.EXTERNAL,
                detail="is that of the source machine, whose disks no input of the image shows",
            )
            return
    yield from must_be(resource, path, Caching.READ_WRITE.value, CACHINGS)


_VERSION = {
    "galleryImageVersionName": "1.0.0",
    "storageProfile": {
        "source": {
            "id": "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/fleet"
            "/providers/Microsoft.Compute/images/render"
        },
        "osDiskImage": {"hostCaching": "ReadWrite"},
    },
}


def _version(**changed: object) -> tuple[Sample, ...]:
    return (Sample(type=tokens.GALLERY_IMAGE_VERSION, props=_VERSION | changed),)


def _encrypted(**encryption: object) -> tuple[Sample, ...]:
    region = {"name": "chinanorth3", "encryption": {"osDiskImage": encryption}}
    return _version(publishingProfile={"targetRegions": [region]})


_TYPES = frozenset({tokens.GALLERY_IMAGE_VERSION})

VERSION_NAME_SEMVER = Rule(
    id="version-name-semver",
    summary="An image version is named by three whole numbers.",
    why="Azure takes nothing else, and a name that the provider makes up is none; it fails only "
    "when it is deployed.",
    remedy="Set galleryImageVersionName to Major.Minor.Patch, without leading zeros.",
    sentences=("D5",),
    types=_TYPES,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_semver,
    good=_version(),
    bad=_version(galleryImageVersionName="1.0"),
)

VERSION_FULL_REPLICATION = Rule(
    id="version-full-replication",
    summary="An image version is replicated in full.",
    why="A shallow version is a reference to its source with a single replica, made for tests: "
    "it cannot have the replicas that a pool needs.",
    remedy="Make a new version with replicationMode Full; an existing one cannot change it.",
    sentences=("D91",),
    types=_TYPES,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_full,
    good=_version(publishingProfile={"replicationMode": "Full"}),
    bad=_version(publishingProfile={"replicationMode": "Shallow"}),
)

VERSION_NO_UEFI_KEYS = Rule(
    id="version-no-uefi-keys",
    summary="An image version carries no UEFI keys of its own.",
    why="Own UEFI keys only have an effect on Trusted Launch machines, which Batch does not "
    "support; they are how Trusted Launch comes in behind a definition that looks standard.",
    remedy="Delete securityProfile.uefiSettings from the version.",
    sentences=("D19",),
    types=_TYPES,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_no_uefi_keys,
    good=_version(securityProfile={}),
    bad=_version(
        securityProfile={"uefiSettings": {"signatureTemplateNames": ["NoSignatureTemplate"]}}
    ),
)

VERSION_OS_DISK_UNENCRYPTED = Rule(
    id="version-os-disk-unencrypted",
    summary="The OS disk of an image version is not confidentially encrypted.",
    why="The document wants an OS disk that is not encrypted, and a confidential one is encrypted "
    "for one kind of machine that Batch does not start.",
    remedy="Delete encryption.osDiskImage from every target region.",
    sentences=("D52",),
    types=_TYPES,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_unencrypted,
    good=_version(publishingProfile={"targetRegions": [{"name": "chinanorth3"}]}),
    bad=_encrypted(securityProfile={"confidentialVMEncryptionType": "EncryptedWithPmk"}),
)

VERSION_OS_DISK_PLATFORM_KEY = Rule(
    id="version-os-disk-platform-key",
    summary="The OS disk of an image version is encrypted with the platform's key only.",
    why="A key of one's own encrypts the stored replicas and not the disk inside, so it is no "
    "breach of the document's words; but such a version is no source of another, and pools need "
    "access to the key in every region. Edition global counts confidential encryption here too.",
    remedy="Delete encryption.osDiskImage from the target regions, unless the key is required.",
    sentences=("D52",),
    types=_TYPES,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_platform_key,
    good=_version(publishingProfile={"targetRegions": [{"name": "chinanorth3"}]}),
    bad=_encrypted(diskEncryptionSetId="an id"),
)

VERSION_HOST_CACHING = Rule(
    id="version-host-caching",
    summary="Images and image versions have ReadWrite caching of the OS disk.",
    why="Pools are provisioned faster with it, and the default is None or ReadOnly, by storage "
    "type. It is set at each step, because which one Batch honours is not documented.",
    remedy="Set storageProfile.osDiskImage.hostCaching of the version, or "
    "storageProfile.osDisk.caching of the managed image, to ReadWrite.",
    sentences=("D55",),
    types=frozenset(_CACHING),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_read_write,
    good=_version(),
    bad=_version(
        storageProfile=_VERSION["storageProfile"] | {"osDiskImage": {"hostCaching": "None"}}  # type: ignore[operator]
    ),
)

RULES = (
    VERSION_NAME_SEMVER,
    VERSION_FULL_REPLICATION,
    VERSION_NO_UEFI_KEYS,
    VERSION_OS_DISK_UNENCRYPTED,
    VERSION_OS_DISK_PLATFORM_KEY,
    VERSION_HOST_CACHING,
)
