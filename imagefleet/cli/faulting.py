"""Faults in a rehearsal: the Azure they are in, and what happened of them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.engine import Workspace
from imagefleet.offline.faults import FaultLog, FaultyAzure, read_plan
from imagefleet.offline.outside.facts import Outside


def open_azure(
    workspace: Workspace, outside: Outside | None = None
) -> SimulatedAzure | FaultyAzure:
    """Open the simulated Azure of a workspace, with its faults where it has a plan of them.

    `outside` is what lies outside it from now on; what was told before holds without it.
    """
    azure = SimulatedAzure(workspace.azure_store)
    if outside is not None:
        try:
            azure.suppose(outside)
        except Exception:
            azure.close()
            raise
    if workspace.faults is None:
        return azure
    plan, log = read_plan(workspace.faults), FaultLog(workspace.fault_log)
    # The embedded engine is this process; the Pulumi command asks a provider of its own.
    return FaultyAzure(azure, plan, log, engine=os.getpid())


def forget_faults(workspace: Workspace) -> None:
    """Begin the counting anew: what shall happen once happens once in each rehearsal."""
    with _log(workspace) as log:
        if log is not None:
            log.forget()


def print_faults(workspace: Workspace, console: Console) -> None:
    """Print which faults happened to what; without a plan, nothing."""
    with _log(workspace) as log:
        if log is None:
            return
        console.print("\n[bold]Faults[/]")
        fired = log.fired()
        for each in fired:
            name = escape(each.id.rsplit("/", 1)[-1])
            console.print(f"  {each.kind}: {each.operation} of {each.type} {name}")
        if not fired:
            console.print("  none happened: nothing that the plan meets was asked for")


@contextlib.contextmanager
def _log(workspace: Workspace) -> Iterator[FaultLog | None]:
    if workspace.faults is None:
        yield None
        return
    with contextlib.closing(FaultLog(workspace.fault_log)) as log:
        yield log
