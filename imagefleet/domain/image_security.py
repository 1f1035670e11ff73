"""What security type and generation of an image mean for its sources and for its machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imagefleet.domain import security
from imagefleet.domain.fleet import Generation
from imagefleet.domain.security import LOCKED_TYPES, SecurityType

if TYPE_CHECKING:
    from collections.abc import Mapping

_STANDARD: Final = SecurityType.STANDARD
_TRUSTED: Final = SecurityType.TRUSTED_LAUNCH
_CONFIDENTIAL: Final = SecurityType.CONFIDENTIAL_VM

MACHINES: Final[Mapping[SecurityType, frozenset[SecurityType]]] = {
    _STANDARD: frozenset({_STANDARD}),
    SecurityType.TRUSTED_LAUNCH_SUPPORTED: frozenset({_STANDARD, _TRUSTED}),
    SecurityType.CONFIDENTIAL_VM_SUPPORTED: frozenset({_STANDARD, _CONFIDENTIAL}),
    SecurityType.TRUSTED_LAUNCH_AND_CONFIDENTIAL_VM_SUPPORTED: frozenset(
        {_STANDARD, _TRUSTED, _CONFIDENTIAL}
    ),
    _TRUSTED: frozenset({_TRUSTED}),
    _CONFIDENTIAL: frozenset({_CONFIDENTIAL}),
}
"""Which machines start from an image of each type (Azure documentation, Compute Gallery)."""


def default_generation(api_version: str | None) -> Generation:
    """The generation of a definition that states none (Azure documentation, Compute Gallery).

    `api_version` is a version of the gallery API; None is taken for an older one.
    """
    newer = security.absent_means_trusted_launch(api_version)
    return Generation.V2 if newer else Generation.V1


def default_type(api_version: str | None, generation: Generation) -> SecurityType:
    """The security type of a definition that states none (Azure documentation, Compute Gallery)."""
    if generation is Generation.V2 and security.absent_means_trusted_launch(api_version):
        return SecurityType.TRUSTED_LAUNCH_SUPPORTED
    return SecurityType.STANDARD


def machine_type(text: str) -> SecurityType | None:
    """The type of machine that a disk's, a snapshot's or a machine's `securityType` belongs to.

    Disks name the confidential kinds by their encryption, `ConfidentialVM_...`; None for a text
    that Azure does not have.
    """
    word = text.strip().casefold()
    if word in {kind.casefold() for kind in security.DISK_SECURITY_TYPES}:
        word = word.partition("_")[0]
    return security.security_type(word)


def fits(source: SecurityType, target: SecurityType) -> bool:
    """Whether what is made from `source` may be of type `target`.

    A locked type (its disks hold the state of a virtual TPM) is carried on and never taken up on
    the way; the other types are open to each other.
    """
    return source == target or not {source, target} & LOCKED_TYPES
