"""A small program of its own for the real engine, with a policy pack, in a temporary project."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from imagefleet.offline.engine import Workspace
from imagefleet.offline.pulumi_cli.engine import PulumiCommand, PulumiEngine, find_pulumi

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"

PROGRAM = """
import pulumi
from pulumi_azure_native import compute, resources

config = pulumi.Config()
if config.get("fail"):
    raise pulumi.RunError("the fleet is not usable:\\n  imagefleet:fleet.x is not a known key")


class Images(pulumi.ComponentResource):
    def __init__(self, name, props):
        super().__init__("imagefleet:compute:Images", name, props)
        self.gallery = compute.Gallery(
            name,
            gallery_name=config.get("gallery") or "images",
            resource_group_name=props["group"],
            tags=config.get_object("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"galleryId": self.gallery.id})


group = resources.ResourceGroup(
    "group",
    resource_group_name="fleet",
    tags={"token": config.require_secret("token")},
)
images = Images("images", {"group": config.get("group") or group.name})
pulumi.export("galleryId", images.gallery.id)
pulumi.export("token", config.require_secret("token"))
"""

PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy


def no_forbidden_tag(args, report):
    if args.resource_type != "azure-native:compute:Gallery":
        args.not_applicable()
    if "forbidden" in (args.props.get("tags") or {}):
        report("tag 'forbidden' is set")


PolicyPack(
    "test-pack",
    [
        ResourceValidationPolicy(
            name="no-forbidden-tag",
            description="A gallery has no forbidden tag.",
            enforcement_level=EnforcementLevel.MANDATORY,
            validate=no_forbidden_tag,
        )
    ],
)
"""


@dataclass
class Project:
    """A project on disk, and an engine for it that remembers the events of its last run."""

    workspace: Workspace
    command: Path
    events: list[dict] = field(default_factory=list)

    def with_config(self, **values: str) -> Project:
        """Return the same project and state with other configuration values."""
        config = dict(self.workspace.config)
        config.update({f"imagefleet:{key}": value for key, value in values.items()})
        return Project(replace(self.workspace, config=config), self.command)

    @property
    def engine(self) -> PulumiEngine:
        return PulumiEngine(self.workspace, self.command)

    def run(self, operation: str) -> bool:
        self.events.clear()
        return getattr(self.engine, operation)(self.events.append)

    def ops(self) -> dict[str, str]:
        """Return the operation of the last run by logical name, providers left out."""
        steps = [e["resourcePreEvent"]["metadata"] for e in self.events if "resourcePreEvent" in e]
        return {
            f"{step['type']}::{step['urn'].rsplit('::', 1)[1]}": step["op"]
            for step in steps
            if not step["type"].startswith("pulumi:providers:")
        }

    def errors(self) -> list[str]:
        found = [event.get("diagnosticEvent") or {} for event in self.events]
        return [one["message"].strip() for one in found if one.get("severity") == "error"]

    def resources(self) -> list[str]:
        deployment = self.engine.export()["deployment"]
        return [resource["urn"].rsplit("::", 1)[1] for resource in deployment.get("resources", ())]


def make_project(folder: Path, command: Path) -> Project:
    """Write the program and its pack; the project has no virtual environment of its own."""
    source = folder / "a project"
    (source / "policy").mkdir(parents=True)
    options = {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
    (source / "Pulumi.yaml").write_text(json.dumps({"name": "imagefleet", "runtime": options}))
    (source / "Pulumi.dev.yaml").write_text("config:\n  imagefleet:token:\n    secure: v1:abc\n")
    (source / "__main__.py").write_text(PROGRAM)
    options["options"]["virtualenv"] = "../.venv"
    (source / "policy" / "PulumiPolicy.yaml").write_text(
        f"runtime: {json.dumps(options)}\nversion: 0.4.2\n"
    )
    (source / "policy" / "__main__.py").write_text(PACK)
    state = folder / "state"
    state.mkdir()
    config = {
        "azure-native:subscriptionId": SUBSCRIPTION,
        "azure-native:location": "westeurope",
        "imagefleet:token": "hush-hush",
    }
    workspace = Workspace(
        project="imagefleet",
        stack="dev",
        project_dir=source,
        policy_pack=source / "policy",
        state_dir=state,
        config=config,
        secret_keys=frozenset({"imagefleet:token"}),
    )
    return Project(workspace, command)


@pytest.fixture(scope="session")
def command() -> Path:
    """Return the Pulumi command; tests marked `engine` are skipped where there is none."""
    found = find_pulumi()
    if not isinstance(found, PulumiCommand):
        pytest.skip(found.text)
    return found.path


@pytest.fixture(scope="module")
def project(tmp_path_factory, command) -> Project:
    """Return a project whose state the tests of one module share."""
    return make_project(tmp_path_factory.mktemp("engine"), command)


@pytest.fixture
def make(tmp_path, command):
    """Return a maker of projects with a state of their own."""
    return lambda: make_project(tmp_path, command)
