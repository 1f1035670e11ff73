"""Refresh: the state of every resource as the simulated Azure shows it now."""

from __future__ import annotations

from imagefleet.offline.embedded.events import STATUS_UNKNOWN
from imagefleet.offline.embedded.executor import mark_secrets
from imagefleet.offline.embedded.paths import inverted
from imagefleet.offline.embedded.run import Run
from imagefleet.offline.embedded.state import ResourceState, now
from imagefleet.offline.embedded.steps import Step
from imagefleet.offline.embedded.urns import is_provider
from imagefleet.offline.model import AzureError, Difference

_READ = ("id", "inputs", "outputs", "init_errors", "dependencies", "property_dependencies")


def refresh_all(run: Run) -> None:
    """Read every resource, report what has drifted, and keep what is found.

    References to resources that have gone are taken out of those that remain. Raises
    `RunStoppedError` where the service does not answer; what was read by then is kept.
    """
    present: set[str] = set()
    for old in list(run.deployment.base):
        new = _refreshed(run, old)
        if new is not None:
            _keep(run, old, _without_dangling(new, present))
            present.add(new.urn)
        else:
            run.deployment.supersede(old)


def _refreshed(run: Run, old: ResourceState) -> ResourceState | None:
    """Report and return a resource as it stands, None where it is gone."""
    step = Step(op="refresh", old=old, new=old)
    run.events.step_before(step)
    if not old.custom or is_provider(old.type) or old.pending_replacement:
        run.events.step_after(step, op="same", counted=True)
        return old
    try:
        found = run.provider.read(old, old.inputs)
        if found is None:
            step.new = None
            run.events.step_after(step, op="delete", counted=True)
            return None
        new = old.copy()
        new.id, new.inputs, new.outputs = found
        new.init_errors = []
        mark_secrets(new)
        step.new = new
        step.difference = inverted(_difference(run, old, new))
    except AzureError as error:
        run.executor_failed = True
        run.events.step_failed(step, str(error), status=STATUS_UNKNOWN)
        run.stop()
    if (new.inputs, new.outputs) != (old.inputs, old.outputs):
        new.modified = now()
    run.events.step_after(step, op="update" if step.difference.changes else "same", counted=True)
    return new


def _difference(run: Run, old: ResourceState, new: ResourceState) -> Difference:
    if old.external:
        return Difference(changes=old.outputs != new.outputs)
    return run.provider.diff(new, old.inputs, old.ignore_changes)


def _keep(run: Run, old: ResourceState, new: ResourceState) -> None:
    with run.deployment.together():
        if all(getattr(new, name) == getattr(old, name) for name in _READ):
            run.deployment.keep(new, old)
        else:
            run.deployment.put(new)
        run.deployment.supersede(old)


def _without_dangling(state: ResourceState, present: set[str]) -> ResourceState:
    dependencies = [urn for urn in state.dependencies if urn in present]
    # The engine keeps no property without a dependency here, so neither do we.
    by_property = {
        key: kept
        for key, urns in state.property_dependencies.items()
        if (kept := [urn for urn in urns if urn in present])
    }
    if (dependencies, by_property) == (state.dependencies, state.property_dependencies):
        return state
    changed = state.copy()
    changed.dependencies, changed.property_dependencies = dependencies, by_property
    return changed
