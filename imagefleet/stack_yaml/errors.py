"""What is wrong in a stack file, and where."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagefleet.domain.fault import dotted

if TYPE_CHECKING:
    import pathlib

    from imagefleet.domain.fault import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFileFault:
    """One thing wrong in a stack file; `line` and `column` count from 1, 0 means the whole file."""

    message: str
    key: str = ""
    line: int = 0
    column: int = 0


class StackFileError(Exception):
    """A stack file that cannot be read, with every fault that could be found."""

    def __init__(self, path: pathlib.Path, faults: tuple[StackFileFault, ...]) -> None:
        self.path = path
        self.faults = faults
        super().__init__("\n".join([f"{path} is not usable:", *map(self._line, faults)]))

    def _line(self, fault: StackFileFault) -> str:
        place = f"{self.path.name}:{fault.line}:{fault.column}:" if fault.line else ""
        return textwrap.fill(
            " ".join(filter(None, [place, fault.key, fault.message])),
            width=80,
            initial_indent="  ",
            subsequent_indent="      ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def shown(path: Path) -> str:
    """`path` as a person would type it: `imagefleet:fleet.versions["1.0.0"][0]`."""
    if path[:1] == ("config",) and len(path) > 1:
        path = path[1:]
    first, rest = str(path[0]) if path else "", dotted(path[1:])
    return f"{first}{rest}" if rest.startswith("[") or not rest else f"{first}.{rest}"
