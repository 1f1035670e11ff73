"""What an account and a region may use, and what of a resize that leaves: Batch's quotas.

A resize is granted what is free when it begins; what other pools were granted and have not
allocated yet is taken. Without quotas in the outside facts nothing is counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from imagefleet.domain import arm_ids, vm_sizes
from imagefleet.domain.allocation import Resize
from imagefleet.domain.fleet import AllocationMode
from imagefleet.offline.model import AzureError
from imagefleet.offline.outside.facts import AccountQuota, RegionQuota
from imagefleet.offline.outside.state import supposed
from imagefleet.offline.resource_types import Put, region
from imagefleet.offline.store import Record, Transaction, key_of
from imagefleet.offline.values import Properties

_PICKED = ("state.vmSize", "internal.resize")
_SIZE = re.compile(r"Standard_([A-Z]+)\d+([a-z]*)(?:_([A-Z]\w*?))?_v(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The nodes that quotas leave to a resize, None for all; `short` are resize errors."""

    dedicated: int | None = None
    low_priority: int | None = None
    short: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The cores that one pool holds, or was granted, and of which family they are."""

    family: str
    dedicated: int
    low_priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    """One quota: what it is of, how much, how much of it others hold, and Batch's code."""

    what: str
    most: int
    used: int
    code: str


@lru_cache(maxsize=1024)
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
    have = len(put.transaction.picked(account.id, arm_ids.BATCH_POOL))
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
    cores = _cores(size)
    quotas = supposed(put.transaction).quotas
    if account is None or not cores or not (quotas.accounts or quotas.regions):
        return Granted()
    if account.state.get("poolAllocationMode") == AllocationMode.USER_SUBSCRIPTION:
        here, subscription = str(account.state["location"]), account.id.split("/")[2]
        others = of_subscription(put.transaction, subscription, here, but=put.id)
        limits = _limits(quotas.region(here), here, size, others)
    else:
        others = _of_account(put.transaction, account.id, but=put.id)
        quota, name = quotas.account(account.name), f"account '{account.name}'"
        limits = _limits(quota, name, size, others)
    *of_dedicated, of_low_priority = limits
    nodes, one = _cut(dedicated, cores, size, of_dedicated)
    spot_nodes, other = _cut(low_priority, cores, size, [of_low_priority])
    return Granted(dedicated=nodes, low_priority=spot_nodes, short=(*one, *other))


def total(held: Iterable[Held], kind: str, of_family: str | None = None) -> int:
    """Return the cores of one kind (`dedicated`, `low_priority`), of one family or of all."""
    wanted = None if of_family is None else of_family.casefold()
    return sum(getattr(each, kind) for each in held if wanted in (None, each.family.casefold()))


def of_subscription(
    transaction: Transaction, subscription: str, here: str, but: str = ""
) -> list[Held]:
    """Return what the pools hold whose cores count against a subscription in a region."""
    return [
        held
        for account in _accounts(transaction, subscription, here)
        if account.state.get("poolAllocationMode") == AllocationMode.USER_SUBSCRIPTION
        for held in _of_account(transaction, account.id, but)
    ]


def _of_account(transaction: Transaction, account_id: str, but: str = "") -> list[Held]:
    """Return what the pools of an account hold, the pool `but` left out."""
    now, found = transaction.now, []
    for key, size, resize in transaction.picked(account_id, arm_ids.BATCH_POOL, *_PICKED):
        if key != key_of(but):
            nodes = Resize.stored(json.loads(resize)).held(now)
            dedicated, low_priority = (count * _cores(size) for count in nodes)
            found.append(Held(family=family(size), dedicated=dedicated, low_priority=low_priority))
    return found


@lru_cache(maxsize=1024)
def _cores(size: str) -> int:
    """Return the vCPUs of a size, 0 where they are not known: then nothing is counted."""
    return vm_sizes.look_up(size).vcpus or 0


def _limits(
    quota: AccountQuota | RegionQuota, name: str, size: str, others: list[Held]
) -> list[_Limit]:
    """Return the quotas that a resize meets; the last one is that of low-priority cores."""
    if isinstance(quota, RegionQuota):
        most, codes = quota.cores, ("AllocationFailed",) * 3
        name = f"subscription in {name}"
    else:
        most = quota.dedicated_cores
        codes = (
            "AccountCoreQuotaReached",
            "AccountVMSeriesCoreQuotaReached",
            "AccountLowPriorityCoreQuotaReached",
        )
    of, low = f"of the {name}", quota.low_priority_cores
    used = total(others, "dedicated")
    limits = [_Limit(what=f"dedicated cores {of}", most=most, used=used, code=codes[0])]
    mine = family(size)
    by_name = {each.casefold(): most for each, most in quota.cores_by_family.items()}
    if mine.casefold() in by_name:
        used, most = total(others, "dedicated", mine), by_name[mine.casefold()]
        limits.append(_Limit(what=f"{mine} cores {of}", most=most, used=used, code=codes[1]))
    what, used = f"low-priority cores {of}", total(others, "low_priority")
    return [*limits, _Limit(what=what, most=low, used=used, code=codes[2])]


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


def _accounts(transaction: Transaction, subscription: str, here: str) -> Iterator[Record]:
    prefix = key_of(arm_ids.subscription(subscription)) + "/"
    for account in transaction.of_type(arm_ids.BATCH_ACCOUNT):
        if key_of(account.id).startswith(prefix) and region(account.state["location"]) == here:
            yield account
