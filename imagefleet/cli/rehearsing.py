"""`imagefleet rehearse` and `imagefleet destroy`: wire workspace, engine, watcher and files."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import typer
from rich.console import Console
from rich.markup import escape

from imagefleet.cli.watching import ConsoleObserver
from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.embedded.engine import EmbeddedEngine
from imagefleet.offline.engine import Engine, EngineEvent, EventSink, Workspace, WorkspaceError
from imagefleet.offline.pulumi_engine import PulumiCommand, PulumiEngine, find_pulumi
from imagefleet.offline.rehearsal import Ending, Rehearsal
from imagefleet.offline.report import Report
from imagefleet.offline.workspace import find_project, locked, open_workspace
from imagefleet.settings import fleet_from_config

_EXIT_CODES = {
    Ending.DONE: 0,
    Ending.PREVIEWED: 0,
    Ending.DECLINED: 0,
    Ending.REFUSED: 1,
    Ending.NOT_STEADY: 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a rehearsal, as the command line gives them."""

    stack: str
    engine: str = "auto"
    yes: bool = False
    preview_only: bool = False
    export: Path | None = None
    events: Path | None = None
    fresh: bool = False
    state: Path | None = None


def rehearse(options: Options) -> int:
    """Rehearse a stack and return the exit code.

    Raises `WorkspaceError`, `StackFileError` or `SettingsError` for unusable input, before
    anything is run.
    """
    workspace = open_workspace(find_project(Path.cwd()), options.stack, state_root=options.state)
    fleet_from_config(workspace.config)
    with locked(workspace):
        if options.fresh:
            _forget(workspace)
        with _rehearsal(workspace, options) as rehearsal:
            ending = rehearsal.run(
                confirm=_confirmation(options, "Bring this up in the simulated Azure?"),
                preview_only=options.preview_only,
            )
            if options.export is not None:
                _write(options.export, json.dumps(rehearsal.engine.export(), indent=4) + "\n")
    return _EXIT_CODES[ending]


def destroy(options: Options) -> int:
    """Destroy what a stack's rehearsals made and return the exit code."""
    workspace = open_workspace(find_project(Path.cwd()), options.stack, state_root=options.state)
    with locked(workspace), _rehearsal(workspace, options) as rehearsal:
        question = f"Delete everything of stack '{options.stack}' in the simulated Azure?"
        return _EXIT_CODES[rehearsal.destroy(confirm=_confirmation(options, question))]


@contextlib.contextmanager
def _rehearsal(workspace: Workspace, options: Options) -> Iterator[Rehearsal]:
    console = Console(highlight=False)
    with (
        contextlib.closing(SimulatedAzure(workspace.azure_store)) as azure,
        _recorder(options.events) as record,
    ):
        engine, remark = _choose_engine(options.engine, workspace, azure)
        console.print(
            f"[bold]{workspace.project}[/] stack [bold]{workspace.stack}[/], "
            f"{engine.name} engine{remark}, simulated Azure"
        )
        if workspace.unseen_environments:
            names = escape(", ".join(workspace.unseen_environments))
            console.print(
                f"[yellow]warning:[/] values from Pulumi ESC ({names}) are not seen by a rehearsal"
            )
        observer = ConsoleObserver(console)
        yield Rehearsal(engine=engine, azure=azure, observer=observer, record=record)


def _choose_engine(choice: str, workspace: Workspace, azure: SimulatedAzure) -> tuple[Engine, str]:
    if choice == "embedded":
        return EmbeddedEngine(workspace, azure), ""
    found = find_pulumi()
    if isinstance(found, PulumiCommand):
        return PulumiEngine(workspace, found.path), f" {found.version}"
    if choice == "pulumi":
        message = (
            f"--engine pulumi cannot be used: {found.text}; --engine embedded needs no command"
        )
        raise WorkspaceError(message)
    return EmbeddedEngine(workspace, azure), f" ({found.text})"


def _confirmation(options: Options, question: str) -> Confirm:
    return Confirm(yes=options.yes, question=question, interactive=sys.stdin.isatty())


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """Ask a person, unless told not to; without a terminal nobody can answer."""

    yes: bool
    question: str
    interactive: bool

    def __call__(self, _report: Report) -> bool:
        """Return whether to go on; `WorkspaceError` where nobody can be asked."""
        if self.yes:
            return True
        if not self.interactive:
            message = "there is no terminal to ask for confirmation; say --yes to go on"
            raise WorkspaceError(message)
        return typer.confirm(self.question, default=False)


@contextlib.contextmanager
def _recorder(path: Path | None) -> Iterator[EventSink | None]:
    if path is None:
        yield None
        return
    try:
        file = path.open("w", encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise WorkspaceError(message) from error
    with file:
        yield _event_writer(file)


def _event_writer(file: IO[str]) -> EventSink:
    def write(event: EngineEvent) -> None:
        file.write(json.dumps(event) + "\n")

    return write


def _forget(workspace: Workspace) -> None:
    """Remove the state of earlier rehearsals, the lock that we hold left in place."""
    for entry in workspace.state_dir.iterdir():
        if entry.name == "lock":
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise WorkspaceError(message) from error
