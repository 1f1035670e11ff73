"""The two engines do the same with every stack of the repository, edited and protected."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imagefleet.offline.engine import Workspace
from imagefleet.stack_yaml import config_strings, read_stack_file, secret_config_keys
from tests.parity import PROJECT, ROOT, Both, Result, Step, assert_same_resources, pulumi_command

pytestmark = pytest.mark.engine

STACKS = sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml"))


def rolling_pool(fleet: dict[str, Any]) -> dict[str, Any]:
    """Return the first pool whose image the fleet makes and whose id follows the version."""
    return next(
        pool
        for pool in fleet["pools"].values()
        if "id" not in pool
        and all("source" in v for v in fleet["images"][pool["image"]]["versions"].values())
    )


def add_second_version(fleet: dict[str, Any]) -> None:
    pool = rolling_pool(fleet)
    versions = fleet["images"][pool["image"]]["versions"]
    versions["99.0.0"] = copy.deepcopy(versions[pool["versions"][0]])
    pool["versions"].append("99.0.0")


def remove_first_version(fleet: dict[str, Any]) -> None:
    pool = rolling_pool(fleet)
    pool["versions"] = pool["versions"][-1:]


def grow(fleet: dict[str, Any]) -> None:
    """Ask for 300 nodes more in the first pool of a fixed size."""
    pool = next(pool for pool in fleet["pools"].values() if "nodes" in pool)
    pool["nodes"]["dedicated"] = pool["nodes"].get("dedicated", 0) + 300


def fix_ids(fleet: dict[str, Any]) -> None:
    """Give the first rolling pool a fixed id, which allows one version."""
    pool = rolling_pool(fleet)
    pool["versions"] = pool["versions"][-1:]
    pool["id"] = "fixed"


def change_fixed_image(fleet: dict[str, Any]) -> None:
    pool = next(pool for pool in fleet["pools"].values() if pool.get("id") == "fixed")
    versions = fleet["images"][pool["image"]]["versions"]
    versions["99.1.0"] = copy.deepcopy(versions[pool["versions"][0]])
    pool["versions"] = ["99.1.0"]


def unprotect(fleet: dict[str, Any]) -> None:
    fleet["protect"] = False


BEGINNING = (
    Step("first preview", "preview"),
    Step("first up", "up"),
    Step("empty preview", "preview"),
    Step("refresh", "refresh"),
)
EDITS = (
    Step("second version", "up", add_second_version),
    Step("first version removed", "up", remove_first_version),
    Step("more nodes", "up", grow),
    Step("pool with a fixed id", "up", fix_ids),
    Step("fixed pool changes its image", "up", change_fixed_image),
    Step("empty preview after the edits", "preview"),
)
UNPROTECT = (
    Step("destroy of what is protected", "destroy", refused=True),
    Step("protection taken away", "up", unprotect),
)
END = (Step("destroy", "destroy"),)
EDITED, PROTECTED = "dev", "prod"
SCENARIOS = {
    stack: (
        *BEGINNING,
        *(EDITS if stack == EDITED else ()),
        *(UNPROTECT if stack == PROTECTED else ()),
        *END,
    )
    for stack in STACKS
}
CASES = [(stack, step) for stack, steps in SCENARIOS.items() for step in steps]


def workspace_of(stack: str, folder: Path) -> Workspace:
    file = read_stack_file(ROOT / f"Pulumi.{stack}.yaml")
    return Workspace(
        project=PROJECT,
        stack=stack,
        project_dir=ROOT,
        policy_pack=ROOT / "policy",
        state_dir=folder,
        config=config_strings(file, PROJECT),
        secret_keys=secret_config_keys(file, PROJECT),
    )


@pytest.fixture(scope="session")
def lived(tmp_path_factory) -> Callable[[str], dict[str, dict[str, Result]]]:
    """Run the life of a stack once and return its results by step and engine."""
    results: dict[str, dict[str, dict[str, Result]]] = {}

    def live(stack: str) -> dict[str, dict[str, Result]]:
        if stack not in results:
            folder = tmp_path_factory.mktemp(stack)
            workspace = workspace_of(stack, folder)
            fleet = json.loads(workspace.config["imagefleet:fleet"])
            both = Both(workspace, folder, pulumi_command(), fleet)
            results[stack] = {step.name: both.run(step) for step in SCENARIOS[stack]}
        return results[stack]

    return live


@pytest.mark.parametrize(
    ("stack", "step"), CASES, ids=[f"{stack}-{step.name}" for stack, step in CASES]
)
def test_both_engines_do_the_same(lived, stack, step):
    """Success, steps by URN, counts, findings, errors, state and outputs are equal."""
    result = lived(stack)[step.name]
    embedded, pulumi = result["embedded"], result["pulumi"]

    assert pulumi.succeeded is not step.refused, pulumi.errors
    assert embedded.succeeded is not step.refused, embedded.errors
    assert embedded.errors == pulumi.errors
    assert embedded.ops == pulumi.ops
    assert embedded.counts == pulumi.counts
    assert embedded.findings == pulumi.findings
    assert_same_resources(embedded.resources, pulumi.resources)
    assert embedded.outputs == pulumi.outputs


@pytest.mark.parametrize("stack", STACKS)
def test_the_life_of_a_stack_is_what_it_should_be_on_both(lived, stack):
    """Equal is not enough: both could be equally wrong."""
    for name in ("embedded", "pulumi"):
        life = {step: results[name] for step, results in lived(stack).items()}

        assert set(life["first up"].counts) == {"create"}
        assert life["first up"].counts == life["first preview"].counts
        for quiet in ("empty preview", "refresh"):
            assert set(life[quiet].counts) == {"same"}, (name, quiet)
        assert life["first preview"].resources == {}
        assert life["destroy"].resources == {}


def changed(result: Result, type_token: str) -> dict[str, list[str]]:
    """Return what was done to resources of a type, by logical name, apart from nothing."""
    return {
        urn.rsplit("::", 1)[1]: ops
        for urn, ops in result.ops.items()
        if f"${type_token}::" in urn and ops != ["same"]
    }


@pytest.mark.parametrize("engine", ["embedded", "pulumi"])
def test_the_edits_do_what_they_are_meant_to(lived, engine):
    """A roll-out is beside the old pool; a fixed pool goes before it is made again."""
    life = {step: results[engine] for step, results in lived(EDITED).items()}
    pool, version = "azure-native:batch:Pool", "azure-native:compute:GalleryImageVersion"

    rolled_out = life["second version"]
    assert list(changed(rolled_out, pool).values()) == [["create"]]
    assert list(changed(rolled_out, version).values()) == [["create"]]

    removed = life["first version removed"]
    assert list(changed(removed, pool).values()) == [["delete"]]
    assert changed(removed, pool).keys() != changed(rolled_out, pool).keys()

    grown = life["more nodes"]
    assert list(changed(grown, pool).values()) == [["update"]]
    # the version that no pool lists any more is kept ready, so it grows with the other
    assert list(changed(grown, version).values()) == [["update"], ["update"]]

    replaced = life["fixed pool changes its image"]
    assert list(changed(replaced, pool).values()) == [
        ["delete-replaced", "replace", "create-replacement"]
    ]
    assert set(life["empty preview after the edits"].counts) == {"same"}
