"""The HTTPS doors of the simulated Azure: ARM and the Batch data plane, on loopback only."""

from __future__ import annotations

from imagefleet.simulate.server import Doors, running
from imagefleet.simulate.site import Site

__all__ = ["Doors", "Site", "running"]
