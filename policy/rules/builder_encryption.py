"""Rules about encryption of what an image is made from: the system disk must be readable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import builders, security
from imagefleet.domain.findings import Finding
from rules import tokens
from rules.builder import BUILDERS, is_builder, is_called_builder
from rules.builder_extensions import machine_of
from rules.canonical import UNKNOWN, Resource, path_text, text
from rules.conditions import must_allow, must_be_absent, must_be_off, not_known, shown
from rules.examples import captured
from rules.verdicts import (
    Context,
    Edition,
    Level,
    NotApplicable,
    Outcome,
    Severity,
    StackRule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.stack import Stack

_OS_DISK = ("storageProfile", "osDisk")
_MANAGED = (*_OS_DISK, "managedDisk")
_TRUSTED_LAUNCH = security.SecurityType.TRUSTED_LAUNCH.value


def _concerns(resource: Resource, stack: Stack, context: Context) -> bool:
    """Whether an image is made from it; a snapshot or managed image is one for that purpose."""
    if resource.type == tokens.VIRTUAL_MACHINE:
        return is_builder(resource, stack, context)
    if resource.type == tokens.DISK:
        return resource.urn in stack.captured or is_called_builder(resource, context)
    return True


_NOTHING_MADE = NotApplicable("no image is made from this resource")


def _unencrypted(resource: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if resource.type == tokens.VIRTUAL_MACHINE_EXTENSION:
        yield from _no_encrypting_extension(resource, stack, context)
    elif not _concerns(resource, stack, context):
        yield _NOTHING_MADE
    elif resource.type == tokens.VIRTUAL_MACHINE:
        yield from must_be_off(resource, (*_OS_DISK, "encryptionSettings", "enabled"))
    else:
        yield from must_be_off(resource, ("encryptionSettingsCollection", "enabled"))


def _no_encrypting_extension(
    extension: Resource, stack: Stack, context: Context
) -> Iterator[Outcome]:
    kind = text(extension.props, "type")
    encrypting = {word.casefold() for word in builders.DISK_ENCRYPTION_EXTENSIONS}
    if kind is not UNKNOWN and str(kind).strip().casefold() not in encrypting:
        yield NotApplicable("the extension encrypts no disk")
        return
    machine = machine_of(extension, stack)
    named_builder = is_called_builder(extension, context)
    if machine is UNKNOWN and not named_builder:
        yield not_known(("vmName",))
    elif named_builder or (isinstance(machine, Resource) and is_builder(machine, stack, context)):
        if kind is UNKNOWN:
            yield not_known(("type",))
            return
        yield Finding(
            path="type",
            actual=shown(str(kind), builders.DISK_ENCRYPTION_EXTENSIONS),
            needed="no disk encryption on a builder",
        )
    else:
        yield _NOTHING_MADE


def _no_own_key(resource: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if not _concerns(resource, stack, context):
        yield _NOTHING_MADE
    elif resource.type == tokens.VIRTUAL_MACHINE:
        yield from must_be_absent(resource, (*_MANAGED, "diskEncryptionSet"))
        yield from must_be_off(resource, ("securityProfile", "encryptionAtHost"))
    elif resource.type == tokens.MANAGED_IMAGE:
        yield from must_be_absent(resource, (*_OS_DISK, "diskEncryptionSet"))
    else:
        yield from must_allow(
            resource,
            ("encryption", "type"),
            lambda kind: kind.strip().casefold() == builders.PLATFORM_KEY.casefold(),
            needed=f"absent or {builders.PLATFORM_KEY}",
            vocabulary=builders.ENCRYPTION_TYPES,
        )
        yield from must_be_absent(resource, ("encryption", "diskEncryptionSetId"))


def _not_confidential(resource: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if not _concerns(resource, stack, context):
        yield _NOTHING_MADE
        return
    if resource.type == tokens.VIRTUAL_MACHINE:
        path = (*_MANAGED, "securityProfile", "securityEncryptionType")
        yield from must_be_absent(resource, path)
        return
    yield from _disk_security(resource, context)


def _disk_security(disk: Resource, context: Context) -> Iterator[Outcome]:
    strict = context.edition is Edition.CHINA

    def allowed(value: str) -> bool:
        trusted_launch = value.strip().casefold() == _TRUSTED_LAUNCH.casefold()
        return security.is_standard(value) or (trusted_launch and not strict)

    yield from must_allow(
        disk,
        ("securityProfile", "securityType"),
        allowed,
        needed="absent",
        vocabulary=security.DISK_SECURITY_TYPES,
    )
    if not strict:
        return
    path = ("supportedCapabilities", "supportedSecurityOption")
    value = text(disk.props, *path)
    if value is UNKNOWN:
        yield not_known(path)
    elif isinstance(value, str) and not security.is_standard(value):
        actual = shown(value, builders.DISK_SECURITY_OPTIONS)
        yield Finding(path=path_text(path), actual=actual, needed="absent")


_ALL = frozenset({tokens.VIRTUAL_MACHINE, tokens.DISK, tokens.SNAPSHOT})

BUILDER_OS_DISK_UNENCRYPTED = StackRule(
    id="builder-os-disk-unencrypted",
    summary="Disks that an image is made from are not encrypted from inside the machine.",
    why="Azure Disk Encryption leaves a disk that no other machine can start from. Encryption at "
    "rest by the platform is always on and not meant.",
    remedy="Set enabled to false, take the AzureDiskEncryption extension off, and decrypt the "
    "disk before it is captured.",
    sentences=("D52",),
    types=_ALL | {tokens.VIRTUAL_MACHINE_EXTENSION},
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_unencrypted,
    good=captured({"storageProfile.osDisk.encryptionSettings": {"enabled": False}}),
    bad=captured({"storageProfile.osDisk.encryptionSettings": {"enabled": True}}),
    options=(BUILDERS,),
)

BUILDER_NO_CMK_OR_HOST_ENCRYPTION = StackRule(
    id="builder-no-cmk-or-host-encryption",
    summary="What an image is made from is encrypted with the platform's keys only.",
    why="Own keys and encryption at the host are no encryption in the guest, but a strict reading "
    "of the document counts them, and own keys restrict where an image can be used.",
    remedy="Leave out diskEncryptionSet and encryptionAtHost, or keep them knowingly: Batch is "
    "not known to refuse such an image.",
    sentences=("D52",),
    types=_ALL | {tokens.MANAGED_IMAGE},
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_no_own_key,
    good=captured(),
    bad=captured({"securityProfile.encryptionAtHost": True}),
    options=(BUILDERS,),
)

BUILDER_NO_CONFIDENTIAL_DISK = StackRule(
    id="builder-no-confidential-disk",
    summary="Disks that an image is made from are neither confidential nor of Trusted Launch.",
    why="A confidential disk is encrypted for one machine and its type stays with everything that "
    "is made from it; Batch supports neither type.",
    remedy="Leave out securityProfile on disks and snapshots and securityEncryptionType on "
    "machines; start again from a standard machine.",
    sentences=("D19", "D52"),
    types=_ALL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_not_confidential,
    good=captured(),
    bad=captured(
        {"storageProfile.osDisk.managedDisk.securityProfile.securityEncryptionType":
            "DiskWithVMGuestState"}
    ),
    options=(BUILDERS,),
)  # fmt: skip

RULES = (
    BUILDER_OS_DISK_UNENCRYPTED,
    BUILDER_NO_CMK_OR_HOST_ENCRYPTION,
    BUILDER_NO_CONFIDENTIAL_DISK,
)
