"""`imagefleet policy`: the commands and their options."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from imagefleet.cli.options import JsonOption

policy_app = typer.Typer(
    help="Judge deployments by the policy pack, and look its rules up.", no_args_is_help=True
)

PackOption = Annotated[
    Path | None, typer.Option("--pack", help="Folder of the policy pack, instead of ./policy.")
]


class ReportFormat(StrEnum):
    """How the answers of a check are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"


FormatOption = Annotated[ReportFormat, typer.Option("--format", help="How to write the answers.")]


@policy_app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A deployment or resource file; - for stdin.")],
    report_format: FormatOption = ReportFormat.TEXT,
    config: Annotated[
        Path | None, typer.Option(help="Policy configuration: levels and settings of rules.")
    ] = None,
    exemptions: Annotated[
        Path | None, typer.Option(help="Exemptions: findings accepted until a day.")
    ] = None,
    pack: PackOption = None,
) -> None:
    """Judge what `pulumi stack export` wrote, or a plain list of resources."""
    from imagefleet.cli import policy_checking

    raise typer.Exit(
        policy_checking.check(
            path, report_format.value, config=config, exemptions=exemptions, pack=pack
        )
    )


@policy_app.command("list")
def list_rules(pack: PackOption = None, as_json: JsonOption = False) -> None:
    """List every rule: level, severity, sentences of the document, requirement."""
    from imagefleet.cli import policy_rules

    policy_rules.show_all(pack, as_json=as_json)


@policy_app.command()
def explain(
    rule: Annotated[str, typer.Argument(help="The id of a rule, as `policy list` shows it.")],
    pack: PackOption = None,
) -> None:
    """Say why a rule is there, what it requires, what to write instead, with examples."""
    from imagefleet.cli import policy_rules

    policy_rules.explain(rule, pack)


@policy_app.command("check-config")
def check_config(
    file: Annotated[Path, typer.Argument(help="A policy configuration file (JSON).")],
    pack: PackOption = None,
) -> None:
    """Find misspelt rules, settings and levels, which the engine passes over in silence."""
    from imagefleet.cli import policy_checking

    raise typer.Exit(policy_checking.check_config(file, pack))


@policy_app.command()
def lint(
    path: Annotated[Path, typer.Argument(help="Python source: a file, or a folder of files.")],
    report_format: FormatOption = ReportFormat.TEXT,
) -> None:
    """Find uses of Batch shared keys in program source, which no policy can see."""
    from imagefleet.cli import policy_linting

    raise typer.Exit(policy_linting.lint(path, report_format.value))
