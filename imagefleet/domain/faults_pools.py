"""Faults of pools: references, ids, sizes, and what they must agree with."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from imagefleet.domain import (
    arm_ids,
    naming,
    node_agents,
    own_ids,
    pools,
    replication,
    versions,
    vm_sizes,
)
from imagefleet.domain.fault import Fault, duplicates, id_faults, named, own_id_faults, unknown
from imagefleet.domain.faults_nodes import node_faults
from imagefleet.domain.faults_scale import scale_faults
from imagefleet.domain.regions import normalise

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from datetime import date

    from imagefleet.domain.fault import Path
    from imagefleet.domain.fleet import Fleet, Image, Pool


def faults(fleet: Fleet, on: date) -> Iterator[Fault]:
    """Faults of all pools; support that ended by `on` is over."""
    for key, pool in sorted(fleet.pools.items()):
        path = ("pools", key)
        yield from named(path, key, naming.key_fault(key))
        yield from _reference_faults(fleet, path, pool)
        yield from _id_faults(path, key, pool)
        yield from scale_faults(path, pool, fleet.accounts.get(pool.account))
        yield from _size_faults(path, pool, fleet.images.get(pool.image))
        yield from _agent_faults(path, pool, fleet.images.get(pool.image), on)
        yield from _network_faults(fleet, path, pool)
        yield from node_faults(path, pool, fleet.accounts.get(pool.account))
    yield from duplicates(_azure_ids(fleet), "is the pool id of a pool in the same account")
    yield from _replica_faults(fleet)


def _reference_faults(fleet: Fleet, path: Path, pool: Pool) -> Iterator[Fault]:
    if pool.account not in fleet.accounts:
        yield unknown((*path, "account"), pool.account, "account", fleet.accounts)
    image = fleet.images.get(pool.image)
    if image is None:
        yield unknown((*path, "image"), pool.image, "image", fleet.images)
    if not pool.versions:
        message = "must list at least one version of the image"
        yield Fault(path=(*path, "versions"), value=None, message=message)
    for index, version in enumerate(pool.versions):
        at = (*path, "versions", index)
        if versions.fault(version) is not None:
            yield from named(at, version, versions.fault(version))
        elif image is not None and version not in image.versions:
            yield unknown(at, version, f"version of image {pool.image}", image.versions)
    listed = (
        ((*path, "versions", index), version, version)
        for index, version in enumerate(pool.versions)
    )
    yield from duplicates(listed, "is listed twice")


def _id_faults(path: Path, key: str, pool: Pool) -> Iterator[Fault]:
    if pool.id is not None:
        yield from named((*path, "id"), pool.id, naming.pool_id_fault(pool.id))
        if len(pool.versions) > 1:
            message = (
                "is fixed, and two versions would be two pools of one id: list one version, or "
                "take id out so that each pool is stamped with its version"
            )
            yield Fault(path=(*path, "id"), value=pool.id, message=message)
        return
    for version in pool.versions:
        stamped = naming.pool_id(key, version, None)
        too_long = len(stamped) > naming.POOL_ID_MAXIMUM
        if too_long and naming.key_fault(key) is None and versions.fault(version) is None:
            message = (
                f"is too long: the pool id {stamped} may have at most {naming.POOL_ID_MAXIMUM} "
                "characters"
            )
            yield Fault(path=path, value=key, message=message)
            return


def _azure_ids(fleet: Fleet) -> Iterator[tuple[Path, str, Hashable]]:
    """Each pool in Azure with what it must not share: its account and its id, without case."""
    for key, pool in sorted(fleet.pools.items()):
        account = fleet.accounts.get(pool.account)
        if account is None:
            continue
        text = own_ids.account(fleet, account)
        place: Hashable = arm_ids.try_parse(text) or text
        for index, version in enumerate(dict.fromkeys(pool.versions)):
            fixed = pool.id is not None
            path: Path = ("pools", key, "id") if fixed else ("pools", key, "versions", index)
            value = naming.pool_id(key, version, pool.id)
            yield path, value, (place, value.lower())
            if fixed:
                break


def _size_faults(path: Path, pool: Pool, image: Image | None) -> Iterator[Fault]:
    at = (*path, "vmSize")
    yield from named(at, pool.vm_size, vm_sizes.fault(pool.vm_size))
    size = vm_sizes.look_up(pool.vm_size)
    slots = pools.task_slots_maximum(size.vcpus)
    if not 1 <= pool.tasks_per_node <= slots:
        cores = "" if size.vcpus is None else f" on {pool.vm_size} with {size.vcpus} vCPUs"
        message = (
            f"must be 1 to {slots}{cores}: at most {pools.SLOTS_PER_VCPU} for each vCPU, and "
            f"{pools.SLOTS_MAXIMUM}"
        )
        yield Fault(path=(*path, "tasksPerNode"), value=pool.tasks_per_node, message=message)
    if image is None:
        return
    if size.architecture is not None and size.architecture != image.architecture:
        message = (
            f"has {size.architecture} processors, and image {pool.image} is {image.architecture}"
        )
        yield Fault(path=at, value=pool.vm_size, message=message)
    if size.generations is not None and image.generation not in size.generations:
        boots = " and ".join(sorted(size.generations))
        message = (
            f"boots generation {boots} only, and image {pool.image} is {image.generation}; choose "
            "another size, or make the image anew: its generation cannot change"
        )
        yield Fault(path=at, value=pool.vm_size, message=message)


def _agent_faults(path: Path, pool: Pool, image: Image | None, on: date) -> Iterator[Fault]:
    at = (*path, "nodeAgent")
    entry = node_agents.base_image(image.base_image) if image is not None else None
    if pool.node_agent is None:
        if image is not None and entry is None:
            message = (
                f"is missing: the base of image {pool.image} is not in the catalogue of "
                f"{node_agents.AS_OF}, so state the node agent SKU that fits it; az batch pool "
                "supported-images list prints them"
            )
            yield Fault(path=at, value=None, message=message)
        return
    malformed = node_agents.form_fault(pool.node_agent)
    if malformed is not None:
        yield Fault(path=at, value=pool.node_agent, message=malformed)
        return
    stated = node_agents.normalise(pool.node_agent)
    known = node_agents.agent(stated)
    if known is not None and known.ended(on):
        message = (
            f"is no longer supported since {known.ends} ({known.source}); in support: "
            f"{', '.join(node_agents.skus(on))}"
        )
        yield Fault(path=at, value=pool.node_agent, message=message)
    if image is None:
        return
    family = node_agents.os_type(stated)
    if family != image.os_type:
        message = f"is for {family}, and image {pool.image} is {image.os_type} (D66)"
        yield Fault(path=at, value=pool.node_agent, message=message)
    elif entry is not None and entry.agent != stated:
        message = (
            f"does not fit the base of image {pool.image}, which needs '{entry.agent}', or nodes "
            "do not start (D69); take nodeAgent out"
        )
        yield Fault(path=at, value=pool.node_agent, message=message)


def _network_faults(fleet: Fleet, path: Path, pool: Pool) -> Iterator[Fault]:
    at = (*path, "subnetId")
    for index, identity in enumerate(pool.identities):
        where = (*path, "identities", index)
        yield from id_faults(where, identity, arm_ids.USER_ASSIGNED_IDENTITY)
    if pool.subnet_id is None:
        if not pool.public_ip:
            message = "is missing: nodes without public IP addresses need a subnet"
            yield Fault(path=at, value=None, message=message)
        return
    why = ", and in the account's region"
    yield from own_id_faults(at, pool.subnet_id, arm_ids.SUBNET, fleet, why)


def _replica_faults(fleet: Fleet) -> Iterator[Fault]:
    """Regions in which the pools of one version need more replicas than the service allows.

    All nodes count together here: many small pools, whose floors add up to more, can share what
    there may be, and a note says so.
    """
    needs: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for pool in fleet.pools.values():
        account = fleet.accounts.get(pool.account)
        image = fleet.images.get(pool.image)
        for version in dict.fromkeys(pool.versions):
            if account is not None and image is not None and version in image.versions:
                place = (pool.image, version, normalise(account.location))
                needs[place].append(max(0, pools.nodes(pool.scale)))
    most = replication.capacity(replication.MAXIMUM)
    for (image_key, version, region), counts in sorted(needs.items()):
        total = sum(counts)
        if total > most:
            message = (
                f"needs {replication.required(total)} replicas in {region} for {total} nodes, and "
                f"the service allows {replication.MAXIMUM}, enough for {most}; spread the pools "
                "over regions or versions"
            )
            path = ("images", image_key, "versions", version)
            yield Fault(path=path, value=total, message=message)
