"""The end of a run: what is no longer wanted goes, the stack is judged, the verdict is told."""

from __future__ import annotations

from collections.abc import Sequence

from imagefleet.offline.embedded.cascade import transitive_dependencies
from imagefleet.offline.embedded.executor import ProtectedError, carry_out
from imagefleet.offline.embedded.judge import Judged
from imagefleet.offline.embedded.run import Run
from imagefleet.offline.embedded.state import ResourceState
from imagefleet.offline.embedded.steps import Step
from imagefleet.offline.pack.client import PolicyPackError


def delete_unwanted(run: Run) -> None:
    """Delete what waits for it since a replacement, and what the program no longer registers."""
    steps = [step for state in run.deployment.base if (step := _deletion(run, state))]
    run_deletions(run, steps)


def _deletion(run: Run, state: ResourceState) -> Step | None:
    if state.delete:
        if id(state) in run.deleted_early:
            return None
        return Step(op="discard-replaced" if state.external else "delete-replaced", old=state)
    if state.urn in run.operated or state.urn in run.aliased_by:
        return None
    if state.pending_replacement:
        return Step(op="remove-pending-replace", old=state)
    return Step(op="discard" if state.external else "delete", old=state)


def run_deletions(run: Run, steps: Sequence[Step]) -> None:
    """Take deletions in the reverse order of dependencies; the base is in their order.

    What a protected resource depends on stays with it.
    """
    kept: set[int] = set()
    for step in reversed(steps):
        if id(step.subject) in kept:
            continue
        try:
            carry_out(run, step)
        except ProtectedError:
            kept |= transitive_dependencies(run.deployment.base, step.subject)


def judge_stack(run: Run) -> None:
    """Let the policies judge the stack as it will be."""
    judged = (
        Judged(
            state=state,
            goal=run.goals.get(urn),
            provider=run.provider_state(state.provider),
            former_urn=run.former.get(urn, ""),
        )
        for urn, state in run.news.items()
        if not state.external
    )
    try:
        objected = run.judge.stack(judged)
    except PolicyPackError as error:
        run.error(str(error))
        return
    if objected:
        run.failed = True


def conclude(run: Run, *, bailed: bool) -> None:
    """Say that the run has failed, unless what ended it has said so."""
    if run.failed and not bailed:
        kind = "preview" if run.dry_run else "update"
        run.events.diagnostic("error", f"{kind} failed")
