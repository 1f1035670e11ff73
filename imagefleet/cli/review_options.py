"""The options of `imagefleet review`, with their help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ReviewFormat(StrEnum):
    """How a review is written."""

    MARKDOWN = "markdown"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"


BaseOption = Annotated[
    str | None, typer.Option("--base", help="Revision to compare with: branch, tag, commit.")
]
StacksOption = Annotated[
    list[str] | None, typer.Option("--stack", "-s", help="A stack; all of them without it.")
]
EventsOption = Annotated[
    list[str] | None,
    typer.Option(help="Review a preview run elsewhere instead: STACK=FILE of engine events."),
]
DeploymentsOption = Annotated[
    list[str] | None,
    typer.Option(help="Review two deployment files instead: STACK=BEFORE:AFTER."),
]
FormatOption = Annotated[
    ReviewFormat,
    typer.Option("--format", help="How to write the review; github is workflow commands."),
]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", help="Write the review as a page of its own, too.")
]
SarifOption = Annotated[
    Path | None, typer.Option("--sarif", help="Write the findings as SARIF, too.")
]
JunitOption = Annotated[
    Path | None, typer.Option("--junit", help="Write the findings as JUnit XML, too.")
]
AnnotateOption = Annotated[
    bool,
    typer.Option(
        "--annotate", help="Print workflow commands, too: GitHub shows findings at their lines."
    ),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to a file, not to the terminal.")
]
