"""The two engines do the same: every stack of the repository, edited and refused, run by both.

What differs by nature is masked by the lists below and nothing else: times, random ids and the
ciphertext of secrets. Order is compared only where it means something.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.embedded.engine import EmbeddedEngine
from imagefleet.offline.engine import Engine, Workspace
from imagefleet.offline.pulumi_engine import PulumiCommand, PulumiEngine, find_pulumi
from imagefleet.offline.pulumi_events import mask_secrets
from imagefleet.offline.report import Report
from imagefleet.stack_yaml import config_strings, read_stack_file, secret_config_keys

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[1]
STACKS = sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml"))

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

PROJECT = "imagefleet"

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


@pytest.fixture(scope="session")
def command() -> Path:
    found = find_pulumi()
    if not isinstance(found, PulumiCommand):
        pytest.skip(found.text)
    return found.path


# --------------------------------------------------------------------------------------------------
# The stacks of the repository


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
def lived(tmp_path_factory, command) -> Callable[[str], dict[str, dict[str, Result]]]:
    """Run the life of a stack once and return its results by step and engine."""
    results: dict[str, dict[str, dict[str, Result]]] = {}

    def live(stack: str) -> dict[str, dict[str, Result]]:
        if stack not in results:
            folder = tmp_path_factory.mktemp(stack)
            workspace = workspace_of(stack, folder)
            fleet = json.loads(workspace.config["imagefleet:fleet"])
            both = Both(workspace, folder, command, fleet)
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


def assert_same_resources(embedded: dict[str, Any], pulumi: dict[str, Any]) -> None:
    assert sorted(embedded) == sorted(pulumi)
    different = {
        urn: list(differences(embedded[urn], pulumi[urn]))
        for urn in pulumi
        if embedded[urn] != pulumi[urn]
    }
    assert different == {}


def differences(embedded: Any, pulumi: Any, path: str = "") -> Iterator[str]:
    """Name what differs, so that a failure can be read."""
    if isinstance(embedded, dict) and isinstance(pulumi, dict):
        for key in sorted({*embedded, *pulumi}):
            yield from differences(
                embedded.get(key, "<absent>"), pulumi.get(key, "<absent>"), f"{path}.{key}"
            )
    elif embedded != pulumi:
        yield f"{path}: embedded {embedded!r}, pulumi {pulumi!r}"


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
    assert list(changed(grown, version).values()) == [["update"]]

    replaced = life["fixed pool changes its image"]
    assert list(changed(replaced, pool).values()) == [
        ["delete-replaced", "replace", "create-replacement"]
    ]
    assert set(life["empty preview after the edits"].counts) == {"same"}


# --------------------------------------------------------------------------------------------------
# Programs that are refused

PROGRAM = """
import pulumi
from pulumi_azure_native import batch, compute, resources

group = resources.ResourceGroup("group", resource_group_name="fleet")
gallery = compute.Gallery("gallery", gallery_name="images", resource_group_name=group.name)


def definition(**changes):
    arguments = {
        "gallery_image_name": "ubuntu",
        "gallery_name": gallery.name,
        "resource_group_name": group.name,
        "hyper_v_generation": "V2",
        "identifier": {"publisher": "contoso", "offer": "ubuntu", "sku": "22_04"},
        "os_state": "Generalized",
        "os_type": "Linux",
        "features": [{"name": "SecurityType", "value": "Standard"}],
    }
    return compute.GalleryImage("definition", **{**arguments, **changes})


"""
REFUSED = {
    "TrustedLaunch": 'definition(features=[{"name": "SecurityType", "value": "TrustedLaunch"}])',
    "Specialized": 'definition(os_state="Specialized")',
    "SharedKey": (
        'batch.BatchAccount("account", account_name="fleetacc", resource_group_name=group.name,'
        ' allowed_authentication_modes=["SharedKey", "AAD"])'
    ),
}
REFUSED_OTHERWISE = {
    "parent that is not there": 'definition(gallery_name="absent")',
    "name that Azure does not allow": 'definition(gallery_image_name="no spaces allowed")',
    "property that does not exist": (
        'pulumi.CustomResource("azure-native:resources:ResourceGroup", "bad",'
        ' {"resourceGroupName": "bad", "colour": "red"})'
    ),
    "configuration refused by the program": (
        'raise pulumi.RunError("no such fleet:\\n  key is missing")'
    ),
}


@pytest.fixture
def refused(tmp_path, command) -> Callable[[str, str], dict[str, Result]]:
    def run(statement: str, operation: str) -> dict[str, Result]:
        project = tmp_path / "project"
        project.mkdir()
        (project / "Pulumi.yaml").write_text("name: imagefleet\nruntime: python\n")
        (project / "__main__.py").write_text(PROGRAM + statement + "\n")
        workspace = Workspace(
            project=PROJECT,
            stack="dev",
            project_dir=project,
            policy_pack=ROOT / "policy",
            state_dir=tmp_path,
            config={
                "azure-native:subscriptionId": "00000000-0000-0000-0000-000000000001",
                "azure-native:location": "westeurope",
            },
        )
        return Both(workspace, tmp_path, command).run(Step("refused", operation))

    return run


@pytest.mark.parametrize(
    ("what", "operation"), [*((what, "preview") for what in REFUSED), ("TrustedLaunch", "up")]
)
def test_both_engines_refuse_by_the_same_policy(refused, what, operation):
    """The rule, the resource and the level are those of the pack, whichever engine asks it."""
    result = refused(REFUSED[what], operation)
    embedded, pulumi = result["embedded"], result["pulumi"]

    assert (embedded.succeeded, pulumi.succeeded) == (False, False)
    assert any(level == "mandatory" for _, _, level, _ in pulumi.findings)
    assert embedded.findings == pulumi.findings
    refused_urns = {urn for _, urn, level, _ in pulumi.findings if level == "mandatory"}
    assert not refused_urns & (embedded.resources.keys() | pulumi.resources.keys())
    assert_same_resources(embedded.resources, pulumi.resources)


@pytest.mark.parametrize("what", REFUSED_OTHERWISE)
def test_both_engines_report_the_same_errors(refused, what):
    result = refused(REFUSED_OTHERWISE[what], "up")
    embedded, pulumi = result["embedded"], result["pulumi"]

    assert (embedded.succeeded, pulumi.succeeded) == (False, False)
    assert pulumi.errors
    assert embedded.errors == pulumi.errors
    assert_same_resources(embedded.resources, pulumi.resources)
