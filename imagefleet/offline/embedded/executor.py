"""Steps carried out: the event before, the provider's call, the deployment, the event after."""

from __future__ import annotations

import uuid

from imagefleet.offline.embedded.events import STATUS_OK, STATUS_PARTIAL, STATUS_UNKNOWN
from imagefleet.offline.embedded.planner import protected_deletion
from imagefleet.offline.embedded.run import Run
from imagefleet.offline.embedded.state import ResourceState, now
from imagefleet.offline.embedded.steps import Step
from imagefleet.offline.embedded.urns import is_provider
from imagefleet.offline.model import AnswerLostError, AzureError, PartialFailureError
from imagefleet.offline.values import UNKNOWN, Properties, Secret, annotate

_BEGINNINGS = {
    "create": "creating",
    "create-replacement": "creating",
    "update": "updating",
    "delete": "deleting",
    "delete-replaced": "deleting",
}
_DELETIONS = frozenset({"delete", "delete-replaced", "discard", "discard-replaced"})
_GOING = _DELETIONS | {"remove-pending-replace"}


class ProtectedError(Exception):
    """A protected resource was to be deleted; the run goes on with the others and fails."""


class MissingError(Exception):
    """A resource that the program reads does not exist."""


def carry_out(run: Run, step: Step) -> None:
    """Take one step and report it.

    Raises `RunStoppedError` where the service refuses, `ProtectedError` where protection does;
    both are reported by then.
    """
    run.events.step_before(step)
    subject = step.subject
    try:
        _apply(run, step)
    except PartialFailureError as error:
        run.executor_failed = True
        _keep_unfinished(run, step, error)
        run.events.step_failed(step, _init_failure(error), status=STATUS_PARTIAL)
        run.stop()
    except AzureError as error:
        # Without an answer the operation stays in the journal: the next run asks what became of it.
        if step.operation and not isinstance(error, AnswerLostError):
            run.deployment.end(step.operation)
        run.executor_failed = True
        run.events.step_failed(step, str(error), status=STATUS_UNKNOWN)
        run.stop()
    except MissingError as error:
        run.executor_failed = True
        run.events.step_failed(step, str(error), status=STATUS_OK)
        run.stop()
    except ProtectedError as error:
        run.executor_failed = run.failed = True
        run.events.step_failed(step, str(error), status=STATUS_OK)
        raise
    if step.new is not None and step.op != "replace":
        mark_secrets(step.new)
        run.news[subject.urn] = step.new
    if step.new is not None and step.logical:
        run.registered[subject.urn] = step
    _settle(run, step)
    if step.op not in _GOING:
        run.operated.add(subject.urn)
        if step.old is not None:
            run.operated.add(step.old.urn)
    run.events.step_after(step, counted=_read_something_new(step) if step.op == "read" else None)


def _apply(run: Run, step: Step) -> None:
    if step.op in _DELETIONS:
        _delete(run, step)
    elif step.op == "same" and step.new and step.old:
        step.new.id, step.new.outputs = step.old.id, step.old.outputs
    elif step.op in ("create", "create-replacement") and step.new:
        _create(run, step, step.new)
    elif step.op == "update" and step.new and step.old:
        _update(run, step, step.old, step.new)
    elif step.op in ("read", "read-replacement") and step.new:
        _read(run, step.old, step.new)
    if step.old is not None:
        # Set at a preview too: what follows is decided by it.
        step.old.delete |= step.pending_delete
        step.old.pending_replacement |= step.pending_replacement


def _keep_unfinished(run: Run, step: Step, error: PartialFailureError) -> None:
    """Keep a resource that exists although its operation failed, with the reason.

    Of an update the inputs are the old ones: the new ones are not what the resource has.
    """
    new, old = step.new, step.old
    if new is None:
        return
    new.id = error.resource_id
    new.outputs = annotate(error.outputs, new.inputs)
    new.init_errors = [str(error)]
    new.modified = now()
    if step.op == "update" and old is not None:
        new.inputs = old.inputs
    else:
        new.created = new.modified
    if old is not None:
        old.delete |= step.pending_delete
    mark_secrets(new)
    _settle(run, step)


def _init_failure(error: PartialFailureError) -> str:
    """Return the reason in the engine's way of listing what kept a resource from being ready."""
    return f"1 error occurred:\n\t* {error}\n\n"


def _create(run: Run, step: Step, new: ResourceState) -> None:
    if is_provider(new.type):
        new.id = UNKNOWN if run.dry_run else str(uuid.uuid4())
        new.outputs = provider_outputs(new.inputs)
    elif new.custom:
        settings = run.settings(new.provider)
        _begin(run, step, new)
        new.id, new.outputs = run.provider.create(new, settings)
    new.created = new.modified = now()


def _update(run: Run, step: Step, old: ResourceState, new: ResourceState) -> None:
    new.id = old.id
    if not new.custom:
        return
    if is_provider(new.type):
        new.outputs = provider_outputs(new.inputs)
    else:
        settings = run.settings(new.provider)
        _begin(run, step, new)
        new.outputs = run.provider.update(old, new, settings)
    new.modified = now()


def _delete(run: Run, step: Step) -> None:
    old = step.subject
    if step.op == "delete" and old.protect:
        raise ProtectedError(protected_deletion(old.urn))
    if run.dry_run or old.external or not old.custom or is_provider(old.type):
        return
    settings = run.settings(old.provider)
    _begin(run, step, old)
    run.provider.delete(old, settings)


def _read(run: Run, old: ResourceState | None, new: ResourceState) -> None:
    if new.id == UNKNOWN:
        return
    found = run.provider.read(new, new.inputs)
    if found is None:
        message = f"resource '{new.id}' does not exist"
        raise MissingError(message)
    new.id, _, new.outputs = found
    if old is not None:
        new.created, new.modified = old.created, old.modified
        if (old.inputs, old.outputs) != (new.inputs, new.outputs):
            new.modified = now()


def _read_something_new(step: Step) -> bool:
    old, new = step.old, step.new
    return old is not None and new is not None and old.outputs != new.outputs


def _begin(run: Run, step: Step, state: ResourceState) -> None:
    # A kill is not caught anywhere: an operation without an answer stays in the journal, and the
    # next run asks the service what became of it.
    if not run.dry_run:
        step.operation = run.deployment.begin(_BEGINNINGS[step.op], state)


def _settle(run: Run, step: Step) -> None:
    """Write to the deployment what the step has changed, with the end of its operation."""
    if run.dry_run or step.op == "replace":
        return
    with run.deployment.together():
        _settle_states(run, step)
        if step.operation:
            run.deployment.end(step.operation)


def _settle_states(run: Run, step: Step) -> None:
    old, new = step.old, step.new
    if step.op in _GOING and old:
        _settle_deletion(run, step, old)
    if new is None:
        return
    if step.op == "same" and old:
        run.deployment.keep(new, old)
    else:
        run.deployment.put(new)
    if old is None:
        return
    if old.urn != new.urn:
        run.deployment.renamed(old.urn, new.urn)
    if step.pending_delete:
        run.deployment.mark(old)
    else:
        run.deployment.supersede(old)


def _settle_deletion(run: Run, step: Step, old: ResourceState) -> None:
    if step.pending_replacement:
        run.deployment.mark(old)
    else:
        run.deployment.supersede(old)


def provider_outputs(inputs: Properties) -> Properties:
    """Return what a provider resource shows of its inputs: all but the engine's own."""
    return {key: value for key, value in inputs.items() if key != "__internal"}


def mark_secrets(state: ResourceState) -> None:
    """Make secret what the program asked for, and what comes from a secret input."""
    secret = {key for key, value in state.inputs.items() if isinstance(value, Secret)}
    secret.update(state.additional_secret_outputs)
    outputs = state.outputs
    bare = {key for key in secret if key in outputs and not isinstance(outputs[key], Secret)}
    if bare:
        state.outputs = {
            key: Secret(value) if key in bare else value for key, value in outputs.items()
        }
