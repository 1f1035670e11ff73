"""The commands of `imagefleet`, their options, and the one place that turns errors into exits."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from imagefleet.cli.ci import ci_app
from imagefleet.cli.images import images_app
from imagefleet.cli.options import (
    DoorsOption,
    EngineChoice,
    EngineOption,
    FaultsOption,
    JsonOption,
    OutsideOption,
    PolicyConfigOption,
    PricesOption,
    SkipPreviewOption,
    StackOption,
    StateOption,
    YesOption,
)
from imagefleet.cli.policy import policy_app
from imagefleet.cli.review_options import (
    AnnotateOption,
    BaseOption,
    DeploymentsOption,
    EventsOption,
    FormatOption,
    HtmlOption,
    JunitOption,
    OutputOption,
    ReviewFormat,
    SarifOption,
    StacksOption,
)
from imagefleet.domain.clouds import Cloud
from imagefleet.domain.samples.routes import Route
from imagefleet.offline.engine import EngineError, WorkspaceError
from imagefleet.offline.store import StoreError
from imagefleet.review.run import RunInputError
from imagefleet.settings import SettingsError, schema_text
from imagefleet.stack_yaml import StackFileError

EXIT_UNUSABLE_INPUT = 2
# What a shell reports for a process that a signal ended is this and the signal's number.
_SIGNALLED = 128

_Options = TypeVar("_Options")

app = typer.Typer(
    name="imagefleet",
    help="Custom-image Azure Batch fleets as code: plan, rehearse and deploy one stack file.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(policy_app, name="policy")
app.add_typer(images_app, name="images")
app.add_typer(ci_app, name="ci")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"imagefleet {version('imagefleet')}")
        raise typer.Exit


@app.callback()
def _root(
    show_version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Custom-image Azure Batch fleets as code: plan, rehearse and deploy one stack file."""


@app.command()
def rehearse(
    stack: StackOption = "dev",
    engine: EngineOption = EngineChoice.AUTO,
    yes: YesOption = False,
    preview_only: Annotated[
        bool, typer.Option("--preview-only", help="Show the changes, deploy nothing.")
    ] = False,
    skip_preview: SkipPreviewOption = False,
    export: Annotated[
        Path | None, typer.Option(help="Write the deployment, as `pulumi stack export` does.")
    ] = None,
    events: Annotated[
        Path | None, typer.Option(help="Write the engine events, one JSON object a line.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget the stack's earlier rehearsals first.")
    ] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="First look for what was changed behind the program.")
    ] = False,
    faults: FaultsOption = None,
    outside: OutsideOption = None,
    state: StateOption = None,
    policy_config: PolicyConfigOption = None,
) -> None:
    """Bring a stack up against the simulated Azure: no account, no cost."""
    from imagefleet.cli import rehearsing

    options = rehearsing.Options(
        stack=stack,
        engine=engine.value,
        yes=yes,
        preview_only=preview_only,
        skip_preview=skip_preview,
        export=export,
        events=events,
        fresh=fresh,
        refresh=refresh,
        faults=faults,
        outside=outside,
        state=state,
        policy_config=policy_config,
    )
    raise typer.Exit(_interruptible(rehearsing.rehearse, options))


@app.command()
def destroy(
    stack: StackOption = "dev",
    engine: EngineOption = EngineChoice.AUTO,
    yes: YesOption = False,
    events: Annotated[
        Path | None, typer.Option(help="Write the engine events, one JSON object a line.")
    ] = None,
    state: StateOption = None,
) -> None:
    """Undo a rehearsal: delete everything it made in the simulated Azure."""
    from imagefleet.cli import rehearsing

    options = rehearsing.Options(
        stack=stack, engine=engine.value, yes=yes, events=events, state=state
    )
    raise typer.Exit(_interruptible(rehearsing.destroy, options))


@app.command()
def recover(
    stack: StackOption = "dev",
    apply: Annotated[
        bool, typer.Option("--apply", help="Do what is shown; without it nothing is changed.")
    ] = False,
    state: StateOption = None,
) -> None:
    """Show what a killed run left behind, and with --apply bring the state in line with it."""
    from imagefleet.cli import recovering

    raise typer.Exit(recovering.recover(stack, apply=apply, state_root=state))


@app.command()
def simulate(
    stack: StackOption = "dev",
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the state, instead of the stack's rehearsals'.")
    ] = None,
    latency: Annotated[
        float, typer.Option(help="Real seconds that a simulated minute takes; 0: the clock stands.")
    ] = 0,
    faults: Annotated[Path | None, typer.Option(help="Let go wrong what this file says.")] = None,
    outside: OutsideOption = None,
    cloud: Annotated[
        Cloud | None, typer.Option(help="The cloud of the state in --data; else the stack's.")
    ] = None,
) -> None:
    """Hold the simulated Azure open for Azure's own clients, over HTTPS on loopback."""
    from imagefleet.cli import simulating

    options = simulating.Options(
        stack=stack,
        port=port,
        data=data,
        latency=latency,
        faults=faults,
        outside=outside,
        cloud=cloud,
    )
    raise typer.Exit(_interruptible(simulating.simulate, options))


@app.command()
def doctor(
    stack: StackOption = "dev",
    check: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this check; repeatable.")
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="List the checks, ask nobody.")] = False,
    as_json: JsonOption = False,
    fix_script: Annotated[
        bool, typer.Option("--fix-script", help="Print what would mend it; nothing is run.")
    ] = False,
    doors: DoorsOption = None,
) -> None:
    """Look at Azure, read-only, for what a stack would stumble over."""
    from imagefleet.cli import doctoring

    if list_all:
        doctoring.list_checks()
        return
    options = doctoring.Options(
        stack=stack, checks=check or (), as_json=as_json, fix_script=fix_script, doors=doors
    )
    raise typer.Exit(_interruptible(doctoring.doctor, options))


@app.command()
def watch(
    stack: StackOption = "dev",
    timeout: Annotated[
        float | None,
        typer.Option(
            help="Minutes to wait at most; the longest resize timeout and half an hour by default."
        ),
    ] = None,
    interval: Annotated[float, typer.Option(help="Seconds between two looks.")] = 15,
    history: Annotated[
        bool, typer.Option("--history", help="Compare the times to steady kept so far.")
    ] = False,
    as_json: JsonOption = False,
    doors: DoorsOption = None,
    state: StateOption = None,
) -> None:
    """Follow a stack's pools on Azure until they are steady, or say why they are not."""
    from imagefleet.cli import live_watching

    options = live_watching.Options(
        stack=stack,
        timeout_minutes=timeout,
        interval_seconds=interval,
        history=history,
        as_json=as_json,
        doors=doors,
        state=state,
    )
    raise typer.Exit(_interruptible(live_watching.watch, options))


@app.command()
def plan(
    stack: StackOption = "dev",
    why: Annotated[
        bool, typer.Option("--why", help="Give the reason and the source of every figure.")
    ] = False,
    as_json: JsonOption = False,
    nodes: Annotated[
        list[str] | None,
        typer.Option(
            metavar="N|POOL=N", help="Plan as if every pool, or one, had N nodes; repeatable."
        ),
    ] = None,
    prices: PricesOption = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw nodes over time into a .svg or .png file.")
    ] = None,
) -> None:
    """Print every figure that a stack file leads to, without touching anything."""
    from imagefleet.cli import planning

    planning.show_plan(
        planning.Options(
            stack=stack, why=why, as_json=as_json, nodes=nodes or (), prices=prices, plot=plot
        )
    )


@app.command()
def explain(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="CODE|TEXT|-", help="A code, a message in quotes; - reads stdin."),
    ] = None,
    stack: Annotated[
        str | None,
        typer.Option("--stack", "-s", help="Add what this stack has to say: NAME."),
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="List every error known.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what an error of Azure, Batch or Pulumi means here, and what to do."""
    from imagefleet.cli import explaining

    if list_all:
        explaining.show_all(as_json=as_json)
        return
    raise typer.Exit(explaining.explain(words or (), stack=stack, as_json=as_json))


@app.command()
def samples(
    pool: Annotated[
        str, typer.Option("--pool", "-p", help="The pool, by its id or its key in the stack file.")
    ],
    stack: StackOption = "dev",
    route: Annotated[
        Route, typer.Option("--as", help="Which of the document's ways to make it.")
    ] = Route.PYTHON,
    as_json: JsonOption = False,
) -> None:
    """Write the document's own way to make a pool, filled with this stack's values."""
    from imagefleet.cli import sampling

    sampling.show(stack, pool, route, as_json=as_json)


@app.command()
def review(
    base: BaseOption = None,
    stack: StacksOption = None,
    events: EventsOption = None,
    deployments: DeploymentsOption = None,
    policy_config: PolicyConfigOption = None,
    prices: PricesOption = None,
    report_format: FormatOption = ReviewFormat.MARKDOWN,
    html: HtmlOption = None,
    sarif: SarifOption = None,
    junit: JunitOption = None,
    annotate: AnnotateOption = False,
    output: OutputOption = None,
) -> None:
    """Say what a change does to every stack, and whether the policies accept it."""
    from imagefleet.cli import reviewing

    options = reviewing.Options(
        base=base,
        stacks=tuple(stack or ()),
        events=tuple(events or ()),
        deployments=tuple(deployments or ()),
        report_format=report_format.value,
        output=output,
        html=html,
        sarif=sarif,
        junit=junit,
        annotate=annotate,
        policy_config=policy_config,
        prices=prices,
    )
    raise typer.Exit(_interruptible(reviewing.review, options))


@app.command()
def schema(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to a file, not to the terminal.")
    ] = None,
) -> None:
    """Write the JSON Schema of a stack file, for editors."""
    if output is None:
        typer.echo(schema_text(), nl=False)
        return
    try:
        output.write_text(schema_text(), encoding="utf-8")
    except OSError as error:
        message = f"{output} cannot be written: {error.strerror}"
        raise WorkspaceError(message) from error


def _interruptible(run: Callable[[_Options], int], options: _Options) -> int:
    """Return the exit code of a run that may be ended by Ctrl-C or a polite kill."""
    # A polite kill unwinds like any exit, so that no process of the run is left behind.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(_SIGNALLED + number))
    try:
        return run(options)
    except KeyboardInterrupt:
        typer.echo("\ninterrupted; run it again to go on from here", err=True)
        return _SIGNALLED + signal.SIGINT


def main() -> None:
    """Run the command; a known error is one message on stderr and exit 2, never a traceback."""
    try:
        app()
    except (
        WorkspaceError,
        StackFileError,
        SettingsError,
        StoreError,
        EngineError,
        RunInputError,
    ) as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(EXIT_UNUSABLE_INPUT)
