"""`--nodes N` and `--nodes POOL=N`: a fleet with other numbers of nodes."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from imagefleet.domain.fault import dotted
from imagefleet.domain.faults import find_faults
from imagefleet.domain.fleet import Fleet
from imagefleet.domain.what_if import with_nodes
from imagefleet.offline.engine import WorkspaceError


def applied(fleet: Fleet, asked: Sequence[str]) -> Fleet:
    """Return the fleet with the nodes that are asked for; raises `WorkspaceError` if it cannot be.

    Numbers that the services would refuse are refused here as they would be in the stack file.
    """
    if not asked:
        return fleet
    every, of_pools = _numbers(asked, fleet)
    changed = with_nodes(fleet, every, of_pools)
    before = {(fault.path, fault.message) for fault in find_faults(fleet)}
    faults = [each for each in find_faults(changed) if (each.path, each.message) not in before]
    if faults:
        lines = [f"{dotted(fault.path)} {fault.message}" for fault in faults]
        raise WorkspaceError("\n  ".join([f"--nodes {', '.join(asked)} is not possible:", *lines]))
    return changed


def _numbers(asked: Sequence[str], fleet: Fleet) -> tuple[int | None, dict[str, int]]:
    every: int | None = None
    of_pools: dict[str, int] = {}
    for text in asked:
        pool, given, number = text.rpartition("=")
        if not number.isascii() or not number.isdigit():
            message = f"--nodes must be a whole number, or POOL=number, got '{text}'"
            raise WorkspaceError(message)
        if not given:
            every = int(number)
            continue
        if pool not in fleet.pools:
            near = difflib.get_close_matches(pool, fleet.pools, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"pools: {', '.join(fleet.pools)}"
            message = f"--nodes {text} names no pool of this stack; {hint}"
            raise WorkspaceError(message)
        of_pools[pool] = int(number)
    return every, of_pools
