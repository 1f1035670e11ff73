"""What `watch` shows: bars while pools come up, a line when one has settled, the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from imagefleet.cli.terminal import plural
from imagefleet.cli.wrapping import print_hanging
from imagefleet.domain import claims as document
from imagefleet.domain import durations

if TYPE_CHECKING:
    from imagefleet.live.watch.follow import Followed, Look
    from imagefleet.live.watch.history import Group as Runs
    from imagefleet.live.watch.seen import Nodes

MOST_BARS = 12
_BAR = 24
# Told apart without colour too: glyph, colour, what it stands for.
_PARTS = (
    ("█", "green", "ready"),
    ("▒", "yellow", "starting"),
    ("!", "red", "bad"),
    ("·", "bright_black", "to be allocated"),
)
_MARKS = {"steady": ("✓", "green"), "failed": ("✗", "red"), "missing": ("✗", "red"),
          "unseen": ("?", "yellow"), "waiting": ("…", "yellow")}  # fmt: skip


def print_begin(console: Console, stack: str, pools: int, minutes: float) -> None:
    """Say what is watched, and for how long."""
    console.print(f"Watching {plural(pools, 'pool')} of stack {escape(stack)}, {minutes:g} min")


def print_settled(console: Console, look: Look, told: set[str]) -> None:
    """Print a line for each pool that has settled since the last look, and each new trouble."""
    for pool in look.pools:
        # Another state is news of a pool that was told already: somebody has resized it since.
        news = f"{pool.plan.key}: {pool.state}"
        if pool.settled and news not in told:
            told.add(news)
            _print_pool(console, pool)
    for trouble in look.troubles:
        if str(trouble) not in told:
            told.add(str(trouble))
            print_hanging(console, f"[yellow]![/] {escape(str(trouble))}", 2)


def print_end(console: Console, look: Look, *, complete: bool, kept: int) -> None:
    """Sum up: what is not steady and why, and what was kept."""
    if not complete:
        console.print("\nstopped; seen so far:")
    for pool in look.pools:
        if not pool.settled or (not complete and pool.state != "steady"):
            _print_pool(console, pool)
    by_state = dict.fromkeys(_MARKS, 0)
    for pool in look.pools:
        by_state[pool.state.value] += 1
    words = ", ".join(f"{count} {state}" for state, count in by_state.items() if count)
    took = f" after {_time(look.seconds)}" if look.seconds else ""
    console.print(f"{plural(len(look.pools), 'pool')}{took}: {words or 'none'}")
    if kept:
        console.print(f"{plural(kept, 'time')} to steady kept; `imagefleet watch --history`")


def bars(look: Look, width: int) -> RenderableType:
    """A bar for each pool on its way, as many as fit; the rest is counted."""
    if not look.pools:
        return Text(f"  asking, {_time(look.seconds)}")
    on_the_way = [pool for pool in look.pools if not pool.settled]
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=max(12, width - _BAR - 34))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis")
    for pool in on_the_way[:MOST_BARS]:
        found = pool.seen.nodes if pool.seen else None
        words = _words(found) if found else "not there yet"
        table.add_row(Text(f"  {pool.plan.pool_id.value}"), _bar(found), Text(words))
    settled = len(look.pools) - len(on_the_way)
    more = len(on_the_way) - MOST_BARS
    ending = f"  {settled} of {len(look.pools)} pools settled, {_time(look.seconds)}"
    return Group(table, Text(f"{ending}, {more} more on their way" if more > 0 else ending))


def nodes(found: Nodes) -> Mapping[str, int]:
    """Nodes by what they are doing, for JSON."""
    return {
        "target": found.target,
        "allocated": found.allocated,
        "starting": found.starting,
        "ready": found.ready,
        "unusable": found.unusable,
        "startTaskFailed": found.start_task_failed,
    }


def claims() -> Mapping[str, Any]:
    """The document's figures, for JSON."""
    return {
        "steadySoonerPercent": document.STEADY_SOONER_PERCENT,
        "idleSoonerPercent": document.IDLE_SOONER_PERCENT,
        "sources": list(document.SOURCES),
    }


def print_history(console: Console, groups: Sequence[Runs], unread: int) -> None:
    """Print versions and replicas side by side, then what the document claims."""
    if unread:
        console.print(f"{plural(unread, 'line')} of the history could not be read")
    if not groups:
        console.print("No pool's way to steady has been measured yet; `imagefleet watch` does it.")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="")
    table.add_column("image")
    for name in ("version", "region"):
        table.add_column(name, no_wrap=True)
    for name in ("repl.", "nodes", "runs", "steady", "ready", "sooner"):
        table.add_column(name, justify="right", no_wrap=True)
    for group in groups:
        between = {group.fewest_nodes, group.most_nodes}
        table.add_row(
            Text(group.image),
            group.version,
            group.region,
            "?" if group.replicas is None else str(group.replicas),
            "-".join(map(str, sorted(between))),
            str(group.runs),
            _time(group.seconds_to_steady),
            "" if group.seconds_to_ready is None else _time(group.seconds_to_ready),
            "" if group.sooner_percent is None else f"{group.sooner_percent:+.0f} %",
        )
    console.print(table)
    console.print(
        f"\nMedians. sooner: than the line above. The document says up to "
        f"{document.STEADY_SOONER_PERCENT} % sooner steady and up to "
        f"{document.IDLE_SOONER_PERCENT} % sooner idle ({', '.join(document.SOURCES)}), against a "
        "managed image used directly, which Batch no longer takes."
    )


def _print_pool(console: Console, pool: Followed) -> None:
    mark, colour = _MARKS[pool.state.value]
    words = pool.state.value
    if pool.seen is not None:
        words += f": {_words(pool.seen.nodes)}"
    if pool.seconds_to_steady is not None:
        words += f", {_time(pool.seconds_to_steady)} to steady"
    said = f"{escape(pool.plan.pool_id.value)} {escape(words)}"
    print_hanging(console, f"[{colour}]{mark}[/] {said}", 2)
    for reason in pool.reasons:
        said = f"{reason.code}: {reason.text}" if reason.code else reason.text
        print_hanging(console, escape(said), 6)
        if reason.meaning:
            source = f" ({', '.join(reason.sentences)})" if reason.sentences else ""
            print_hanging(console, f"→ {escape(reason.meaning)}{source}", 6)


def _words(nodes: Nodes) -> str:
    parts = [f"{nodes.ready}/{nodes.target} ready"]
    if nodes.allocated != nodes.target:
        parts.append(f"{nodes.allocated} allocated")
    if nodes.starting:
        parts.append(f"{nodes.starting} starting")
    if nodes.unusable:
        parts.append(f"{nodes.unusable} unusable")
    if nodes.start_task_failed:
        parts.append(f"{nodes.start_task_failed} start task failed")
    return ", ".join(parts)


def _bar(nodes: Nodes | None) -> Text:
    bar = Text()
    if nodes is None or not max(nodes.target, nodes.allocated):
        return bar
    most = max(nodes.target, nodes.allocated)
    counts = (nodes.ready, nodes.starting, nodes.bad)
    for (glyph, colour, _), cells in zip(_PARTS, _cells(counts, most), strict=True):
        bar.append(glyph * cells, style=colour)
    return bar


def _cells(counts: Iterable[int], most: int) -> Iterable[int]:
    """Cells of the bar for each count, at least one for what there is, then the empty rest."""
    left = _BAR
    for count in counts:
        cells = min(left, max(1, _BAR * count // most)) if count else 0
        left -= cells
        yield cells
    yield left


def _time(seconds: float) -> str:
    whole = round(seconds)
    if whole < 2 * durations.MINUTE:
        return f"{whole} s"
    if whole < 2 * durations.HOUR:
        return f"{seconds / durations.MINUTE:.1f} min"
    return f"{seconds / durations.HOUR:.1f} h"
