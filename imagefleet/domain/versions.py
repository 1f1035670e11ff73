"""Numbers of image versions: their form, their order, and which one is latest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

PART_MAXIMUM: Final = 2_147_483_647
"""Each part is a signed 32-bit integer (Azure documentation, Create an image version)."""

_FORM = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version `Major.Minor.Patch`, ordered by number and not by text (D5).

    Leading zeros are refused, because `1.01.0` and `1.1.0` would be two keys for one version.
    """

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @classmethod
    def parse(cls, text: str) -> Version:
        """The version that `text` spells; raises `ValueError` with what is wrong otherwise."""
        wrong = fault(text)
        if wrong is not None:
            message = f"'{text}' {wrong}"
            raise ValueError(message)
        major, minor, patch = (int(part) for part in text.split("."))
        return cls(major, minor, patch)

    @classmethod
    def try_parse(cls, text: str) -> Version | None:
        """The version that `text` spells, or None."""
        return cls.parse(text) if fault(text) is None else None


def fault(text: str) -> str | None:
    """What is wrong with `text` as a version, in words that follow it, or None."""
    # int() refuses texts of thousands of digits, so length is looked at first
    if _FORM.fullmatch(text) and all(
        len(part) <= len(str(PART_MAXIMUM)) and int(part) <= PART_MAXIMUM
        for part in text.split(".")
    ):
        return None
    return (
        "must be Major.Minor.Patch, three whole numbers without leading zeros, each at most "
        f"{PART_MAXIMUM}, for example 1.0.0"
    )


def ordered(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts in the order of their versions; those that are no version come last, by text."""
    return tuple(sorted(texts, key=_rank))


def latest(texts: Iterable[str]) -> str | None:
    """The highest version among `texts`, as the service picks `latest`; None when there is none."""
    valid = [text for text in texts if fault(text) is None]
    return max(valid, key=Version.parse, default=None)


def _rank(text: str) -> tuple[bool, Version, str]:
    parsed = Version.try_parse(text)
    return parsed is None, parsed or Version(0, 0, 0), text
