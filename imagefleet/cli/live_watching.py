"""`imagefleet watch`: follow a stack's pools on Azure until they are steady, or say why not."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.live import Live

from imagefleet.cli import watch_page as page
from imagefleet.cli.azure_side import Subject, opened, signed_in, subject
from imagefleet.cli.terminal import make_console
from imagefleet.domain import durations
from imagefleet.domain.fleet_plan import FleetPlan
from imagefleet.offline.engine import WorkspaceError

if TYPE_CHECKING:
    from imagefleet.live.watch.follow import Followed, Look, Watcher

EXIT_STEADY, EXIT_NOT_STEADY, EXIT_NOTHING_SEEN = 0, 1, 2
EXIT_INTERRUPTED = 130
# What `--timeout` (minutes) and `--interval` (seconds) may be at most: a month of minutes.
_LONGEST = 31 * durations.DAY // durations.MINUTE
# After the longest resize timeout, nodes still have to start.
_MINUTES_TO_START = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of `imagefleet watch`; times as the command line gives them."""

    stack: str
    timeout_minutes: float | None
    interval_seconds: float
    history: bool
    as_json: bool
    doors: Path | None
    state: Path | None


def watch(options: Options) -> int:
    """Watch until all is settled; the exit code says whether every pool is steady.

    Raises `WorkspaceError` and the errors of an unusable stack.
    """
    here = subject(options.stack, options.state)
    if options.history:
        return _show_history(here, as_json=options.as_json)
    for name, value in (
        ("--timeout", options.timeout_minutes),
        ("--interval", options.interval_seconds),
    ):
        # Neither infinity nor what is no number (nan) is a time to wait for.
        if value is not None and not 0 < value <= _LONGEST:
            message = f"{name} must be more than 0 and at most {_LONGEST}, got {value:g}"
            raise WorkspaceError(message)
    with opened(here.fleet, options.doors) as clients:
        signed_in(clients)
        from imagefleet.live.crew import Crew
        from imagefleet.live.watch.follow import Watcher

        with Crew() as crew:
            watcher = Watcher(clients, here.plan, crew)
            complete, look = _follow(watcher, here, options)
    kept = _keep(here, look.pools)
    if options.as_json:
        typer.echo(json.dumps(_document(here, look, complete=complete), indent=2))
    else:
        page.print_end(make_console(), look, complete=complete, kept=kept)
    return _exit_code(look) if complete else EXIT_INTERRUPTED


def _follow(watcher: Watcher, here: Subject, options: Options) -> tuple[bool, Look]:
    """Follow to the end, or until Ctrl-C: whether it was the end, and what was seen last."""
    timeout = (options.timeout_minutes or _default_minutes(here.plan)) * durations.MINUTE
    console = Console(quiet=True) if options.as_json else make_console()
    look = watcher.last
    told: set[str] = set()
    page.print_begin(console, here.stack, len(here.plan.pools), timeout / durations.MINUTE)
    try:
        with bars(console, watcher):
            for look in watcher.looks(timeout, options.interval_seconds):
                page.print_settled(console, look, told)
    except KeyboardInterrupt:
        return False, watcher.last
    return True, look


def bars(console: Console, watcher: Watcher) -> AbstractContextManager[object]:
    """The live part of the terminal; nothing where there is none.

    It is drawn anew each second, so that its clock goes on between two looks.
    """
    if not console.is_terminal:
        return contextlib.nullcontext()
    return Live(
        console=console,
        transient=True,
        refresh_per_second=1,
        get_renderable=lambda: page.bars(watcher.last, console.width),
    )


def _default_minutes(plan: FleetPlan) -> float:
    timeouts = [
        durations.seconds(pool.resize_timeout.value) or 0
        for pool in plan.pools
        if pool.resize_timeout is not None
    ]
    return max(timeouts, default=0) / durations.MINUTE + _MINUTES_TO_START


def _exit_code(look: Look) -> int:
    from imagefleet.live.watch.state import State

    states = {pool.state for pool in look.pools}
    if states <= {State.STEADY}:
        return EXIT_STEADY
    return EXIT_NOTHING_SEEN if states <= {State.STEADY, State.UNSEEN} else EXIT_NOT_STEADY


def _keep(here: Subject, pools: Iterable[Followed]) -> int:
    """Add to the history what was measured; return how many entries it was."""
    from imagefleet.live.watch import history

    path = here.state / history.FILE
    try:
        return history.add(path, history.entries(here.stack, here.plan, pools))
    except OSError as error:
        typer.echo(f"{path} cannot be written ({error.strerror}); nothing was kept", err=True)
        return 0


def _show_history(here: Subject, *, as_json: bool) -> int:
    from imagefleet.live.watch import history

    path = here.state / history.FILE
    try:
        found, unread = history.read(path)
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror})"
        raise WorkspaceError(message) from error
    groups = history.compare(found)
    if as_json:
        document = {
            "stack": here.stack,
            "groups": [asdict(group) for group in groups],
            "entries": [asdict(entry) for entry in found],
            "unreadableLines": unread,
            "document": page.claims(),
        }
        typer.echo(json.dumps(document, indent=2))
    else:
        page.print_history(make_console(), groups, unread)
    return EXIT_STEADY


def _document(here: Subject, look: Look, *, complete: bool) -> dict[str, Any]:
    return {
        "stack": here.stack,
        "complete": complete,
        "seconds": round(look.seconds, 1),
        "pools": [
            {
                "key": pool.plan.key,
                "poolId": pool.plan.pool_id.value,
                "account": pool.plan.account_key,
                "imageVersion": pool.plan.image_version_id,
                "state": pool.state.value,
                "allocation": pool.seen.allocation if pool.seen else None,
                "nodes": page.nodes(pool.seen.nodes) if pool.seen else None,
                "secondsToSteady": pool.seconds_to_steady,
                "secondsToReady": pool.seconds_to_ready,
                "reasons": [asdict(reason) for reason in pool.reasons],
            }
            for pool in look.pools
        ],
    }
