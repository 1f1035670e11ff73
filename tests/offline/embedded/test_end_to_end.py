"""The repository's own stacks, its pack and the simulated Azure, all of them for real."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.embedded import EmbeddedEngine
from imagefleet.offline.report import Report
from imagefleet.offline.workspace import find_project, open_workspace

ROOT = Path(__file__).parents[3]
STACKS = sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml"))


@pytest.fixture
def engine(request, tmp_path):
    """The engine over one stack, with a state and an Azure of its own."""
    workspace = open_workspace(find_project(ROOT), request.param, state_root=tmp_path)
    azure = SimulatedAzure(workspace.azure_store)
    yield EmbeddedEngine(workspace, azure)
    azure.close()


def run(engine, action):
    report = Report()
    return getattr(engine, action)(report.add), report


@pytest.mark.parametrize("engine", STACKS, indirect=True)
def test_stack_comes_up_stays_as_it_is_and_goes(engine):
    succeeded, preview = run(engine, "preview")
    assert succeeded, preview.errors
    assert not preview.refused_by_policy
    assert preview.judged["passed"] > 0

    succeeded, update = run(engine, "up")
    assert succeeded, update.errors
    assert update.counts == preview.counts
    assert set(update.counts) == {"create"}

    for action in ("preview", "up", "refresh", "up"):
        succeeded, again = run(engine, action)
        assert succeeded, again.errors
        assert again.counts == {"same": update.counts["create"]}

    succeeded, destroyed = run(engine, "destroy")
    protected = any(
        one.get("protect") for one in engine.export()["deployment"].get("resources", ())
    )
    assert succeeded is not protected
    assert protected or destroyed.counts == {"delete": update.counts["create"]}
    assert all("protected" in message.text for message in destroyed.errors if message.urn)
