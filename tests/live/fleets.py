"""A fleet of the tests' own, and the same fleet as it stands on the simulated Azure."""

from __future__ import annotations

from dataclasses import replace

from imagefleet.domain import fleet as f
from imagefleet.domain.plan import plan
from tests.live.conftest import SUBSCRIPTION
from tests.simulate.conftest import Client

SUB = f"/subscriptions/{SUBSCRIPTION}"
BUILDERS = f"{SUB}/resourceGroups/builders/providers/Microsoft.Compute"
IMAGE = f"{BUILDERS}/images/base"
MACHINE = f"{BUILDERS}/virtualMachines/builder"
DISK = f"{BUILDERS}/disks/os"
PRINCIPAL = "22222222-2222-2222-2222-222222222222"
UBUNTU = f.ImageIdentifier(publisher="canonical", offer="ubuntu-24_04-lts", sku="server")


def pool(**changes):
    said = {
        "account": "main",
        "image": "ubuntu",
        "versions": ("1.0.0",),
        "vm_size": "Standard_D2s_v3",
        "scale": f.FixedScale(dedicated=4),
    }
    return f.Pool(**{**said, **changes})


def image(**changes):
    said = {
        "os_type": f.OsType.LINUX,
        "generation": f.Generation.V2,
        "identifier": f.ImageIdentifier(publisher="studio", offer="ubuntu", sku="render"),
        "base_image": UBUNTU,
        "versions": {"1.0.0": version()},
    }
    return f.Image(**{**said, **changes})


def version(**changes):
    return f.ImageVersion(**{"source": f.ManagedImageSource(managed_image=IMAGE), **changes})


def fleet(**changes):
    """A fleet with one image, one account and one pool of four nodes, unless told otherwise."""
    said = {
        "subscription_id": SUBSCRIPTION,
        "location": "westeurope",
        "resource_group": f.ResourceGroup(name="fleet"),
        "gallery": f.Gallery(name="fleet"),
        "images": {"ubuntu": image()},
        "accounts": {"main": f.Account(name="fleetbatch", location="westeurope")},
        "pools": {"work": pool()},
    }
    return f.Fleet(**{**said, **changes})


def large(pools=200, versions=50, nodes=4):
    """A fleet of many pools over many versions of one image."""
    numbers = [f"1.{number}.0" for number in range(versions)]
    return fleet(
        images={"ubuntu": image(versions={number: version() for number in numbers})},
        pools={
            f"p{number:03}": pool(
                versions=(numbers[number % versions],), scale=f.FixedScale(dedicated=nodes)
            )
            for number in range(pools)
        },
    )


class Azure:
    """The doors with a fleet in them; every part of it can be made otherwise than planned."""

    def __init__(self, doors):
        self.client = Client(doors)
        self.doors = doors

    def put(self, resource_id, body):
        status, answer, _ = self.client.call("PUT", resource_id, body)
        assert status in (200, 201, 202), answer
        return answer

    def bring_up(self, plan, *, pools=True, definition=None, version=None, account=None):
        """Make what a plan says; the mappings change the properties of each of their kind."""
        self.put(plan.resource_group.id, {"location": plan.resource_group.location})
        self.put(plan.gallery.id, {"location": plan.gallery.location, "properties": {}})
        for each in plan.definitions:
            self.put(each.id, self._definition(each, plan, definition or {}))
        for each in plan.image_versions:
            self.put(each.id, self._version(each, version or {}))
        for each in plan.accounts:
            properties = {"allowedAuthenticationModes": ["AAD"], **(account or {})}
            self.put(each.id, {"location": each.location, "properties": properties})
        # replication ends before anybody makes a pool from it
        self.doors.advance(120)
        for each in plan.pools if pools else ():
            self.make_pool(each)

    def make_pool(self, each, **changes):
        self.put(each.id, {"properties": {**self._pool(each), **changes}})

    @staticmethod
    def _definition(each, plan, changes):
        said = each.image
        properties = {
            "osType": said.os_type.value,
            "osState": "Generalized",
            "hyperVGeneration": said.generation.value,
            "architecture": said.architecture.value,
            "identifier": {
                "publisher": said.identifier.publisher,
                "offer": said.identifier.offer,
                "sku": said.identifier.sku,
            },
            "features": [{"name": "SecurityType", "value": "Standard"}],
        }
        return {"location": plan.gallery.location, "properties": {**properties, **changes}}

    @staticmethod
    def _version(each, changes):
        regions = [
            {"name": target.name, "regionalReplicaCount": target.replicas.value}
            for target in each.regions
        ]
        properties = {
            "storageProfile": {"source": {"id": each.source_id or IMAGE}},
            "publishingProfile": {"targetRegions": regions},
        }
        return {"location": each.location, "properties": {**properties, **changes}}

    @staticmethod
    def _pool(each):
        scale = each.settings.scale
        fixed = {
            "targetDedicatedNodes": scale.dedicated,
            "targetLowPriorityNodes": scale.low_priority,
            "resizeTimeout": each.resize_timeout.value,
        }
        machine = {
            "imageReference": {"id": each.image_version_id},
            "nodeAgentSkuId": each.node_agent_sku.value,
        }
        return {
            "vmSize": each.settings.vm_size,
            "deploymentConfiguration": {"virtualMachineConfiguration": machine},
            "scaleSettings": {"fixedScale": fixed},
        }


__all__ = ["PRINCIPAL", "Azure", "fleet", "image", "large", "plan", "pool", "replace", "version"]
