"""Doors over a state, in a process of their own, where every answer takes a while: for `doctor`."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.simulate import running


def main(state: Path, milliseconds: float) -> None:
    """Print what describes the doors as one line of JSON; end with standard input."""

    def slowly(request: Any, handler: Any) -> Any:
        time.sleep(milliseconds / 1000)
        return handler(request)

    with (
        contextlib.closing(SimulatedAzure(state / "azure.sqlite")) as azure,
        running(azure, around=slowly) as doors,
    ):
        about = {
            "armUrl": doors.arm_url,
            "armScope": doors.arm_scope,
            "authorityUrl": doors.authority_url,
            "batchScope": doors.batch_scope,
            "caFile": str(doors.ca_file),
            "tenantId": doors.site.tenant,
        }
        sys.stdout.write(json.dumps(about) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
