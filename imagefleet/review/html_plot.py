"""Time to steady on the page: nodes over time as drawings, and the same figures in a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from imagefleet.domain import steady
from imagefleet.domain.allocation import Resize
from imagefleet.review.change_words import ARROW
from imagefleet.review.changes import StackReview
from imagefleet.review.html_parts import Table, table, text
from imagefleet.review.start_up import Estimate, estimates
from imagefleet.review.wording import count

MOST_PLOTS: Final = 6
"""Pools drawn of a stack, the largest first; the table has more."""
_MOST_ROWS: Final = 200
_HEADS: Final = (
    "Pool",
    "Region",
    "Nodes",
    "Replicas",
    "All ready in",
    "Resize timeout",
    "With the former replicas",
)
_ROOM_ABOVE: Final = 1.06
_WIDTH, _HEIGHT = 360, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 18, 38
_TICKS: Final = 5
# Of a power of ten, the steps that people read easily.
_STEPS: Final = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """Where a minute and a number of nodes are in the drawing."""

    minutes: float
    nodes: float

    def x(self, minute: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * minute / self.minutes

    def y(self, nodes: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * nodes / self.nodes


def time_to_steady(review: StackReview, key: str) -> Iterator[str]:
    """Yield how long the pools of a change take to come up; nothing where none does."""
    found = estimates(review)
    if not found.told and not found.untold:
        return
    largest = found.told[:MOST_PLOTS]
    yield f'<h3 id="{key}">Time to steady: an estimate</h3>'
    yield f'<p class="soft">The model of the rehearsal, not a measurement: {text(steady.MODEL)}</p>'
    if largest:
        yield '<div class="plots">'
        for number, each in enumerate(largest):
            yield from _figure(each, f"{key}-{number}")
        yield "</div>"
    yield from _figures(review, found.told, key)
    if found.untold:
        yield "<p>Not estimated:</p><ul>"
        for pool, reason in found.untold[:_MOST_ROWS]:
            yield f"<li><code>{text(pool)}</code>: {text(reason)}.</li>"
        if (left := len(found.untold) - _MOST_ROWS) > 0:
            yield f"<li>{left:,} more</li>"
        yield "</ul>"


def _figures(review: StackReview, told: Sequence[Estimate], key: str) -> Iterator[str]:
    rows = [_row(each) for each in told[:_MOST_ROWS]]
    # A column that says nothing takes room from the others.
    wide = len(_HEADS) if any(each.before for each in told) else len(_HEADS) - 1
    yield from table(
        Table(
            key=f"{key}-figures",
            title="In figures",
            about=f"Minutes until the nodes of each pool of stack {text(review.stack)} are ready",
            heads=_HEADS[:wide],
            rows=[row[:wide] for row in rows],
        ),
        level=4,
    )
    if (left := len(told) - len(rows)) > 0:
        yield f'<p class="soft">{count(left, "smaller pool")} not listed.</p>'


def _row(each: Estimate) -> tuple[str, ...]:
    replicas = f"{each.after.replicas}"
    if each.before is not None:
        replicas = f"{each.before.replicas} {ARROW} {replicas}"
    return (
        f"<code>{text(each.pool.pool_id)}</code>",
        text(each.pool.region),
        _nodes(each),
        replicas,
        _outcome(each.after),
        _timeout(each.after),
        _outcome(each.before) if each.before is not None else "",
    )


def _nodes(each: Estimate) -> str:
    run = each.after
    if each.pool.autoscale:
        return f"autoscale, at most {run.target:,}"
    return f"{run.kept:,} {ARROW} {run.target:,}" if run.kept else f"{run.target:,}"


def _outcome(run: Resize) -> str:
    came = steady.come_up(run)
    if came < run.target:
        return f"only {came:,} of {run.target:,} before the time is up"
    return f"{steady.settled(run):.0f} min"


def _timeout(run: Resize) -> str:
    return "none, autoscale" if run.timeout is None else f"{run.timeout:.0f} min"


def _figure(each: Estimate, key: str) -> Iterator[str]:
    runs = [("after", each.after)]
    if each.before is not None:
        runs.insert(0, ("before", each.before))
    last = steady.horizon(run for _, run in runs)
    scale = _Scale(minutes=last, nodes=each.after.target * _ROOM_ABOVE)
    pool = f"{text(each.pool.pool_id)}, {text(each.pool.region)}"
    told = "; ".join(f"{_label(kind, run)}: {_outcome(run)}" for kind, run in runs)
    yield f'<figure class="plot"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
    yield f'aria-labelledby="{key}-title {key}-desc">'
    yield f'<title id="{key}-title">Nodes ready over minutes: {pool}</title>'
    yield f'<desc id="{key}-desc">{_nodes(each)} nodes. {told}. '
    yield f"Resize timeout: {_timeout(each.after)}.</desc>"
    yield from _axes(scale)
    if each.after.timeout is not None:
        x = f"{scale.x(each.after.timeout):.1f}"
        yield f'<line class="limit" x1="{x}" x2="{x}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>'
    for kind, run in runs:
        yield f'<polyline class="{kind}" points="{_points(run, scale, last)}"/>'
    yield f"</svg><figcaption><b>{pool}</b> {_nodes(each)} nodes<ul>"
    for kind, run in runs:
        yield _key(kind, f"{_label(kind, run)}: {_outcome(run)}")
    if each.after.timeout is not None:
        yield _key("limit", f"resize timeout, {_timeout(each.after)}: none is allocated later")
    yield "</ul></figcaption></figure>"


def _label(kind: str, run: Resize) -> str:
    which = "with" if kind == "after" else "with the former"
    return f"{which} {count(run.replicas, 'replica')}"


def _key(kind: str, words: str) -> str:
    line = f'<line class="{kind}" x1="0" x2="28" y1="5" y2="5"/>'
    return f'<li><svg aria-hidden="true" width="28" height="10">{line}</svg> {words}</li>'


def _points(run: Resize, scale: _Scale, last: float) -> str:
    curve = steady.curve(run, last)
    pairs = list(zip(curve.minutes, curve.nodes, strict=True))
    # Between two equal neighbours a point draws nothing.
    kept = [
        pair
        for number, pair in enumerate(pairs)
        if number in (0, len(pairs) - 1)
        or not pairs[number - 1][1] == pair[1] == pairs[number + 1][1]
    ]
    return " ".join(f"{scale.x(minute):.1f},{scale.y(nodes):.1f}" for minute, nodes in kept)


def _axes(scale: _Scale) -> Iterator[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for nodes in _ticks(scale.nodes):
        y = f"{scale.y(nodes):.1f}"
        yield f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y}" dy=".35em" text-anchor="end">{nodes:,}</text>'
    for minute in _ticks(scale.minutes):
        x = f"{scale.x(minute):.1f}"
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{_TOP}" y2="{bottom}"/>'
        yield f'<text x="{x}" y="{bottom + 15}" text-anchor="middle">{minute:,}</text>'
    yield f'<text x="{right}" y="{_HEIGHT - 6}" text-anchor="end">minutes since it begins</text>'
    yield f'<text x="2" y="{_TOP - 7}">nodes ready</text>'


def _ticks(highest: float) -> range:
    """Return at most `_TICKS` whole numbers from 0, in steps that read easily."""
    power = 10 ** max(0, math.floor(math.log10(max(1, highest / _TICKS))))
    step = next(power * each for each in _STEPS if highest / (power * each) <= _TICKS)
    return range(0, math.floor(highest) + 1, step)
