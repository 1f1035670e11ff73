"""`imagefleet ci`: what a pipeline does with a review: a comment, a job summary."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from imagefleet.cli import files
from imagefleet.offline.engine import WorkspaceError

ci_app = typer.Typer(help="Bring a review to where people read it.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(help="What `imagefleet review --output` wrote.")]
# GitHub's limit of a job summary, 1 MiB for each step.
_MOST_SUMMARY_BYTES = 1024 * 1024


@ci_app.command()
def comment(
    file: FileArgument,
    repository: Annotated[
        str, typer.Option(envvar="GITHUB_REPOSITORY", help="OWNER/NAME of the repository.")
    ],
    number: Annotated[
        int | None,
        typer.Option("--pull-request", help="Its number; else that of the event in a workflow."),
    ] = None,
    api: Annotated[
        str,
        typer.Option(envvar="GITHUB_API_URL", help="Root of the API, for a server of one's own."),
    ] = "https://api.github.com",
    key: Annotated[
        str, typer.Option(help="Tells apart the comments of several projects on a pull request.")
    ] = "",
) -> None:
    """Make the review's comment on a pull request, or bring it up to date.

    The token is read from GITHUB_TOKEN, and from nowhere else.
    """
    token = os.environ.get("GITHUB_TOKEN", "")
    if not token:
        message = "GITHUB_TOKEN is not set; give it to this step alone (env:), never to a review"
        raise WorkspaceError(message)
    body = _read(file)
    try:
        from imagefleet.cli import github
    except ImportError:
        message = "PyGithub is not installed; pip install 'imagefleet[ci]'"
        raise WorkspaceError(message) from None
    place = github.Place(
        repository=repository, number=number or _number_of_event(), token=token, api=api, key=key
    )
    typer.echo(f"comment {github.put_comment(place, body)}")


@ci_app.command()
def summary(
    file: FileArgument,
    to: Annotated[
        Path, typer.Option(envvar="GITHUB_STEP_SUMMARY", help="The file of the job summary.")
    ],
) -> None:
    """Append the review to the summary of a job; every fork's pull request can show that."""
    body = _read(file)
    if len(body.encode()) > _MOST_SUMMARY_BYTES:
        message = f"{file} is larger than a job summary may be ({_MOST_SUMMARY_BYTES:,} bytes)"
        raise WorkspaceError(message)
    files.require_writable(to)
    with to.open("a", encoding="utf-8") as target:
        target.write(body.rstrip("\n") + "\n")


def _number_of_event() -> int:
    """Return the number of the pull request that the workflow runs for."""
    path = os.environ.get("GITHUB_EVENT_PATH", "")
    try:
        event = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
        return int(event["pull_request"]["number"])
    except (OSError, ValueError, KeyError, TypeError):
        message = "this run is for no pull request; name one with --pull-request"
        raise WorkspaceError(message) from None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} cannot be read: {error}"
        raise WorkspaceError(message) from error
