"""The deployment: what the last run left, what this one has done so far, and both on disk.

`deployment.json` holds the last whole state in the form of `pulumi stack export`. While a run goes
on, each step adds a line to `journal.jsonl`, so that the cost of a step does not grow with the
size of the stack; at the end the two become a new `deployment.json`, written beside it and then
renamed. A process killed in between leaves both, and the next one puts them together.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import IO, Any

from imagefleet.offline.embedded.secretbox import SecretBox
from imagefleet.offline.embedded.state import ResourceState, from_json, now, to_json
from imagefleet.offline.engine import EngineError

FORMAT_VERSION = 3
"""The version of the export format, apitype.DeploymentSchemaVersionCurrent."""

Pending = tuple[str, ResourceState]
"""An operation under way: `creating`, `updating` or `deleting`, and the resource."""


class Deployment:
    """The resources of a stack while a run changes them.

    `base` is what the run found, in an order in which nothing comes before what it depends on.
    States of the base are told apart by identity. Nothing is written unless `recording`.
    """

    def __init__(self, folder: Path, box: SecretBox) -> None:
        self._folder = folder
        self._box = box
        self.base: list[ResourceState] = []
        self.pending: list[Pending] = []
        self._new: list[ResourceState] = []
        self._slots: dict[int, int] = {}
        self._places: dict[int, int] = {}
        self._gone: set[int] = set()
        self._renamed: dict[str, str] = {}
        self._under_way: dict[int, Pending] = {}
        self._journal: IO[str] | None = None
        self._operations = 0
        self._entries: list[Mapping[str, Any]] = []
        self._gathering = False
        self._recovered = False

    @classmethod
    def load(cls, folder: Path) -> Deployment:
        """Return the deployment kept in `folder`, empty where there is none.

        Raises `EngineError` where its file cannot be read.
        """
        deployment = cls(folder, SecretBox(folder / "secrets.key"))
        deployment._read()
        return deployment

    def make_whole(self) -> None:
        """Make what the journal of a killed run says a part of the base, in memory."""
        self._recovered |= bool(self.pending or self._under_way or self._journal_path.exists())
        self.base = self.resources()
        self.pending = [*self.pending, *self._under_way.values()]
        self._new, self._slots, self._places = [], {}, {}
        self._gone, self._renamed, self._under_way = set(), {}, {}

    def record(self) -> None:
        """From here on keep a journal; what recovery made of the base is written first."""
        with self._written():
            self._folder.mkdir(parents=True, exist_ok=True)
            if self._recovered or not self._path.exists():
                self._settle()
            self._journal = self._journal_path.open("w", encoding="utf-8")
            self._write({"base": _digest(self._path)})

    def resources(self) -> list[ResourceState]:
        """Return the resources as they stand: this run's in their order, then what is left."""
        left = [state for i, state in enumerate(self.base) if i not in self._gone]
        if self._renamed:
            left = [state.rename(self._renamed) for state in left]
        return [*self._new, *left]

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Write what happens inside as one line: after a kill all of it has happened or none."""
        self._gathering = True
        try:
            yield
        finally:
            self._gathering = False
            self._flush()

    def begin(self, kind: str, state: ResourceState) -> int:
        """Note that an operation starts, and return its number for `end`."""
        self._operations += 1
        self._under_way[self._operations] = (kind, state)
        if self._journal:
            resource = to_json(state, self._box)
            self._write({"begin": self._operations, "type": kind, "resource": resource})
        return self._operations

    def end(self, operation: int) -> None:
        """Note that an operation has ended, well or not."""
        del self._under_way[operation]
        self._write({"end": operation})

    def put(self, state: ResourceState) -> None:
        """Add a resource of this run, or write again one that it has added already."""
        slot = self._slots.setdefault(id(state), len(self._new))
        if slot == len(self._new):
            self._new.append(state)
        if self._journal:
            self._write({"put": slot, "resource": to_json(state, self._box)})

    def keep(self, state: ResourceState, old: ResourceState) -> None:
        """Add a resource of this run that is as the base has it, but for its options perhaps."""
        slot = self._slots.setdefault(id(state), len(self._new))
        self._new.append(state)
        self._write({"keep": slot, "base": self._place(old)})

    def supersede(self, old: ResourceState) -> None:
        """Forget a resource of the base: it is deleted, or another state stands for it."""
        place = self._place(old)
        self._gone.add(place)
        self._write({"gone": place})

    def mark(self, old: ResourceState) -> None:
        """Write again a resource of the base whose deletion or replacement has become due."""
        place = self._place(old)
        if self._journal:
            self._write({"mark": place, "resource": to_json(old, self._box)})

    def renamed(self, old_urn: str, new_urn: str) -> None:
        """Let what is left of the base refer to a resource by its new URN."""
        self._renamed[old_urn] = new_urn
        self._write({"renamed": old_urn, "to": new_urn})

    def close(self) -> None:
        """Make what this run has done the base of the next."""
        if self._journal:
            journal, self._journal = self._journal, None
            with self._written():
                # What a full disk has not taken is tried again here, and may fail again.
                with contextlib.suppress(OSError):
                    journal.close()
                self._settle()

    def export(self) -> dict[str, Any]:
        """Return the deployment in the form of `pulumi stack export`, secrets encrypted."""
        version = f"imagefleet {metadata.version('imagefleet')}"
        deployment: dict[str, Any] = {
            "manifest": {
                "time": now(),
                "magic": hashlib.sha256(version.encode()).hexdigest(),
                "version": version,
            },
            "secrets_providers": {"type": "imagefleet", "state": {"key": "secrets.key"}},
        }
        resources = [to_json(state, self._box) for state in self.resources()]
        if resources:
            deployment["resources"] = resources
        pending = [*self.pending, *self._under_way.values()]
        if pending:
            deployment["pending_operations"] = [
                {"resource": to_json(state, self._box), "type": kind} for kind, state in pending
            ]
        deployment["metadata"] = {}
        return {"version": FORMAT_VERSION, "deployment": deployment}

    @property
    def _path(self) -> Path:
        return self._folder / "deployment.json"

    @property
    def _journal_path(self) -> Path:
        return self._folder / "journal.jsonl"

    def _place(self, old: ResourceState) -> int:
        if len(self._places) != len(self.base):
            self._places = {id(state): i for i, state in enumerate(self.base)}
        return self._places[id(old)]

    def _write(self, entry: Mapping[str, Any]) -> None:
        if not self._journal:
            return
        self._entries.append(entry)
        if not self._gathering:
            self._flush()

    def _flush(self) -> None:
        # Flushed but not synchronised: a killed process loses nothing, and a rehearsal need not
        # survive a power cut in the middle of a step.
        if self._journal and self._entries:
            with self._written():
                self._journal.write(json.dumps(self._entries, separators=(",", ":")) + "\n")
                self._journal.flush()
        self._entries = []

    def _settle(self) -> None:
        # One line: the encoder for people is ten times slower, and a person asks for the export.
        text = json.dumps(self.export(), separators=(",", ":"))
        temporary = self._path.with_suffix(".json.new")
        try:
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        self._journal_path.unlink(missing_ok=True)
        self.make_whole()

    @contextlib.contextmanager
    def _written(self) -> Iterator[None]:
        """Turn what the disk has against writing into one error with a way back."""
        try:
            yield
        except OSError as error:
            message = (
                f"the state in {self._folder} cannot be written ({error.strerror or error}); what "
                "was recorded before is kept. Free space on its disk, or make the folder "
                "writable, and run this again: it asks what became of the rest"
            )
            raise EngineError(message) from error

    def _read(self) -> None:
        if self._path.exists():
            try:
                document = json.loads(self._path.read_text(encoding="utf-8"))
                if document["version"] != FORMAT_VERSION:
                    self._refuse_format(document["version"])
                self._read_base(document["deployment"])
            except OSError as error:
                message = f"the state in {self._path} cannot be read ({error.strerror})"
                raise EngineError(message) from error
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                message = (
                    f"the state in {self._path} cannot be read ({error}); "
                    "put a good copy back, or start again with --fresh"
                )
                raise EngineError(message) from error
        for entry in self._journal_entries():
            self._replay(entry)

    def _refuse_format(self, version: object) -> None:
        message = (
            f"the state in {self._path} has format {version}, this version of imagefleet reads "
            f"format {FORMAT_VERSION}; it was left as it is: use the imagefleet that wrote it, or "
            "start again with --fresh"
        )
        raise EngineError(message)

    def _read_base(self, content: Mapping[str, Any]) -> None:
        self.base = [from_json(item, self._box) for item in content.get("resources", ())]
        self.pending = [
            (item["type"], from_json(item["resource"], self._box))
            for item in content.get("pending_operations", ())
        ]

    def _journal_entries(self) -> Iterator[dict[str, Any]]:
        if not self._journal_path.exists():
            return
        with self._journal_path.open(encoding="utf-8") as file:
            first = _parsed(file.readline())
            # A journal whose base has been written anew is a run that ended between the two.
            if not first or first[0].get("base") != _digest(self._path):
                return
            for text in file:
                entries = _parsed(text)
                if not entries:
                    return
                yield from entries

    def _replay(self, entry: dict[str, Any]) -> None:
        resource = from_json(entry["resource"], self._box) if "resource" in entry else None
        if "begin" in entry and resource:
            self._under_way[entry["begin"]] = (entry["type"], resource)
            self._operations = entry["begin"]
        elif "end" in entry:
            del self._under_way[entry["end"]]
        elif "put" in entry and resource:
            if entry["put"] < len(self._new):
                self._new[entry["put"]] = resource
            else:
                self._new.append(resource)
        elif "keep" in entry:
            self._new.append(self.base[entry["base"]])
        elif "gone" in entry:
            self._gone.add(entry["gone"])
        elif "mark" in entry and resource:
            self.base[entry["mark"]] = resource
        elif "renamed" in entry:
            self._renamed[entry["renamed"]] = entry["to"]


def _parsed(text: str) -> list[dict[str, Any]]:
    """Return the entries of a line, none for one that a killed process wrote half."""
    try:
        entries: list[dict[str, Any]] = json.loads(text)
    except ValueError:
        return []
    return entries


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
