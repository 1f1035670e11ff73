"""Builder machines: what Azure's words about them mean for an image that is made from one.

Vocabulary and dated facts about virtual machines, as far as an image inherits them. Nothing here
knows how a machine is declared.
"""

from __future__ import annotations

import re
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from imagefleet.domain import dates, lineage
from imagefleet.domain.fleet import Generation

if TYPE_CHECKING:
    from imagefleet.domain.fleet import ImageIdentifier

MACHINE_DEFAULT_IS_TRUSTED_LAUNCH_FROM: Final = date(2025, 11, 1)
"""From this version of the virtual machine API a generation 2 machine that names no security type
is a Trusted Launch one (Azure documentation, Trusted Launch). The resource schema reads the
opposite at that version, so that only a stated type is unambiguous."""

FIRST_PARTY_LICENCES: Final = ("Windows_Client", "Windows_Server", "None")
"""Values of licenseType that bring no third party's terms (Azure documentation, Azure Hybrid
Benefit for Windows Server; `None` is what the Azure CLI calls leaving it out)."""

THIRD_PARTY_LICENCES: Final = (
    "RHEL_BYOS",
    "RHEL_BASE",
    "RHEL_EUS",
    "RHEL_ELS_6",
    "RHEL_SAPAPPS",
    "RHEL_SAPHA",
    "RHEL_BASESAPAPPS",
    "RHEL_BASESAPHA",
    "SLES_BYOS",
    "SLES",
    "SLES_STANDARD",
    "SLES_SAP",
    "SLES_HPC",
    "UBUNTU",
    "UBUNTU_PRO",
)
"""Values of licenseType under a distributor's own terms (D43): those that `az vm create` takes
(Azure CLI reference; Azure Hybrid Benefit for Linux explains them). For messages only, since what
is not first-party counts as a third party's."""

PLATFORM_PATCHING: Final = "AutomaticByPlatform"
PATCH_MODES: Final = (PLATFORM_PATCHING, "AutomaticByOS", "ImageDefault", "Manual")
"""Who installs updates (values: compute resource schema, guest patch modes of Windows and Linux).
That the platform does it through an extension of its own (D47) is this project's reading of Azure's
documentation on guest patching, and the rule about it is advisory."""

DISK_ENCRYPTION_EXTENSIONS: Final = ("AzureDiskEncryption", "AzureDiskEncryptionForLinux")
"""Extension types of the publisher Microsoft.Azure.Security that encrypt disks from inside the
machine (D52; Azure documentation, Azure Disk Encryption for Windows and for Linux)."""

PLATFORM_KEY: Final = "EncryptionAtRestWithPlatformKey"
ENCRYPTION_TYPES: Final = (
    PLATFORM_KEY,
    "EncryptionAtRestWithCustomerKey",
    "EncryptionAtRestWithPlatformAndCustomerKeys",
)
"""Whose key encrypts a disk at rest (values: compute resource schema, EncryptionType). The
platform's is always on and not meant by D52 (Azure documentation, disk encryption overview)."""

DISK_SECURITY_OPTIONS: Final = (
    "TrustedLaunchSupported",
    "TrustedLaunchAndConfidentialVMSupported",
    "ConfidentialVMSupported",
)
"""What a disk's supportedCapabilities.supportedSecurityOption says beyond the standard type. The
first two are the values of the API (compute client library, KnownSupportedSecurityOption); the
last is a gallery's word for the same, kept to be shown if someone writes it here."""

# The generation that a name tells, beside what `lineage.base_traits` reads. No page lists it: the
# project's own reading of Marketplace names. What is not here is not known, and the rules then say
# so; the setting `generation` of a rule answers it.
_GENERATIONS: Final = (
    ("canonical/ubuntu-24_04-lts/server", Generation.V2),
    ("microsoft-dsvm/ubuntu-hpc/2*04", Generation.V2),
    ("canonical/0001-com-ubuntu-server-jammy/22_04-lts", Generation.V1),
    ("canonical/0001-com-ubuntu-server-focal/20_04-lts", Generation.V1),
    ("*/*/*gensecond*", Generation.V2),
    ("microsoftwindowsserver/windowsserver/*-azure-edition*", Generation.V2),
)

# What moves or resizes the temporary drive: the Linux agent's own settings (waagent.conf,
# ResourceDisk.*), cloud-init's mounts of ephemeral0, a page file elsewhere. The choice of patterns
# is this project's, and a hint only, since a script can do it in any other way.
_MOVES_TEMP_DRIVE = re.compile(
    r"ResourceDisk\.(?:Format|MountPoint|Filesystem|EnableSwap|SwapSizeMB)|\bephemeral0\b"
    r"|^[ \t]*(?:-[ \t]*)?mounts[ \t]*:|\bpagefile\b|\bPagingFiles\b",
    re.IGNORECASE | re.MULTILINE,
)


def machine_default_is_trusted_launch(api_version: str | None) -> bool:
    """Whether a generation 2 machine without a security type is Trusted Launch in this version.

    `api_version` is a version of the virtual machine API such as `2025-11-01`; None, or a text of
    another form, is taken for an older one.
    """
    day = dates.api_day(api_version)
    return day is not None and day >= MACHINE_DEFAULT_IS_TRUSTED_LAUNCH_FROM


def base_generation(base: ImageIdentifier) -> Generation | None:
    """The generation of a Marketplace image, where its SKU or its offer tells; else None."""
    found = lineage.base_traits(base).generation
    if found is not None:
        return found
    name = f"{base.publisher}/{base.offer}/{base.sku}".lower()
    return next((kind for form, kind in _GENERATIONS if fnmatchcase(name, form)), None)


def is_third_party_licence(licence: str) -> bool:
    """Whether a licenseType brings a third party's terms; one that Azure lacks is taken for it."""
    first_party = {word.casefold() for word in FIRST_PARTY_LICENCES}
    return licence.strip().casefold() not in first_party


def moves_temp_drive(script: str) -> bool:
    """Whether a start-up script looks as if it moved the default temporary drive (D50)."""
    return _MOVES_TEMP_DRIVE.search(script) is not None
