"""Open the simulated Azure of a file for a door, with the faults that its requests shall meet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imagefleet.offline.azure import SimulatedAzure

if TYPE_CHECKING:
    from imagefleet.offline.faults import FaultPlan, FaultyAzure
    from imagefleet.offline.outside.facts import Outside


def open_azure(
    store: Path,
    *,
    plan: FaultPlan | None = None,
    fault_log: Path | None = None,
    outside: Outside | None = None,
    repeats: bool = True,
    engine: int | None = None,
) -> SimulatedAzure | FaultyAzure:
    """Open the simulated Azure, in the faults of `plan` where there is one; the caller closes it.

    `outside` is what lies outside it from now on; what was told before holds without it. Faults are
    counted in `fault_log`, in memory without. `repeats` says that this door asks again as
    azure-native does, `engine` is the process that a fault may kill. Raises `StoreError` for a file
    that cannot be used, `OutsideFileError` for facts that cannot be.
    """
    azure = SimulatedAzure(store)
    try:
        if outside is not None:
            azure.suppose(outside)
        if plan is None:
            return azure
        # A provider starts for every preview and update, nearly always without faults.
        from imagefleet.offline.faults import PROVIDER_ATTEMPTS, FaultLog, FaultyAzure

        attempts = PROVIDER_ATTEMPTS if repeats else 1
        return FaultyAzure(azure, plan, FaultLog(fault_log), attempts=attempts, engine=engine)
    except BaseException:
        azure.close()
        raise
