"""`imagefleet explain`: an error code, a message or a whole log, and what to do about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import typer

from imagefleet.cli import stacks
from imagefleet.cli.wrapping import wrapped
from imagefleet.domain.cloud_errors import catalogue
from imagefleet.domain.cloud_errors.match import Match, find
from imagefleet.domain.cloud_errors.model import KnownError
from imagefleet.domain.cloud_errors.paths import NamedProperty, named_properties
from imagefleet.domain.cloud_errors.stack_values import stack_values
from imagefleet.domain.fleet_plan import FleetPlan
from imagefleet.offline.engine import WorkspaceError

EXIT_NOTHING_KNOWN = 1
STANDARD_INPUT = "-"


def explain(words: Sequence[str], *, stack: str | None, as_json: bool) -> int:
    """Explain every known error in `words`, or on standard input for `-`; 1 where none is known.

    Raises `WorkspaceError` for an empty text, and the errors of an unusable stack.
    """
    text = _standard_input() if list(words) == [STANDARD_INPUT] else " ".join(words)
    if not text.strip():
        message = "nothing to explain; give a code, a message in quotes, or - for standard input"
        raise WorkspaceError(message)
    fleet_plan = stacks.planned(stack) if stack is not None else None
    found, properties = find(text), named_properties(text)
    if as_json:
        typer.echo(json.dumps(_document(found, properties, fleet_plan, text), indent=2))
    else:
        values = [_values(match.error, fleet_plan, text) for match in found]
        if found or properties:
            typer.echo("\n".join(_page(found, values, properties, stack)))
        if not found:
            typer.echo("\n".join(wrapped(_nothing_known(text), 0)), err=True)
    return 0 if found else EXIT_NOTHING_KNOWN


def show_all(*, as_json: bool) -> None:
    """Print the whole catalogue: names and, in a sentence each, what to do."""
    if as_json:
        errors = [_plain(error) for error in catalogue.CATALOGUE]
        typer.echo(json.dumps({"errors": errors}, indent=2))
        return
    for error in catalogue.CATALOGUE:
        typer.echo("\n".join([*wrapped(_title(error), 0), *wrapped(error.brief, 4)]))
    typer.echo(f"\n{len(catalogue.CATALOGUE)} errors; `imagefleet explain NAME` tells more of one.")


def _standard_input() -> str:
    # A log may hold bytes of any encoding; what is looked for is ASCII.
    return sys.stdin.buffer.read().decode("utf-8", errors="replace")


def _values(error: KnownError, fleet_plan: FleetPlan | None, text: str) -> tuple[str, ...]:
    return () if fleet_plan is None else stack_values(error, fleet_plan, text)


def _nothing_known(text: str) -> str:
    near = catalogue.nearest(text)
    hint = f" Did you mean '{near}'?" if near else ""
    return (
        f"nothing is known about this.{hint} `imagefleet explain --list` shows what is known; of "
        "a log, give the part with the error's code and message"
    )


def _page(
    found: Sequence[Match],
    values: Sequence[Sequence[str]],
    properties: Sequence[NamedProperty],
    stack: str | None,
) -> Iterator[str]:
    for number, (match, of_stack) in enumerate(zip(found, values, strict=True)):
        error = match.error
        times = f", {match.count} times" if match.count > 1 else ""
        yield from (*([""] if number else []), *wrapped(f"{_title(error)}{times}", 0))
        yield from wrapped(error.meaning, 2)
        yield from ("", "Likely causes", *_listed(error.causes))
        if of_stack:
            yield from ("", f"In stack {stack}", *_listed(of_stack))
        yield from ("", "What to do", *wrapped(error.fix, 2))
        yield from ("", "Source", *wrapped(_sources(error), 2))
    if properties:
        yield from ([""] if found else [])
        yield from ("Properties named", *_listed(map(_property_words, properties)))


def _title(error: KnownError) -> str:
    codes = f" ({', '.join(error.codes)})" if error.codes else ""
    return f"{error.id}{codes}"


def _sources(error: KnownError) -> str:
    return "; ".join(filter(None, [", ".join(error.sentences), error.source]))


def _property_words(named: NamedProperty) -> str:
    decided = f"decided by {named.key}" if named.key else "not decided by the stack file"
    return f"{named.path}: {decided}"


def _listed(items: Iterator[str] | Sequence[str]) -> Iterator[str]:
    for item in items:
        yield from wrapped(item, 4, first="  - ")


def _document(
    found: Sequence[Match],
    properties: Sequence[NamedProperty],
    fleet_plan: FleetPlan | None,
    text: str,
) -> dict[str, Any]:
    return {
        "known": bool(found),
        "errors": [
            _plain(match.error)
            | {"count": match.count}
            | {"stack": list(_values(match.error, fleet_plan, text))}
            for match in found
        ],
        "properties": [{"path": named.path, "key": named.key} for named in properties],
    }


def _plain(error: KnownError) -> dict[str, Any]:
    return {
        "id": error.id,
        "codes": list(error.codes),
        "brief": error.brief,
        "meaning": error.meaning,
        "causes": list(error.causes),
        "fix": error.fix,
        "sentences": list(error.sentences),
        "source": error.source,
    }
