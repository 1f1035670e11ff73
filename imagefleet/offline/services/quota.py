"""What an account and a region may use, and what of a resize that leaves: Batch's quotas.

A resize is granted what is free when it begins; what other pools were granted and have not
allocated yet is taken. Without quotas in the outside facts nothing is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from imagefleet.domain import arm_ids, vm_sizes
from imagefleet.offline.allocation import Resize
from imagefleet.offline.model import AzureError
from imagefleet.offline.outside.facts import AccountQuota, RegionQuota
from imagefleet.offline.outside.state import supposed
from imagefleet.offline.resource_types import Put, region
from imagefleet.offline.store import Record, Transaction, key_of
from imagefleet.offline.values import Properties

USER_SUBSCRIPTION = "UserSubscription"
_SIZE = re.compile(r"Standard_([A-Z]+)\d+([a-z]*)(?:_([A-Z]\w*?))?_v(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The nodes that quotas leave to a resize, None for all; `short` are resize errors."""

    dedicated: int | None = None
    low_priority: int | None = None
    short: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """The cores that pools hold, or were granted."""

    dedicated: int = 0
    low_priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    """One quota: what it is of, how much, how much of it others hold, and Batch's code."""

    what: str
    most: int
    used: int
    code: str


def family(size: str) -> str:
    """Return the quota family of a size, as Azure spells it (`standardDDSv5Family`)."""
    match = _SIZE.fullmatch(vm_sizes.look_up(size).name)
    if match is None:
        return "standardFamily"
    letters, features, middle, version = match.groups()
    return f"standard{letters}{features.upper()}{middle or ''}v{version}Family"


def shown(transaction: Transaction, account: Record) -> Properties:
    """Return an account's quotas as a read shows them.

    Azure's official example shows cores of an account whose subscription's count, too.
    """
    quota = supposed(transaction).quotas.account(account.name)
    return {
        "poolQuota": quota.pools,
        "dedicatedCoreQuota": quota.dedicated_cores,
        "lowPriorityCoreQuota": quota.low_priority_cores,
        "dedicatedCoreQuotaPerVMFamily": [
            {"name": name, "coreQuota": most} for name, most in quota.cores_by_family.items()
        ],
        "dedicatedCoreQuotaPerVMFamilyEnforced": bool(quota.cores_by_family),
    }


def require_pool(put: Put, account: Record | None) -> None:
    """Refuse a new pool beyond the account's pool quota."""
    quotas = supposed(put.transaction).quotas
    if account is None or put.old is not None or not quotas.accounts:
        return
    most = quotas.account(account.name).pools
    have = len(put.transaction.children(account.id, arm_ids.BATCH_POOL, limit=most))
    if have >= most:
        message = (
            f"the Batch account '{account.name}' has {have} pools and its pool quota is {most}, so "
            f"'{put.name}' cannot be made; delete a pool, or ask for a higher quota"
        )
        raise AzureError("PoolQuotaReached", message, status=409, target=put.id)


def require_account(put: Put, here: str) -> None:
    """Refuse a new account beyond what the subscription may have in a region."""
    quotas = supposed(put.transaction).quotas
    if put.old is not None or not quotas.regions:
        return
    most = quotas.region(here).accounts
    have = len(list(_accounts(put.transaction, put.settings.subscription_id, here)))
    if have >= most:
        message = (
            f"the regional account quota for the subscription has been reached: {have} of {most} "
            f"Batch accounts in {here}; delete one, use another region, or ask for a higher quota"
        )
        raise AzureError("SubscriptionQuotaExceeded", message, status=409, target=put.id)


def granted(put: Put, account: Record | None, dedicated: int, low_priority: int) -> Granted:
    """Return what quotas leave of the nodes that a pool is asked for."""
    size = str(put.body["vmSize"])
    cores = vm_sizes.look_up(size).vcpus
    quotas = supposed(put.transaction).quotas
    if account is None or not cores or not (quotas.accounts or quotas.regions):
        return Granted()
    pools: Iterable[Record]
    if account.state.get("poolAllocationMode") == USER_SUBSCRIPTION:
        here, subscription = str(account.state["location"]), account.id.split("/")[2]
        pools = _pools_of(put.transaction, subscription, here)
        limits = _limits(quotas.region(here), here, size, _others(pools, put), put.now)
    else:
        pools = put.transaction.children(account.id, arm_ids.BATCH_POOL)
        quota, name = quotas.account(account.name), f"account '{account.name}'"
        limits = _limits(quota, name, size, _others(pools, put), put.now)
    *of_dedicated, of_low_priority = limits
    nodes, one = _cut(dedicated, cores, size, of_dedicated)
    spot_nodes, other = _cut(low_priority, cores, size, [of_low_priority])
    return Granted(dedicated=nodes, low_priority=spot_nodes, short=(*one, *other))


def used(pools: Iterable[Record], now: float, of_family: str | None = None) -> Used:
    """Return the cores that pools hold, of one family or of all."""
    dedicated = low_priority = 0
    for pool in pools:
        size = str(pool.state["vmSize"])
        if of_family is None or family(size).casefold() == of_family.casefold():
            resize, cores = Resize.stored(pool.internal["resize"]), vm_sizes.look_up(size).vcpus
            held = resize.held(now)
            dedicated += held[0] * (cores or 0)
            low_priority += held[1] * (cores or 0)
    return Used(dedicated=dedicated, low_priority=low_priority)


def of_subscription(transaction: Transaction, subscription: str, here: str) -> tuple[Record, ...]:
    """Return the pools whose cores count against a subscription in a region."""
    return tuple(_pools_of(transaction, subscription, here))


def _limits(
    quota: AccountQuota | RegionQuota, name: str, size: str, others: list[Record], now: float
) -> list[_Limit]:
    """Return the quotas that a resize meets; the last one is that of low-priority cores."""
    whole = used(others, now)
    if isinstance(quota, RegionQuota):
        total, codes = quota.cores, ("AllocationFailed",) * 3
        name = f"subscription in {name}"
    else:
        total = quota.dedicated_cores
        codes = (
            "AccountCoreQuotaReached",
            "AccountVMSeriesCoreQuotaReached",
            "AccountLowPriorityCoreQuotaReached",
        )
    of, low = f"of the {name}", quota.low_priority_cores
    limits = [_Limit(what=f"dedicated cores {of}", most=total, used=whole.dedicated, code=codes[0])]
    mine = family(size)
    by_name = {each.casefold(): most for each, most in quota.cores_by_family.items()}
    if mine.casefold() in by_name:
        part = used(others, now, mine).dedicated
        most = by_name[mine.casefold()]
        limits.append(_Limit(what=f"{mine} cores {of}", most=most, used=part, code=codes[1]))
    spot = f"low-priority cores {of}"
    return [*limits, _Limit(what=spot, most=low, used=whole.low_priority, code=codes[2])]


def _cut(
    target: int, cores: int, size: str, limits: list[_Limit]
) -> tuple[int | None, tuple[tuple[str, str], ...]]:
    """Return how many of `target` nodes every limit allows, None for all, and why not more."""
    tightest = min(limits, key=lambda limit: limit.most - limit.used)
    nodes = max(0, tightest.most - tightest.used) // cores
    if nodes >= target:
        return None, ()
    message = (
        f"the quota of {tightest.what} is {tightest.most}, and other pools hold {tightest.used}: "
        f"{nodes} of {target} nodes of {size} ({cores} cores each, {target * cores} needed) can be "
        "allocated. Ask for a higher quota, or for fewer nodes, and resize the pool again"
    )
    return nodes, ((tightest.code, message),)


def _others(pools: Iterable[Record], put: Put) -> list[Record]:
    return [pool for pool in pools if key_of(pool.id) != key_of(put.id)]


def _accounts(transaction: Transaction, subscription: str, here: str) -> Iterator[Record]:
    prefix = key_of(arm_ids.subscription(subscription)) + "/"
    for account in transaction.of_type(arm_ids.BATCH_ACCOUNT):
        if key_of(account.id).startswith(prefix) and region(account.state["location"]) == here:
            yield account


def _pools_of(transaction: Transaction, subscription: str, here: str) -> Iterator[Record]:
    for account in _accounts(transaction, subscription, here):
        if account.state.get("poolAllocationMode") == USER_SUBSCRIPTION:
            yield from transaction.children(account.id, arm_ids.BATCH_POOL)
