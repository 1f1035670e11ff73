"""Faults in a rehearsal: which of them happened."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape

from imagefleet.offline.engine import Workspace
from imagefleet.offline.faults import FaultLog


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
