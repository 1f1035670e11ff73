"""`imagefleet policy lint`: program source in, report and exit code out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import typer

from imagefleet.cli.policy_checking import (
    EXIT_REFUSED,
    EXIT_UNUSABLE_INPUT,
    artifact_uri,
    show,
)
from imagefleet.domain.judgements import Result, Review, SourcePlace, Verdict
from imagefleet.offline.policy.json_file import PolicyInputError
from imagefleet.review.shared_keys import RULE, UnreadableSource, key_uses

_FOREIGN_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages"})


def lint(path: Path, report_format: str) -> int:
    """Print the uses of shared keys below `path`; return 1 for any, 2 for what cannot be read.

    Raises `PolicyInputError` where there is no Python source at all.
    """
    files = list(_files(path))
    if not files:
        problem = "does not exist" if not path.exists() else "holds no Python source (*.py)"
        message = f"{path} {problem}"
        raise PolicyInputError(message)
    results: list[Result] = []
    unreadable: list[str] = []
    for file in files:
        try:
            results += _results(file)
        except UnreadableSource as error:
            unreadable.append(f"{file} {error}")
        except OSError as error:
            unreadable.append(f"{file} cannot be read: {error.strerror}")
    review = Review(
        subject=str(path),
        checker="imagefleet policy lint",
        version=version("imagefleet"),
        rules=(RULE,),
        results=tuple(results),
    )
    show(review, report_format, artifact=path)
    for problem in unreadable:
        typer.echo(f"error: {problem}", err=True)
    if unreadable:
        return EXIT_UNUSABLE_INPUT
    return EXIT_REFUSED if review.refused else 0


def _results(file: Path) -> list[Result]:
    uri = artifact_uri(file)
    found = [
        Result(
            rule=RULE,
            resource=f"{file}:{use.line}",
            urn="",
            verdict=Verdict.FAIL,
            path=use.what,
            actual="used",
            needed="Microsoft Entra authentication",
            place=SourcePlace(uri=uri, line=use.line, column=use.column),
        )
        for use in key_uses(file.read_bytes())
    ]
    passed = Result(
        rule=RULE, resource=str(file), urn="", verdict=Verdict.PASS, place=SourcePlace(uri=uri)
    )
    return found or [passed]


def _files(path: Path) -> Iterator[Path]:
    """Yield the file, or the Python files of a folder without hidden and installed ones."""
    if path.is_file():
        yield path
        return
    for folder, folders, files in os.walk(path):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in _FOREIGN_FOLDERS
            and not (here / name / "pyvenv.cfg").exists()
        )
        yield from (here / name for name in sorted(files) if name.endswith(".py"))
