"""What `doctor` and `watch` begin with: the stack's plan, and clients for its cloud."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from imagefleet.cli.stacks import read_fleet
from imagefleet.domain.fleet import Fleet
from imagefleet.domain.fleet_plan import FleetPlan
from imagefleet.domain.plan import plan
from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.workspace import STATE_FOLDER, find_project, read_stack
from imagefleet.stack_yaml import config_strings

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
    project = find_project(Path.cwd())
    fleet = read_fleet(config_strings(read_stack(project, stack), project.name), stack)
    today = datetime.now(tz=UTC).date()
    return Subject(
        stack=stack,
        fleet=fleet,
        plan=plan(fleet, today=today),
        state=(state_root or project.folder / STATE_FOLDER) / stack,
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
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; pip install 'imagefleet[live]'"
        raise WorkspaceError(message) from error
    try:
        endpoints = of_cloud(fleet.cloud) if doors is None else at_doors(doors, fleet.cloud)
    except EndpointsError as error:
        raise WorkspaceError(str(error)) from error
    clients = Clients(endpoints, credential(endpoints))
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
        message = (
            f"{trouble.why}; sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and "
            "a secret or federated token"
        )
        raise WorkspaceError(message) from trouble
