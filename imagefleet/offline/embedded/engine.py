"""The embedded engine itself: preview, update, refresh and destroy over one state folder."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Any

from imagefleet.offline.embedded.deployment import Deployment
from imagefleet.offline.embedded.errors import RunStoppedError
from imagefleet.offline.embedded.events import Emitter
from imagefleet.offline.embedded.finish import conclude, delete_unwanted, judge_stack
from imagefleet.offline.embedded.judge import Judge
from imagefleet.offline.embedded.monitor import Monitor
from imagefleet.offline.embedded.program import run_program
from imagefleet.offline.embedded.provider import AzureNative
from imagefleet.offline.embedded.recovery import mark_failed, recover
from imagefleet.offline.embedded.refresh import refresh_all
from imagefleet.offline.embedded.registrar import Registrar
from imagefleet.offline.embedded.run import Run
from imagefleet.offline.embedded.urns import ROOT_STACK_TYPE
from imagefleet.offline.engine import EngineError, EventSink, Workspace
from imagefleet.offline.model import Azure, AzureError
from imagefleet.offline.pack.client import PolicyPackError, PolicyPackProcess
from imagefleet.offline.values import redacted


class EmbeddedEngine:
    """Runs a project's program in process against a simulated Azure.

    State is kept in `embedded/` under the workspace's state folder. The protocol of
    `imagefleet.offline.engine.Engine` says what the methods do; `EngineError` is raised where the
    policy pack cannot be run or the state cannot be read.
    """

    name = "embedded"

    def __init__(self, workspace: Workspace, azure: Azure) -> None:
        self._workspace = workspace
        self._azure = azure
        self._folder = workspace.state_dir / "embedded"
        self.version = metadata.version("imagefleet")

    def preview(self, sink: EventSink) -> bool:
        """Run the program and show what an update would do; nothing is made or written."""
        with self._run(sink, dry_run=True, judged=True) as run:
            self._update(run)
        return not run.failed

    def up(self, sink: EventSink) -> bool:
        """Run the program and make the stack what it asks for."""
        with self._run(sink, dry_run=False, judged=True) as run:
            self._update(run)
        return not run.failed

    def refresh(self, sink: EventSink) -> bool:
        """Read every resource again and keep what is found."""
        with self._run(sink, dry_run=False, judged=False) as run:
            self._without_program(run, refresh_all)
        return not run.failed

    def destroy(self, sink: EventSink) -> bool:
        """Delete everything in the stack, protected resources and what they need excepted."""
        with self._run(sink, dry_run=False, judged=False) as run:
            self._without_program(run, delete_unwanted)
        return not run.failed

    def recover(self, sink: EventSink) -> bool:
        """Take in what became of a killed run, and note what has failed; nothing is made.

        Raises `EngineError` where the service does not answer.
        """
        with self._run(sink, dry_run=False, judged=False) as run:
            try:
                mark_failed(run)
            except AzureError as error:
                message = f"not everything could be looked up: {error}; run this again"
                raise EngineError(message) from error
        return not run.failed

    def export(self) -> dict[str, Any]:
        """Return the deployment in the form of `pulumi stack export`, secrets encrypted."""
        return Deployment.load(self._folder).export()

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs, secrets as the text `[secret]`."""
        for state in Deployment.load(self._folder).resources():
            if state.type == ROOT_STACK_TYPE:
                shown: dict[str, Any] = redacted(state.outputs)
                return shown
        return {}

    @contextlib.contextmanager
    def _run(self, sink: EventSink, *, dry_run: bool, judged: bool) -> Iterator[Run]:
        """Set a run up, and whatever happens close its deployment and tell how it ended."""
        workspace = self._workspace
        deployment = Deployment.load(self._folder)
        deployment.make_whole()
        events = Emitter(sink, planning=dry_run)
        with self._pack(events, dry_run=dry_run, judged=judged) as pack:
            run = Run(
                workspace=workspace,
                dry_run=dry_run,
                provider=AzureNative(self._azure, preview=dry_run),
                deployment=deployment,
                events=events,
                judge=Judge(pack, events),
            )
            events.prelude(workspace.config, workspace.secret_keys)
            recover(run)
            if not dry_run:
                deployment.record()
            try:
                yield run
            finally:
                deployment.close()
            events.summary(succeeded=not run.failed)
            events.cancel()

    @contextlib.contextmanager
    def _pack(
        self, events: Emitter, *, dry_run: bool, judged: bool
    ) -> Iterator[PolicyPackProcess | None]:
        workspace = self._workspace
        if not judged or workspace.policy_pack is None:
            yield None
            return
        events.policy_load()
        process = PolicyPackProcess(
            workspace.policy_pack,
            project=workspace.project,
            stack=workspace.stack,
            dry_run=dry_run,
            config=workspace.config,
            policy_config=workspace.policy_config,
        )
        with contextlib.ExitStack() as stack:
            try:
                pack = stack.enter_context(process)
            except PolicyPackError as error:
                raise EngineError(str(error)) from error
            # The name under which the engine's summary lists a pack from a folder.
            events.pack(f"{pack.name}|local|{workspace.policy_pack}", pack.version)
            yield pack

    def _update(self, run: Run) -> None:
        registrar = Registrar(run)
        reason = run_program(self._workspace, Monitor(run, registrar), dry_run=run.dry_run)
        if run.crash is not None:
            raise run.crash
        bailed = run.stopped and not run.executor_failed
        if reason and not run.stopped:
            run.error(reason)
            bailed = True
        if not run.stopped and not bailed:
            with contextlib.suppress(RunStoppedError):
                delete_unwanted(run)
        registrar.finish_stack_outputs(errored=run.failed)
        if not bailed and not run.executor_failed:
            judge_stack(run)
        conclude(run, bailed=bailed)

    def _without_program(self, run: Run, work: Callable[[Run], None]) -> None:
        with contextlib.suppress(RunStoppedError):
            work(run)
        conclude(run, bailed=False)
