"""Which node agent fits which base image, and until when: a dated catalogue.

The node agent SKU must agree with the publisher, offer and SKU of the Marketplace image that a
custom image descends from, or its nodes do not start (D66, D69). Batch cannot tell from a gallery
image, so the stack file records the base. The list is partial; `az batch pool supported-images
list` prints the full one. Entries that Microsoft has not confirmed are left out.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from imagefleet.domain.fleet import OsType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagefleet.domain.fleet import ImageIdentifier

AS_OF: Final = date(2026, 8, 1)
"""The date of the catalogue."""

SOURCE: Final = "Azure documentation, Batch supported images"

_FORM = re.compile(r"batch\.node\.\S+ \S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseImage:
    """One family of Marketplace images: patterns in lower case, `*` standing for any text.

    `ends` is the last day of Batch's support for it, as far as one is announced; custom images
    made from it end with it. `source` says who announced what.
    """

    publisher: str
    offer: str
    skus: tuple[str, ...]
    agent: str
    ends: date | None = None
    source: str = SOURCE

    def ended(self, on: date) -> bool:
        """Whether support is over on that day."""
        return self.ends is not None and self.ends < on

    def fits(self, image: ImageIdentifier) -> bool:
        """Whether `image` is of this family, disregarding case."""
        return (
            fnmatchcase(image.publisher.lower(), self.publisher)
            and fnmatchcase(image.offer.lower(), self.offer)
            and any(fnmatchcase(image.sku.lower(), sku) for sku in self.skus)
        )


_UBUNTU_24 = "batch.node.ubuntu 24.04"
_UBUNTU_22 = "batch.node.ubuntu 22.04"
_UBUNTU_20 = "batch.node.ubuntu 20.04"
_WINDOWS = "batch.node.windows amd64"

_CHANGES = "Batch node agent change log"
_END_22 = (date(2027, 6, 30), "Azure/Batch#200")
_END_20 = (date(2025, 4, 23), "UCL/TLOmodel#1549")
_END_OLD = (date(2024, 12, 31), "Azure/Batch#180")
_END_2012 = (date(2024, 12, 5), "Azure/Batch#179")
_END_2016 = (date(2027, 1, 12), "Azure/Batch#197")
_END_MARINER = (date(2025, 7, 30), "Azure/Batch#188")


def _base(
    name: str, skus: tuple[str, ...], agent: str, end: tuple[date, str] | str = SOURCE
) -> BaseImage:
    publisher, offer = name.split("/")
    ends, source = (None, end) if isinstance(end, str) else end
    return BaseImage(
        publisher=publisher, offer=offer, skus=skus, agent=agent, ends=ends, source=source
    )


CATALOGUE: Final = (
    _base("canonical/ubuntu-24_04-lts", ("server",), _UBUNTU_24, _CHANGES),
    _base("microsoft-dsvm/ubuntu-hpc", ("2404",), _UBUNTU_24, _CHANGES),
    _base("canonical/0001-com-ubuntu-server-jammy", ("22_04-lts", "22_04-lts-gen2"),
          _UBUNTU_22, _END_22),
    _base("microsoft-dsvm/ubuntu-hpc", ("2204",), _UBUNTU_22, _END_22),
    _base("canonical/0001-com-ubuntu-server-focal", ("20_04-lts", "20_04-lts-gen2"),
          _UBUNTU_20, _END_20),
    _base("microsoft-dsvm/ubuntu-2004", ("*",), _UBUNTU_20, _END_20),
    _base("microsoft-dsvm/ubuntu-hpc", ("2004",), _UBUNTU_20, _END_20),
    _base("microsoft-azure-batch/ubuntu-server-container*", ("20-04-lts",), _UBUNTU_20, _END_20),
    _base("canonical/ubuntuserver", ("18.04-lts",), "batch.node.ubuntu 18.04", _END_OLD),
    _base("canonical/ubuntuserver", ("16.04-lts", "16.04.0-lts"), "batch.node.ubuntu 16.04",
          _END_OLD),
    _base("canonical/ubuntuserver", ("14.04*",), "batch.node.ubuntu 14.04", _END_OLD),
    _base("almalinux/almalinux-x86_64", ("9-gen1", "9-gen2"), "batch.node.el 9", _CHANGES),
    _base("almalinux/almalinux-x86_64", ("8-gen1", "8-gen2"), "batch.node.el 8",
          "Azure/Batch#181"),
    _base("microsoftcblmariner/cbl-mariner", ("cbl-mariner-2*",), "batch.node.mariner 2.0",
          _END_MARINER),
    _base("openlogic/centos*", ("7*",), "batch.node.centos 7", _END_OLD),
    _base("openlogic/centos*", ("8*",), "batch.node.centos 8", _END_OLD),
    _base("debian/debian-10", ("*",), "batch.node.debian 10", _END_OLD),
    _base("credativ/debian", ("9",), "batch.node.debian 9", _END_OLD),
    _base("credativ/debian", ("8",), "batch.node.debian 8", _END_OLD),
    _base("microsoftwindowsserver/windowsserver", ("2022-datacenter*", "2019-datacenter*"),
          _WINDOWS),
    _base("microsoftwindowsserver/windowsserver", ("2016-datacenter*",), _WINDOWS, _END_2016),
    _base("microsoftwindowsserver/windowsserver", ("2012-datacenter*", "2012-r2-datacenter*"),
          _WINDOWS, _END_2012),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A node agent SKU; `ends` is set when every base image it serves has an end."""

    sku: str
    os_type: OsType
    ends: date | None
    source: str

    def ended(self, on: date) -> bool:
        """Whether support is over on that day."""
        return self.ends is not None and self.ends < on


def base_image(
    image: ImageIdentifier, catalogue: Sequence[BaseImage] = CATALOGUE
) -> BaseImage | None:
    """The catalogue's entry for a Marketplace image, or None where it has none.

    `catalogue` may be what an account's own list of supported images says, in the same form.
    """
    return next((entry for entry in catalogue if entry.fits(image)), None)


def agent(sku: str, catalogue: Sequence[BaseImage] = CATALOGUE) -> Agent | None:
    """The node agent of that SKU, in any case, or None where the catalogue has none."""
    wanted = normalise(sku)
    entries = [entry for entry in catalogue if entry.agent == wanted]
    if not entries:
        return None
    ends = [entry.ends for entry in entries]
    last = entries[0] if None in ends else max(entries, key=lambda entry: entry.ends or date.min)
    return Agent(
        sku=wanted,
        os_type=os_type(wanted),
        ends=None if None in ends else last.ends,
        source=last.source,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Until when Batch supports an image with its node agent.

    `ends` is the earlier end of base image and node agent, None where none is announced, and
    `source` says who announced it. `listed` is false where the catalogue knows neither, and nothing
    can be said.
    """

    ends: date | None
    source: str
    listed: bool

    def ended(self, on: date) -> bool:
        """Whether support is over on that day."""
        return self.ends is not None and self.ends < on


def support(
    base: ImageIdentifier, sku: str | None, catalogue: Sequence[BaseImage] = CATALOGUE
) -> Support:
    """The support of images from a Marketplace image whose nodes run the agent of that SKU.

    None stands for the agent that the base itself needs, which has no earlier end of its own.
    """
    entry = base_image(base, catalogue)
    known = [one for one in (entry, agent(sku, catalogue) if sku else None) if one is not None]
    ends = [(one.ends, one.source) for one in known if one.ends is not None]
    first = min(ends, default=None)
    source = first[1] if first else (known[0].source if known else SOURCE)
    return Support(ends=first[0] if first else None, source=source, listed=bool(known))


def skus(on: date = AS_OF, catalogue: Sequence[BaseImage] = CATALOGUE) -> tuple[str, ...]:
    """The node agent SKUs of the catalogue that are supported on that day, in order."""
    known = (agent(sku, catalogue) for sku in {entry.agent for entry in catalogue})
    return tuple(sorted(found.sku for found in known if found and not found.ended(on)))


def os_type(sku: str) -> OsType:
    """The OS family that a node agent SKU serves: Windows when its text says so (D66)."""
    return OsType.WINDOWS if "windows" in sku.lower() else OsType.LINUX


def normalise(sku: str) -> str:
    """A node agent SKU in lower case with single spaces."""
    return " ".join(sku.lower().split())


def form_fault(sku: str) -> str | None:
    """What is wrong with a text as a node agent SKU, with the nearest known one; or None."""
    if _FORM.fullmatch(normalise(sku)):
        return None
    close = difflib.get_close_matches(normalise(sku), skus(), n=1)
    hint = f"; did you mean '{close[0]}'?" if close else f"; for example '{_UBUNTU_24}'"
    return f"must have the form 'batch.node.<system> <version>'{hint}"
