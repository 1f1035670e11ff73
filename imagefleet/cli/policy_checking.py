"""`imagefleet policy check` and `check-config`: files in, report and exit code out."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typer

from imagefleet.cli.finding_places import FindingPlaces, uri_of
from imagefleet.domain.judgements import Review, RuleFacts, Verdict
from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.pack.catalogue import find_pack, pack_rules
from imagefleet.offline.pack.client import PolicyPackError
from imagefleet.offline.pack.config import PolicyConfigError
from imagefleet.offline.policy.check import EXEMPTIONS, SETTINGS_RULE
from imagefleet.offline.policy.check import check as run_check
from imagefleet.offline.policy.config_check import ConfigFault, config_faults
from imagefleet.offline.policy.json_file import STANDARD_INPUT, PolicyInputError, read_json
from imagefleet.offline.policy.read import read_input
from imagefleet.review import github_report, json_report, junit_report, sarif_report, text_report

EXIT_REFUSED = 1
EXIT_UNUSABLE_INPUT = 2


def check(
    path: Path,
    report_format: str,
    *,
    config: Path | None,
    exemptions: Path | None,
    pack: Path | None,
) -> int:
    """Print the report of a check and return 1 where a mandatory rule is not met, else 0.

    Raises `WorkspaceError` for a file, configuration or pack that cannot be used.
    """
    policy_input = read_input(path)
    pack_dir = find_pack(pack, Path.cwd())
    if exemptions is not None and not exemptions.is_file():
        message = f"--exemptions {exemptions} is no file"
        raise PolicyInputError(message)
    try:
        review = run_check(
            policy_input,
            pack_dir,
            subject="standard input" if path == STANDARD_INPUT else str(path),
            policy_config=_usable_config(config, pack_dir),
            exemptions=exemptions,
        )
    except (PolicyPackError, PolicyConfigError) as error:
        raise WorkspaceError(str(error)) from error
    _refuse_bad_exemptions(review, exemptions)
    show(FindingPlaces.here().placed(review), report_format, artifact=path)
    return EXIT_REFUSED if review.refused else 0


def check_config(file: Path, pack: Path | None) -> int:
    """Print every fault of a policy configuration and return 2 for any, else 0."""
    faults = config_faults(read_json(file), _rules(find_pack(pack, Path.cwd())))
    if not faults:
        typer.echo(f"{file}: every rule, level and setting is one of the pack.")
        return 0
    typer.echo(_listed(file, faults), err=True)
    return EXIT_UNUSABLE_INPUT


def show(review: Review, report_format: str, *, artifact: Path) -> None:
    """Print a review; `artifact` is the file that it is about."""
    if report_format == "json":
        text = json_report.render(review)
    elif report_format == "sarif":
        text = sarif_report.render(
            review, tool_version=version("imagefleet"), artifact=artifact_uri(artifact)
        )
    elif report_format == "junit":
        text = junit_report.render(review)
    elif report_format == "github":
        text = github_report.render(review)
    else:
        text = text_report.render(review)
    typer.echo(text, nl=False)


def artifact_uri(path: Path) -> str:
    """Return the URI reference of a file, as `uri_of` does; standard input is `stdin`."""
    return "stdin" if path == STANDARD_INPUT else uri_of(path)


def _refuse_bad_exemptions(review: Review, file: Path | None) -> None:
    """Raise where the pack says that the file, or an entry of it, cannot be used; all at once."""
    found = [
        result
        for result in review.having(Verdict.FAIL)
        if result.rule.id == SETTINGS_RULE and (result.path or "").startswith(EXEMPTIONS)
    ]
    if file is None or not found:
        return
    whole = next((result for result in found if result.path == EXEMPTIONS), None)
    if whole is not None:
        message = f"--exemptions {file} is {whole.actual}; it must be {whole.needed}"
        raise PolicyInputError(message)
    faults = [f"{result.path} is {result.actual}; needed: {result.needed}" for result in found]
    message = "\n  ".join([f"--exemptions {file} is not usable:", *faults])
    raise PolicyInputError(message)


def policy_config(file: Path, pack_dir: Path | None) -> Mapping[str, Any]:
    """Return the configuration for a run; a relative path of exemptions is from its own folder.

    Raises `WorkspaceError` for a file that the engine would read otherwise than it is meant.
    """
    if pack_dir is None:
        message = f"--policy-config {file}: this project has no policy pack (policy/) to configure"
        raise WorkspaceError(message)
    config = dict(_usable_config(file, pack_dir) or {})
    settings = config.get(SETTINGS_RULE)
    path = settings.get(EXEMPTIONS) if isinstance(settings, Mapping) else None
    if isinstance(settings, Mapping) and isinstance(path, str) and path:
        config[SETTINGS_RULE] = {**settings, EXEMPTIONS: str((file.parent / path).resolve())}
    return config


def _usable_config(file: Path | None, pack_dir: Path) -> Mapping[str, Any] | None:
    """Return the configuration for a check; what the engine would read as meant is accepted."""
    if file is None:
        return None
    config = read_json(file)
    faults = [fault for fault in config_faults(config, _rules(pack_dir)) if not fault.usable]
    if faults:
        raise PolicyInputError(_listed(file, faults))
    return dict(config)


def _rules(pack_dir: Path) -> dict[str, RuleFacts]:
    try:
        return pack_rules(pack_dir)
    except PolicyPackError as error:
        raise WorkspaceError(str(error)) from error


def _listed(file: Path, faults: tuple[ConfigFault, ...] | list[ConfigFault]) -> str:
    return "\n  ".join([f"{file} is not usable:", *(str(fault) for fault in faults)])
