"""`imagefleet images`: supported base images and node agents, until when, and who is affected."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import typer

from imagefleet.cli.stacks import read_fleet
from imagefleet.cli.terminal import plural
from imagefleet.domain import node_agents
from imagefleet.domain.node_agents import BaseImage
from imagefleet.domain.node_support import ImageSupport, image_support
from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.workspace import find_project, read_stack
from imagefleet.stack_yaml import config_strings

EXIT_ENDED = 1
WIDTH = 80


def show(stack: str | None, *, on: str | None, as_json: bool) -> int:
    """Print the catalogue, and the images of a stack in its light; 1 where one's support is over.

    Raises `WorkspaceError` for a day that is none, and the errors of an unusable stack.
    """
    day = _day(on)
    found = () if stack is None else _support(stack)
    entries = sorted(node_agents.CATALOGUE, key=lambda each: _rank(each, day))
    if as_json:
        typer.echo(json.dumps(_document(entries, found, day, stack), indent=2))
    else:
        typer.echo("\n".join([*_of_stack(found, day, stack), *_of_catalogue(entries, day)]))
    return EXIT_ENDED if any(each.ended(day) for each in found) else 0


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(tz=UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"--on must be a day such as 2027-07-01, got '{text}'"
        raise WorkspaceError(message) from error


def _support(stack: str) -> tuple[ImageSupport, ...]:
    project = find_project(Path.cwd())
    return image_support(
        read_fleet(config_strings(read_stack(project, stack), project.name), stack)
    )


def _rank(entry: BaseImage, on: date) -> tuple[bool, date, str, str]:
    """What is supported first, of that what ends soonest; the same for what has ended."""
    return (entry.ended(on), entry.ends or date.max, entry.agent, entry.offer)


def _of_stack(found: Sequence[ImageSupport], on: date, stack: str | None) -> Iterator[str]:
    if stack is None:
        return
    yield f"Images of stack {stack}, on {on}"
    for each in found:
        yield from _wrapped(f"{each.image}: {_when(each.ends, on, listed=each.listed)}", 2)
        yield from _wrapped(f"from {each.base}, {each.agent}", 4)
        versions = f"{plural(len(each.versions), 'version')} {', '.join(each.versions)}"
        pools = f"pools {', '.join(each.pools)}" if each.pools else "no pool"
        yield from _wrapped(f"{versions}; {pools} [{each.source}]", 4)
    ended = [each for each in found if each.ended(on)]
    if ended:
        newer = ", ".join(node_agents.skus(max(on, node_agents.AS_OF)))
        yield from _wrapped(
            f"Support is over for {plural(len(ended), 'image')}: new pools may be refused, nodes "
            f"be taken away. Make a version on a base for one of these: {newer or 'none known'}.",
            2,
        )
    yield ""


def _of_catalogue(entries: Sequence[BaseImage], on: date) -> Iterator[str]:
    yield f"Base images and their node agents, catalogue of {node_agents.AS_OF}, seen on {on}"
    for entry in entries:
        yield from _wrapped(f"{entry.agent}: {_when(entry.ends, on)}", 2)
        yield from _wrapped(
            f"{entry.publisher}/{entry.offer}/{'|'.join(entry.skus)} [{entry.source}]", 4
        )
    yield ""
    yield from _wrapped(
        "The list is partial, and no announced end is no promise; an account's own list: `az batch "
        "pool supported-images list`.",
        0,
    )


def _when(ends: date | None, on: date, *, listed: bool = True) -> str:
    if not listed:
        return "not in the catalogue, nothing is known"
    if ends is None:
        return "supported, no end announced"
    days = (ends - on).days
    return f"ended on {ends}" if days < 0 else f"ends on {ends}, in {plural(days, 'day')}"


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_on_hyphens=False,
    )


def _document(
    entries: Sequence[BaseImage], found: Sequence[ImageSupport], on: date, stack: str | None
) -> dict[str, Any]:
    return {
        "origin": "catalogue",
        "asOf": node_agents.AS_OF.isoformat(),
        "on": on.isoformat(),
        "stack": stack,
        "images": [
            {
                "publisher": entry.publisher,
                "offer": entry.offer,
                "skus": list(entry.skus),
                "nodeAgent": entry.agent,
                "osType": node_agents.os_type(entry.agent).value,
                "ends": None if entry.ends is None else entry.ends.isoformat(),
                "ended": entry.ended(on),
                "source": entry.source,
            }
            for entry in entries
        ],
        "affected": [
            {
                "image": each.image,
                "base": each.base,
                "nodeAgent": each.agent,
                "versions": list(each.versions),
                "pools": list(each.pools),
                "ends": None if each.ends is None else each.ends.isoformat(),
                "ended": each.ended(on),
                "daysLeft": each.days_left(on),
                "listed": each.listed,
                "source": each.source,
            }
            for each in found
        ],
    }
