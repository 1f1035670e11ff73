"""What `doctor` and `watch` begin with: the stack's plan, and clients for its cloud."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from imagefleet.cli import stacks
from imagefleet.domain.fleet import Fleet
from imagefleet.domain.fleet_plan import FleetPlan
from imagefleet.domain.plan import plan
from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.workspace import STATE_FOLDER

if TYPE_CHECKING:
    from imagefleet.live.clients import Clients
    from imagefleet.live.credentials import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The stack that is looked at: its fleet, its plan, and the folder of its local state."""

    stack: str
    fleet: Fleet
    plan: FleetPlan
    state: Path
    today: date


def subject(stack: str, state_root: Path | None = None) -> Subject:
    """Read a stack of the project around here; raises the errors of an unusable one."""
    loaded, today = stacks.load(stack), stacks.today()
    return Subject(
        stack=stack,
        fleet=loaded.fleet,
        plan=plan(loaded.fleet, today=today),
        state=(state_root or loaded.folder / STATE_FOLDER) / stack,
        today=today,
    )


@contextlib.contextmanager
def opened(fleet: Fleet, doors: Path | None) -> Iterator[Clients]:
    """Clients for the fleet's cloud, or for the doors of a simulated one, closed at the end.

    Raises `WorkspaceError` where the libraries or the file of the doors are not there.
    """
    try:
        from imagefleet.live.clients import Clients
        from imagefleet.live.credentials import credential
        from imagefleet.live.endpoints import EndpointsError, at_doors, of_cloud
        from imagefleet.live.patience import Patience
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; pip install 'imagefleet[live]'"
        raise WorkspaceError(message) from error
    try:
        endpoints = of_cloud(fleet.cloud) if doors is None else at_doors(doors, fleet.cloud)
    except EndpointsError as error:
        raise WorkspaceError(str(error)) from error
    patience, stop = Patience(), threading.Event()
    try:
        who = credential(endpoints, patience=patience, stop=stop)
    except (OSError, ValueError) as error:
        message = (
            f"the sign-in that the environment describes cannot be used ({error}); correct or "
            "unset the AZURE_ variables"
        )
        raise WorkspaceError(message) from error
    clients = Clients(endpoints, who, patience=patience, stop=stop)
    try:
        yield clients
    finally:
        # Whatever still waits between two attempts is let go first.
        clients.stop.set()
        clients.close()


def signed_in(clients: Clients) -> Caller:
    """Who is signed in; raises `WorkspaceError` where nobody is, before anything is asked."""
    from imagefleet.live.failures import Unreadable

    try:
        return clients.caller()
    except Unreadable as trouble:
        hint = (
            "sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret or "
            "federated token"
        )
        if clients.endpoints.simulated:
            hint = (
                f"the doors at {clients.endpoints.arm_url} are closed, or are others than those "
                "of the file: start `imagefleet simulate` again"
            )
        message = f"{trouble.why}; {hint}"
        raise WorkspaceError(message) from trouble
