"""Situations that a change can be in, each a base and a head that a real engine runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.embedded.engine import EmbeddedEngine
from imagefleet.offline.engine import Engine, Workspace
from imagefleet.offline.pulumi_cli.engine import PulumiEngine
from imagefleet.review.changes import StackReview, review_of
from imagefleet.review.run import run_of
from imagefleet.stack_yaml import config_strings, read_stack_file
from tests.review import programs

ROOT = Path(__file__).parents[2]
PROJECT = "imagefleet"
TODAY = "2026-09-01"

Edit = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A stack of the repository with its fleet edited before and after, and code added to each.

    `base` None is a stack that is not there yet. `operation` is what the head is asked for.
    """

    name: str
    stack: str = "dev"
    base: tuple[Edit, ...] | None = ()
    head: tuple[Edit, ...] = ()
    base_code: str = ""
    head_code: str = ""
    operation: str = "preview"
    policy_config: Mapping[str, Any] | None = None
    exemptions: list[dict[str, str]] = field(default_factory=list)
    large: bool = False


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Runs situations in a folder with one of the engines; `command` None is the embedded one."""

    folder: Path
    command: Path | None = None

    def review(self, situation: Situation) -> StackReview:
        """Bring the base up, run the head on it, and return the review."""
        events: list[dict[str, Any]] = []
        if situation.base is not None:
            before = self._workspace(situation, situation.base, situation.base_code, judged=False)
            assert self._run(before, "up", []), "the base does not come up"
        edits = (*(situation.base or ()), *situation.head)
        code = situation.head_code or situation.base_code
        after = self._workspace(situation, edits, code, judged=True)
        self._run(after, situation.operation, events)
        # JSON, as an event log has it: what is shared between events or is no JSON shows here.
        told = json.loads(json.dumps(events))
        assert any("summaryEvent" in each for each in told), "a run without an end"
        judged = situation.operation == "preview"
        return review_of(situation.stack, run_of(told), judging_expected=judged)

    def _workspace(
        self, situation: Situation, edits: tuple[Edit, ...], code: str, *, judged: bool
    ) -> Workspace:
        project = self.folder / ("head" if judged else "base")
        shutil.rmtree(project, ignore_errors=True)
        project.mkdir(parents=True)
        for name in ("components", "imagefleet", "policy"):
            (project / name).symlink_to(ROOT / name)
        program = (ROOT / "__main__.py").read_text(encoding="utf-8")
        (project / "__main__.py").write_text(program + code, encoding="utf-8")
        config = config_strings(read_stack_file(ROOT / f"Pulumi.{situation.stack}.yaml"), PROJECT)
        fleet = json.loads(config["imagefleet:fleet"])
        for edit in edits:
            edit(fleet)
        state = self.folder / "state"
        state.mkdir(exist_ok=True)
        policy = dict(situation.policy_config or {})
        if situation.exemptions:
            file = self.folder / "exemptions.json"
            file.write_text(json.dumps(situation.exemptions), encoding="utf-8")
            policy["pack-settings"] = {"exemptions": str(file)}
        return Workspace(
            project=PROJECT,
            stack=situation.stack,
            project_dir=project,
            policy_pack=project / "policy" if judged else None,
            state_dir=state,
            config=dict(config) | {"imagefleet:fleet": json.dumps(fleet, ensure_ascii=False)},
            policy_config=policy or None,
        )

    def _run(self, workspace: Workspace, operation: str, events: list[dict[str, Any]]) -> bool:
        azure = SimulatedAzure(workspace.azure_store)
        try:
            engine: Engine = (
                EmbeddedEngine(workspace, azure)
                if self.command is None
                else PulumiEngine(workspace, self.command)
            )
            return bool(getattr(engine, operation)(events.append))
        finally:
            azure.close()


def scale(pool: str, nodes: int) -> Edit:
    """Ask for another number of dedicated nodes."""
    return lambda fleet: fleet["pools"][pool]["nodes"].update(dedicated=nodes)


def new_version(version: str) -> Edit:
    """Add a version of the dev image, from another disk."""

    def edit(fleet: dict[str, Any]) -> None:
        versions = fleet["images"]["ubuntu"]["versions"]
        first = next(iter(versions.values()))
        disk = first["source"]["snapshots"]["osDisk"]
        versions[version] = {"source": {"snapshots": {"osDisk": f"{disk}-{version}"}}}

    return edit


def run_versions(*versions: str) -> Edit:
    """Let the dev pool run these versions."""
    return lambda fleet: fleet["pools"]["work"].update(versions=list(versions))


def in_version(image: str, version: str, **settings: Any) -> Edit:
    """Set keys of an image version."""
    return lambda fleet: fleet["images"][image]["versions"][version].update(settings)


def in_pool(**settings: Any) -> Edit:
    """Set keys of the dev pool."""
    return lambda fleet: fleet["pools"]["work"].update(settings)


def non_ascii(fleet: dict[str, Any]) -> None:
    """Write in other scripts wherever text may stand."""
    fleet["tags"] = {"équipe": "Übung | 映像 <b>@team</b>", "emoji": "🚀 `code` ](x)"}
    fleet["gallery"]["description"] = "Изображения — 画像 · \u202ertl"
    fleet["images"]["ubuntu"]["description"] = "# heading\n| a | table |"


def with_secrets(fleet: dict[str, Any]) -> None:
    """Put credentials where people put them by mistake: each is one of `SECRETS`."""
    fleet["pools"]["work"]["startTask"] = {
        "commandLine": f"/bin/sh -c 'az login --password {SECRETS[0]}; curl https://u:{SECRETS[1]}"
        "@host/x'",
        "environment": {
            "ACCOUNT_KEY": SECRETS[3],
            "CONNECTION": f"AccountName=a;AccountKey={SECRETS[4]};EndpointSuffix=x",
            "HEADER": f"Authorization: Bearer {SECRETS[5]}",
        },
    }
    fleet["pools"]["work"]["metadata"] = {"db_password": SECRETS[6]}
    fleet["tags"] = {"apiKey": SECRETS[7]}


SECRETS = tuple(f"hush{number}Zm9vYmFy{number}" for number in range(10))
WAIVED = {
    "rule": "image-protect",
    "resource": "imagefleet-ubuntu*",
    "owner": "images team",
    "reason": "dev images may be deleted at any time",
    "ticket": "OPS-7",
    "expires": "2026-09-08",
}
FIXED = in_pool(id="work", versions=["1.0.0"])

SITUATIONS = (
    Situation(name="first-deployment", base=None),
    Situation(name="scale-out", head=(scale("work", 800),)),
    Situation(
        name="new-image-version", head=(new_version("1.1.0"), run_versions("1.0.0", "1.1.0"))
    ),
    Situation(
        name="roll-out-ends",
        base=(new_version("1.1.0"), run_versions("1.0.0", "1.1.0")),
        head=(run_versions("1.1.0"),),
    ),
    Situation(
        name="region-added", head=(in_version("ubuntu", "1.0.0", extraRegions={"northeurope": 2}),)
    ),
    Situation(
        name="replica-removed",
        base=(in_version("ubuntu", "1.0.0", minimumReplicas=4),),
        head=(in_version("ubuntu", "1.0.0", minimumReplicas=2),),
    ),
    Situation(
        name="pool-replaced", base=(FIXED,), head=(new_version("1.1.0"), run_versions("1.1.0"))
    ),
    Situation(name="zero-nodes", base_code=programs.POOL, head_code=programs.LARGER_POOL),
    Situation(name="trusted-launch", head_code=programs.TRUSTED_LAUNCH),
    Situation(name="undecided", head_code=programs.UNKNOWN),
    Situation(name="waiver-expiring", exemptions=[WAIVED]),
    Situation(name="destroy", operation="destroy"),
    Situation(name="nothing-changed"),
    Situation(name="program-fails", head_code="\nraise pulumi.RunError('no such | `image`')\n"),
    Situation(name="500-resources", base=None, head_code=programs.many(500), large=True),
    Situation(name="5000-resources", base=None, head_code=programs.many(5000), large=True),
    Situation(
        name="secrets-everywhere", base=None, head=(with_secrets,), head_code=programs.HIDDEN
    ),
    Situation(name="non-ascii", head=(non_ascii,)),
)
BY_NAME = {situation.name: situation for situation in SITUATIONS}
