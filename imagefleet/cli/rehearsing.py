"""`imagefleet rehearse` and `imagefleet destroy`: wire workspace, engine, watcher and files."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from imagefleet.cli import files
from imagefleet.cli.assuming import print_assumed
from imagefleet.cli.faulting import forget_faults, open_azure, print_faults
from imagefleet.cli.stacks import read_fleet
from imagefleet.cli.terminal import make_console
from imagefleet.cli.watching import ConsoleObserver
from imagefleet.offline.embedded.engine import EmbeddedEngine
from imagefleet.offline.engine import Engine, EventSink, Workspace, WorkspaceError
from imagefleet.offline.faults import read_plan
from imagefleet.offline.model import Azure
from imagefleet.offline.outside.facts import Outside
from imagefleet.offline.outside.parse import read_outside
from imagefleet.offline.pulumi_cli.engine import PulumiCommand, PulumiEngine, find_pulumi
from imagefleet.offline.rehearsal import Ending, Rehearsal
from imagefleet.offline.workspace import (
    copy_state,
    engine_of,
    find_project,
    forget,
    keep_engine,
    locked,
    open_workspace,
    refuse_incomplete,
    release_engine,
)

_EXIT_CODES = {
    Ending.DONE: 0,
    Ending.PREVIEWED: 0,
    Ending.DECLINED: 0,
    Ending.REFUSED: 1,
    Ending.NOT_STEADY: 1,
}

MakeEngine = Callable[[Workspace, Azure], Engine]


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
    refresh: bool = False
    faults: Path | None = None
    outside: Path | None = None
    state: Path | None = None


def rehearse(options: Options) -> int:
    """Rehearse a stack and return the exit code.

    Raises `WorkspaceError`, `StackFileError` or `SettingsError` for unusable input, before
    anything is run.
    """
    workspace = open_workspace(find_project(Path.cwd()), options.stack, state_root=options.state)
    read_fleet(workspace.config, options.stack)
    files.require_writable(options.export)
    if options.faults is not None:
        workspace = dataclasses.replace(workspace, faults=options.faults)
        read_plan(options.faults)
    outside = None if options.outside is None else read_outside(options.outside)
    run = dataclasses.replace(_Run.begin(workspace, options), outside=outside)
    with (
        locked(workspace),
        files.recorder(options.events) as record,
        contextlib.closing(run.observer),
    ):
        forget_faults(workspace)
        ending = _previewed(run, options, record)
        if ending is None:
            if options.fresh:
                forget(workspace)
            keep_engine(workspace, run.engine)
            with run.rehearsal(workspace, record) as rehearsal:
                ending = rehearsal.bring_up()
                print_assumed(workspace, run.observer.console)
                _export(rehearsal, options)
        print_faults(workspace, run.observer.console)
    return _EXIT_CODES[ending]


def _previewed(run: _Run, options: Options, record: EventSink | None) -> Ending | None:
    """Preview, ask, and return how it ended, None to go on.

    `--fresh` previews against an empty state beside the old one, which is forgotten only when
    somebody has agreed to go on. A refresh writes what it finds into the state, so that with
    `--preview-only` it is given a copy.
    """
    with contextlib.ExitStack() as stack:
        workspace = run.workspace
        if options.fresh or (options.refresh and options.preview_only):
            beside = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="imagefleet-")))
            if options.fresh:
                workspace = dataclasses.replace(workspace, state_dir=beside)
            else:
                workspace = copy_state(workspace, beside)
        rehearsal = stack.enter_context(run.rehearsal(workspace, record))
        confirm = Confirm(yes=options.yes, interactive=sys.stdin.isatty())
        if options.refresh and not rehearsal.refresh():
            return Ending.REFUSED
        ending = rehearsal.preview(
            confirm=lambda: confirm("Bring this up in the simulated Azure?"),
            preview_only=options.preview_only,
        )
        if ending is not None:
            _export(rehearsal, options)
    return ending


def destroy(options: Options) -> int:
    """Destroy what a stack's rehearsals made and return the exit code."""
    workspace = open_workspace(find_project(Path.cwd()), options.stack, state_root=options.state)
    run = _Run.begin(workspace, options)
    confirm = Confirm(yes=options.yes, interactive=sys.stdin.isatty())
    with (
        locked(workspace),
        files.recorder(options.events) as record,
        run.rehearsal(workspace, record) as rehearsal,
    ):
        ending = rehearsal.destroy(
            confirm=lambda count: confirm(
                f"Delete the {count} resources of stack '{options.stack}' in the simulated Azure?"
            )
        )
        if ending is Ending.DONE:
            release_engine(workspace)
    return _EXIT_CODES[ending]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What one call of the command keeps from its first step to its last."""

    workspace: Workspace
    engine: str
    make_engine: MakeEngine
    observer: ConsoleObserver
    outside: Outside | None = None

    @classmethod
    def begin(cls, workspace: Workspace, options: Options) -> _Run:
        """Choose the engine and say what runs."""
        refuse_incomplete(workspace)
        choice = options.engine if options.fresh else _that_has_it(workspace, options.engine)
        make_engine, shown = _find_engine(choice)
        console = make_console()
        _announce(console, workspace, shown)
        return cls(
            workspace=workspace,
            engine="embedded" if make_engine is EmbeddedEngine else "pulumi",
            make_engine=make_engine,
            observer=ConsoleObserver(console),
        )

    @contextlib.contextmanager
    def rehearsal(self, workspace: Workspace, record: EventSink | None) -> Iterator[Rehearsal]:
        """Open the simulated Azure of `workspace` and an engine over it."""
        with contextlib.closing(open_azure(workspace, self.outside)) as azure:
            engine = self.make_engine(workspace, azure)
            yield Rehearsal(engine=engine, azure=azure, observer=self.observer, record=record)


def _announce(console: Console, workspace: Workspace, engine: str) -> None:
    console.print(
        f"[bold]{escape(workspace.project)}[/] stack [bold]{escape(workspace.stack)}[/] "
        f"on the simulated Azure, {escape(engine)}"
    )
    if workspace.unseen_environments:
        names = escape(", ".join(workspace.unseen_environments))
        console.print(
            f"[yellow]warning:[/] values from Pulumi ESC ({names}) are not seen by a rehearsal"
        )


def _that_has_it(workspace: Workspace, choice: str) -> str:
    """Return the engine to go on with; raises `WorkspaceError` where another has the stack up."""
    has_it = engine_of(workspace)
    if has_it is None or has_it == choice:
        return choice
    if choice == "auto":
        return has_it
    message = (
        f"stack '{workspace.stack}' was brought up with --engine {has_it}, and only its state "
        f"knows the resources; go on with --engine {has_it}, destroy the stack with it, or start "
        "again with 'imagefleet rehearse --fresh'"
    )
    raise WorkspaceError(message)


def _find_engine(choice: str) -> tuple[MakeEngine, str]:
    if choice == "embedded":
        return EmbeddedEngine, "embedded engine"
    found = find_pulumi()
    if isinstance(found, PulumiCommand):
        command = found.path
        return lambda workspace, _: PulumiEngine(workspace, command), f"pulumi {found.version}"
    if choice == "pulumi":
        message = (
            f"--engine pulumi cannot be used: {found.text}; --engine embedded needs no command"
        )
        raise WorkspaceError(message)
    return EmbeddedEngine, f"embedded engine ({found.text})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """Ask a person, unless told not to; without a terminal nobody can answer."""

    yes: bool
    interactive: bool

    def __call__(self, question: str) -> bool:
        """Return whether to go on; `WorkspaceError` where nobody can be asked."""
        if self.yes:
            return True
        if not self.interactive:
            message = "there is no terminal to ask for confirmation; say --yes to go on"
            raise WorkspaceError(message)
        if typer.confirm(question, default=False):
            return True
        typer.echo("left as it is")
        return False


def _export(rehearsal: Rehearsal, options: Options) -> None:
    if options.export is not None:
        files.write(options.export, json.dumps(rehearsal.engine.export(), indent=4) + "\n")
