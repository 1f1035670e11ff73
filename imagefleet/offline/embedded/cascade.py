"""What depends on a resource: what its replacement drags along, and in which order all goes."""

from __future__ import annotations

from imagefleet.offline.embedded.paths import replaces, with_replacements
from imagefleet.offline.embedded.run import Run
from imagefleet.offline.embedded.state import ResourceState
from imagefleet.offline.embedded.urns import is_provider, provider_urn
from imagefleet.offline.values import UNKNOWN

Dependent = tuple[ResourceState, tuple[str, ...]]
"""A resource that must be replaced too, and the properties that say so."""


def dependents_to_replace(run: Run, root: ResourceState) -> list[Dependent]:
    """Return what must be deleted before `root` is, in the order of its dependencies.

    Only a property that comes from a resource on its way out can force a replacement, so
    `depends_on` alone does not: the provider is asked what it would do if the property were
    unknown. Resources that this run has dealt with cannot depend on one it has not.
    """
    found: list[Dependent] = []
    replacing = {root.urn}
    reached = {root.urn}
    after_root = False
    for state in run.deployment.base:
        if state is root:
            after_root = True
        elif after_root and not _dealt_with(run, state) and _depends_on(state, reached):
            reached.add(state.urn)
            keys = _keys_to_replace(run, state, replacing)
            if keys is not None:
                replacing.add(state.urn)
                found.append((state, keys))
    return found


def transitive_dependencies(states: list[ResourceState], of: ResourceState) -> set[int]:
    """Return the identities of what a resource depends on, parents included, at any depth."""
    by_urn = {state.urn: state for state in states}
    found: set[int] = set()
    waiting = [of]
    while waiting:
        state = waiting.pop()
        for urn in (*state.named_dependencies(), state.parent):
            dependency = by_urn.get(urn)
            if dependency is not None and id(dependency) not in found:
                found.add(id(dependency))
                waiting.append(dependency)
    return found


def _dealt_with(run: Run, state: ResourceState) -> bool:
    return state.urn in run.operated or state.urn in run.deleted


def _depends_on(state: ResourceState, urns: set[str]) -> bool:
    return not urns.isdisjoint(state.named_dependencies())


def _keys_to_replace(run: Run, state: ResourceState, replacing: set[str]) -> tuple[str, ...] | None:
    """Return the properties that force the replacement of a dependent, None where none does."""
    if not state.custom or state.external:
        return None
    if state.provider and provider_urn(state.provider) in replacing:
        return ()
    unknown = {
        key
        for key in state.inputs
        if not replacing.isdisjoint(state.property_dependencies.get(key, ()))
    }
    if not unknown or is_provider(state.type):
        return None
    inputs = {key: UNKNOWN if key in unknown else value for key, value in state.inputs.items()}
    found = run.provider.diff(state, inputs, state.ignore_changes)
    found = with_replacements(found, state.replace_on_changes)
    return found.replaces if found.changes and replaces(found) else None
