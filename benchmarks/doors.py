"""What a fleet costs over HTTPS with Microsoft's own clients: their time, and the doors'."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azure.batch import BatchClient
from azure.mgmt.batch import BatchManagementClient
from azure.mgmt.batch import models as batch
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute import models as compute
from azure.mgmt.resource.resources import ResourceManagementClient

from benchmarks.fleets import ROOT, SUBSCRIPTION, fleet_value
from imagefleet.domain.plan import plan
from imagefleet.settings import ProviderContext, parse
from imagefleet.simulate.tokens import LocalCredential

if TYPE_CHECKING:
    from imagefleet.domain.fleet_plan import FleetPlan, ImageVersionPlan, ManagedImagePlan, PoolPlan

POOLS, IMAGE_VERSIONS = 1000, 100
# The doors' part of the processor time of both processes: below it the client's own dominates.
LARGEST_SHARE = 0.5


def doors(folder: Path, say: Callable[[str], None], verdict: Callable[..., bool]) -> bool:
    """Print rates and shares of a fleet put over HTTPS; False where the doors cost more."""
    command = [sys.executable, "-m", "benchmarks.doors", str(folder)]
    answer = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    phases = [json.loads(line) for line in answer.stdout.splitlines()]
    say(f"\nHTTPS doors, azure-mgmt-*: {POOLS} pools, {IMAGE_VERSIONS} image versions")
    say(f"{'phase':>16} {'count':>7} {'a second':>9} {'client s':>9} {'doors s':>9} {'share':>7}")
    for each in phases:
        share = each["client"] / (each["client"] + each["doors"])
        say(
            f"{each['phase']:>16} {each['count']:>7} {each['count'] / each['seconds']:>9.0f} "
            f"{each['client']:>9.2f} {each['doors']:>9.2f} {share:>7.0%}"
        )
    client, ours = (sum(each[side] for each in phases) for side in ("client", "doors"))
    say(f"  the client's own share of all processor time: {client / (client + ours):.0%}")
    return verdict("the doors' share of processor time", ours / (client + ours), LARGEST_SHARE)


class _Fleet:
    """The planned fleet, and clients that put it through the doors of another process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._about = json.loads(self._line())
        context = ProviderContext(subscription_id=SUBSCRIPTION, location="westeurope")
        value = fleet_value(POOLS, IMAGE_VERSIONS)
        self._plan: FleetPlan = plan(parse(value, provider=context))
        self._group = self._plan.resource_group.name
        self._gallery = self._plan.gallery.name
        self._image = self._plan.definitions[0].name
        self._account = str(self._plan.accounts[0].name)
        common: dict[str, Any] = {
            "base_url": self._about["armUrl"],
            "credential_scopes": [self._about["armScope"]],
            "connection_verify": self._about["caFile"],
        }
        credential: Any = LocalCredential(self._about["tenantId"])
        self._credential = credential
        self._groups = ResourceManagementClient(credential, SUBSCRIPTION, **common)
        self._compute = ComputeManagementClient(credential, SUBSCRIPTION, **common)
        self._batch = BatchManagementClient(credential, SUBSCRIPTION, **common)

    def phases(self) -> Iterator[dict[str, Any]]:
        """Put the fleet and read it; yield seconds and processor seconds of each phase."""
        versions, pools = self._plan.image_versions, self._plan.pools
        yield self._timed("parents", 4, self._put_parents)
        yield self._timed("snapshots", len(versions), lambda: _all(map(self._snapshot, versions)))
        yield self._timed("images", len(versions), lambda: _all(map(self._managed_image, versions)))
        yield self._timed("versions", len(versions), lambda: _all(map(self._version, versions)))
        yield self._timed("pools", len(pools), self._put_pools)
        yield self._timed("pools again", len(pools), self._put_pools)
        yield self._timed("pool reads", len(pools), self._read_pools)
        yield self._timed("pools listed", len(pools), self._list_pools)
        yield self._timed("data plane", len(pools), self._list_with_data_plane)

    def _timed(self, name: str, count: int, work: Callable[[], object]) -> dict[str, Any]:
        theirs, mine, started = self._doors_time(), time.process_time(), time.perf_counter()
        work()
        return {
            "phase": name,
            "count": count,
            "seconds": time.perf_counter() - started,
            "client": time.process_time() - mine,
            "doors": self._doors_time() - theirs,
        }

    def _doors_time(self) -> float:
        if self._process.stdin is not None:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            message = "the process of the doors has ended; its messages are above"
            raise RuntimeError(message)
        return line

    def _put_parents(self) -> None:
        place = self._plan.gallery.location
        self._groups.resource_groups.create_or_update(self._group, {"location": place})
        gallery = compute.Gallery(location=place)
        definition = compute.GalleryImageProperties(
            os_type="Linux",
            os_state="Generalized",
            hyper_v_generation="V1",
            identifier=compute.GalleryImageIdentifier(
                publisher="bench", offer="ubuntu", sku="24_04"
            ),
            features=[compute.GalleryImageFeature(name="SecurityType", value="Standard")],
        )
        image = compute.GalleryImage(location=place, properties=definition)
        galleries, images = self._compute.galleries, self._compute.gallery_images
        galleries.begin_create_or_update(self._group, self._gallery, gallery).result()
        where = (self._group, self._gallery, self._image)
        images.begin_create_or_update(*where, image).result()
        modes = batch.BatchAccountCreateProperties(allowed_authentication_modes=["AAD"])
        account = batch.BatchAccountCreateParameters(
            location=str(self._plan.accounts[0].location), properties=modes
        )
        self._batch.batch_account.begin_create(self._group, self._account, account).result()

    def _snapshot(self, version: ImageVersionPlan) -> Any:
        planned = _managed(version).snapshots[0]
        source = compute.CreationData(create_option="Copy", source_resource_id=planned.source_id)
        properties = compute.SnapshotProperties(creation_data=source)
        snapshot = compute.Snapshot(location=version.location, properties=properties)
        return self._compute.snapshots.begin_create_or_update(self._group, planned.name, snapshot)

    def _managed_image(self, version: ImageVersionPlan) -> Any:
        planned = _managed(version)
        disk = compute.ImageOSDisk(
            os_type="Linux",
            os_state="Generalized",
            caching="ReadWrite",
            snapshot=compute.SubResource(id=planned.os_snapshot_id),
        )
        properties = compute.ImageProperties(
            hyper_v_generation="V1", storage_profile=compute.ImageStorageProfile(os_disk=disk)
        )
        image = compute.Image(location=version.location, properties=properties)
        return self._compute.images.begin_create_or_update(self._group, planned.name, image)

    def _version(self, version: ImageVersionPlan) -> Any:
        regions = [
            compute.TargetRegion(name=each.name, regional_replica_count=each.replicas.value)
            for each in version.regions
        ]
        source = compute.GalleryArtifactVersionFullSource(id=_managed(version).id)
        properties = compute.GalleryImageVersionProperties(
            storage_profile=compute.GalleryImageVersionStorageProfile(source=source),
            publishing_profile=compute.GalleryImageVersionPublishingProfile(target_regions=regions),
        )
        made = compute.GalleryImageVersion(location=version.location, properties=properties)
        where = (self._group, self._gallery, self._image, version.version)
        return self._compute.gallery_image_versions.begin_create_or_update(*where, made)

    def _put_pools(self) -> None:
        for pool in self._plan.pools:
            self._pool(pool)

    def _pool(self, pool: PoolPlan) -> None:
        machine = batch.VirtualMachineConfiguration(
            image_reference=batch.ImageReference(id=pool.image_version_id),
            node_agent_sku_id=pool.node_agent_sku.value,
            os_disk=batch.OSDisk(caching="ReadWrite"),
        )
        nodes = batch.FixedScaleSettings(target_dedicated_nodes=pool.nodes.value)
        properties = batch.PoolProperties(
            vm_size=pool.settings.vm_size,
            deployment_configuration=batch.DeploymentConfiguration(
                virtual_machine_configuration=machine
            ),
            scale_settings=batch.ScaleSettings(fixed_scale=nodes),
        )
        where = (self._group, self._account, pool.pool_id.value)
        self._batch.pool.create(*where, batch.Pool(properties=properties))

    def _read_pools(self) -> None:
        for pool in self._plan.pools:
            self._batch.pool.get(self._group, self._account, pool.pool_id.value)

    def _list_pools(self) -> None:
        _require_all(self._batch.pool.list_by_batch_account(self._group, self._account))

    def _list_with_data_plane(self) -> None:
        place = str(self._plan.accounts[0].location)
        endpoint = f"{self._about['armUrl']}/batch/{self._account}.{place}"
        with BatchClient(
            endpoint,
            self._credential,
            credential_scopes=[self._about["batchScope"]],
            connection_verify=self._about["caFile"],
        ) as client:
            _require_all(client.list_pools())


def _managed(version: ImageVersionPlan) -> ManagedImagePlan:
    if version.managed_image is None:
        message = f"the image version {version.key} has no managed image in this fleet"
        raise RuntimeError(message)
    return version.managed_image


def _all(operations: Iterable[Any]) -> None:
    """Begin every operation, then wait for each: they go on side by side."""
    for operation in list(operations):
        operation.result()


def _require_all(listed: Iterable[Any]) -> None:
    found = sum(1 for _ in listed)
    if found != POOLS:
        message = f"{found} of {POOLS} pools are listed"
        raise RuntimeError(message)


def main(folder: Path) -> None:
    """Put the fleet through doors in another process; one line of JSON for each phase."""
    command = [sys.executable, "-m", "benchmarks.doors_process", str(folder / "https")]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
    with contextlib.ExitStack() as stack:
        stack.callback(process.wait)
        if process.stdin is not None:
            stack.callback(process.stdin.close)
        for phase in _Fleet(process).phases():
            sys.stdout.write(json.dumps(phase) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
