"""`imagefleet simulate`: hold the HTTPS doors of the simulated Azure open until Ctrl-C."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from imagefleet.cli import files
from imagefleet.cli.terminal import make_console
from imagefleet.domain import arm_ids, clouds
from imagefleet.offline.engine import AZURE_STORE, WorkspaceError
from imagefleet.offline.faults import read_plan
from imagefleet.offline.opening import open_azure
from imagefleet.offline.outside.parse import read_outside
from imagefleet.offline.outside.state import supposed
from imagefleet.offline.workspace import (
    DOORS,
    STATE_FOLDER,
    Project,
    find_project,
    open_doors,
    read_stack,
)
from imagefleet.stack_yaml import StackFileError, config_strings

if TYPE_CHECKING:
    from imagefleet.simulate import Doors

_DESCRIPTION = "doors.json"
_ENVIRONMENT = "azure-native:environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of `imagefleet simulate`, as the command line gives them.

    `cloud` is the one that is simulated in `data`, None for the stack's.
    """

    stack: str
    port: int
    data: Path | None
    latency: float
    faults: Path | None
    outside: Path | None = None
    cloud: clouds.Cloud | None = None


def simulate(options: Options, stop: threading.Event | None = None) -> int:
    """Hold the doors open until `stop` is set or Ctrl-C comes; return the exit code 0.

    Raises `WorkspaceError` where the folder, the port or an option cannot be used, `StoreError`
    for a damaged state.
    """
    try:
        from imagefleet.simulate.server import running
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; pip install 'imagefleet[simulate]'"
        raise WorkspaceError(message) from error
    if options.latency < 0:
        message = f"--latency is in seconds and cannot be negative, got {options.latency:g}"
        raise WorkspaceError(message)
    data, environment = _place(options)
    plan = None if options.faults is None else read_plan(options.faults)
    outside = None if options.outside is None else read_outside(options.outside)
    ended = stop or threading.Event()
    with contextlib.ExitStack() as stack:
        stack.enter_context(open_doors(data))
        azure = stack.enter_context(
            contextlib.closing(
                # The doors ask once and leave repeating to their clients.
                open_azure(data / AZURE_STORE, plan=plan, outside=outside, repeats=False)
            )
        )
        with _told(data):
            # A killed run has left it, and nobody stands there any more.
            (data / DOORS / _DESCRIPTION).unlink(missing_ok=True)
            doors = stack.enter_context(
                running(
                    azure,
                    port=options.port,
                    latency=options.latency,
                    folder=data / DOORS,
                    environment=environment,
                )
            )
            stack.enter_context(_described(doors, data / DOORS / _DESCRIPTION))
        _announce(make_console(), doors, data)
        with contextlib.suppress(KeyboardInterrupt):
            ended.wait()
    return 0


@contextlib.contextmanager
def _told(data: Path) -> Iterator[None]:
    """Turn what keeps the doors from opening into one error with a way back."""
    from imagefleet.simulate.server import PortInUseError

    try:
        yield
    except PortInUseError as error:
        raise WorkspaceError(str(error)) from error
    except OSError as error:
        cause = error.strerror or error
        message = f"{error.filename or data} cannot be written ({cause}); name another with --data"
        raise WorkspaceError(message) from error
    except ValueError as error:
        message = (
            f"the certificates in {data / DOORS} cannot be used ({error}); remove that folder: new "
            "ones are made, and clients have to trust the new ca.pem"
        )
        raise WorkspaceError(message) from error


def _place(options: Options) -> tuple[Path, str]:
    """Return the folder of the state, and the name in azure-native of the cloud it is of."""
    asked = None if options.cloud is None else clouds.profile(options.cloud).environment
    if options.data is not None:
        return options.data, asked or _environment_of(options.stack)
    try:
        project = find_project(Path.cwd())
    except WorkspaceError as error:
        message = f"{error}; or name a folder for the state with --data"
        raise WorkspaceError(message) from error
    environment = _environment(project, options.stack)
    if options.cloud not in (None, clouds.cloud_of_environment(environment)):
        message = (
            f"--cloud {options.cloud} is for a folder of one's own (--data): the stack "
            f"'{options.stack}' is of {_ENVIRONMENT} {environment}"
        )
        raise WorkspaceError(message)
    return project.folder / STATE_FOLDER / options.stack, environment


def _environment_of(stack: str) -> str:
    """Return the cloud of a stack of the project here, the public one where none can be read."""
    try:
        return _environment(find_project(Path.cwd()), stack)
    except (WorkspaceError, StackFileError):
        return clouds.profile(clouds.Cloud.PUBLIC).environment


def _environment(project: Project, stack: str) -> str:
    default = clouds.profile(clouds.Cloud.PUBLIC).environment
    return config_strings(read_stack(project, stack), project.name).get(_ENVIRONMENT, default)


@contextlib.contextmanager
def _described(doors: Doors, file: Path) -> Iterator[None]:
    """Keep the addresses in a file while the doors stand, for scripts that start them."""
    text = json.dumps(doors.description(), indent=2) + "\n"
    files.write_whole(file, text.encode())
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            file.unlink()


def _announce(console: Console, doors: Doors, data: Path) -> None:
    cloud = doors.site.cloud.cloud.value
    console.print(f"Simulated Azure of [bold]{escape(str(data))}[/], on loopback only")
    console.print(f"  cloud                   {cloud}")
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
