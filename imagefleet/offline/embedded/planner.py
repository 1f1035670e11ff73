"""What becomes of a registration: the steps the real engine would take for it, in their order."""

from __future__ import annotations

import os

from imagefleet.offline.embedded.cascade import dependents_to_replace
from imagefleet.offline.embedded.goal import Goal
from imagefleet.offline.embedded.history import find_old
from imagefleet.offline.embedded.judge import Judged
from imagefleet.offline.embedded.paths import replaces, with_ignored, with_replacements
from imagefleet.offline.embedded.run import Run
from imagefleet.offline.embedded.state import ResourceState
from imagefleet.offline.embedded.steps import Step
from imagefleet.offline.embedded.urns import (
    is_default_provider,
    is_provider,
    name_of,
    provider_urn,
    quoted,
)
from imagefleet.offline.model import AzureError, CheckFailure, Difference
from imagefleet.offline.values import Properties, Secret, plain

_PROTECTED = (
    "as it is currently marked for protection. To unprotect the resource, "
    "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`"
)


def plan(run: Run, goal: Goal) -> list[Step]:
    """Return the steps for a registration; `RunStoppedError` where it ends the run.

    The order of the questions is the engine's: the provider's check with the old inputs, the
    policies on what the check returned, then the provider's comparison.
    """
    if goal.parent and goal.parent not in run.seen:
        run.stop(f"could not find parent resource {goal.parent}")
    urn = run.urn(goal.parent, goal.type, goal.name)
    if urn in run.seen:
        run.stop(f"Duplicate resource URN '{urn}'; try giving it a unique name", urn)
    run.seen.add(urn)
    old, former = find_old(run, urn, goal)
    new = _wanted(urn, goal, old)
    run.goals[urn] = goal
    recreating = urn in run.deleted
    fresh = recreating or old is None or old.external
    inputs = _checked_inputs(run, goal, new, None if fresh else old)
    if goal.custom:
        new.inputs = inputs
    judged = Judged(
        state=new, goal=goal, provider=run.provider_state(new.provider), former_urn=former
    )
    if run.judge.resource(judged, inputs):
        run.failed = True
        if not run.dry_run:
            run.stop()
    if old is None:
        return [Step(op="create", new=new)]
    if recreating:
        run.deleted.discard(urn)
        return _recreation(run, old, new)
    if old.external:
        made = Step(op="create-replacement", old=old, new=new, pending_delete=True)
        return [made, Step(op="replace", old=old, new=new, pending_delete=True)]
    return _compared(run, goal, old, new, inputs)


def _wanted(urn: str, goal: Goal, old: ResourceState | None) -> ResourceState:
    return ResourceState(
        urn=urn,
        type=goal.type,
        custom=goal.custom,
        inputs=goal.properties,
        parent=goal.parent,
        protect=goal.protect,
        dependencies=list(goal.dependencies),
        property_dependencies=goal.property_dependencies,
        provider=goal.provider,
        additional_secret_outputs=list(goal.additional_secret_outputs),
        custom_timeouts=goal.custom_timeouts,
        ignore_changes=list(goal.ignore_changes),
        replace_on_changes=list(goal.replace_on_changes),
        created=old.created if old else "",
        modified=old.modified if old else "",
        source_position=goal.source_position,
    )


def _checked_inputs(
    run: Run, goal: Goal, new: ResourceState, old: ResourceState | None
) -> Properties:
    inputs = goal.properties
    if old is not None:
        inputs, lost = with_ignored(inputs, old.inputs, goal.ignore_changes)
        if lost:
            paths = quoted(", ".join(lost))
            run.events.diagnostic(
                "info",
                f"cannot ignore changes in added or removed elements of the path: {paths}",
                new.urn,
            )
    if not goal.custom or is_provider(goal.type):
        return inputs
    return _check(run, new, old.inputs if old else None, inputs)


def _check(
    run: Run, new: ResourceState, old_inputs: Properties | None, inputs: Properties
) -> Properties:
    settings = run.settings(new.provider)
    name = name_of(new.urn)
    try:
        checked = run.provider.check(new, name, old_inputs, inputs, settings, os.urandom(32))
    except AzureError as error:
        run.stop(str(error), new.urn)
    for failure in checked.failures:
        run.error(_check_failure(new, name, inputs, failure), new.urn)
    if checked.failures:
        run.stop()
    return checked.inputs


def _check_failure(new: ResourceState, name: str, inputs: Properties, failure: CheckFailure) -> str:
    if not failure.property:
        return f"{new.type} resource '{name}' has a problem: {failure.reason}"
    value = inputs.get(failure.property)
    return (
        f"{new.type} resource '{name}': property {failure.property} value {_worded(value)} "
        f"has a problem: {failure.reason}"
    )


def _worded(value: object) -> str:
    """Return a property value in the engine's way of printing one."""
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, dict):
        parts = " ".join(f"{key}:{_worded(item)}" for key, item in sorted(value.items()))
        return f"{{map[{parts}]}}"
    if isinstance(value, list):
        return f"{{[{' '.join(map(_worded, value))}]}}"
    if value is None:
        return "{<nil>}"
    return f"{{{str(value).lower() if isinstance(value, bool) else value}}}"


def _recreation(run: Run, old: ResourceState, new: ResourceState) -> list[Step]:
    run.replaced.add(new.urn)
    keys = run.cascade_keys.get(new.urn, ())
    return [
        Step(op="replace", old=old, new=new),
        Step(op="create-replacement", old=old, new=new, keys=keys),
    ]


def _compared(
    run: Run, goal: Goal, old: ResourceState, new: ResourceState, inputs: Properties
) -> list[Step]:
    found, detail = _difference(run, old, new, inputs)
    found = with_replacements(found, goal.replace_on_changes)
    detail = found if detail is not None else None
    if old.pending_replacement or (found.changes and replaces(found)):
        return _replacement(run, goal, old, new, found, detail)
    # The engine puts a resource again whose last operation did not end well.
    if found.changes or old.init_errors:
        return [Step(op="update", old=old, new=new, difference=detail)]
    return [Step(op="same", old=old, new=new)]


def _difference(
    run: Run, old: ResourceState, new: ResourceState, inputs: Properties
) -> tuple[Difference, Difference | None]:
    """Return the difference, and again where the provider says which properties differ."""
    if _provider_changed(run, old, new):
        found = Difference(changes=True, replaces=("provider",))
        return found, found
    if not new.custom or is_provider(new.type):
        return Difference(changes=plain(old.inputs) != plain(inputs)), None
    try:
        found = run.provider.diff(old, inputs, new.ignore_changes)
    except AzureError as error:
        run.stop(str(error), new.urn)
    return found, found


def _provider_changed(run: Run, old: ResourceState, new: ResourceState) -> bool:
    """Whether another provider makes it another resource; azure-native's settings never do."""
    if old.provider == new.provider:
        return False
    if not old.provider or not new.provider:
        return True
    before, after = provider_urn(old.provider), provider_urn(new.provider)
    if before == after or run.aliased_by.get(before) == after:
        return after in run.replaced
    return not (is_default_provider(before) and is_default_provider(after))


def _replacement(
    run: Run,
    goal: Goal,
    old: ResourceState,
    new: ResourceState,
    found: Difference,
    detail: Difference | None,
) -> list[Step]:
    if new.protect and old.protect:
        run.error(f"unable to replace resource {quoted(new.urn)}\n{_PROTECTED}", new.urn)
        if not run.dry_run:
            run.stop()
    run.replaced.add(new.urn)
    if goal.custom and not is_provider(goal.type):
        new.inputs = _check(run, new, None, goal.properties)
    keys = found.replaces
    first = _deleted_first(goal, old, found)
    steps = (
        Step(
            op="create-replacement",
            old=old,
            new=new,
            keys=keys,
            difference=detail,
            pending_delete=not first,
        ),
        Step(
            op="replace", old=old, new=new, keys=keys, difference=detail, pending_delete=not first
        ),
    )
    if not first:
        return list(steps)
    deletions = _early_deletions(run, old)
    if not old.pending_replacement:
        run.deleted.add(old.urn)
        deletions.append(Step(op="delete-replaced", old=old, pending_replacement=True))
    return [*deletions, steps[1], steps[0]]


def _deleted_first(goal: Goal, old: ResourceState, found: Difference) -> bool:
    if old.pending_replacement:
        # An earlier run deleted it and got no further; a deletion afterwards would hit the new one.
        return True
    if goal.delete_before_replace is not None:
        return goal.delete_before_replace
    return found.delete_before_replace


def _early_deletions(run: Run, old: ResourceState) -> list[Step]:
    """Delete, the last first, what cannot outlive the resource that is deleted to be made anew."""
    steps: list[Step] = []
    try:
        dependents = dependents_to_replace(run, old)
    except AzureError as error:
        run.stop(str(error), old.urn)
    for state, keys in reversed(dependents):
        if id(state) in run.deleted_early:
            continue
        run.cascade_keys[state.urn] = keys
        if state.delete:
            steps.append(Step(op="delete", old=state))
        elif not state.pending_replacement:
            if state.protect:
                run.stop(_cascade_protected(state.urn, old.urn), old.urn)
            steps.append(Step(op="delete-replaced", old=state, pending_replacement=True))
        run.deleted.add(state.urn)
        run.deleted_early.add(id(state))
    return steps


def _cascade_protected(dependent: str, root: str) -> str:
    return (
        f"unable to replace resource {quoted(dependent)} as part of replacing {quoted(root)} "
        f"{_PROTECTED}, or use the command:\n`pulumi state unprotect {_shell_quoted(dependent)}`"
    )


def protected_deletion(urn: str) -> str:
    """Return the engine's words for the deletion of a protected resource."""
    return (
        f"resource {quoted(urn)} cannot be deleted\n"
        "because it is protected. To unprotect the resource, either remove the `protect` flag "
        "from the resource in your Pulumi program and run `pulumi up`, or use the command:\n"
        f"`pulumi state unprotect {_shell_quoted(urn)}`"
    )


def _shell_quoted(urn: str) -> str:
    return f"'{urn}'"
