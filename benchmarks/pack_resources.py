"""The resources of a planned fleet as an engine shows them to a policy pack.

The same resources as `bare_program` registers, with the dependencies that Pulumi would record;
encoded once, so that the benchmark measures the packs and not its own encoding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.fleets import STACK, SUBSCRIPTION, fleet_value
from imagefleet.domain.plan import plan
from imagefleet.offline.pack.client import AnalyzerResource
from imagefleet.offline.values import UNKNOWN, to_struct
from imagefleet.settings import ProviderContext, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagefleet.domain.fleet_plan import FleetPlan, ImageVersionPlan, PoolPlan

PROJECT = "imagefleet"
# Group, gallery, definition and account, once each.
_SHARED = 4
# Snapshot, managed image and image version.
_PER_VERSION = 3
_POOLS_PER_VERSION = 10


class PackResources:
    """The resources of one fleet, in the order in which an engine shows them.

    `ids_known` is False for a first preview, where what Azure assigns is not known yet.
    """

    def __init__(self, pools: int, image_versions: int, *, ids_known: bool) -> None:
        context = ProviderContext(subscription_id=SUBSCRIPTION, location="westeurope")
        self._fleet: FleetPlan = plan(parse(fleet_value(pools, image_versions), provider=context))
        self._ids_known = ids_known
        self._urns: dict[str, str] = {}
        self.all: list[AnalyzerResource] = []
        self._shared()
        for version in self._fleet.image_versions:
            self._version(version)
        for pool in self._fleet.pools:
            self._pool(pool)

    @classmethod
    def about(cls, resources: int, *, ids_known: bool) -> PackResources:
        """Return a fleet of that many resources or a few less, ten pools for a version."""
        image_versions = (resources - _SHARED) // (_PER_VERSION + _POOLS_PER_VERSION)
        return cls(image_versions * _POOLS_PER_VERSION, image_versions, ids_known=ids_known)

    def _shared(self) -> None:
        fleet, place = self._fleet, {"location": self._fleet.gallery.location}
        self._add("group", "resources:ResourceGroup", place, resourceGroupName="")
        self._add("gallery", "compute:Gallery", place, resourceGroupName="group", galleryName="")
        for each in fleet.definitions:
            self._add(
                each.key,
                "compute:GalleryImage",
                place
                | {
                    "galleryImageName": each.name,
                    "identifier": {"publisher": "bench", "offer": "ubuntu", "sku": "24_04"},
                    "osType": each.image.os_type.value,
                    "osState": "Generalized",
                    "hyperVGeneration": each.image.generation.value,
                    "architecture": each.image.architecture.value,
                    "features": [{"name": "SecurityType", "value": "Standard"}],
                },
                resourceGroupName="group",
                galleryName="gallery",
            )
        for account in fleet.accounts:
            self._add(
                account.key,
                "batch:BatchAccount",
                place | {"accountName": account.name, "allowedAuthenticationModes": ["AAD"]},
                resourceGroupName="group",
            )

    def _version(self, version: ImageVersionPlan) -> None:
        managed = version.managed_image
        if managed is None:
            return
        place = {"location": version.location}
        for each in managed.snapshots:
            creation = {"createOption": "Copy", "sourceResourceId": each.source_id}
            self._add(
                each.key,
                "compute:Snapshot",
                place | {"snapshotName": each.name, "incremental": False, "creationData": creation},
                resourceGroupName="group",
            )
        disk = {
            "osType": managed.os_type.value,
            "osState": "Generalized",
            "caching": managed.caching.value,
            "snapshot": {"id": self._id(managed.os_snapshot_id)},
        }
        self._add(
            f"image {managed.key}",
            "compute:Image",
            place
            | {
                "imageName": managed.name,
                "hyperVGeneration": managed.generation.value,
                "storageProfile": {"osDisk": disk},
            },
            resourceGroupName="group",
            storageProfile=managed.snapshots[0].key,
        )
        regions = [
            {"name": region.name, "regionalReplicaCount": region.replicas.value}
            for region in version.regions
        ]
        self._add(
            version.key,
            "compute:GalleryImageVersion",
            place
            | {
                "galleryImageVersionName": version.version,
                "storageProfile": {"source": {"id": self._id(managed.id)}},
                "publishingProfile": {"targetRegions": regions},
            },
            resourceGroupName="group",
            galleryName="gallery",
            galleryImageName=version.image_key,
            storageProfile=f"image {managed.key}",
        )

    def _pool(self, pool: PoolPlan) -> None:
        machine = {
            "imageReference": {"id": self._id(pool.image_version_id)},
            "nodeAgentSkuId": pool.node_agent_sku.value,
            "osDisk": {"caching": "ReadWrite"},
        }
        resize = pool.resize_timeout.value if pool.resize_timeout else None
        fixed = {"targetDedicatedNodes": pool.nodes.value, "resizeTimeout": resize}
        self._add(
            pool.key,
            "batch:Pool",
            {
                "poolName": pool.pool_id.value,
                "vmSize": pool.settings.vm_size,
                "deploymentConfiguration": {"virtualMachineConfiguration": machine},
                "scaleSettings": {"fixedScale": fixed},
            },
            resourceGroupName="group",
            accountName=pool.account_key,
            deploymentConfiguration=pool.image_version_key,
        )

    def _id(self, arm_id: str | None) -> object:
        return arm_id if self._ids_known else UNKNOWN

    def _add(self, key: str, kind: str, props: Mapping[str, Any], **made_from: str) -> None:
        """Add a resource; `made_from` maps a property to the key of the resource behind it."""
        name, token = key.replace(" ", "-"), f"azure-native:{kind}"
        urn = f"urn:pulumi:{STACK}::{PROJECT}::{token}::{name}"
        named = {
            "resourceGroupName": self._fleet.resource_group.name,
            "galleryName": self._fleet.gallery.name,
            "galleryImageName": self._fleet.definitions[0].name,
            "accountName": self._fleet.accounts[0].name,
        }
        own = {parameter: named[parameter] for parameter in made_from if parameter in named}
        by_property = {
            parameter: [self._urns[source]]
            for parameter, source in made_from.items()
            if source in self._urns
        }
        self._urns[key] = urn
        self.all.append(
            AnalyzerResource(
                urn=urn,
                type=token,
                name=name,
                properties=to_struct({**own, **props}),
                dependencies=sorted({urn for urns in by_property.values() for urn in urns}),
                property_dependencies=by_property,
            )
        )
