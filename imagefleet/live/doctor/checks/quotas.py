"""Quotas against the plan: accounts, pools, and cores of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from imagefleet.domain import regions
from imagefleet.domain.fleet import AllocationMode
from imagefleet.domain.fleet_plan import AccountPlan
from imagefleet.live.doctor import reads
from imagefleet.live.doctor.cores import Demand, demand, sizes_of, subscription_of
from imagefleet.live.doctor.model import Check, Found, bad, each, good, unsure
from imagefleet.live.doctor.view import View, group_of, properties

_NEW = "is not there yet: its quotas are decided when it is made, and may be 0"
_Judge = Callable[[AccountPlan, Mapping[str, Any], Demand], Iterable[Found]]


def _accounts(view: View) -> Iterable[Found]:
    planned: dict[tuple[str, str], list[AccountPlan]] = {}
    for account in view.plan.accounts:
        if not account.existing:
            planned.setdefault(_place(account), []).append(account)

    def judge(place: tuple[str, str]) -> Iterator[Found]:
        sub, region = place
        more = [each for each in planned[place] if view.account_seen(each) is None]
        if not more:
            return
        there = [
            each for each in view.reader.get(reads.accounts(sub))
            if regions.same(str(each.get("location", "")), region)
        ]  # fmt: skip
        most = view.reader.get(reads.account_quota(sub, region))
        words = f"{len(there)} accounts and {len(more)} to be made, {most} allowed"
        yield good(region, words) if len(there) + len(more) <= most else bad(region, words)

    view.reader.warm(
        reads.accounts_in(group_of(each.id)) for of_place in planned.values() for each in of_place
    )
    return each(sorted(planned), lambda place: place[1], judge)


def _pools(view: View) -> Iterable[Found]:
    def judge(account: AccountPlan, said: Mapping[str, Any], needed: Demand) -> Iterator[Found]:
        beside = needed.pools - needed.planned
        words = f"{needed.planned} pools of the plan and {beside} beside them"
        yield _compared(account.name, words, needed.pools, said.get("poolQuota"), "pools")

    return _of_accounts(view, judge)


def _dedicated(view: View) -> Iterable[Found]:
    def judge(account: AccountPlan, said: Mapping[str, Any], needed: Demand) -> Iterator[Found]:
        yield from _unknown(account, needed)
        if _own_nodes(account):
            kind = Cores(name="cores", words="dedicated cores", of=lambda demand: demand.dedicated)
            yield from _of_subscription(view, account, kind)
            return
        words = f"its pools need {needed.dedicated} dedicated cores"
        quota = said.get("dedicatedCoreQuota")
        yield _compared(account.name, words, needed.dedicated, quota, "cores")

    return _of_accounts(view, judge, own_nodes=True)


def _families(view: View) -> Iterable[Found]:
    def judge(account: AccountPlan, said: Mapping[str, Any], needed: Demand) -> Iterator[Found]:
        yield from _unknown(account, needed)
        enforced = said.get("dedicatedCoreQuotaPerVMFamilyEnforced")
        quotas = {
            str(each.get("name", "")).lower(): each.get("coreQuota")
            for each in said.get("dedicatedCoreQuotaPerVMFamily") or ()
        }
        for family, cores in sorted(needed.by_family.items()):
            if not cores:
                continue
            words = f"its pools need {cores} cores of {family}"
            if _own_nodes(account):
                yield from _of_subscription(view, account, _of_family(family))
            elif enforced:
                yield _compared(account.name, words, cores, quotas.get(family, 0), "cores")
            elif enforced is None:
                yield unsure(account.name, f"{words}; it does not show whether families count")
            else:
                yield good(account.name, f"{words}; families are not counted apart")

    return _of_accounts(view, judge, own_nodes=True)


def _low_priority(view: View) -> Iterable[Found]:
    def judge(account: AccountPlan, said: Mapping[str, Any], needed: Demand) -> Iterator[Found]:
        yield from _unknown(account, needed)
        if _own_nodes(account):
            yield from _of_subscription(view, account, _LOW_PRIORITY)
            return
        words = f"its pools need {needed.low_priority} low-priority cores"
        quota = said.get("lowPriorityCoreQuota")
        yield _compared(account.name, words, needed.low_priority, quota, "cores")

    return _of_accounts(view, judge, own_nodes=True)


def _of_accounts(view: View, judge: _Judge, *, own_nodes: bool = False) -> Iterator[Found]:
    """Judge every account that has pools in the plan.

    With `own_nodes`, also one that is not there yet if its nodes lie in its subscription: what
    counts against them is there before the account is.
    """

    def one(account: AccountPlan) -> Iterator[Found]:
        there = view.account_seen(account)
        if there is None and not (own_nodes and _own_nodes(account)):
            yield unsure(account.name, _NEW)
            return
        yield from judge(account, properties(there or {}), demand(view, account))

    accounts = [account for account in view.plan.accounts if view.pools_of(account)]
    view.reader.warm(sizes_of(account) for account in accounts)
    return each(accounts, lambda account: account.name, one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """Cores that a subscription counts together: the `name` of their usage, and `of` a demand."""

    name: str
    words: str
    of: Callable[[Demand], int]


_LOW_PRIORITY = Cores(
    name="lowPriorityCores", words="low-priority cores", of=lambda demand: demand.low_priority
)


def _of_family(family: str) -> Cores:
    return Cores(
        name=family, words=f"cores of {family}", of=lambda demand: demand.by_family[family]
    )


def _of_subscription(view: View, account: AccountPlan, cores: Cores) -> Iterator[Found]:
    """Compare with the cores of the subscription, in which a UserSubscription account's nodes lie.

    All such accounts of the stack in one region of a subscription share them. Nodes that are there
    are in use already, and count in both numbers: the usage of other services cannot be told from
    theirs, so the careful reading is that none of it is ours.
    """
    beside = [
        other for other in view.plan.accounts
        if other.key != account.key and _own_nodes(other) and _place(other) == _place(account)
    ]  # fmt: skip
    needed = {each.name: cores.of(demand(view, each)) for each in (account, *beside)}
    words = f"its pools need {needed[account.name]} {cores.words}"
    others = [name for name, count in needed.items() if count and name != account.name]
    if others:
        words += f", {sum(needed.values())} with those of {', '.join(others)}"
    listed = view.reader.get(reads.usages(subscription_of(account), account.location))
    usage = {str((each.get("name") or {}).get("value", "")).lower(): each for each in listed}
    found = usage.get(cores.name.lower())
    if found is None:
        yield unsure(account.name, f"{words}; the region shows no quota of {cores.name}")
        return
    used, most = int(found.get("currentValue") or 0), int(found.get("limit") or 0)
    standing = sum(_standing_cores(view, each, cores.name) for each in (account, *beside))
    whole = f"{words}; the subscription uses {used} ({standing} of them the stack's) of {most}"
    enough = sum(needed.values()) + max(0, used - standing) <= most
    yield good(account.name, whole) if enough else bad(account.name, whole)


def _standing_cores(view: View, account: AccountPlan, name: str) -> int:
    """The cores that the account's pools hold now."""
    known = view.reader.get(sizes_of(account))
    whole = 0
    for pool in view.pools_seen(account):
        said = properties(pool)
        size = known.get(str(said.get("vmSize", "")).lower())
        if size is None or size.cores is None:
            continue
        low = name == _LOW_PRIORITY.name
        key = "currentLowPriorityNodes" if low else "currentDedicatedNodes"
        if low or name == "cores" or size.family.lower() == name.lower():
            whole += int(said.get(key) or 0) * size.cores
    return whole


def _place(account: AccountPlan) -> tuple[str, str]:
    """Subscription and region of an account, in one spelling."""
    return subscription_of(account).lower(), regions.normalise(account.location)


def _unknown(account: AccountPlan, needed: Demand) -> Iterator[Found]:
    if needed.unknown:
        names = ", ".join(needed.unknown)
        yield unsure(account.name, f"the region shows no cores for the sizes of: {names}")


def _compared(subject: str, words: str, needed: int, quota: Any, what: str) -> Found:
    if not isinstance(quota, int):
        return unsure(subject, f"{words}; it shows no quota of {what}")
    whole = f"{words}, {quota} {what} are allowed"
    return good(subject, whole) if needed <= quota else bad(subject, whole)


def _own_nodes(account: AccountPlan) -> bool:
    return account.settings.allocation_mode is AllocationMode.USER_SUBSCRIPTION


_SHARED = "1 list an account's group, its pools, and the sizes of its region, shared"
_USAGE = f"{_SHARED}; 1 list a region of UserSubscription accounts"
_ASK = "Ask for more: Azure portal, Quotas, or a support request of the kind Service limits."
_SOURCE = "Azure documentation, Batch quotas"
CHECKS: Final = (
    Check(
        id="account-quota",
        title="The region takes the new Batch accounts",
        run=_accounts,
        remedy=_ASK,
        calls="1 list of accounts, 1 get a region",
        source=_SOURCE,
    ),
    Check(
        id="pool-quota",
        title="The accounts take the pools, old and new ones together",
        run=_pools,
        remedy=_ASK,
        calls=_SHARED,
        source=_SOURCE,
    ),
    Check(
        id="dedicated-core-quota",
        title="The dedicated cores suffice, old and new pools together",
        run=_dedicated,
        remedy=_ASK,
        calls=_USAGE,
        source=_SOURCE,
    ),
    Check(
        id="family-core-quota",
        title="The cores of each VM family suffice",
        run=_families,
        remedy=f"{_ASK} Or take a size of another family.",
        calls=_USAGE,
        source=_SOURCE,
    ),
    Check(
        id="low-priority-core-quota",
        title="The low-priority cores suffice",
        run=_low_priority,
        remedy=_ASK,
        calls=_USAGE,
        source=_SOURCE,
    ),
)
