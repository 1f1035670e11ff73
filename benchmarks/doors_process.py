"""The HTTPS doors in a process of their own, which says how much processor time it has used.

Prints one line of JSON with what a client needs, then one number (seconds) for every line that it
reads, until there is nothing more to read.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from pathlib import Path

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.simulate import running


def main(folder: Path) -> None:
    """Hold the doors open while somebody asks for the time."""
    with (
        contextlib.closing(SimulatedAzure(folder / "azure.sqlite")) as azure,
        running(azure, folder=folder / "doors") as doors,
    ):
        about = {
            "url": doors.arm_url,
            "ca": str(doors.ca_file),
            "tenant": doors.site.tenant,
            "armScope": doors.arm_scope,
            "batchScope": doors.batch_scope,
        }
        _say(json.dumps(about))
        for _ in sys.stdin:
            _say(f"{time.process_time()}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
