"""Plans the Batch accounts and their pools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import arm_ids, durations, naming, node_agents, own_ids, pools, sources
from imagefleet.domain.fleet import AutoScale
from imagefleet.domain.fleet_plan import AccountPlan, Derived, PoolPlan
from imagefleet.domain.regions import normalise
from imagefleet.domain.versions import ordered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagefleet.domain.fleet import Account, FixedScale, Fleet, Pool
    from imagefleet.domain.fleet_plan import ImageVersionPlan


def accounts(fleet: Fleet) -> tuple[AccountPlan, ...]:
    """The Batch accounts, by key."""
    return tuple(_account(fleet, key, account) for key, account in sorted(fleet.accounts.items()))


def pool_plans(
    fleet: Fleet,
    in_accounts: tuple[AccountPlan, ...],
    of_versions: tuple[ImageVersionPlan, ...],
) -> tuple[PoolPlan, ...]:
    """The pools in Azure, by key and then by version: one for each version a pool lists."""
    account_ids = {account.key: account.id for account in in_accounts}
    by_key = {version.key: version for version in of_versions}
    return tuple(
        _pool(fleet, (key, version), account_ids, by_key)
        for key, pool in sorted(fleet.pools.items())
        for version in ordered(pool.versions)
    )


def _account(fleet: Fleet, key: str, account: Account) -> AccountPlan:
    if account.id is not None:
        parsed = arm_ids.parse_as(account.id, arm_ids.BATCH_ACCOUNT)
        name, account_id = parsed.name, str(parsed)
        group = parsed.resource_group or ""
    else:
        name, group = account.name or "", fleet.resource_group.name
        account_id = own_ids.account(fleet, account)
    return AccountPlan(
        key=key,
        name=name,
        id=account_id,
        existing=account.id is not None,
        location=normalise(account.location),
        resource_group=group,
        settings=account,
        authentication_modes=Derived(
            value=("AAD",),
            reason=(
                "Microsoft Entra ID only: shared keys end in an authentication error with gallery "
                "images, and leaving the modes out may allow all of them"
            ),
            sources=("D21", "D22", sources.BATCH_ACCOUNT_API),
        ),
    )


def _pool(
    fleet: Fleet,
    key: tuple[str, str],
    account_ids: Mapping[str, str],
    by_key: Mapping[str, ImageVersionPlan],
) -> PoolPlan:
    pool_key, version = key
    pool = fleet.pools[pool_key]
    image_version = by_key[naming.version_key(pool.image, version)]
    pool_id = _pool_id(pool_key, version, pool)
    return PoolPlan(
        key=naming.pool_key(pool_key, version, pool.id),
        pool_key=pool_key,
        pool_id=pool_id,
        id=arm_ids.batch_pool(account_ids[pool.account], pool_id.value),
        account_key=pool.account,
        image_version_key=image_version.key,
        image_version_id=image_version.id,
        nodes=_nodes(pool),
        node_agent_sku=_node_agent(fleet, pool_key, pool),
        resize_timeout=None if isinstance(pool.scale, AutoScale) else _resize(pool.scale),
        replaced_on_image_change=pool.id is not None,
        settings=pool,
    )


def _pool_id(key: str, version: str, pool: Pool) -> Derived[str]:
    value = naming.pool_id(key, version, pool.id)
    if pool.id is not None:
        reason = (
            "fixed by id in the stack file; a change of image deletes the pool before it is made "
            "again, because two pools cannot have one id"
        )
        return Derived(value=value, reason=reason, sources=(sources.BATCH_POOL_API,))
    reason = (
        f"pool {key} at version {version}; a pool id allows no dots, so they become dashes. A new "
        "version is a new pool beside this one, so running jobs are left alone"
    )
    return Derived(
        value=value,
        reason=reason,
        sources=(sources.BATCH_POOL_API, sources.BATCH_BEST_PRACTICES),
    )


def _nodes(pool: Pool) -> Derived[int]:
    value = pools.nodes(pool.scale)
    if isinstance(pool.scale, AutoScale):
        reason = f"maximumNodes: the most that the autoscale formula may ask for, {value}"
        return Derived(value=value, reason=reason, sources=("D91", sources.BATCH_POOL_API))
    reason = (
        f"{pool.scale.dedicated} dedicated and {pool.scale.low_priority} low-priority nodes: both "
        "start from the image"
    )
    return Derived(value=value, reason=reason, sources=("D91", sources.BATCH_POOL_API))


def _resize(scale: FixedScale) -> Derived[str]:
    count = pools.nodes(scale)
    derived = pools.resize_timeout_minutes(count)
    asked = scale.resize_timeout_minutes
    minutes = max(derived, asked or 0)
    reason = (
        f"{pools.MINUTES_PER_STEP} minutes for every {pools.NODES_PER_STEP} nodes, begun ones "
        f"counted and one at least: {count} nodes -> {max(1, pools.steps(count))} x "
        f"{pools.MINUTES_PER_STEP} = {derived} minutes"
    )
    if minutes > derived:
        reason += f", raised to {minutes} by resizeTimeoutMinutes"
    return Derived(
        value=durations.from_minutes(minutes), reason=reason, sources=pools.RESIZE_SOURCES
    )


def _node_agent(fleet: Fleet, pool_key: str, pool: Pool) -> Derived[str]:
    base = fleet.images[pool.image].base_image
    entry = node_agents.base_image(base)
    descent = f"image {pool.image} descends from {base.publisher}/{base.offer}/{base.sku}"
    if pool.node_agent is not None:
        return Derived(
            value=node_agents.normalise(pool.node_agent),
            reason=f"stated as nodeAgent of pool {pool_key}; {descent}",
            sources=("D66", "D69"),
        )
    if entry is None:
        message = f"pools.{pool_key}: {descent}, which the catalogue lacks; state nodeAgent"
        raise ValueError(message)
    until = f", supported until {entry.ends}" if entry.ends is not None else ""
    return Derived(
        value=entry.agent,
        reason=f"{descent}, which needs this node agent (as of {node_agents.AS_OF}{until})",
        sources=("D66", "D69", entry.source),
    )
