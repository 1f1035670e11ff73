"""`imagefleet samples`: the document's own ways to make a pool, filled with a stack's values."""

from __future__ import annotations

import json

import typer

from imagefleet.cli import stacks
from imagefleet.domain.samples.context import UnknownPoolError, context
from imagefleet.domain.samples.routes import ROUTES, Route
from imagefleet.offline.engine import WorkspaceError


def show(stack: str, pool: str, route: Route, *, as_json: bool) -> None:
    """Print a sample, and on standard error what it leaves out.

    Raises `WorkspaceError` for a pool that is not there, and the errors of an unusable stack.
    """
    try:
        of = context(stacks.planned(stack), pool)
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
