"""Faults on demand: a plan of what shall go wrong, and an Azure in which it does.

A plan comes from a file (`read_plan`) or from code (`FaultPlan`, `Fault`); `FaultyAzure` wraps the
simulated Azure, so that both engines and every other door meet the same faults.
"""

from __future__ import annotations

from imagefleet.offline.faults.behind import change_behind, remove_behind
from imagefleet.offline.faults.faulty import PROVIDER_ATTEMPTS, FaultyAzure
from imagefleet.offline.faults.fired import FaultLog, Fired
from imagefleet.offline.faults.parse import FaultFileError, parse_plan, read_plan
from imagefleet.offline.faults.plan import KINDS, Call, Fault, FaultPlan

__all__ = [
    "KINDS",
    "PROVIDER_ATTEMPTS",
    "Call",
    "Fault",
    "FaultFileError",
    "FaultLog",
    "FaultPlan",
    "FaultyAzure",
    "Fired",
    "change_behind",
    "parse_plan",
    "read_plan",
    "remove_behind",
]
