"""Both engines on the same fleet, and what of their work can be compared.

What differs by nature is masked by the lists below and nothing else: times, random ids and the
ciphertext of secrets. Order is compared only where it means something.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.embedded.engine import EmbeddedEngine
from imagefleet.offline.engine import Engine, Workspace
from imagefleet.offline.pulumi_cli.engine import PulumiCommand, PulumiEngine, find_pulumi
from imagefleet.offline.pulumi_cli.events import mask_secrets
from imagefleet.offline.report import Report

ROOT = Path(__file__).parents[1]
PROJECT = "imagefleet"

# Fields of a resource in a deployment that say when and where it was registered.
UNCOMPARED = frozenset({"created", "modified", "sourcePosition", "stackTrace"})
# Properties that hold a time of the simulated clock, which runs by the order of operations.
TIMES = frozenset(
    {
        "allocationStateTransitionTime",
        "createdOn",
        "creationTime",
        "etag",
        "lastModified",
        "provisioningStateTransitionTime",
        "publishedDate",
        "startTime",
        "timeCreated",
        "updatedOn",
    }
)

Edit = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Step:
    """One run of both engines, and what is edited in the fleet before it, for good."""

    name: str
    operation: str
    edit: Edit | None = None
    refused: bool = False


@dataclass
class Result:
    """What one engine did in one step, in a form that can be compared."""

    succeeded: bool
    report: Report
    ops: dict[str, list[str]]
    resources: dict[str, Any]
    outputs: dict[str, Any]

    @property
    def findings(self) -> list[tuple[str, str, str, str]]:
        return sorted((f.policy, f.urn, f.level, f.message) for f in self.report.findings)

    @property
    def errors(self) -> list[tuple[str, str]]:
        return sorted((message.urn, message.text) for message in self.report.errors)

    @property
    def counts(self) -> Counter[str]:
        return self.report.counts


def normalised(deployment: dict[str, Any]) -> dict[str, Any]:
    """Return the resources of an exported deployment by URN, apart from what cannot be equal."""
    resources = {}
    for resource in mask_secrets(deployment["deployment"].get("resources") or []):
        kept = {key: value for key, value in resource.items() if key not in UNCOMPARED}
        if resource["type"].startswith("pulumi:providers:"):
            kept["id"] = "<random>"
        if "provider" in kept:
            kept["provider"] = kept["provider"].rsplit("::", 1)[0]
        for side in ("inputs", "outputs"):
            kept[side] = without_times(kept.get(side) or {})
        kept["dependencies"] = sorted(kept.get("dependencies") or ())
        # A refresh of the real engine leaves out the empty ones.
        by_property = kept.get("propertyDependencies") or {}
        kept["propertyDependencies"] = {k: sorted(v) for k, v in by_property.items() if v}
        resources[f"{resource['urn']}{' (to be deleted)' if resource.get('delete') else ''}"] = kept
    return resources


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: "<time>" if k in TIMES and v else without_times(v) for k, v in value.items()}
    if isinstance(value, list):
        return [without_times(item) for item in value]
    return value


# Longer than any pool of the three stacks takes.
SETTLED_MINUTES = 24 * 60


@dataclass
class Both:
    """Both engines on the same fleet, each with a state and a simulated Azure of its own."""

    workspace: Workspace
    folder: Path
    command: Path
    fleet: dict[str, Any] = field(default_factory=dict)

    def run(self, step: Step) -> dict[str, Result]:
        if step.edit is not None:
            step.edit(self.fleet)
        return {name: self._run(name, step.operation) for name in ("embedded", "pulumi")}

    def _run(self, name: str, operation: str) -> Result:
        state = self.folder / name
        state.mkdir(exist_ok=True)
        config = dict(self.workspace.config)
        if self.fleet:
            config["imagefleet:fleet"] = json.dumps(self.fleet)
        workspace = replace(self.workspace, state_dir=state, config=config)
        azure = SimulatedAzure(workspace.azure_store)
        try:
            engine: Engine = (
                EmbeddedEngine(workspace, azure)
                if name == "embedded"
                else PulumiEngine(workspace, self.command)
            )
            events: list[dict[str, Any]] = []
            succeeded = getattr(engine, operation)(events.append)
            # The real engine makes resources side by side: how much simulated time has passed for
            # a pool depends on what was made first, until every pool is steady.
            azure.advance(SETTLED_MINUTES)
            report = Report()
            for event in events:
                report.add(event)
            exported = engine.export()
            return Result(succeeded, report, ops_in(events), normalised(exported), engine.outputs())
        finally:
            azure.close()


def ops_in(events: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return the steps by URN, in their order."""
    ops: dict[str, list[str]] = {}
    for event in events:
        if "resourcePreEvent" in event:
            metadata = event["resourcePreEvent"]["metadata"]
            ops.setdefault(metadata["urn"], []).append(metadata["op"])
    return ops


def pulumi_command() -> Path:
    """Return the Pulumi command; tests marked `engine` run only where there is one."""
    found = find_pulumi()
    assert isinstance(found, PulumiCommand), found
    return found.path


def assert_same_resources(embedded: dict[str, Any], pulumi: dict[str, Any]) -> None:
    """Fail with every path that differs, by URN."""
    different = [
        f"{urn.rsplit('::', 1)[1]} {difference}"
        for urn in sorted({*embedded, *pulumi})
        for difference in differences(embedded.get(urn, "<absent>"), pulumi.get(urn, "<absent>"))
    ]
    assert not different, "\n".join(different)


def differences(embedded: Any, pulumi: Any, path: str = "") -> Iterator[str]:
    """Name what differs, so that a failure can be read."""
    if isinstance(embedded, dict) and isinstance(pulumi, dict):
        for key in sorted({*embedded, *pulumi}):
            yield from differences(
                embedded.get(key, "<absent>"), pulumi.get(key, "<absent>"), f"{path}.{key}"
            )
    elif embedded != pulumi:
        yield f"{path}: embedded {embedded!r}, pulumi {pulumi!r}"
