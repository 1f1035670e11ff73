"""What is wrong with a stack's configuration, said once and completely."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagefleet.domain.fault import dotted

if TYPE_CHECKING:
    from imagefleet.domain.fault import Path

_WIDTH = 80
_LONGEST_KEY = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFault:
    """One fault: the full key, and a message that goes on from it ("must be ...")."""

    key: str
    message: str


class SettingsError(Exception):
    """A configuration that no fleet can be made of; `faults` has every reason.

    `where` names what holds the configuration, where that is known.
    """

    def __init__(
        self, faults: Iterable[SettingsFault], *, where: str = "stack configuration"
    ) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join([f"{where} is not usable:", *self._lines()]))

    def _lines(self) -> list[str]:
        return [
            textwrap.fill(
                f"{fault.key} {fault.message}",
                width=_WIDTH,
                initial_indent="  ",
                subsequent_indent="      ",
                break_long_words=False,
                break_on_hyphens=False,
            )
            for fault in self.faults
        ]


def full_key(at: str, path: Path) -> str:
    """The way `path` below `at` as people type it: `at.images.ubuntu.versions["1.0.0"]`."""
    text = dotted(
        tuple(
            step if isinstance(step, int) else shown_text(step, longest=_LONGEST_KEY)
            for step in path
        )
    )
    return f"{at}{text}" if text.startswith("[") or not text else f"{at}.{text}"


_QUERY = re.compile(r"(://[^\s?]*)\?[^\s'\"]*")
_KEYED = re.compile(
    r"(?:sig|AccountKey|AccessKey|AccessSignature|password|pwd|secret|token)\s*=", re.IGNORECASE
)


def shown_text(text: str, *, longest: int) -> str:
    """`text` shortened to `longest` characters, without what could be a secret in it.

    The query of a URI may be a SAS and is cut off; other text that names a key is not shown.
    """
    masked = _QUERY.sub(r"\1?...", text)
    if _KEYED.search(masked):
        return "[not shown]"
    one_line = " ".join(masked.split())
    printable = "".join(character if character.isprintable() else "?" for character in one_line)
    return printable if len(printable) <= longest else printable[: longest - 3] + "..."


def masked_message(message: str) -> str:
    """`message`, which may name keys of the stack file, without what could be a secret in it."""
    masked = _QUERY.sub(r"\1?...", message)
    return re.sub(rf"\S*{_KEYED.pattern}\S*", "[not shown]", masked, flags=re.IGNORECASE)
