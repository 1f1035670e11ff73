"""What an interrupted run left half done: the simulated Azure is asked what became of it."""

from __future__ import annotations

from imagefleet.offline.clock import LONGEST_WAIT_MINUTES
from imagefleet.offline.embedded.run import Run
from imagefleet.offline.embedded.state import ResourceState, now
from imagefleet.offline.embedded.urns import is_provider
from imagefleet.offline.engine import EngineError
from imagefleet.offline.model import AzureError
from imagefleet.offline.recover import FAILED, FAILED_REASON, UNDER_WAY, in_order
from imagefleet.offline.values import Properties, plain


def recover(run: Run) -> None:
    """Bring the base up to date with each operation that nobody saw the end of.

    A resource that came into being is taken over, one that has gone is forgotten, and one that
    was being updated is as the service shows it. Each is reported. Raises `EngineError` where the
    service does not answer; the state on disk is then as it was.
    """
    try:
        _recover(run)
    except AzureError as error:
        message = (
            f"the last run was interrupted, and what became of it cannot be looked up: {error}; "
            "the state is as it was: run this again"
        )
        raise EngineError(message) from error


def mark_failed(run: Run) -> None:
    """Note what the service shows as Failed, so that the next run puts it again.

    A refresh forgets why a resource was not ready, as the real engine's does.
    """
    for state in run.deployment.base:
        if not state.custom or is_provider(state.type) or state.external or state.init_errors:
            continue
        found = run.provider.read(state, state.inputs)
        if found is not None:
            _note_failed(state, found[2])


def _note_failed(state: ResourceState, outputs: Properties) -> None:
    if plain(outputs).get("provisioningState") == FAILED:
        state.init_errors = [FAILED_REASON]


def _recover(run: Run) -> None:
    pending, run.deployment.pending = run.deployment.pending, []
    for kind, state in pending:
        if kind == "creating":
            outcome = _created(run, state)
        elif kind == "deleting":
            outcome = _deleted(run, state)
        else:
            outcome = _updated(run, state)
        run.events.diagnostic(
            "info", f"the last run was interrupted while {kind} this resource: {outcome}", state.urn
        )
    run.olds = {state.urn: state for state in run.deployment.base if not state.delete}


def _created(run: Run, state: ResourceState) -> str:
    # The services are loaded only when there is something to recover.
    from imagefleet.offline.services import registry

    settings = run.settings(state.provider)
    state.id = registry.resource_type(state.type).id_of(plain(state.inputs), settings)
    found = _ended(run, state)
    if found is None:
        return "it was not made"
    state.id, _, state.outputs = found
    state.created = state.modified = now()
    _note_failed(state, state.outputs)
    base = run.deployment.base
    for old in [one for one in base if one.urn == state.urn and not one.delete]:
        if old.pending_replacement or old.id == state.id:
            base.remove(old)
        else:
            old.delete = True
    base.append(state)
    run.deployment.base = in_order(
        base,
        urn=lambda each: each.urn,
        # Sorted, for a set comes in any order and the file must not.
        needs=lambda each: sorted({*each.named_dependencies(), each.parent}),
        going=lambda each: each.delete,
    )
    return "it exists and is taken over"


def _deleted(run: Run, state: ResourceState) -> str:
    if run.provider.read(state, state.inputs) is not None:
        return "it still exists"
    run.deployment.base = [
        one for one in run.deployment.base if (one.urn, one.id) != (state.urn, state.id)
    ]
    return "it is gone"


def _updated(run: Run, state: ResourceState) -> str:
    # Compared with the inputs from before: of the new ones a property that is to go says nothing.
    for old in run.deployment.base:
        if (old.urn, old.id) == (state.urn, state.id):
            found = _ended(run, old)
            if found:
                _, old.inputs, old.outputs = found
                _note_failed(old, old.outputs)
    return "its state is read again"


def _ended(run: Run, state: ResourceState) -> tuple[str, Properties, Properties] | None:
    """Read a resource once the service is through with it, on the simulated clock.

    A preview does not wait: it moves nothing, the clock neither.
    """
    found = run.provider.read(state, state.inputs)
    waited = 0
    while not run.dry_run and found and _under_way(found[2]) and waited < LONGEST_WAIT_MINUTES:
        run.provider.azure.advance(1)
        waited += 1
        found = run.provider.read(state, state.inputs)
    return found


def _under_way(outputs: Properties) -> bool:
    return plain(outputs).get("provisioningState") in UNDER_WAY
