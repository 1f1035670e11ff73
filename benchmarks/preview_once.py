"""Preview one project once on an engine, in this process, and print seconds and resources.

A process of its own for each run, so that neither heap nor caches carry over and peak memory
belongs to one run alone.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from pathlib import Path

from benchmarks.fleets import STACK
from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.embedded.engine import EmbeddedEngine
from imagefleet.offline.engine import Engine, EngineEvent, Workspace
from imagefleet.offline.pulumi_cli.engine import PulumiCommand, PulumiEngine, find_pulumi
from imagefleet.offline.workspace import find_project, open_workspace


def main(folder: Path, engine_name: str) -> None:
    """Time one preview without a policy pack; raises where the engine is not to be had."""
    workspace = _without_pack(open_workspace(find_project(folder), STACK))
    resources: list[str] = []

    def sink(event: EngineEvent) -> None:
        metadata = event.get("resourcePreEvent", {}).get("metadata")
        if metadata and (metadata.get("new") or {}).get("custom"):
            resources.append(f"{metadata['type']} {metadata['urn'].rsplit('::', 1)[-1]}")

    with contextlib.closing(SimulatedAzure(workspace.azure_store)) as azure:
        engine = _engine(engine_name, workspace, azure)
        started = time.perf_counter()
        succeeded = engine.preview(sink)
        seconds = time.perf_counter() - started
    if not succeeded:
        message = f"the preview of {folder} failed; run imagefleet rehearse there to see why"
        raise RuntimeError(message)
    kept = [each for each in resources if not each.startswith("pulumi:")]
    sys.stdout.write(json.dumps({"seconds": seconds, "resources": sorted(kept)}) + "\n")


def _engine(name: str, workspace: Workspace, azure: SimulatedAzure) -> Engine:
    if name == "embedded":
        return EmbeddedEngine(workspace, azure)
    command = find_pulumi()
    if not isinstance(command, PulumiCommand):
        raise TypeError(command.text)
    return PulumiEngine(workspace, command.path)


def _without_pack(workspace: Workspace) -> Workspace:
    return Workspace(
        project=workspace.project,
        stack=workspace.stack,
        project_dir=workspace.project_dir,
        policy_pack=None,
        state_dir=workspace.state_dir,
        config=workspace.config,
        secret_keys=workspace.secret_keys,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
