"""`imagefleet doctor`: look at Azure, read-only, for what a stack would stumble over."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from imagefleet.cli import doctor_page as page
from imagefleet.cli.azure_side import Subject, opened, signed_in, subject
from imagefleet.cli.terminal import make_console
from imagefleet.offline.engine import WorkspaceError

if TYPE_CHECKING:
    from imagefleet.live.clients import Clients
    from imagefleet.live.doctor.model import Check, Outcome

EXIT_GOOD, EXIT_BAD, EXIT_UNSURE = 0, 1, 2
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of `imagefleet doctor`."""

    stack: str
    checks: Sequence[str]
    as_json: bool
    fix_script: bool
    doors: Path | None


def doctor(options: Options) -> int:
    """Run the checks; 0 all is well, 1 something fails, 2 nothing fails but not all can be told.

    Raises `WorkspaceError` and the errors of an unusable stack.
    """
    here = subject(options.stack)
    with opened(here.fleet, options.doors) as clients:
        checks = _chosen(options.checks)
        found: list[Outcome] = []
        complete = True
        try:
            found.extend(_followed(_outcomes(checks, here, clients), len(checks), options))
        except KeyboardInterrupt:
            complete = False
        calls = clients.calls.count
    order = {check.id: place for place, check in enumerate(checks)}
    found.sort(key=lambda outcome: order[outcome.check.id])
    if options.as_json:
        typer.echo(json.dumps(_document(here.stack, found, calls, complete=complete), indent=2))
    elif options.fix_script:
        cloud = here.plan.cloud.cloud
        typer.echo(page.script(here.stack, cloud, found, complete=complete), nl=False)
    else:
        page.print_all(make_console(), here.stack, found, calls, missing=len(checks) - len(found))
    return _exit_code(found) if complete else EXIT_INTERRUPTED


def list_checks() -> None:
    """Print every check with its id, without asking anybody."""
    page.print_checks(make_console(), _chosen(()))


def _chosen(ids: Sequence[str]) -> tuple[Check, ...]:
    try:
        from imagefleet.live.doctor.checks.catalogue import CHECKS
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; pip install 'imagefleet[live]'"
        raise WorkspaceError(message) from error
    known = {check.id: check for check in CHECKS}
    strange = [name for name in ids if name not in known]
    if strange:
        message = f"there is no check '{strange[0]}'; `imagefleet doctor --list` shows all"
        raise WorkspaceError(message)
    return tuple(known[name] for name in dict.fromkeys(ids)) or CHECKS


def _outcomes(checks: Sequence[Check], here: Subject, clients: Clients) -> Iterator[Outcome]:
    from imagefleet.live.crew import Crew
    from imagefleet.live.doctor.reader import Reader
    from imagefleet.live.doctor.run import outcomes
    from imagefleet.live.doctor.view import View

    caller = signed_in(clients)
    with Crew() as crew:
        view = View(
            fleet=here.fleet,
            plan=here.plan,
            reader=Reader(clients, crew),
            environment=os.environ,
            caller=caller,
            today=here.today,
        )
        yield from outcomes(checks, view)


def _followed(outcomes: Iterator[Outcome], total: int, options: Options) -> Iterator[Outcome]:
    """Pass the outcomes on, with a bar where somebody looks at a terminal."""
    console = Console(stderr=True)
    if options.as_json or options.fix_script or not console.is_terminal:
        yield from outcomes
        return
    bar = Progress(
        TextColumn("{task.completed:.0f} of {task.total:.0f} checks"),
        BarColumn(bar_width=30),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=total)
        for outcome in outcomes:
            bar.update(task, advance=1, description=outcome.check.id)
            yield outcome


def _exit_code(found: Sequence[Outcome]) -> int:
    from imagefleet.live.doctor.model import Status

    statuses = {outcome.status for outcome in found if outcome.counts}
    if Status.FAIL in statuses:
        return EXIT_BAD
    return EXIT_UNSURE if Status.UNKNOWN in statuses else EXIT_GOOD


def _document(
    stack: str, found: Sequence[Outcome], calls: int, *, complete: bool
) -> dict[str, Any]:
    return {
        "stack": stack,
        "complete": complete,
        "calls": calls,
        "checks": [
            {
                "id": outcome.check.id,
                "title": outcome.check.title,
                "status": outcome.status.value,
                "advice": outcome.check.advice,
                "sentences": list(outcome.check.sentences),
                "source": outcome.check.source,
                "remedy": outcome.check.remedy,
                "found": [
                    {
                        "subject": each.subject,
                        "status": each.status.value,
                        "message": each.message,
                        "commands": list(each.commands),
                        "byHand": [asdict(by_hand) for by_hand in each.by_hand],
                    }
                    for each in outcome.found
                ],
            }
            for outcome in found
        ],
    }
