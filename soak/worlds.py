"""Small fleets for the campaigns, as values that a program reads, and how one becomes another."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

from imagefleet.offline.engine import Workspace

World = dict[str, Any]

PROJECT = "soak"
STACK = "campaign"
SUBSCRIPTION = "00000000-0000-4000-8000-0000000050ac"
_PROVIDER = {
    "azure-native:subscriptionId": SUBSCRIPTION,
    "azure-native:location": "westeurope",
}
REGIONS = ("northeurope", "francecentral")

PROGRAM = """
import pulumi
from pulumi import ResourceOptions as Options
from pulumi_azure_native import authorization, batch, compute, managedidentity, resources

world = pulumi.Config().require_object("world")
place = "westeurope"
disk = (
    "/subscriptions/{subscription}/resourceGroups/elsewhere/providers/Microsoft.Compute/disks/os"
)
principal = "22222222-2222-4222-8222-222222222222"
reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7"

group = resources.ResourceGroup("group", resource_group_name="fleet", tags=world["tags"])
inside = {{"resource_group_name": group.name}}
managedidentity.UserAssignedIdentity("nodes", resource_name_="nodes", tags=world["tags"], **inside)
gallery = compute.Gallery(
    "gallery", gallery_name=world["gallery"], description=world["description"], **inside
)
definition = compute.GalleryImage(
    "ubuntu",
    gallery_name=gallery.name,
    gallery_image_name="ubuntu",
    os_type="Linux",
    os_state="Generalized",
    hyper_v_generation="V2",
    identifier={{"publisher": "soak", "offer": "ubuntu", "sku": "24"}},
    **inside,
)
if world["grant"]:
    authorization.RoleAssignment(
        "grant",
        scope=gallery.id,
        role_assignment_name="33333333-3333-4333-8333-333333333333",
        principal_id=principal,
        principal_type="ServicePrincipal",
        role_definition_id=f"/providers/Microsoft.Authorization/roleDefinitions/{{reader}}",
    )
versions = {{}}
for number, regions in world["versions"].items():
    snapshot = compute.Snapshot(
        f"os-{{number}}",
        snapshot_name="os-" + number.replace(".", "-"),
        creation_data={{"create_option": "Copy", "source_resource_id": disk}},
        **inside,
    )
    versions[number] = compute.GalleryImageVersion(
        f"ubuntu-{{number}}",
        gallery_name=gallery.name,
        gallery_image_name=definition.name,
        gallery_image_version_name=number,
        storage_profile={{"os_disk_image": {{"source": {{"id": snapshot.id}}}}}},
        publishing_profile={{
            "target_regions": [
                {{"name": name, "regional_replica_count": count}}
                for name, count in {{place: 2, **regions}}.items()
            ]
        }},
        **inside,
    )
account = batch.BatchAccount(
    "account", account_name="soakaccount", allowed_authentication_modes=["AAD"], **inside
)
for name, pool in world["pools"].items():
    batch.Pool(
        name,
        account_name=account.name,
        pool_name=name,
        vm_size="Standard_D2_v3",
        deployment_configuration={{
            "virtual_machine_configuration": {{
                "image_reference": {{"id": versions[pool["version"]].id}},
                "node_agent_sku_id": "batch.node.ubuntu 24.04",
            }}
        }},
        scale_settings={{"fixed_scale": {{"target_dedicated_nodes": pool["nodes"]}}}},
        opts=Options(replace_on_changes=["deploymentConfiguration"], delete_before_replace=True),
        **inside,
    )
"""


def make_project(folder: Path) -> Path:
    """Write the program of the campaigns into `folder` and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n", encoding="utf-8")
    text = PROGRAM.format(subscription=SUBSCRIPTION)
    (folder / "__main__.py").write_text(text, encoding="utf-8")
    return folder


def write_stack_file(project: Path, world: World) -> None:
    """Write the stack file of a world, for commands that read one."""
    config = {**_PROVIDER, f"{PROJECT}:world": world}
    text = json.dumps({"config": config})
    (project / f"Pulumi.{STACK}.yaml").write_text(text, encoding="utf-8")


def workspace(project: Path, state: Path, world: World) -> Workspace:
    """Return the workspace in which the program makes `world`."""
    state.mkdir(parents=True, exist_ok=True)
    return Workspace(
        project=PROJECT,
        stack=STACK,
        project_dir=project,
        policy_pack=None,
        state_dir=state,
        config={**_PROVIDER, f"{PROJECT}:world": json.dumps(world)},
    )


def smallest() -> World:
    """Return a fleet of one version and one pool."""
    return {
        "gallery": "images",
        "description": "first",
        "tags": {"round": "0"},
        "grant": True,
        "versions": {"1.0.0": {"northeurope": 1}},
        "pools": {"render": {"version": "1.0.0", "nodes": 2}},
    }


def first(rng: random.Random) -> World:
    """Return a fleet to begin a campaign with."""
    world = smallest()
    for _ in range(rng.randint(0, 3)):
        world = changed(world, rng)
    return world


def changed(world: World, rng: random.Random) -> World:
    """Return the fleet after one change that a person might make."""
    new: World = copy.deepcopy(world)
    change = rng.choice(
        (_describe, _rename, _replicate, _release, _release, _scale, _add, _drop, _grant)
    )
    change(new, rng)
    return new


def _describe(world: World, rng: random.Random) -> None:
    world["description"] = f"text {rng.randint(0, 9999)}"
    world["tags"] = {"round": str(rng.randint(0, 9999))}


def _rename(world: World, rng: random.Random) -> None:
    world["gallery"] = f"images{rng.randint(0, 99)}"


def _replicate(world: World, rng: random.Random) -> None:
    number = rng.choice(sorted(world["versions"]))
    world["versions"][number] = {rng.choice(REGIONS): rng.randint(1, 4)}


def _release(world: World, rng: random.Random) -> None:
    number = f"1.{rng.randint(1, 9)}.0"
    world["versions"][number] = {}
    world["pools"][rng.choice(sorted(world["pools"]))]["version"] = number


def _scale(world: World, rng: random.Random) -> None:
    world["pools"][rng.choice(sorted(world["pools"]))]["nodes"] = rng.randint(0, 9)


def _add(world: World, rng: random.Random) -> None:
    number = rng.choice(sorted(world["versions"]))
    world["pools"][f"pool{rng.randint(0, 99)}"] = {"version": number, "nodes": rng.randint(0, 5)}


def _drop(world: World, rng: random.Random) -> None:
    if len(world["pools"]) > 1:
        del world["pools"][rng.choice(sorted(world["pools"]))]


def _grant(world: World, _rng: random.Random) -> None:
    world["grant"] = not world["grant"]
