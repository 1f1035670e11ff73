"""`imagefleet images`: the commands and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from imagefleet.cli.options import DoorsOption, JsonOption

images_app = typer.Typer(invoke_without_command=True)

AccountOption = Annotated[
    str | None,
    typer.Option(
        "--account", metavar="A", help="Ask this Batch account of the stack: its key or name."
    ),
]


@images_app.callback()
def images(
    context: typer.Context,
    stack: Annotated[
        str | None,
        typer.Option("--stack", "-s", help="Say what is affected in this stack: NAME."),
    ] = None,
    account: AccountOption = None,
    catalogue: Annotated[
        bool,
        typer.Option(
            "--catalogue", help="Read the dated catalogue of imagefleet, whatever images.json has."
        ),
    ] = False,
    on: Annotated[
        str | None, typer.Option(metavar="DAY", help="As seen on that day, instead of today.")
    ] = None,
    as_json: JsonOption = False,
    doors: DoorsOption = None,
) -> None:
    """List supported base images and node agents, until when, and what that means for a stack."""
    from imagefleet.cli.supported_images import Options, show

    options = Options(
        stack=stack, account=account, catalogue=catalogue, on=on, as_json=as_json, doors=doors
    )
    if context.invoked_subcommand is not None:
        context.obj = options
        return
    if catalogue and account is not None:
        message = "--catalogue and --account exclude each other"
        raise typer.BadParameter(message)
    raise typer.Exit(show(options))


@images_app.command("refresh")
def refresh(
    context: typer.Context,
    stack: Annotated[
        str | None,
        typer.Option("--stack", "-s", help="The stack whose account is asked: NAME; or dev."),
    ] = None,
    account: AccountOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    doors: DoorsOption = None,
) -> None:
    """Write what a Batch account supports today to images.json, the project's catalogue."""
    from imagefleet.cli import supported_images

    before: supported_images.Options = context.obj
    if before.catalogue or before.on is not None:
        message = "--catalogue and --on have no meaning for refresh: it asks an account, today"
        raise typer.BadParameter(message)
    # What stands before `refresh` holds too, unless it is said again after it.
    options = supported_images.Options(
        stack=stack or before.stack or "dev",
        account=account or before.account,
        as_json=as_json or before.as_json,
        doors=doors or before.doors,
    )
    raise typer.Exit(supported_images.refresh(options))
