"""Where findings stand: the line of the stack file's entry, then the line of the program.

Paths start from the root of the repository, because that is what those who show them start from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from imagefleet.domain.fault import Path as KeyPath
from imagefleet.domain.judgements import Result, Review, SourcePlace
from imagefleet.domain.stack_entries import StackEntries
from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.workspace import Project, find_project
from imagefleet.settings.parse import FLEET_KEY
from imagefleet.stack_yaml import StackFile, StackFileError, full_key, read_stack_file

# A fault as settings word it: two blanks, the key, what is wrong; or as the reader of the file
# does: two blanks, file, line and column.
_KEYED = re.compile(rf"^ {{0,2}}{re.escape(FLEET_KEY)}(?P<path>\S*)(?: |$)")
_MARKED = re.compile(r"^ {0,2}(?P<file>Pulumi\.[^:/\\]+\.yaml):(?P<line>\d+):(?P<column>\d+): ")
_STEP = re.compile(r"\.(?P<name>[\w-]+)|\[(?P<index>\d+)\]|\[\"(?P<quoted>[^\"]*)\"\]")
_STACK = re.compile(r"^urn:pulumi:(?P<stack>[^:]+)::(?P<project>[^:]+)::")


def uri_of(file: Path) -> str:
    """Return the URI reference of a file from the root of the repository around the current folder.

    Without a repository it is from the current folder; of a file elsewhere it is the whole URI.
    """
    whole, here = file.resolve(), Path.cwd().resolve()
    try:
        return quote(whole.relative_to(_root(here) or here).as_posix())
    except ValueError:
        return whole.as_uri()


class FindingPlaces:
    """The places of one project's findings; without a project nothing has a place.

    Stack files are read when they are first asked for; one that cannot be read has no entries.
    """

    def __init__(self, project: Project | None) -> None:
        self._project = project
        self._prefix = "" if project is None else _prefix(project.folder)
        self._stacks: dict[str, _Entries | None] = {}

    @classmethod
    def here(cls) -> FindingPlaces:
        """Return those of the project in the current folder or above it."""
        try:
            return cls(find_project(Path.cwd()))
        except (WorkspaceError, StackFileError):
            return cls(None)

    def of(
        self, urn: str, prop: str, position: SourcePlace | None
    ) -> tuple[SourcePlace | None, tuple[SourcePlace, ...]]:
        """Return where a resource's property is set, and where else to look."""
        match = _STACK.match(urn)
        if self._project is None or match is None or match["project"] != self._project.name:
            return position, ()
        if position is not None:
            position = replace(position, uri=f"{self._prefix}{position.uri}")
        entries = self._entries(match["stack"])
        entry = entries.of(urn, prop) if entries is not None else None
        if entry is None:
            return position, ()
        return entry, () if position is None else (position,)

    def of_stack(self, stack: str) -> SourcePlace | None:
        """Return the stack's own file, where there is one."""
        if self._project is None or stack not in self._project.stacks():
            return None
        return SourcePlace(uri=self._uri(stack))

    def of_error(self, stack: str, text: str) -> list[tuple[str, SourcePlace | None]]:
        """Return the faults that an error lists, each with its place; else the error as a whole."""
        faults = list(self._faults(stack, text))
        return faults or [(text, None)]

    def placed(self, review: Review) -> Review:
        """Return a check with the place of each result, as far as it is known here."""
        return replace(review, results=tuple(self._placed(each) for each in review.results))

    def _placed(self, result: Result) -> Result:
        place, related = self.of(result.urn, result.path or "", result.place)
        return replace(result, place=place, related=related)

    def _faults(self, stack: str, text: str) -> Iterator[tuple[str, SourcePlace | None]]:
        """Yield faults with their continuation lines; none where the text is no list of faults."""
        found: list[tuple[list[str], SourcePlace | None]] = []
        for line in text.splitlines():
            if match := _KEYED.match(line):
                found.append(([line], self._of_key(stack, match["path"])))
            elif match := _MARKED.match(line):
                found.append(([line], self._marked(match)))
            elif found:
                found[-1][0].append(line)
        for lines, place in found:
            yield " ".join(line.strip() for line in lines), place

    def _of_key(self, stack: str, path: str) -> SourcePlace | None:
        entries = self._entries(stack)
        return None if entries is None else entries.nearest(_steps(path))

    def _marked(self, match: re.Match[str]) -> SourcePlace | None:
        stack = match["file"].removeprefix("Pulumi.").removesuffix(".yaml")
        place = self.of_stack(stack)
        if place is None:
            return None
        return replace(place, line=int(match["line"]), column=int(match["column"]))

    def _entries(self, stack: str) -> _Entries | None:
        if stack not in self._stacks:
            self._stacks[stack] = self._read(stack)
        return self._stacks[stack]

    def _read(self, stack: str) -> _Entries | None:
        if self._project is None or stack not in self._project.stacks():
            return None
        try:
            file = read_stack_file(self._project.folder / f"Pulumi.{stack}.yaml")
        except StackFileError:
            return None
        return _Entries(self._project.name, file, self._uri(stack))

    def _uri(self, stack: str) -> str:
        return f"{self._prefix}{quote(f'Pulumi.{stack}.yaml')}"


class _Entries:
    """The entries of one stack file with their lines."""

    def __init__(self, project: str, file: StackFile, uri: str) -> None:
        self._file, self._uri = file, uri
        keys = [key for key in file.config if full_key(key, project) == FLEET_KEY]
        self._root: KeyPath = ("config", *keys[:1])
        fleet = file.config[keys[0]] if keys else None
        self._entries = StackEntries(project, fleet if isinstance(fleet, Mapping) else {})

    def of(self, urn: str, prop: str) -> SourcePlace | None:
        entry = self._entries.of(urn, prop)
        return None if entry is None else self.nearest(entry)

    def nearest(self, path: KeyPath) -> SourcePlace | None:
        """Return the place of a key, of what it should stand in where it is missing."""
        for end in range(len(path), -1, -1):
            if mark := self._file.place((*self._root, *path[:end])):
                return SourcePlace(uri=self._uri, line=mark[0], column=mark[1])
        return None


def _steps(path: str) -> KeyPath:
    return tuple(
        int(match["index"]) if match["index"] else match["name"] or match["quoted"] or ""
        for match in _STEP.finditer(path)
    )


def _prefix(folder: Path) -> str:
    """Return the way from the root of the repository to a folder, with a slash at its end."""
    whole = folder.resolve()
    below = whole.relative_to(_root(whole) or whole).as_posix()
    return "" if below == "." else f"{quote(below)}/"


def _root(folder: Path) -> Path | None:
    """Return the root of the repository around a folder, without asking git."""
    whole = folder.resolve()
    return next((each for each in (whole, *whole.parents) if (each / ".git").exists()), None)
