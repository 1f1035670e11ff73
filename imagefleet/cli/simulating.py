"""`imagefleet simulate`: hold the HTTPS doors of the simulated Azure open until Ctrl-C."""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from imagefleet.cli.terminal import make_console
from imagefleet.domain import arm_ids
from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.faults import FaultLog, FaultyAzure, read_plan
from imagefleet.offline.outside.facts import Outside
from imagefleet.offline.outside.parse import read_outside
from imagefleet.offline.outside.state import supposed
from imagefleet.offline.workspace import STATE_FOLDER, find_project, read_stack
from imagefleet.stack_yaml import config_strings

if TYPE_CHECKING:
    from imagefleet.simulate import Doors

_DOORS = "doors"
_STORE = "azure.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of `imagefleet simulate`, as the command line gives them."""

    stack: str
    port: int
    data: Path | None
    latency: float
    faults: Path | None
    outside: Path | None = None


def simulate(options: Options, stop: threading.Event | None = None) -> int:
    """Hold the doors open until `stop` is set or Ctrl-C comes; return the exit code 0.

    Raises `WorkspaceError` where the folder, the port or an option cannot be used, `StoreError`
    for a damaged state.
    """
    try:
        from imagefleet.simulate.server import PortInUseError, running
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; pip install 'imagefleet[simulate]'"
        raise WorkspaceError(message) from error
    if options.latency < 0:
        message = f"--latency is in seconds and cannot be negative, got {options.latency:g}"
        raise WorkspaceError(message)
    data, environment = options.data, "public"
    if data is None:
        data, environment = _state_of(options.stack)
    ended = stop or threading.Event()
    outside = None if options.outside is None else read_outside(options.outside)
    with contextlib.ExitStack() as stack:
        azure = stack.enter_context(contextlib.closing(_open(data, options.faults, outside)))
        try:
            doors = stack.enter_context(
                running(
                    azure,
                    port=options.port,
                    latency=options.latency,
                    folder=data / _DOORS,
                    environment=environment,
                )
            )
        except PortInUseError as error:
            raise WorkspaceError(str(error)) from error
        except OSError as error:
            message = f"{data} cannot be written ({error.strerror}); name another with --data"
            raise WorkspaceError(message) from error
        _write_description(doors, data / _DOORS)
        _announce(make_console(), doors, data)
        with contextlib.suppress(KeyboardInterrupt):
            ended.wait()
    return 0


def _state_of(stack: str) -> tuple[Path, str]:
    """Return the state folder of a stack's rehearsals, and the cloud's name in azure-native."""
    try:
        project = find_project(Path.cwd())
    except WorkspaceError as error:
        message = f"{error}; or name a folder for the state with --data"
        raise WorkspaceError(message) from error
    config = config_strings(read_stack(project, stack), project.name)
    environment = config.get("azure-native:environment", "public")
    return project.folder / STATE_FOLDER / stack, environment


def _open(data: Path, faults: Path | None, outside: Outside | None) -> SimulatedAzure | FaultyAzure:
    azure = SimulatedAzure(data / _STORE)
    try:
        if outside is not None:
            azure.suppose(outside)
        if faults is None:
            return azure
        # The doors ask once and leave repeating to their clients.
        return FaultyAzure(azure, read_plan(faults), FaultLog(), attempts=1)
    except Exception:
        azure.close()
        raise


def _write_description(doors: Doors, folder: Path) -> None:
    """Leave the addresses in a file, for scripts that start the doors and then clients."""
    about = {
        "armUrl": doors.arm_url,
        "armScope": doors.arm_scope,
        "authorityUrl": doors.authority_url,
        "batchScope": doors.batch_scope,
        "caFile": str(doors.ca_file.resolve()),
        "tenantId": doors.site.tenant,
    }
    text = json.dumps(about, indent=2) + "\n"
    (folder / "doors.json").write_text(text, encoding="utf-8")


def _announce(console: Console, doors: Doors, data: Path) -> None:
    console.print(f"Simulated Azure of [bold]{escape(str(data))}[/], on loopback only")
    console.print(f"  Azure Resource Manager  {doors.arm_url}", soft_wrap=True)
    with doors.site.store.read() as transaction:
        accounts = transaction.of_type(arm_ids.BATCH_ACCOUNT)
        told = supposed(transaction).document
    for account in accounts:
        url = doors.batch_url(account.id)
        console.print(f"  Batch account           {escape(url)}", soft_wrap=True)
    console.print(f"  certificate authority   {escape(str(doors.ca_file))}", soft_wrap=True)
    if told:
        sections = ", ".join(sorted(told))
        console.print(f"  outside facts hold: {sections} (--outside)", soft_wrap=True)
    if doors.site.pace.stands:
        console.print("  The clock stands; --latency 1 lets a simulated minute pass each second.")
    else:
        latency = doors.site.pace.latency
        console.print(f"  A simulated minute takes {latency:g} s.")
    console.print("  docs/simulated-azure.md shows how clients come in. Ctrl-C ends it.")
