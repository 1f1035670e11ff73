"""Every fault of meaning in a fleet: what is well formed and still cannot work.

`find_faults` never raises and never stops at the first: a person gets everything to mend at once.
What is only worth knowing is a note of the plan, not a fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import (
    faults_accounts,
    faults_fleet,
    faults_images,
    faults_pools,
    faults_sources,
    node_agents,
)
from imagefleet.domain.fault import Fault

if TYPE_CHECKING:
    from datetime import date

    from imagefleet.domain.fleet import Fleet

__all__ = ["Fault", "find_faults"]


def find_faults(fleet: Fleet, *, today: date | None = None) -> tuple[Fault, ...]:
    """All faults of a fleet, in the order of the stack file's sections, each once.

    Support that ended before `today` is a fault; without a day, that of the node agent catalogue
    counts, so that the answer does not depend on when it is asked.
    """
    on = today or node_agents.AS_OF
    found = (
        *faults_fleet.faults(fleet),
        *faults_images.faults(fleet, on),
        *faults_sources.faults(fleet),
        *faults_accounts.faults(fleet),
        *faults_pools.faults(fleet, on),
    )
    once: dict[tuple[object, str], Fault] = {}
    for fault in found:
        once.setdefault((fault.path, fault.message), fault)
    return tuple(once.values())
