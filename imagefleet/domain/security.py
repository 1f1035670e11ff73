"""Security types of images, disks and machines, and which of them Batch pools can use.

The document allows the standard type only (D19, D20). Azure spells the same value differently in
different services (`TrustedLaunch` in Compute, `trustedLaunch` in Batch, `...Vm...` and `...VM...`
in gallery definitions), so every comparison here ignores case.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from imagefleet.domain import dates


class SecurityType(StrEnum):
    """What the `SecurityType` feature of an image definition, or a machine, can say."""

    STANDARD = "Standard"
    TRUSTED_LAUNCH = "TrustedLaunch"
    TRUSTED_LAUNCH_SUPPORTED = "TrustedLaunchSupported"
    CONFIDENTIAL_VM = "ConfidentialVM"
    CONFIDENTIAL_VM_SUPPORTED = "ConfidentialVMSupported"
    TRUSTED_LAUNCH_AND_CONFIDENTIAL_VM_SUPPORTED = "TrustedLaunchAndConfidentialVmSupported"


# Every word a security type can be, for messages that show nothing else.
SECURITY_TYPES = tuple(kind.value for kind in SecurityType)

# A machine from such an image runs with that type or not at all: Azure refuses a Standard one
# (Azure documentation, Compute Gallery: "image only supports 'TrustedLaunch' security type").
LOCKED_TYPES = frozenset({SecurityType.TRUSTED_LAUNCH, SecurityType.CONFIDENTIAL_VM})
# Such an image still starts Standard machines; refusing it is the strict reading of D19 and D20.
SUPPORTED_TYPES = frozenset(
    {
        SecurityType.TRUSTED_LAUNCH_SUPPORTED,
        SecurityType.CONFIDENTIAL_VM_SUPPORTED,
        SecurityType.TRUSTED_LAUNCH_AND_CONFIDENTIAL_VM_SUPPORTED,
    }
)

# Disks and snapshots name the confidential kinds by how they are encrypted (Azure documentation,
# Disks, securityProfile.securityType).
DISK_SECURITY_TYPES = (
    "TrustedLaunch",
    "ConfidentialVM_VMGuestStateOnlyEncryptedWithPlatformKey",
    "ConfidentialVM_DiskEncryptedWithPlatformKey",
    "ConfidentialVM_DiskEncryptedWithCustomerKey",
    "ConfidentialVM_NonPersistedTPM",
)
# Disk creation options that make a Trusted Launch or Confidential disk (same page, creationData).
SECURE_CREATE_OPTIONS = ("ImportSecure", "UploadPreparedSecure")

SECURITY_TYPE_FEATURE = "SecurityType"

# From this version of the gallery API a definition without the feature becomes a Gen2
# TrustedLaunchSupported one; before it, it meant Standard (Azure documentation, Compute Gallery).
GALLERY_DEFAULT_IS_TRUSTED_LAUNCH_FROM = date(2025, 3, 3)

_BY_FOLDED_NAME = {kind.casefold(): kind for kind in SecurityType}


def security_type(text: str) -> SecurityType | None:
    """Return the security type that `text` spells, in any case; None if Azure has none such."""
    return _BY_FOLDED_NAME.get(text.strip().casefold())


def is_standard(text: str) -> bool:
    """Whether `text` spells the standard security type, the only one the document allows (D20).

    A text that Azure does not know is not standard either: it cannot be shown to be allowed.
    """
    return security_type(text) is SecurityType.STANDARD


def is_security_type_feature(name: str) -> bool:
    """Whether a feature of an image definition called `name` states its security type."""
    return name.strip().casefold() == SECURITY_TYPE_FEATURE.casefold()


def absent_means_trusted_launch(api_version: str | None) -> bool:
    """Whether a definition without the feature is TrustedLaunchSupported in this API version.

    `api_version` is a version of the Compute gallery API such as `2025-03-03` or
    `2025-06-01-preview`; None, or a text of another form, is taken for an older one.
    """
    day = dates.api_day(api_version)
    return day is not None and day >= GALLERY_DEFAULT_IS_TRUSTED_LAUNCH_FROM
