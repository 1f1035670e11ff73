"""`imagefleet samples`: the document's own ways to make a pool, filled with a stack's values."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import typer

from imagefleet.cli.stacks import read_fleet
from imagefleet.domain.plan import plan
from imagefleet.domain.samples.context import UnknownPoolError, context
from imagefleet.domain.samples.routes import ROUTES, Route
from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.workspace import find_project, read_stack
from imagefleet.stack_yaml import config_strings


def show(stack: str, pool: str, route: Route, *, as_json: bool) -> None:
    """Print a sample, and on standard error what it leaves out.

    Raises `WorkspaceError` for a pool that is not there, and the errors of an unusable stack.
    """
    project = find_project(Path.cwd())
    config = config_strings(read_stack(project, stack), project.name)
    fleet_plan = plan(read_fleet(config, stack), today=datetime.now(tz=UTC).date())
    try:
        of = context(fleet_plan, pool)
    except UnknownPoolError as error:
        message = f"--pool {error.name} is not one pool of stack '{stack}'; there are: "
        raise WorkspaceError(message + (", ".join(error.known) or "none")) from error
    sample = ROUTES[route](of)
    if as_json:
        document = {
            "stack": stack,
            "pool": of.pool.pool_id.value,
            "route": route.value,
            "text": sample.text,
            "leftOut": list(sample.left_out),
        }
        typer.echo(json.dumps(document, indent=2))
        return
    typer.echo(sample.text, nl=False)
    for each in sample.left_out:
        typer.echo(f"note: not in this sample: {each}", err=True)
