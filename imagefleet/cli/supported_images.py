"""`imagefleet images`: supported base images and node agents, until when, and who is affected."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import typer

from imagefleet.cli import files, stacks
from imagefleet.cli.azure_side import opened, signed_in
from imagefleet.cli.terminal import plural
from imagefleet.cli.wrapping import wrapped
from imagefleet.domain import node_agents
from imagefleet.domain.fleet import Fleet
from imagefleet.domain.image_catalogue import BUILT_IN, ImageCatalogue, document, parse
from imagefleet.domain.node_agents import BaseImage
from imagefleet.domain.node_support import ImageSupport, image_support
from imagefleet.domain.plan import plan
from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.workspace import find_project

EXIT_ENDED = 1
FILE = "images.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of `imagefleet images`; `account` is a key or name of the stack's accounts.

    `catalogue` asks for imagefleet's own catalogue, whatever else there is.
    """

    stack: str | None = None
    account: str | None = None
    catalogue: bool = False
    on: str | None = None
    as_json: bool = False
    doors: Path | None = None


def show(options: Options) -> int:
    """Print a catalogue, and the images of a stack in its light; 1 where one's support is over.

    Raises `WorkspaceError` for a day that is none, a file or an account that cannot be read, and
    the errors of an unusable stack.
    """
    day = _day(options.on)
    fleet = None if options.stack is None else stacks.load(options.stack).fleet
    catalogue = _catalogue(options, fleet)
    found = () if fleet is None else image_support(fleet, catalogue.entries)
    entries = sorted(catalogue.entries, key=lambda each: _rank(each, day))
    seen = dataclasses.replace(catalogue, entries=tuple(entries))
    if options.as_json:
        typer.echo(json.dumps(_document(seen, found, day, options.stack), indent=2))
    else:
        lines = [*_of_stack(found, seen, day, options.stack), *_of_catalogue(seen, day)]
        typer.echo("\n".join(lines))
    return EXIT_ENDED if any(each.ended(day) for each in found) else 0


def refresh(options: Options) -> int:
    """Write what an account supports today as the project's catalogue, and say what has changed.

    Raises what `show` raises; the old file stays whole where the new one cannot be written.
    """
    project = find_project(Path.cwd())
    path = project.folder / FILE
    now = _of_account(stacks.load(options.stack or "dev").fleet, options, stacks.today())
    try:
        before = _kept(path)
    except WorkspaceError as error:
        # What is damaged is what this writes anew.
        typer.echo(f"{error}; it is written anew", err=True)
        before = None
    files.write_whole(path, (json.dumps(document(now), indent=2) + "\n").encode())
    old = {_said(each) for each in (before or BUILT_IN).entries}
    new = [each for each in now.entries if _said(each) not in old]
    if options.as_json:
        told = {"file": str(path), **document(now), "newOrChanged": len(new)}
        typer.echo(json.dumps(told, indent=2))
        return 0
    typer.echo(
        f"{FILE}: {plural(len(now.entries), 'image')} of {now.origin}, as of {now.as_of}; "
        f"{len(new)} new or changed"
    )
    return 0


def _said(entry: BaseImage) -> tuple[object, ...]:
    """What an entry says, whoever says it."""
    return entry.publisher, entry.offer, entry.skus, entry.agent, entry.ends


def _catalogue(options: Options, fleet: Fleet | None) -> ImageCatalogue:
    """Return the account's own list, else the project's catalogue, else the built-in one."""
    if options.catalogue:
        return BUILT_IN
    if options.account is not None:
        if fleet is None:
            message = "--account names an account of a stack file; say which stack with --stack"
            raise WorkspaceError(message)
        return _of_account(fleet, options, stacks.today())
    try:
        project = find_project(Path.cwd())
    except WorkspaceError:
        return BUILT_IN
    return _kept(project.folder / FILE) or BUILT_IN


def _kept(path: Path) -> ImageCatalogue | None:
    try:
        return parse(json.loads(path.read_text(encoding="utf-8")), origin=path.name)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        message = f"{path} cannot be used as a catalogue: {error}"
        raise WorkspaceError(message) from error


def _of_account(fleet: Fleet, options: Options, today: date) -> ImageCatalogue:
    planned = plan(fleet, today=today).accounts
    if not planned:
        message = "the stack has no Batch account that could be asked"
        raise WorkspaceError(message)
    wanted = options.account or planned[0].key
    account = next((each for each in planned if wanted in (each.key, each.name)), None)
    if account is None:
        known = ", ".join(each.key for each in planned)
        message = f"--account: the stack has no Batch account '{wanted}'; it has: {known}"
        raise WorkspaceError(message)
    with opened(fleet, options.doors) as clients:
        from imagefleet.live.failures import Unreadable
        from imagefleet.live.supported import ask

        signed_in(clients)
        try:
            return ask(clients, account.id, today)
        except Unreadable as trouble:
            message = f"{trouble.what} tells no supported images: {trouble.why}"
            raise WorkspaceError(message) from trouble


def _day(text: str | None) -> date:
    if text is None:
        return stacks.today()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"--on must be a day such as 2027-07-01, got '{text}'"
        raise WorkspaceError(message) from error


def _rank(entry: BaseImage, on: date) -> tuple[bool, date, str, str]:
    """What is supported first, of that what ends soonest; the same for what has ended."""
    return (entry.ended(on), entry.ends or date.max, entry.agent, entry.offer)


def _of_stack(
    found: Sequence[ImageSupport], catalogue: ImageCatalogue, on: date, stack: str | None
) -> Iterator[str]:
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
        newer = ", ".join(node_agents.skus(max(on, catalogue.as_of), catalogue.entries))
        yield from _wrapped(
            f"Support is over for {plural(len(ended), 'image')}: new pools may be refused, nodes "
            f"be taken away. Make a version on a base for one of these: {newer or 'none known'}.",
            2,
        )
    yield ""


def _of_catalogue(catalogue: ImageCatalogue, on: date) -> Iterator[str]:
    of = "catalogue" if catalogue.origin == "catalogue" else catalogue.origin
    heading = f"Base images and their node agents, {of} of {catalogue.as_of}, seen on {on}"
    yield from _wrapped(heading, 0)
    for entry in catalogue.entries:
        yield from _wrapped(f"{entry.agent}: {_when(entry.ends, on)}", 2)
        yield from _wrapped(
            f"{entry.publisher}/{entry.offer}/{'|'.join(entry.skus)} [{entry.source}]", 4
        )
    if catalogue.origin == "catalogue":
        yield ""
        yield from _wrapped(
            "The list is partial, and no announced end is no promise; `imagefleet images --stack S "
            "--account A` asks an account, `imagefleet images refresh` keeps what it answers.",
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
    return wrapped(text, indent, hanging=2)


def _document(
    catalogue: ImageCatalogue, found: Sequence[ImageSupport], on: date, stack: str | None
) -> dict[str, Any]:
    return {
        "origin": catalogue.origin,
        "asOf": catalogue.as_of.isoformat(),
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
            for entry in catalogue.entries
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
