"""Which resource of the last run a registration continues: by its URN, or by an alias."""

from __future__ import annotations

from collections.abc import Iterator

from imagefleet.offline.embedded.goal import Alias, Goal
from imagefleet.offline.embedded.run import Run
from imagefleet.offline.embedded.state import ResourceState
from imagefleet.offline.embedded.urns import (
    ROOT_STACK_TYPE,
    make_urn,
    name_of,
    qualified_type,
    type_of,
)


def find_old(run: Run, urn: str, goal: Goal) -> tuple[ResourceState | None, str]:
    """Return the old state and the former URN under which it was found, empty for the same one.

    Aliases are worked out only for a resource that the last run did not know by its URN:
    azure-native gives every resource a dozen and more. Two resources that claim one identity are
    reported, and the run stops.
    """
    if urn in run.aliased_by:
        claimant = run.aliased_by[urn]
        run.stop(
            f"Duplicate resource URN '{urn}' conflicting with alias on resource with URN "
            f"'{claimant}'",
            urn,
        )
    old = run.olds.get(urn)
    if old is not None or not run.olds:
        return old, ""
    for alias in _alias_urns(run, goal):
        old = run.olds.get(alias)
        if old is None or alias == urn:
            continue
        claimant = urn if alias in run.seen else run.aliased_by.get(alias, "")
        if claimant:
            run.stop(
                f"Duplicate resource alias '{alias}' applied to resource with URN '{urn}' "
                f"conflicting with resource with URN '{claimant}'",
                urn,
            )
        run.aliased_by[alias] = urn
        run.former[urn] = alias
        return old, alias
    return None, ""


def _alias_urns(run: Run, goal: Goal) -> Iterator[str]:
    own = [_alias_urn(run, goal, alias) for alias in goal.aliases]
    yield from own
    former_parent = run.former.get(goal.parent, "")
    if former_parent:
        parent_name = name_of(goal.parent)
        yield _inherited(run, goal.type, goal.name, parent_name, former_parent)
        for urn in own:
            yield _inherited(run, type_of(urn), name_of(urn), parent_name, former_parent)


def _alias_urn(run: Run, goal: Goal, alias: Alias) -> str:
    if alias.urn:
        return alias.urn
    parent = alias.parent or goal.parent
    if alias.parent:
        parent = run.former.get(alias.parent, alias.parent)
    if alias.no_parent or (parent and qualified_type(parent) == ROOT_STACK_TYPE):
        parent = ""
    return make_urn(
        alias.stack or run.workspace.stack,
        alias.project or run.workspace.project,
        parent,
        alias.type or goal.type,
        alias.name or goal.name,
    )


def _inherited(run: Run, type_token: str, name: str, parent_name: str, former_parent: str) -> str:
    # A child named after its parent was named after the parent's former name.
    if name.startswith(parent_name):
        name = name_of(former_parent) + name.removeprefix(parent_name)
    return run.urn(former_parent, type_token, name)
