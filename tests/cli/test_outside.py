"""`rehearse --outside`: quotas that a fleet meets, told by a file and kept in the state."""

from __future__ import annotations

import pytest

from tests.cli.projects import Project

QUOTAS = "quotas:\n  accounts:\n    '*': {dedicatedCores: 4}\n"


def up(project: Project, engine: str, *more: str):
    return project.run("rehearse", "--yes", "--engine", engine, *more)


@pytest.mark.parametrize("engine", ["embedded", pytest.param("pulumi", marks=pytest.mark.engine)])
def test_a_pool_beyond_the_quota_gets_the_nodes_that_fit_and_says_so(
    project: Project, engine: str
) -> None:
    (project.folder / "outside.yaml").write_text(QUOTAS, encoding="utf-8")
    told = up(project, engine, "--outside", "outside.yaml")
    assert told.code == 1
    assert "2 of 4 nodes" in told.out
    assert "AccountCoreQuotaReached" in told.out


def test_a_file_that_cannot_be_used_stops_before_anything_is_run(project: Project) -> None:
    (project.folder / "outside.yaml").write_text("quota: {}\n", encoding="utf-8")
    told = up(project, "embedded", "--outside", "outside.yaml")
    assert told.code == 2
    assert "quotas" in told.err
    assert not (project.folder / ".imagefleet" / "dev" / "azure.sqlite").exists()
