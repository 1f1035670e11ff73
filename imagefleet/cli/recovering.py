"""`imagefleet recover`: what a killed run left behind, and the way back from there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from imagefleet.cli.terminal import make_console, plural
from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.embedded.engine import EmbeddedEngine
from imagefleet.offline.engine import Workspace, WorkspaceError
from imagefleet.offline.pulumi_cli.engine import PulumiCommand, PulumiEngine, find_pulumi
from imagefleet.offline.recover import Findings, Holder, Pending, look_up, strays
from imagefleet.offline.workspace import (
    engine_of,
    find_project,
    locked,
    open_workspace,
    refuse_incomplete,
)

EXIT_SOMETHING_TO_DO = 1
MOST_STRAYS_SHOWN = 20
_NEXT_RUN = {
    "embedded": "it does what is shown here by itself, or --apply does it now",
    "pulumi": (
        "after a kill it does what is shown here by itself, after a lost answer it is refused "
        "until --apply has done so"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """The state of one engine: what was found in it, and how to bring it in line."""

    findings: Findings
    deployment: dict[str, Any]
    settle: Callable[[], None]


def recover(stack: str, *, apply: bool, state_root: Path | None) -> int:
    """Show what a stack's rehearsals need before the next run, do it with `apply`.

    Returns 0 where nothing is left to do, else 1. Raises `WorkspaceError` or `EngineError` where
    another run is at work, or a state cannot be read.
    """
    workspace = open_workspace(find_project(Path.cwd()), stack, state_root=state_root)
    refuse_incomplete(workspace)
    console = make_console()
    console.print(f"[bold]{escape(workspace.project)}[/] stack [bold]{escape(stack)}[/]")
    if not workspace.azure_store.exists():
        console.print("  nothing was rehearsed here, so there is nothing to recover")
        return 0
    with contextlib.ExitStack() as resources:
        try:
            resources.enter_context(locked(workspace))
        except WorkspaceError as error:
            if apply:
                raise
            console.print(f"  [yellow]{escape(str(error))}[/]")
        azure = resources.enter_context(contextlib.closing(SimulatedAzure(workspace.azure_store)))
        states = _states(workspace, azure)
        for state in states:
            _show(console, state.findings)
        to_do = any(not state.findings.clean for state in states)
        _show_engine(console, workspace, to_do=to_do)
        if to_do and apply:
            for state in states:
                state.settle()
            console.print("[green]done[/]: the next rehearsal goes on from here")
            states = _states(workspace, azure)
        pending = [each for state in states for each in state.findings.pending]
        left = strays([state.deployment for state in states], pending, azure)
        _show_strays(console, left)
    if to_do and not apply:
        console.print("nothing was changed; [bold]--apply[/] does what is shown")
    return EXIT_SOMETHING_TO_DO if (to_do and not apply) or left else 0


def _states(workspace: Workspace, azure: SimulatedAzure) -> list[_State]:
    """Return the state of the engine that has the stack up, of every engine where none has.

    A preview leaves a state too, an empty one, which the other engine need not be there to read.
    """
    has_it = engine_of(workspace)
    makers = {"embedded": _embedded, "pulumi": _pulumi}
    return [
        make(workspace, azure)
        for name, make in makers.items()
        if (workspace.state_dir / name).exists() and has_it in (None, name)
    ]


def _show_engine(console: Console, workspace: Workspace, *, to_do: bool) -> None:
    """Say which engine the next rehearsal goes on with, and what it will do about the rest."""
    has_it = engine_of(workspace)
    if has_it is None:
        return
    then = f": {_NEXT_RUN[has_it]}" if to_do else ""
    console.print(
        f"  brought up with --engine {escape(has_it)}, which the next rehearsal goes on with{then}"
    )


def _embedded(workspace: Workspace, azure: SimulatedAzure) -> _State:
    engine = EmbeddedEngine(workspace, azure)
    deployment: dict[str, Any] = engine.export()["deployment"]

    def settle() -> None:
        engine.recover(lambda _event: None)

    findings = Findings(engine="embedded engine", pending=look_up(deployment, azure))
    return _State(findings=findings, deployment=deployment, settle=settle)


def _pulumi(workspace: Workspace, azure: SimulatedAzure) -> _State:
    command = find_pulumi()
    if not isinstance(command, PulumiCommand):
        message = (
            f"the state in {workspace.state_dir / 'pulumi'} is the pulumi command's, which cannot "
            f"be asked: {command.text}. Put the command on PATH and run this again, or forget the "
            "stack's rehearsals with 'imagefleet rehearse --fresh --engine embedded'"
        )
        raise WorkspaceError(message)
    engine = PulumiEngine(workspace, command.path)
    deployment: dict[str, Any] = engine.unfinished_export()["deployment"]
    findings = Findings(
        engine=f"pulumi {command.version}",
        locks=engine.locks(),
        pending=look_up(deployment, azure),
    )
    return _State(findings=findings, deployment=deployment, settle=engine.recover)


def _show(console: Console, findings: Findings) -> None:
    console.print(f"\n[bold]{escape(findings.engine)}[/]")
    for lock in findings.locks:
        console.print(f"  lock: {escape(_lock_words(lock))}")
    for pending in findings.pending:
        console.print(f"  {escape(_pending_words(pending))}", soft_wrap=True)
    if findings.clean:
        console.print("  [green]nothing to recover[/]: no lock, no pending operation")


def _lock_words(lock: Holder) -> str:
    process = f"process {lock.process} of {lock.who} since {lock.since}"
    if lock.alive:
        return f"{process} still runs; wait for it, or end it"
    return f"{process} is gone -> release the lock"


def _pending_words(pending: Pending) -> str:
    kind = pending.type.removeprefix("azure-native:")
    return (
        f"{pending.operation} {kind} {pending.name} ({pending.id or 'no id'}): {pending.found} "
        f"-> {pending.action}"
    )


def _show_strays(console: Console, left: Sequence[str]) -> None:
    if not left:
        return
    console.print(
        f"\n[yellow]{plural(len(left), 'resource')} of the simulated Azure in no state[/]; a run "
        "that wants to make one of them is refused: import it, or delete it"
    )
    for resource_id in left[:MOST_STRAYS_SHOWN]:
        console.print(f"  {escape(resource_id)}", soft_wrap=True)
    if len(left) > MOST_STRAYS_SHOWN:
        console.print(f"  … and {len(left) - MOST_STRAYS_SHOWN} more")
