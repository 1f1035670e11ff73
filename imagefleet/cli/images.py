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
        bool, typer.Option("--catalogue", help="Read the dated catalogue, as is the default.")
    ] = False,
    on: Annotated[
        str | None, typer.Option(metavar="DAY", help="As seen on that day, instead of today.")
    ] = None,
    as_json: JsonOption = False,
    doors: DoorsOption = None,
) -> None:
    """List supported base images and node agents, until when, and what that means for a stack."""
    if context.invoked_subcommand is not None:
        return
    from imagefleet.cli import supported_images

    if catalogue and account is not None:
        message = "--catalogue and --account exclude each other"
        raise typer.BadParameter(message)
    options = supported_images.Options(
        stack=stack, account=account, on=on, as_json=as_json, doors=doors
    )
    raise typer.Exit(supported_images.show(options))


@images_app.command()
def refresh(
    stack: Annotated[
        str, typer.Option("--stack", "-s", help="The stack whose account is asked: NAME.")
    ] = "dev",
    account: AccountOption = None,
    doors: DoorsOption = None,
) -> None:
    """Write what a Batch account supports today to images.json, the project's catalogue."""
    from imagefleet.cli import supported_images

    options = supported_images.Options(stack=stack, account=account, doors=doors)
    raise typer.Exit(supported_images.refresh(options))
