"""What a stack has to say about an error: its own values, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from types import MappingProxyType
from typing import Final

from imagefleet.domain import arm_ids, node_agents, vm_sizes
from imagefleet.domain.cloud_errors.model import KnownError, Topic
from imagefleet.domain.fault import without_query
from imagefleet.domain.fleet import (
    AllocationMode,
    AutoScale,
    ImageVersionSource,
    ManagedImageSource,
    SnapshotSource,
    Source,
    VhdSource,
    VirtualMachineSource,
)
from imagefleet.domain.fleet_plan import AccountPlan, FleetPlan, ImageVersionPlan, PoolPlan

MOST_SHOWN: Final = 6
"""Lines a topic may take; the rest is counted."""


def stack_values(error: KnownError, plan: FleetPlan, text: str = "") -> tuple[str, ...]:
    """The values of a stack that bear on an error, of the pools that `text` names if it does."""
    focus = _Focus(plan, text)
    lines: list[str] = []
    for topic in error.topics:
        found = list(dict.fromkeys(_WORDS[topic](focus)))
        lines += found[:MOST_SHOWN]
        if len(found) > MOST_SHOWN:
            lines.append(f"and {len(found) - MOST_SHOWN} more like it")
    return tuple(lines)


class _Focus:
    """A plan seen from the pools that a text is about; from all of them where it names none."""

    def __init__(self, plan: FleetPlan, text: str) -> None:
        self.plan = plan
        words = {word.lower() for word in re.findall(r"[\w.-]+", text)}
        spoken_of = [
            pool
            for pool in plan.pools
            if not words.isdisjoint({pool.pool_id.value.lower(), f"imagefleet-{pool.key}".lower()})
        ]
        self.pools = tuple(spoken_of) or plan.pools
        keys = {pool.image_version_key for pool in self.pools}
        versions = tuple(version for version in plan.image_versions if version.key in keys)
        self.versions = versions if spoken_of else plan.image_versions

    def account(self, pool: PoolPlan) -> AccountPlan:
        return next(each for each in self.plan.accounts if each.key == pool.account_key)

    def version(self, pool: PoolPlan) -> ImageVersionPlan:
        return next(each for each in self.plan.image_versions if each.key == pool.image_version_key)

    def accounts(self) -> Iterable[AccountPlan]:
        return {pool.account_key: self.account(pool) for pool in self.pools}.values()


def _access(focus: _Focus) -> Iterator[str]:
    for grant in focus.plan.grants:
        roles = " and ".join(role.role_name for role in grant.roles)
        yield (
            f"access.{grant.key}: {grant.principal_type} {grant.principal_id} gets {roles} at "
            f"{arm_ids.parse(grant.scope).name}"
        )
    if not focus.plan.grants:
        yield "access: this stack grants nobody anything"


def _authentication(focus: _Focus) -> Iterator[str]:
    for account in focus.accounts():
        modes = ", ".join(account.authentication_modes.value)
        made = "exists already; it should take" if account.existing else "is made to take"
        yield f"accounts.{account.key} ({account.name}) {made} {modes} only"


def _cores(focus: _Focus) -> Iterator[str]:
    for account in focus.accounts():
        pools = [pool for pool in focus.plan.pools if pool.account_key == account.key]
        nodes = sum(pool.nodes.value for pool in pools)
        sizes = {pool.key: vm_sizes.look_up(pool.settings.vm_size).vcpus for pool in pools}
        unknown = sorted({pool.settings.vm_size for pool in pools if sizes[pool.key] is None})
        cores = sum(pool.nodes.value * (sizes[pool.key] or 0) for pool in pools)
        own = account.settings.allocation_mode == AllocationMode.USER_SUBSCRIPTION
        whose = "the subscription's own quota" if own else "the account's quota"
        rest = f", without {', '.join(unknown)}, whose vCPUs are not known" if unknown else ""
        yield (
            f"accounts.{account.key} ({account.name}) needs {cores} cores for {nodes} nodes, "
            f"counted against {whose}{rest}"
        )


def _gallery(focus: _Focus) -> Iterator[str]:
    gallery = focus.plan.gallery
    made = "exists already" if gallery.existing else "is this stack's own"
    yield f"gallery {gallery.name} in group {gallery.resource_group} {made}"


def _lineage(focus: _Focus) -> Iterator[str]:
    used = {version.image_key for version in focus.versions}
    for definition in focus.plan.definitions:
        if definition.key not in used:
            continue
        image, named = definition.image, definition.image.identifier
        security = definition.security_type.value if definition.security_type else "not written"
        yield (
            f"images.{definition.key}: {image.os_type}, generation {image.generation}, security "
            f"type {security}, identifier {named.publisher}/{named.offer}/{named.sku}"
        )


def _node_agents(focus: _Focus) -> Iterator[str]:
    for pool in focus.pools:
        image = next(
            each.image
            for each in focus.plan.definitions
            if each.key == focus.version(pool).image_key
        )
        base = image.base_image
        support = node_agents.support(base, pool.node_agent_sku.value)
        ends = f", supported until {support.ends}" if support.ends else ""
        yield (
            f"pools.{pool.pool_key}: {pool.node_agent_sku.value} for an image from "
            f"{base.publisher}/{base.offer}/{base.sku}{ends}"
        )


def _place(focus: _Focus) -> Iterator[str]:
    homes = sorted({version.location for version in focus.versions})
    yield f"home region of the image versions: {', '.join(homes)}"


def _replicas(focus: _Focus) -> Iterator[str]:
    for version in focus.versions:
        regions = ", ".join(f"{each.name} ({each.replicas.value})" for each in version.regions)
        kept = "exists, and must have" if version.existing else "has"
        yield f"{version.key} {kept} replicas in {regions}"
    for pool in focus.pools:
        yield f"pools.{pool.pool_key} ({pool.pool_id.value}) runs in {focus.account(pool).location}"


def _scale(focus: _Focus) -> Iterator[str]:
    for pool in focus.pools:
        region = focus.account(pool).location
        target = next(each for each in focus.version(pool).regions if each.name == region)
        if isinstance(pool.settings.scale, AutoScale) or pool.resize_timeout is None:
            nodes = f"at most {pool.nodes.value} nodes by autoscale"
        else:
            nodes = f"{pool.nodes.value} nodes, resize timeout {pool.resize_timeout.value}"
        yield (
            f"pools.{pool.pool_key} ({pool.pool_id.value}): {nodes}, {target.replicas.value} "
            f"replicas in {region} ({target.floor} at the least)"
        )


def _sizes(focus: _Focus) -> Iterator[str]:
    for pool in focus.pools:
        image = next(
            each.image
            for each in focus.plan.definitions
            if each.key == focus.version(pool).image_key
        )
        boots = vm_sizes.look_up(pool.settings.vm_size).generations
        known = f"boots {' and '.join(sorted(boots))}" if boots else "of unknown generations"
        yield (
            f"pools.{pool.pool_key}: {pool.settings.vm_size} ({known}), image of generation "
            f"{image.generation}"
        )


def _sources(focus: _Focus) -> Iterator[str]:
    for version in focus.versions:
        where = f"images.{version.image_key}.versions.{version.version}"
        source = _source_words(version.settings.source)
        made = f"is made from {source}" if source else "exists, made elsewhere"
        yield f"{where} in {version.location} {made}"


def _source_words(source: Source | None) -> str:
    match source:
        case SnapshotSource(os_disk=disk, data_disks=data):
            rest = f" and {len(data)} data disks" if data else ""
            return f"snapshots of {_short(disk)}{rest}"
        case VirtualMachineSource(virtual_machine=machine):
            return _short(machine)
        case VhdSource(uri=uri):
            return f"the VHD {without_query(uri).rsplit('/', 1)[-1]}"
        case ManagedImageSource(managed_image=image):
            return _short(image)
        case ImageVersionSource(image_version=version):
            return _short(version)
        case None:
            return ""


def _short(resource_id: str) -> str:
    """An ARM id in few words: its last type and name, and its group."""
    parsed = arm_ids.parse(resource_id)
    kind = parsed.resource_type.rpartition("/")[2]
    return f"{kind}/{parsed.name} in group {parsed.resource_group or 'unknown'}"


def _subscriptions(focus: _Focus) -> Iterator[str]:
    accounts = {
        arm_ids.parse(account.id).subscription_id or "unknown" for account in focus.plan.accounts
    }
    gallery = focus.plan.gallery.subscription_id
    yield f"the gallery is in subscription {gallery}, accounts are in {', '.join(sorted(accounts))}"


_WORDS: Final = MappingProxyType[Topic, Callable[[_Focus], Iterator[str]]](
    {
        Topic.ACCESS: _access,
        Topic.AUTHENTICATION: _authentication,
        Topic.CORES: _cores,
        Topic.GALLERY: _gallery,
        Topic.LINEAGE: _lineage,
        Topic.NODE_AGENTS: _node_agents,
        Topic.PLACE: _place,
        Topic.REPLICAS: _replicas,
        Topic.SCALE: _scale,
        Topic.SIZES: _sizes,
        Topic.SOURCES: _sources,
        Topic.SUBSCRIPTIONS: _subscriptions,
    }
)
