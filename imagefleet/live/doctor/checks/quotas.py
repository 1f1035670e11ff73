"""Quotas against the plan: accounts, pools, and cores of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from imagefleet.domain import regions
from imagefleet.domain.fleet import AllocationMode
from imagefleet.domain.fleet_plan import AccountPlan
from imagefleet.live.doctor import reads
from imagefleet.live.doctor.cores import Demand, demand, sizes_of, subscription_of
from imagefleet.live.doctor.model import Check, Found, bad, each, good, unsure
from imagefleet.live.doctor.view import View, properties

_NEW = "is not there yet: its quotas are decided when it is made, and may be 0"
_Judge = Callable[[AccountPlan, Mapping[str, Any], Demand], Iterable[Found]]


def _accounts(view: View) -> Iterable[Found]:
    new = [
        account
        for account in view.plan.accounts
        if not account.existing and view.account_seen(account) is None
    ]
    places = sorted(
        {(subscription_of(account), regions.normalise(account.location)) for account in new}
    )

    def judge(place: tuple[str, str]) -> Iterator[Found]:
        sub, region = place
        there = [
            each for each in view.reader.get(reads.accounts(sub))
            if regions.same(str(each.get("location", "")), region)
        ]  # fmt: skip
        more = [a for a in new if (subscription_of(a), regions.normalise(a.location)) == place]
        most = view.reader.get(reads.account_quota(sub, region))
        words = f"{len(there)} accounts and {len(more)} to be made, {most} allowed"
        yield good(region, words) if len(there) + len(more) <= most else bad(region, words)

    return each(places, lambda place: place[1], judge)


def _pools(view: View) -> Iterable[Found]:
    def judge(account: AccountPlan, said: Mapping[str, Any], needed: Demand) -> Iterator[Found]:
        beside = needed.pools - needed.planned
        words = f"{needed.planned} pools of the plan and {beside} beside them"
        yield _compared(account.name, words, needed.pools, said.get("poolQuota"), "pools")

    return _of_accounts(view, judge)


def _dedicated(view: View) -> Iterable[Found]:
    def judge(account: AccountPlan, said: Mapping[str, Any], needed: Demand) -> Iterator[Found]:
        yield from _unknown(account, needed)
        words = f"its pools need {needed.dedicated} dedicated cores"
        if _own_nodes(account):
            yield from _of_subscription(view, account, "cores", needed.dedicated, words)
            return
        quota = said.get("dedicatedCoreQuota")
        yield _compared(account.name, words, needed.dedicated, quota, "cores")

    return _of_accounts(view, judge)


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
                yield from _of_subscription(view, account, family, cores, words)
            elif enforced:
                yield _compared(account.name, words, cores, quotas.get(family, 0), "cores")
            elif enforced is None:
                yield unsure(account.name, f"{words}; it does not show whether families count")
            else:
                yield good(account.name, f"{words}; families are not counted apart")

    return _of_accounts(view, judge)


def _low_priority(view: View) -> Iterable[Found]:
    def judge(account: AccountPlan, said: Mapping[str, Any], needed: Demand) -> Iterator[Found]:
        yield from _unknown(account, needed)
        words = f"its pools need {needed.low_priority} low-priority cores"
        if _own_nodes(account):
            yield from _of_subscription(
                view, account, "lowPriorityCores", needed.low_priority, words
            )
            return
        quota = said.get("lowPriorityCoreQuota")
        yield _compared(account.name, words, needed.low_priority, quota, "cores")

    return _of_accounts(view, judge)


def _of_accounts(view: View, judge: _Judge) -> Iterator[Found]:
    """Judge every account that has pools in the plan."""

    def one(account: AccountPlan) -> Iterator[Found]:
        there = view.account_seen(account)
        if there is None:
            yield unsure(account.name, _NEW)
            return
        yield from judge(account, properties(there), demand(view, account))

    accounts = [account for account in view.plan.accounts if view.pools_of(account)]
    view.reader.warm(sizes_of(account) for account in accounts)
    return each(accounts, lambda account: account.name, one)


def _of_subscription(
    view: View, account: AccountPlan, name: str, needed: int, words: str
) -> Iterator[Found]:
    """Compare with the cores of the subscription, in which a UserSubscription account's nodes lie.

    Nodes that are there are in use already, and count in both numbers: the usage of other services
    cannot be told from theirs, so the careful reading is that none of it is ours.
    """
    listed = view.reader.get(reads.usages(subscription_of(account), account.location))
    usage = {str((each.get("name") or {}).get("value", "")).lower(): each for each in listed}
    found = usage.get(name.lower())
    if found is None:
        yield unsure(account.name, f"{words}; the region shows no quota of {name}")
        return
    used, most = int(found.get("currentValue") or 0), int(found.get("limit") or 0)
    standing = _standing_cores(view, account, name)
    whole = f"{words}; the subscription uses {used} ({standing} of them this account's) of {most}"
    enough = needed + max(0, used - standing) <= most
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
        low = name == "lowPriorityCores"
        key = "currentLowPriorityNodes" if low else "currentDedicatedNodes"
        if low or name == "cores" or size.family.lower() == name.lower():
            whole += int(said.get(key) or 0) * size.cores
    return whole


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
