"""Registrations, reads and outputs as the program makes them, one at a time."""

from __future__ import annotations

from dataclasses import replace
from importlib import metadata
from typing import Any

from imagefleet.offline.embedded.executor import carry_out
from imagefleet.offline.embedded.goal import PACKAGE, Goal
from imagefleet.offline.embedded.planner import plan
from imagefleet.offline.embedded.run import Run
from imagefleet.offline.embedded.state import ResourceState
from imagefleet.offline.embedded.steps import Step
from imagefleet.offline.embedded.urns import (
    PROVIDER_PREFIX,
    ROOT_STACK_TYPE,
    is_provider,
    package_of,
    type_of,
)
from imagefleet.offline.values import UNKNOWN, Properties, Secret


class Registrar:
    """Carries out what the program asks for. Callers hold the run's lock."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._defaults: dict[tuple[str, str], str] = {}
        self._stack_outputs: Properties | None = None

    def register(self, goal: Goal) -> ResourceState:
        """Make a resource what the program wants it to be, and return what came of it."""
        if is_provider(goal.type):
            goal = replace(goal, properties=_versioned(goal.properties, goal.version))
        elif goal.custom and not goal.provider:
            goal = replace(goal, provider=self._default_provider(goal.type, goal.version))
        steps = plan(self._run, goal)
        for step in steps:
            carry_out(self._run, step)
        return next(step.new for step in reversed(steps) if step.new is not None)

    def outputs(self, urn: str, outputs: Properties) -> None:
        """Set the outputs of a component; the stack's own wait until the run has ended."""
        if type_of(urn) == ROOT_STACK_TYPE:
            self._stack_outputs = outputs
        else:
            self._set_outputs(urn, outputs)

    def finish_stack_outputs(self, *, errored: bool) -> None:
        """Set the stack's outputs; after a failure what is missing may only not have been made."""
        if self._stack_outputs is None:
            return
        root = self._run.root_urn()
        outputs = self._stack_outputs
        old = self._run.olds.get(root)
        if errored and old:
            outputs = {**old.outputs, **outputs}
        self._set_outputs(root, outputs)

    def read(self, request: Any, properties: Properties, position: str) -> ResourceState:
        """Read a resource that exists outside the stack, as `Resource.get()` asks for it."""
        run = self._run
        urn = run.urn(request.parent, request.type, request.name)
        if urn in run.seen:
            run.stop(f"Duplicate resource URN '{urn}'; try giving it a unique name", urn)
        run.seen.add(urn)
        old = run.olds.get(urn)
        new = ResourceState(
            urn=urn,
            type=request.type,
            custom=True,
            id=request.id,
            inputs=properties,
            parent=request.parent,
            external=True,
            dependencies=sorted(request.dependencies),
            provider=request.provider or self._default_provider(request.type, request.version),
            additional_secret_outputs=list(request.additionalSecretOutputs),
            source_position=position,
        )
        if old is not None and not old.external and old.id != new.id:
            run.replaced.add(urn)
            steps = [
                Step(op="read-replacement", old=old, new=new, pending_delete=True),
                Step(op="replace", old=old, new=new, pending_delete=True),
            ]
        else:
            steps = [Step(op="read", old=old, new=new)]
        for step in steps:
            carry_out(run, step)
        return new

    def _set_outputs(self, urn: str, outputs: Properties) -> None:
        run = self._run
        step = run.registered.get(urn)
        if step is None or step.new is None:
            run.stop(f"cannot complete a resource '{urn}' whose registration isn't pending", urn)
        step.new.outputs = outputs
        run.events.outputs(step)
        if not run.dry_run:
            run.deployment.put(step.new)

    def _default_provider(self, type_token: str, version: str) -> str:
        """Return the reference of the provider for resources that name none, made when needed."""
        package = package_of(type_token)
        # Where a resource asks for no version, the engine takes the one the program has installed.
        version = version or metadata.version("pulumi_azure_native")
        known = self._defaults.get((package, version))
        if known is not None:
            return known
        prefix = f"{package}:"
        config = self._run.workspace.config
        secret = self._run.workspace.secret_keys
        inputs: Properties = {
            key.removeprefix(prefix): Secret(value) if key in secret else value
            for key, value in config.items()
            if key.startswith(prefix)
        }
        name = f"default_{version.replace('.', '_').replace('-', '_')}"
        goal = Goal(
            type=f"{PROVIDER_PREFIX}{package or PACKAGE}",
            name=name,
            custom=True,
            parent="",
            properties=_versioned(inputs, version),
            property_dependencies={},
            custom_timeouts={},
        )
        state = self.register(goal)
        reference = f"{state.urn}::{state.id or UNKNOWN}"
        self._defaults[package, version] = reference
        return reference


def _versioned(properties: Properties, version: str) -> Properties:
    """Return a provider's inputs as the engine keeps them: its own key, and the version."""
    if not version or "__internal" in properties:
        return properties
    return {**properties, "__internal": {}, "version": version}
