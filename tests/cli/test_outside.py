"""`rehearse --outside`: quotas that a fleet meets, told by a file and kept in the state."""

from __future__ import annotations

import contextlib

import pytest

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.faults import change_behind
from imagefleet.offline.outside.state import supposed
from imagefleet.offline.workspace import open_doors
from tests.cli.projects import Project
from tests.cli.test_terminal import Terminal

ENGINES = ["embedded", pytest.param("pulumi", marks=pytest.mark.engine)]
QUOTAS = "quotas:\n  accounts:\n    '*': {dedicatedCores: 4}\n"


def up(project: Project, engine: str, *more: str):
    return project.run("rehearse", "--yes", "--engine", engine, *more)


@pytest.mark.parametrize("engine", ENGINES)
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


def told_of(project: Project) -> dict:
    """What the state of the project's rehearsals keeps of the outside, {} for no state."""
    store = project.folder / ".imagefleet" / "dev" / "azure.sqlite"
    if not store.exists():
        return {}
    with contextlib.closing(SimulatedAzure(store)) as azure, azure.store.read() as transaction:
        return supposed(transaction).document


@pytest.mark.parametrize(
    "role", ["Raeder", "/providers/Microsoft.Authorization/roleDefinitions/reader"]
)
def test_a_role_that_there_is_not_is_one_error_and_nothing_is_kept(
    project: Project, role: str
) -> None:
    scope = "/subscriptions/11111111-1111-1111-1111-111111111111"
    (project.folder / "outside.yaml").write_text(
        f"{QUOTAS}grants:\n  - scope: {scope}\n    role: {role}\n"
        "    principal: 55555555-5555-5555-5555-555555555555\n",
        encoding="utf-8",
    )
    told = up(project, "embedded", "--outside", "outside.yaml")
    assert told.code == 2
    assert told.err.count("error: ") == 1
    assert f"grants[0].role: '{role}' is not known" in told.err
    assert told_of(project) == {}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_look_at_other_facts_leaves_the_state_as_it_was(project: Project, engine: str) -> None:
    """Neither a first preview nor a later one keeps them, nor one that nobody answers."""
    (project.folder / "outside.yaml").write_text(QUOTAS, encoding="utf-8")
    look = ("rehearse", "--engine", engine, "--outside", "outside.yaml")
    assert project.run(*look, "--preview-only").code == 0
    assert told_of(project) == {}
    assert project.run("rehearse", "--engine", engine, "--yes").code == 0
    project.edit("dev", ("description: Images of the dev fleet", "description: Other images"))
    for more in (("--preview-only",), ("--refresh", "--preview-only"), ("--fresh",), ()):
        told = project.run(*look, *more)
        assert told.code == (0 if "--preview-only" in more else 2), told.out + told.err
        assert told_of(project) == {}
    assert up(project, engine, "--outside", "outside.yaml").code == 0
    assert told_of(project)["quotas"]["accounts"]["*"] == {"dedicatedCores": 4}


def test_a_first_look_goes_on_beside_open_doors(project: Project) -> None:
    """`--fresh --preview-only` runs on an empty state of its own and forgets nothing."""
    state = project.folder / ".imagefleet" / "dev"
    look = ("rehearse", "--engine", "embedded", "--fresh")
    with open_doors(state):
        seen = project.run(*look, "--preview-only")
        assert seen.code == 0, seen.out + seen.err
        refused = project.run(*look, "--yes")
    assert refused.code == 2
    assert "holds doors open" in refused.err


def test_a_no_leaves_the_facts_of_before(project: Project) -> None:
    (project.folder / "outside.yaml").write_text(QUOTAS, encoding="utf-8")
    terminal = Terminal(project, "rehearse", "--engine", "embedded", "--outside", "outside.yaml")
    terminal.wait_for("[y/N]")
    terminal.type("n\n")
    assert terminal.end() == 0, terminal.text
    assert told_of(project) == {}


def test_a_refresh_beside_new_facts_is_kept_and_undone_once(project: Project) -> None:
    (project.folder / "outside.yaml").write_text("locks: []\n", encoding="utf-8")
    assert up(project, "embedded").code == 0
    store = project.folder / ".imagefleet" / "dev" / "azure.sqlite"
    with contextlib.closing(SimulatedAzure(store)) as azure:
        with azure.store.read() as transaction:
            (gallery,) = transaction.of_type("Microsoft.Compute/galleries")
        token = "azure-native:compute:Gallery"  # noqa: S105 a type
        change_behind(azure, token, gallery.id, {"description": "by hand"})
    told = up(project, "embedded", "--refresh", "--outside", "outside.yaml")
    assert "1 changed behind the program" in told.out
    assert "no drift" not in told.out
    assert told_of(project) == {"locks": []}
    again = up(project, "embedded", "--refresh")
    assert "no drift" in again.out
    assert "nothing changes" in again.out


def test_a_fresh_start_under_open_doors_is_refused(project: Project) -> None:
    assert up(project, "embedded").code == 0
    state = project.folder / ".imagefleet" / "dev"
    with open_doors(state):
        told = up(project, "embedded", "--fresh")
        assert up(project, "embedded").code == 0
    assert told.code == 2
    assert "'imagefleet simulate' holds doors open" in told.err
    assert "Preview" not in told.out
    assert (state / "embedded" / "deployment.json").exists()
    assert up(project, "embedded", "--fresh").code == 0
