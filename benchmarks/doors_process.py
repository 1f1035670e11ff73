"""The HTTPS doors over a folder's state, in a process of their own.

Prints what a client needs as one line of JSON, then the processor time it has used (seconds) for
every line that it reads, until there is nothing more to read. With milliseconds every answer takes
that long, as over a network.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from pathlib import Path

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.simulate import running
from imagefleet.simulate.mishaps import Mishap, Mishaps

_MILLISECONDS = 1000


def main(folder: Path, milliseconds: float = 0) -> None:
    """Hold the doors open while somebody asks for the time."""
    slowly = Mishaps(Mishap(seconds=milliseconds / _MILLISECONDS)) if milliseconds else None
    with (
        contextlib.closing(SimulatedAzure(folder / "azure.sqlite")) as azure,
        running(azure, folder=folder / "doors", around=slowly) as doors,
    ):
        _say(json.dumps(doors.description()))
        for _ in sys.stdin:
            _say(f"{time.process_time()}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(float, sys.argv[2:]))
