"""A project folder of one's own, and the `imagefleet` command run in it as a person would."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from imagefleet.cli import main

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Answer:
    """What one call of the command gave: exit code, what it printed, what it complained of."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """A copy of the repository's program and stack files, to be edited at will."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> Answer:
        """Call `imagefleet` with `arguments` in the project folder."""
        self.monkeypatch.setattr(sys, "argv", ["imagefleet", *arguments])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = self.capsys.readouterr()
        return Answer(int(ended.value.code or 0), printed.out, printed.err)

    def rehearse(self, stack: str, *more: str) -> tuple[Answer, dict[str, str]]:
        """Rehearse embedded, and also return the operation that each resource saw at `up`.

        Keys are `type name`; resources to which nothing happens are left out. Of a replacement
        the operations are joined in their order.
        """
        events = self.folder / "events.jsonl"
        answer = self.run(
            *("rehearse", "--stack", stack, "--engine", "embedded", "--yes"),
            *("--events", str(events), "--export", str(self.folder / "export.json"), *more),
        )
        return answer, _operations(events)

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the exported deployment's Azure resources, keyed `type name`."""
        document = json.loads((self.folder / "export.json").read_text(encoding="utf-8"))
        return {
            f"{each['type'].split(':', 1)[1]} {each['urn'].rsplit('::', 1)[1]}": each
            for each in document["deployment"].get("resources", [])
            if each["type"].startswith("azure-native:")
        }

    def edit(self, stack: str, *edits: tuple[str, str]) -> None:
        """Replace text in a stack file; each old text stands there exactly once."""
        file = self.folder / f"Pulumi.{stack}.yaml"
        text = file.read_text(encoding="utf-8")
        for old, new in edits:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")

    def add_to_program(self, code: str) -> None:
        """Write more code at the end of the program."""
        with (self.folder / "__main__.py").open("a", encoding="utf-8") as file:
            file.write(code)


def _operations(events: Path) -> dict[str, str]:
    steps: dict[str, list[str]] = {}
    for line in events.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        step = event.get("resourcePreEvent")
        if step is None or step.get("planning"):
            continue
        metadata = step["metadata"]
        name = metadata["urn"].rsplit("::", 1)[1]
        if metadata["op"] != "same" and metadata["type"].startswith("azure-native:"):
            key = f"{metadata['type'].split(':', 1)[1]} {name}"
            steps.setdefault(key, []).append(metadata["op"])
    return {key: " ".join(operations) for key, operations in steps.items()}


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Project:
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("components", "policy", "imagefleet", ".venv"):
        (folder / name).symlink_to(ROOT / name)
    for file in [ROOT / "Pulumi.yaml", ROOT / "__main__.py", *ROOT.glob("Pulumi.*.yaml")]:
        shutil.copy(file, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    return Project(folder, monkeypatch, capsys)
