"""Azure regions: one spelling for each, which cloud they lie in, and which are retired.

People write "West Europe", Azure answers `westeurope`, and both mean one region: every
comparison of ours is between normalised names. The lists are dated; a region that is younger is
reported by `standing` as `UNLISTED`, never taken for a mistake unless it looks like one.
"""

from __future__ import annotations

import difflib
import re
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from imagefleet.domain.clouds import Cloud

if TYPE_CHECKING:
    from collections.abc import Mapping

AS_OF: Final = date(2026, 8, 1)
"""The date of the lists below."""

SOURCE: Final = "Azure documentation, list of Azure regions"

_DISPLAY_NAMES: Final[Mapping[Cloud, tuple[str, ...]]] = MappingProxyType({
    Cloud.PUBLIC: (
        "Australia Central", "Australia Central 2", "Australia East", "Australia Southeast",
        "Austria East", "Belgium Central", "Brazil South", "Brazil Southeast", "Canada Central",
        "Canada East", "Central India", "Central US", "Chile Central", "East Asia", "East US",
        "East US 2", "France Central", "France South", "Germany North", "Germany West Central",
        "Indonesia Central", "Israel Central", "Italy North", "Japan East", "Japan West",
        "Jio India Central", "Jio India West", "Korea Central", "Korea South", "Malaysia West",
        "Mexico Central", "New Zealand North", "North Central US", "North Europe", "Norway East",
        "Norway West", "Poland Central", "Qatar Central", "South Africa North",
        "South Africa West", "South Central US", "South India", "Southeast Asia", "Spain Central",
        "Sweden Central", "Sweden South", "Switzerland North", "Switzerland West", "UAE Central",
        "UAE North", "UK South", "UK West", "West Central US", "West Europe", "West India",
        "West US", "West US 2", "West US 3",
    ),
    Cloud.CHINA: (
        "China East", "China East 2", "China East 3", "China North", "China North 2",
        "China North 3",
    ),
    Cloud.USGOV: (
        "US DoD Central", "US DoD East", "US Gov Arizona", "US Gov Texas", "US Gov Virginia",
    ),
})  # fmt: skip

RETIRED: Final[Mapping[str, date]] = MappingProxyType(
    {
        "chinanorth": date(2026, 7, 1),
        "chinaeast": date(2026, 7, 1),
    }
)
"""Retired regions and the day of their retirement.

Image versions homed in one of them are deleted on 2026-09-30 with all their replicas, wherever
these are (Azure documentation, migrate Compute Gallery resources in China regions).
"""

REPLACEMENT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "chinanorth": "chinanorth3",
        "chinaeast": "chinanorth3",
    }
)
"""The region that Azure's documentation names to move to."""

_LOOKS_LIKE: Final = 0.8


class Standing(StrEnum):
    """What is known about a region's name within a cloud."""

    LISTED = "listed"
    RETIRED = "retired"
    OTHER_CLOUD = "other cloud"
    MISSPELT = "misspelt"
    UNLISTED = "unlisted"


def normalise(name: str) -> str:
    """The one spelling of a region: lower case, without spaces ("West Europe" -> westeurope)."""
    return "".join(name.split()).lower()


_NAMES: Final[Mapping[Cloud, frozenset[str]]] = MappingProxyType(
    {cloud: frozenset(map(normalise, texts)) for cloud, texts in _DISPLAY_NAMES.items()}
)


def same(left: str, right: str) -> bool:
    """Whether two spellings mean one region."""
    return normalise(left) == normalise(right)


def names(cloud: Cloud) -> tuple[str, ...]:
    """The normalised names of a cloud's regions, retired ones left out, in alphabetical order."""
    return tuple(sorted(name for name in _NAMES[cloud] if name not in RETIRED))


def cloud_of(name: str) -> Cloud | None:
    """The cloud a region lies in, or None where it is not in the lists."""
    wanted = normalise(name)
    for cloud, known in _NAMES.items():
        if wanted in known:
            return cloud
    return None


def nearest(name: str, cloud: Cloud) -> str | None:
    """The region of the cloud whose name looks most like `name`, or None where none does."""
    found = difflib.get_close_matches(normalise(name), names(cloud), n=1, cutoff=_LOOKS_LIKE)
    return found[0] if found else None


def standing(name: str, cloud: Cloud) -> Standing:
    """What is known about `name` in `cloud`.

    The lists of China and US Gov are short and complete, so an unknown name there is misspelt. In
    the public cloud regions appear every year: a name counts as misspelt when it looks like a
    listed one and differs from it in more than a number at the end.
    """
    wanted = normalise(name)
    home = cloud_of(wanted)
    if home is not None and home != cloud:
        return Standing.OTHER_CLOUD
    if home is not None:
        return Standing.RETIRED if wanted in RETIRED else Standing.LISTED
    if cloud != Cloud.PUBLIC or re.fullmatch(r"[a-z]+\d*", wanted, re.ASCII) is None:
        return Standing.MISSPELT
    close = nearest(wanted, cloud)
    if close is None or close.rstrip("0123456789") == wanted.rstrip("0123456789"):
        return Standing.UNLISTED
    return Standing.MISSPELT


def fault(name: str, cloud: Cloud) -> str | None:
    """What is wrong with a region in a cloud, with the way out; None when nothing is."""
    wanted = normalise(name)
    match standing(name, cloud):
        case Standing.LISTED | Standing.UNLISTED:
            return None
        case Standing.RETIRED:
            return f"was retired on {RETIRED[wanted]}; use {REPLACEMENT[wanted]}"
        case Standing.OTHER_CLOUD:
            return (
                f"is a region of the {cloud_of(wanted)} cloud and this fleet is in {cloud}; "
                f"{_choices(cloud)}"
            )
        case Standing.MISSPELT:
            close = nearest(name, cloud)
            hint = f"did you mean '{close}'?" if close else _choices(cloud)
            return f"is not a region of the {cloud} cloud; {hint}"


def _choices(cloud: Cloud) -> str:
    if cloud == Cloud.PUBLIC:
        return "use one of its own, for example westeurope"
    return "its regions are " + ", ".join(names(cloud))
