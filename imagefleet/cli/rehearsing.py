"""`imagefleet rehearse` and `imagefleet destroy`: wire workspace, engine, watcher and files."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
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
from imagefleet.cli.faulting import forget_faults, print_faults
from imagefleet.cli.policy_checking import policy_config
from imagefleet.cli.stacks import read_fleet
from imagefleet.cli.terminal import make_console
from imagefleet.cli.watching import ConsoleObserver
from imagefleet.offline.embedded.engine import EmbeddedEngine
from imagefleet.offline.engine import Engine, EventSink, Workspace, WorkspaceError
from imagefleet.offline.faults import FaultPlan, read_plan
from imagefleet.offline.model import Azure
from imagefleet.offline.opening import open_azure
from imagefleet.offline.outside.facts import Outside
from imagefleet.offline.outside.parse import read_outside
from imagefleet.offline.pulumi_cli.engine import PulumiCommand, PulumiEngine, find_pulumi
from imagefleet.offline.rehearsal import Ending, Rehearsal
from imagefleet.offline.workspace import (
    beside,
    copy_state,
    engine_of,
    find_project,
    forget,
    keep_engine,
    locked,
    open_workspace,
    refuse_incomplete,
    refuse_open_doors,
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
    skip_preview: bool = False
    export: Path | None = None
    events: Path | None = None
    fresh: bool = False
    refresh: bool = False
    faults: Path | None = None
    outside: Path | None = None
    state: Path | None = None
    policy_config: Path | None = None


def rehearse(options: Options) -> int:
    """Rehearse a stack and return the exit code.

    Raises `WorkspaceError`, `StackFileError` or `SettingsError` for unusable input, before
    anything is run.
    """
    _refuse_contradictions(options)
    workspace = open_workspace(find_project(Path.cwd()), options.stack, state_root=options.state)
    if options.policy_config is not None:
        config = policy_config(options.policy_config, workspace.policy_pack)
        workspace = dataclasses.replace(workspace, policy_config=config)
    read_fleet(workspace.config, options.stack)
    files.require_writable(options.export)
    workspace = dataclasses.replace(workspace, faults=options.faults)
    plan = None if options.faults is None else read_plan(options.faults)
    outside = None if options.outside is None else read_outside(options.outside)
    run = dataclasses.replace(_Run.begin(workspace, options), plan=plan, outside=outside)
    with (
        locked(workspace),
        files.recorder(options.events) as record,
        contextlib.closing(run.observer),
    ):
        if options.fresh and not options.preview_only:
            refuse_open_doors(workspace)
        forget_faults(workspace)
        try:
            ending = _previewed(run, options, record)
            if ending is None:
                ending = _brought_up(run, options, record)
        finally:
            print_faults(workspace, run.observer.console)
    return _EXIT_CODES[ending]


def _refuse_contradictions(options: Options) -> None:
    """Raise `WorkspaceError` for options that cannot be had together."""
    if not options.skip_preview:
        return
    if options.preview_only or options.refresh:
        other = "--preview-only" if options.preview_only else "--refresh"
        message = f"--skip-preview and {other} contradict each other; say one of them"
        raise WorkspaceError(message)
    if not options.yes:
        message = "--skip-preview leaves nothing to agree to; say --yes with it"
        raise WorkspaceError(message)


def _brought_up(run: _Run, options: Options, record: EventSink | None) -> Ending:
    if options.fresh:
        forget(run.workspace)
    keep_engine(run.workspace, run.engine)
    with run.rehearsal(run.workspace, record, run.outside) as rehearsal:
        ending = rehearsal.bring_up()
        print_assumed(run.workspace, run.observer.console)
        _export(rehearsal, options)
    return ending


def _previewed(run: _Run, options: Options, record: EventSink | None) -> Ending | None:
    """Preview, ask, and return how it ended, None to go on, at once with `--skip-preview`.

    What is previewed is no state before somebody has agreed to go on: `--fresh` previews against an
    empty state beside the old one, new outside facts against a copy. A refresh is kept whatever the
    answer, but with `--preview-only`, where it is made in a copy too.
    """
    if options.skip_preview:
        return None
    refreshed = options.refresh and not (options.fresh or options.preview_only)
    if refreshed:
        with run.rehearsal(run.workspace, record) as rehearsal:
            if not rehearsal.refresh():
                return Ending.REFUSED
    with contextlib.ExitStack() as stack:
        workspace = run.workspace
        if options.fresh or run.outside is not None or (options.refresh and not refreshed):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="imagefleet-")))
            workspace = (beside if options.fresh else copy_state)(workspace, folder)
        rehearsal = stack.enter_context(run.rehearsal(workspace, record, run.outside))
        confirm = Confirm(yes=options.yes, interactive=sys.stdin.isatty())
        if options.refresh and not refreshed and not rehearsal.refresh():
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
    make_engine: MakeEngine
    observer: ConsoleObserver
    plan: FaultPlan | None = None
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
            make_engine=make_engine,
            observer=ConsoleObserver(console),
        )

    @property
    def engine(self) -> str:
        """The engine's name, as the option spells it."""
        return "embedded" if self.make_engine is EmbeddedEngine else "pulumi"

    @contextlib.contextmanager
    def rehearsal(
        self, workspace: Workspace, record: EventSink | None, outside: Outside | None = None
    ) -> Iterator[Rehearsal]:
        """Open the simulated Azure of `workspace`, told of `outside`, and an engine over it."""
        azure = open_azure(
            workspace.azure_store,
            plan=self.plan,
            fault_log=workspace.fault_log,
            outside=outside,
            # The embedded engine is this process; the Pulumi command asks a provider of its own.
            engine=os.getpid(),
        )
        with contextlib.closing(azure):
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
