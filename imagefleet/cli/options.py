"""Options that several commands have, with their help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

StackOption = Annotated[
    str, typer.Option("--stack", "-s", help="The stack: NAME of Pulumi.NAME.yaml.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Go on without asking.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DoorsOption = Annotated[
    Path | None,
    typer.Option(
        "--doors",
        envvar="IMAGEFLEET_DOORS",
        help="The doors.json of `imagefleet simulate`, to look at that instead of Azure.",
    ),
]
OutsideOption = Annotated[
    Path | None,
    typer.Option(help="What lies outside, and quotas: a file (docs/simulated-azure.md)."),
]
StateOption = Annotated[
    Path | None, typer.Option("--state", help="Folder for the state, instead of .imagefleet.")
]

PolicyConfigOption = Annotated[
    Path | None,
    typer.Option("--policy-config", help="Policy configuration: levels and settings of rules."),
]
PricesOption = Annotated[
    Path | None, typer.Option(help="A price file: estimate replicas and nodes by it.")
]
FaultsOption = Annotated[
    Path | None, typer.Option(help="Let go wrong what this file says (docs/recovery.md).")
]
SkipPreviewOption = Annotated[
    bool,
    typer.Option(
        "--skip-preview",
        envvar="IMAGEFLEET_SKIP_PREVIEW",
        help="Bring it up without a preview first; with --yes.",
    ),
]


class EngineChoice(StrEnum):
    """Which engine runs the program."""

    AUTO = "auto"
    PULUMI = "pulumi"
    EMBEDDED = "embedded"


EngineOption = Annotated[
    EngineChoice,
    typer.Option("--engine", help="auto takes the pulumi command where a good one is on PATH."),
]
