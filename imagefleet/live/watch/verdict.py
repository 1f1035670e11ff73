"""What a look at a pool comes to: still on its way, steady, or settled with reasons why not."""

from __future__ import annotations

from dataclasses import dataclass

from imagefleet.domain.cloud_errors.match import find
from imagefleet.live.failures import clean
from imagefleet.live.watch.seen import STEADY, Problem, Seen
from imagefleet.live.watch.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a pool is not as it should be: the service's words, and what they mean here.

    `meaning` and `sentences` are empty where the catalogue of errors knows nothing.
    """

    code: str
    text: str
    meaning: str = ""
    sentences: tuple[str, ...] = ()


def judge(pool: Seen) -> tuple[State, tuple[Reason, ...]]:
    """The state of a pool that is there, with the reasons where it failed.

    A pool has settled when its allocation is steady and no node is on its way. Before that nothing
    has failed for good: Batch goes on trying until the resize timeout.
    """
    nodes = pool.nodes
    if pool.allocation != STEADY or nodes.starting:
        return State.WAITING, ()
    reasons = [explained(problem) for problem in pool.problems]
    if nodes.unusable:
        reasons.append(_of_nodes("unusable", f"{nodes.unusable} of {nodes.allocated} nodes"))
    if nodes.start_task_failed:
        text = f"the start task failed on {nodes.start_task_failed} of {nodes.allocated} nodes"
        reasons.append(Reason(code="startTaskFailed", text=text))
    if nodes.allocated < nodes.target and not pool.problems:
        text = f"{nodes.allocated} of {nodes.target} nodes were allocated, and no error says why"
        reasons.append(Reason(code="fewer-nodes", text=text))
    return (State.FAILED, tuple(reasons)) if reasons else (State.STEADY, ())


def late(pool: Seen, minutes: float) -> Reason:
    """Why a pool that has not settled when the time is up is not steady."""
    nodes = pool.nodes
    doing = f"{nodes.allocated} of {nodes.target} nodes allocated, {nodes.starting} starting"
    hint = ""
    if nodes.starting and not nodes.ready and pool.allocation == STEADY:
        hint = (
            "Nodes that start and never become idle: the node agent SKU may be of another "
            "system than the image, or the start task does not end."
        )
    text = f"still {pool.allocation} after {minutes:g} min: {doing}"
    return Reason(code="timeout", text=text, meaning=hint, sentences=("D69",) if hint else ())


def explained(problem: Problem) -> Reason:
    """A problem with what the catalogue of errors says about it."""
    text = clean(problem.text)
    known = find(f"{problem.code}: {problem.text}")
    if not known:
        return Reason(code=problem.code, text=text)
    error = known[0].error
    return Reason(code=problem.code, text=text, meaning=error.brief, sentences=error.sentences)


def _of_nodes(code: str, text: str) -> Reason:
    known = find(code)
    meaning = known[0].error.brief if known else ""
    return Reason(code=code, text=f"{text} are {code}", meaning=meaning)
