"""Rules about how many nodes a pool has, and how long it may take to get them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import durations, pools
from imagefleet.domain.findings import Finding
from rules import tokens
from rules.canonical import ABSENT, UNKNOWN, Resource, path_text, presence, text
from rules.conditions import not_known
from rules.examples import lone_pool
from rules.numbers import whole
from rules.verdicts import Context, Level, NotApplicable, Outcome, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FIXED = ("scaleSettings", "fixedScale")
_AUTO = ("scaleSettings", "autoScale")
_TIMEOUT = (*_FIXED, "resizeTimeout")
_TARGETS = ("targetDedicatedNodes", "targetLowPriorityNodes")
_EXEMPT = NotApplicable("a pool that autoscales has no resize timeout")


def _linear(pool: Resource, _: Context) -> Iterator[Outcome]:
    yield from _unless_autoscaled(pool, _long_enough(pool, pools.linear_resize_timeout_seconds))


def _stepped(pool: Resource, _: Context) -> Iterator[Outcome]:
    linear = list(_long_enough(pool, pools.linear_resize_timeout_seconds))
    if any(isinstance(outcome, Finding) for outcome in linear):
        yield NotApplicable("pool-resize-timeout refuses the timeout already")
        return
    yield from _unless_autoscaled(pool, _long_enough(pool, _stepped_seconds))


def _stepped_seconds(nodes: int) -> int:
    return pools.resize_timeout_minutes(nodes) * durations.MINUTE if nodes else 0


def _unless_autoscaled(pool: Resource, outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    """Yield `outcomes` for a pool of fixed size; a doubt where autoscale may still be set."""
    autoscale = presence(pool.props, *_AUTO)
    if autoscale is True:
        yield _EXEMPT
    elif autoscale is UNKNOWN:
        if list(outcomes):
            yield not_known(_AUTO)
    else:
        yield from outcomes


def _long_enough(pool: Resource, least: Callable[[int], int]) -> Iterator[Outcome]:
    """Require a resize timeout of `least` seconds for the nodes of the pool's targets."""
    counts = {key: whole(pool.props, *_FIXED, key) for key in _TARGETS}
    for key, value in counts.items():
        if isinstance(value, int) and value < 0:
            path = path_text((*_FIXED, key))
            yield Finding(path=path, actual=str(value), needed="0 or more nodes")
            return
    nodes = sum(value for value in counts.values() if isinstance(value, int))
    timeout = text(pool.props, *_TIMEOUT)
    if timeout is UNKNOWN:
        yield not_known(_TIMEOUT)
        return
    default = pools.RESIZE_TIMEOUT_DEFAULT * durations.MINUTE
    length = default if timeout is ABSENT else durations.seconds(str(timeout))
    needed = f"{durations.from_minutes(pools.resize_timeout_minutes(nodes))} or more"
    if length is None:
        yield Finding(path=path_text(_TIMEOUT), actual="no duration", needed=needed)
    elif length < pools.RESIZE_TIMEOUT_MINIMUM * durations.MINUTE:
        actual = f"{_said(length)}, which Azure refuses"
        yield Finding(path=path_text(_TIMEOUT), actual=actual, needed=needed)
    elif length < least(nodes):
        said = f"absent, which is {_said(length)}," if timeout is ABSENT else _said(length)
        some = "at least " if UNKNOWN in counts.values() else ""
        actual = f"{said} for {some}{nodes} nodes"
        yield Finding(path=path_text(_TIMEOUT), actual=actual, needed=needed)
    else:
        yield from (not_known((*_FIXED, key)) for key in _TARGETS if counts[key] is UNKNOWN)


def _said(seconds: float) -> str:
    minutes, rest = divmod(seconds, durations.MINUTE)
    if rest or minutes > _PLAIN_MINUTES:
        return f"{seconds:g} seconds"
    return durations.from_minutes(int(minutes))


_PLAIN_MINUTES = 10**6
_TWO_STEPS = 2 * pools.NODES_PER_STEP


def _one_way(pool: Resource, _: Context) -> Iterator[Outcome]:
    auto, fixed = presence(pool.props, *_AUTO), presence(pool.props, *_FIXED)
    if auto is ABSENT:
        yield NotApplicable("the pool has a fixed number of nodes")
    elif fixed is ABSENT:
        return
    elif UNKNOWN in (auto, fixed):
        yield not_known(_AUTO if auto is UNKNOWN else _FIXED)
    else:
        yield Finding(path=path_text(_FIXED), actual="set beside autoScale", needed="absent")


POOL_RESIZE_TIMEOUT = Rule(
    id="pool-resize-timeout",
    summary="A pool of fixed size has a resize timeout that grows with its nodes.",
    why="A large pool from a gallery image takes longer to fill than Azure's default of "
    f"{pools.RESIZE_TIMEOUT_DEFAULT} minutes allows, and stays short of nodes when that is over.",
    remedy="Set scaleSettings.fixedScale.resizeTimeout to "
    f"{pools.MINUTES_PER_STEP} minutes for every {pools.NODES_PER_STEP} nodes, begun ones counted.",
    sentences=pools.RESIZE_SOURCES,
    types=frozenset({tokens.BATCH_POOL}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_linear,
    good=lone_pool(
        {
            "/scaleSettings.fixedScale": {
                "targetDedicatedNodes": _TWO_STEPS,
                "resizeTimeout": durations.from_minutes(pools.resize_timeout_minutes(_TWO_STEPS)),
            }
        }
    ),
    bad=lone_pool({"/scaleSettings.fixedScale": {"targetDedicatedNodes": _TWO_STEPS}}),
)

POOL_RESIZE_TIMEOUT_STEPPED = Rule(
    id="pool-resize-timeout-stepped",
    summary="The resize timeout counts a begun step of nodes in full.",
    why=f"The document says {pools.MINUTES_PER_STEP} minutes for every {pools.NODES_PER_STEP} "
    "nodes and nothing of the numbers between; rounding up satisfies every reading.",
    remedy="Set scaleSettings.fixedScale.resizeTimeout to the value that the finding names.",
    sentences=pools.RESIZE_SOURCES,
    types=frozenset({tokens.BATCH_POOL}),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_stepped,
    good=lone_pool(),
    bad=lone_pool(
        {
            "/scaleSettings.fixedScale": {
                "targetDedicatedNodes": pools.NODES_PER_STEP + 1,
                "resizeTimeout": durations.from_minutes(pools.MINUTES_PER_STEP + 1),
            }
        }
    ),
)

POOL_AUTOSCALE_EXEMPT = Rule(
    id="pool-autoscale-exempt",
    summary="A pool either autoscales or has a fixed size.",
    why="Azure refuses both together. The resize timeout is about pools of fixed size; one that "
    "autoscales has none.",
    remedy="Keep scaleSettings.autoScale or scaleSettings.fixedScale.",
    sentences=("D94",),
    types=frozenset({tokens.BATCH_POOL}),
    severity=Severity.MEDIUM,
    level=Level.MANDATORY,
    check=_one_way,
    good=lone_pool({"/scaleSettings": {"autoScale": {"formula": "$TargetDedicatedNodes = 4;"}}}),
    bad=lone_pool({"/scaleSettings.autoScale": {"formula": "$TargetDedicatedNodes = 4;"}}),
)

RULES = (POOL_RESIZE_TIMEOUT, POOL_RESIZE_TIMEOUT_STEPPED, POOL_AUTOSCALE_EXEMPT)
