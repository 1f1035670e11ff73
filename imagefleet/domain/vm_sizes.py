"""What is known about VM sizes without asking Azure: a dated table of common series.

Azure's own list (`az batch location list-skus`) is the truth for a region; this table catches what
would fail everywhere. A field that is None is not known, and nothing is concluded from it. Source:
Azure documentation, Sizes for virtual machines, one page for each series.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from imagefleet.domain.fleet import Architecture, Generation

AS_OF: Final = date(2026, 8, 1)
"""The date of the table."""

SOURCE: Final = "Azure documentation, Sizes for virtual machines"


@dataclass(frozen=True, slots=True, kw_only=True)
class VmSize:
    """A VM size; `temp_disk` says whether it has a local temporary disk (D50, D51)."""

    name: str
    vcpus: int | None
    temp_disk: bool | None
    generations: frozenset[Generation] | None
    architecture: Architecture | None


_BOTH: Final = frozenset({Generation.V1, Generation.V2})
_V1: Final = frozenset({Generation.V1})
_V2: Final = frozenset({Generation.V2})
_STANDARD: Final = (2, 4, 8, 16, 32, 48, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """Sizes that differ only in their number of vCPUs, which the pattern's `{}` stands for."""

    pattern: str
    vcpus: tuple[int, ...]
    temp_disk: bool
    generations: frozenset[Generation] | None
    architecture: Architecture = Architecture.X64


def _series(
    pattern: str,
    vcpus: tuple[int, ...],
    generations: frozenset[Generation] | None,
    *,
    temp_disk: bool,
    architecture: Architecture = Architecture.X64,
) -> _Series:
    return _Series(
        pattern=pattern,
        vcpus=vcpus,
        generations=generations,
        temp_disk=temp_disk,
        architecture=architecture,
    )


_ARM: Final = Architecture.ARM64
_SERIES: Final = (
    _series("Standard_D{}_v3", (2, 4, 8, 16, 32, 48, 64), _V1, temp_disk=True),
    _series("Standard_D{}s_v3", (2, 4, 8, 16, 32, 48, 64), _BOTH, temp_disk=True),
    _series("Standard_E{}_v3", (2, 4, 8, 16, 20, 32, 48, 64), _V1, temp_disk=True),
    _series("Standard_E{}s_v3", (2, 4, 8, 16, 20, 32, 48, 64), _BOTH, temp_disk=True),
    _series("Standard_D{}s_v4", _STANDARD, _BOTH, temp_disk=False),
    _series("Standard_D{}ds_v4", _STANDARD, _BOTH, temp_disk=True),
    _series("Standard_D{}as_v4", (*_STANDARD, 96), _BOTH, temp_disk=True),
    _series("Standard_E{}s_v4", (2, 4, 8, 16, 20, 32, 48, 64), _BOTH, temp_disk=False),
    _series("Standard_E{}ds_v4", (2, 4, 8, 16, 20, 32, 48, 64), _BOTH, temp_disk=True),
    _series("Standard_D{}s_v5", (*_STANDARD, 96), _BOTH, temp_disk=False),
    _series("Standard_D{}ds_v5", (*_STANDARD, 96), _BOTH, temp_disk=True),
    _series("Standard_D{}as_v5", (*_STANDARD, 96), _BOTH, temp_disk=False),
    _series("Standard_D{}ads_v5", (*_STANDARD, 96), _BOTH, temp_disk=True),
    _series("Standard_E{}s_v5", (2, 4, 8, 16, 20, 32, 48, 64, 96), _BOTH, temp_disk=False),
    _series("Standard_E{}ds_v5", (2, 4, 8, 16, 20, 32, 48, 64, 96), _BOTH, temp_disk=True),
    _series("Standard_E{}as_v5", (2, 4, 8, 16, 20, 32, 48, 64, 96), _BOTH, temp_disk=False),
    _series("Standard_E{}ads_v5", (2, 4, 8, 16, 20, 32, 48, 64, 96), _BOTH, temp_disk=True),
    _series("Standard_D{}ps_v5", _STANDARD, _V2, temp_disk=False, architecture=_ARM),
    _series("Standard_D{}pds_v5", _STANDARD, _V2, temp_disk=True, architecture=_ARM),
    _series("Standard_E{}ps_v5", (2, 4, 8, 16, 20, 32), _V2, temp_disk=False, architecture=_ARM),
    _series("Standard_E{}pds_v5", (2, 4, 8, 16, 20, 32), _V2, temp_disk=True, architecture=_ARM),
    _series("Standard_F{}s_v2", (2, 4, 8, 16, 32, 48, 64, 72), _BOTH, temp_disk=True),
    _series("Standard_HB{}rs_v3", (120,), None, temp_disk=True),
    _series("Standard_NC{}as_T4_v3", (4, 8, 16, 64), None, temp_disk=True),
    _series("Standard_NC{}ads_A100_v4", (24, 48, 96), None, temp_disk=True),
    _series("Standard_NV{}ads_A10_v5", (6, 12, 18, 36, 72), None, temp_disk=True),
)

# v3 and later of the D and E families: the first number is the vCPUs, `p` is an Arm processor,
# from v4 on `d` is a local disk (AMD's v4 has one without the letter).
_D_OR_E = re.compile(
    r"standard_[de](?P<vcpus>\d{1,3})(?:-(?P<constrained>\d{1,3}))?(?P<letters>[a-z]*)"
    r"_v(?P<version>\d{1,2})",
    re.ASCII,
)
_FIRST_BY_CONVENTION: Final = 3
_FORM = re.compile(r"(?:standard|basic)_[a-z]+\d+[a-z0-9_-]*", re.ASCII)
_REFUSED = re.compile(r"standard_b\d|basic_|standard_a\d+m?(?:$|_v2$)", re.ASCII)

_TABLE: Final[Mapping[str, VmSize]] = MappingProxyType(
    {
        name.lower(): VmSize(
            name=name,
            vcpus=vcpus,
            temp_disk=series.temp_disk,
            generations=series.generations,
            architecture=series.architecture,
        )
        for series in _SERIES
        for vcpus in series.vcpus
        for name in (series.pattern.format(vcpus),)
    }
)


def names() -> tuple[str, ...]:
    """The sizes of the table, in alphabetical order."""
    return tuple(sorted(size.name for size in _TABLE.values()))


def look_up(name: str) -> VmSize:
    """What is known about a size: from the table, else from its name; never fails."""
    found = _TABLE.get(name.strip().lower())
    return found if found is not None else _by_convention(name.strip())


def fault(name: str) -> str | None:
    """What is wrong with a VM size's name for Batch, or None.

    B-series and the retired A sizes cannot be used (Azure documentation, Batch pool VM sizes;
    the document's own sample size `Standard_A1_v2` is among them, D70).
    """
    wanted = name.strip().lower()
    if _FORM.fullmatch(wanted) is None:
        return "is not the form of a VM size; for example Standard_D4ds_v5"
    if _REFUSED.match(wanted):
        return "is a size that Batch pools cannot use any more; for example Standard_D4ds_v5 is"
    return None


def _by_convention(name: str) -> VmSize:
    match = _D_OR_E.fullmatch(name.lower())
    if match is None or int(match["version"]) < _FIRST_BY_CONVENTION:
        return VmSize(name=name, vcpus=None, temp_disk=None, generations=None, architecture=None)
    version, letters = int(match["version"]), match["letters"]
    arm = "p" in letters
    return VmSize(
        name=name,
        vcpus=int(match["constrained"] or match["vcpus"]),
        temp_disk=_temp_disk(version, letters),
        generations=_V2 if arm else None,
        architecture=Architecture.ARM64 if arm else Architecture.X64,
    )


def _temp_disk(version: int, letters: str) -> bool | None:
    first_without_disk, last_certain = 4, 6
    if version > last_certain:
        return None
    if version < first_without_disk or "d" in letters:
        return True
    return version == first_without_disk and "a" in letters
