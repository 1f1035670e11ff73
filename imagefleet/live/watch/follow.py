"""Follow the pools of a plan to steady, with two lists for each account in every cycle.

Calls and memory do not grow with nodes: pools come in pages of 1,000, nodes only as counts. Errors
of single nodes are asked for when a pool with bad ones has settled, or when the time is up: a page
of a few, once for each pool unless more nodes turn bad, or they could not be read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice

from imagefleet.domain.fleet_plan import FleetPlan, PoolPlan
from imagefleet.live import account
from imagefleet.live.bodies import bodies, plain
from imagefleet.live.clients import Clients
from imagefleet.live.crew import Crew
from imagefleet.live.failures import ANSWER_ERRORS, Unreadable, unreadable
from imagefleet.live.watch.seen import STEADY, UNUSABLE, Nodes, Seen, problem, seen
from imagefleet.live.watch.state import State
from imagefleet.live.watch.verdict import Reason, explained, judge, late

# What a cycle needs to know of a pool; the service leaves the rest out.
_SELECT = [
    "id", "allocationState", "allocationStateTransitionTime", "creationTime", "lastModified",
    "currentDedicatedNodes", "currentLowPriorityNodes", "targetDedicatedNodes",
    "targetLowPriorityNodes", "resizeErrors", "enableAutoScale", "autoScaleRun",
]  # fmt: skip
_NODES_ASKED_FOR = 10
SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A pool of the plan and how it stands; `seen` is None while nothing was seen of it.

    `seconds_to_steady` is measured by the service's clock, `seconds_to_ready` by ours, from the
    first look until every node took work.
    """

    plan: PoolPlan
    state: State = State.WAITING
    seen: Seen | None = None
    reasons: tuple[Reason, ...] = ()
    seconds_to_steady: float | None = None
    seconds_to_ready: float | None = None

    @property
    def settled(self) -> bool:
        """Whether nothing more is to be waited for."""
        return self.state in (State.STEADY, State.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """All pools at the end of one cycle; `troubles` are accounts that could not be read in it."""

    seconds: float
    pools: tuple[Followed, ...]
    troubles: tuple[Unreadable, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether every pool has settled."""
        return all(pool.settled for pool in self.pools)


class Watcher:
    """Looks at the pools of a plan again and again.

    `now` is a clock in seconds that never goes back.
    """

    def __init__(
        self,
        clients: Clients,
        plan: FleetPlan,
        crew: Crew,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clients = clients
        self._plan = plan
        self._crew = crew
        self._now = now
        self._began = now()
        self._endpoints: dict[str, str] = {}
        self._resizing: dict[str, datetime] = {}
        self._of_nodes: dict[str, tuple[tuple[int, int], tuple[Reason, ...]]] = {}
        self._half_read: dict[str, tuple[Reason, ...]] = {}
        self._last = {pool.key: Followed(plan=pool) for pool in plan.pools}

    @property
    def last(self) -> Look:
        """What has been seen so far."""
        return Look(seconds=self._now() - self._began, pools=tuple(self._last.values()))

    def looks(self, timeout: float, interval: float) -> Iterator[Look]:
        """Look every `interval` seconds until all has settled or `timeout` seconds are over.

        The last look has a reason for every pool that is not steady. A pool that is not there is
        waited for: `up` may still be making it.
        """
        while True:
            look = self._look()
            # Waiting gives nobody a right: where nothing may be looked at, that is the answer.
            denied = sum(trouble.denied for trouble in look.troubles)
            over = look.settled or look.seconds + interval > timeout
            over = over or denied == len(self._plan.accounts)
            yield self._ended(look, timeout) if over else look
            if over:
                return
            self._clients.stop.wait(interval)

    def _look(self) -> Look:
        asked = {
            account.key: self._crew.submit(partial(self._of_account, account.id))
            for account in self._plan.accounts
        }
        troubles: list[Unreadable] = []
        for key, future in asked.items():
            try:
                shown = future.result()
            except Unreadable as trouble:
                troubles.append(trouble)
                continue
            for pool in self._plan.pools:
                if pool.account_key == key:
                    self._last[pool.key] = self._next(pool, shown.get(pool.pool_id.value.lower()))
        self._ask_nodes(key for key, pool in self._last.items() if pool.settled)
        return replace(self.last, troubles=tuple(troubles))

    def _of_account(self, account_id: str) -> Mapping[str, Seen]:
        """What an account shows of its pools, by their ids in lower case."""
        client = self._clients.pools(self._endpoint(account_id))
        try:
            # Pools first: what has just become steady is then counted as steady, never before.
            pools = tuple(bodies(client.list_pools(select=_SELECT)))
            counts = {
                each["poolId"].lower(): each for each in bodies(client.list_pool_node_counts())
            }
            return {
                pool["id"].lower(): seen(pool, counts.get(pool["id"].lower(), {})) for pool in pools
            }
        except ANSWER_ERRORS as error:
            raise unreadable(account.title(account_id), error) from error

    def _endpoint(self, account_id: str) -> str:
        if account_id not in self._endpoints:
            self._endpoints[account_id] = account.endpoint(self._clients, account_id)
        return self._endpoints[account_id]

    def _next(self, plan: PoolPlan, now: Seen | None) -> Followed:
        before = self._last[plan.key]
        if now is None:
            return replace(before, state=State.MISSING, seen=None)
        if now.allocation != STEADY and now.since is not None:
            self._resizing[plan.key] = now.since
        state, reasons = judge(now)
        ready = before.seconds_to_ready
        if state is State.STEADY and before.seen is not None and not before.settled:
            ready = self._now() - self._began
        return Followed(
            plan=plan,
            state=state,
            seen=now,
            reasons=reasons,
            seconds_to_steady=self._took(plan, now),
            seconds_to_ready=ready,
        )

    def _took(self, plan: PoolPlan, now: Seen) -> float | None:
        """Seconds from the begin of the resize to steady, both by the service's clock."""
        if now.allocation != STEADY or now.since is None:
            return None
        began = self._resizing.get(plan.key)
        if began is None and not now.autoscale and now.changed == now.created:
            # Never changed since it was made, so its only resize began then.
            began = now.created
        return None if began is None else max(0.0, (now.since - began).total_seconds())

    def _ended(self, look: Look, timeout: float) -> Look:
        unread = {trouble.what for trouble in look.troubles}
        titles = {each.key: account.title(each.id) for each in self._plan.accounts}
        why = {trouble.what: trouble for trouble in look.troubles}
        for key, pool in self._last.items():
            title = titles[pool.plan.account_key]
            if title in unread and not pool.settled:
                text = str(why[title])
                reasons = (Reason(code=why[title].code, text=text),)
                self._last[key] = replace(pool, state=State.UNSEEN, reasons=reasons)
            elif pool.seen is None:
                text = f"there is no pool {pool.plan.pool_id.value} in the account"
                reasons = (Reason(code="missing", text=text, meaning="Run `pulumi up` first."),)
                self._last[key] = replace(pool, state=State.MISSING, reasons=reasons)
            elif not pool.settled:
                reasons = (late(pool.seen, timeout / SECONDS_PER_MINUTE),)
                self._last[key] = replace(pool, state=State.FAILED, reasons=reasons)
        self._ask_nodes(self._last)
        return replace(look, pools=tuple(self._last.values()))

    def _ask_nodes(self, keys: Iterable[str]) -> None:
        """Add what bad nodes say of themselves: a few of each of these pools that has any."""
        bad: dict[str, tuple[int, int]] = {}
        for key in keys:
            found = self._last[key].seen
            if found is not None and found.nodes.bad:
                bad[key] = (found.nodes.unusable, found.nodes.start_task_failed)
        asked = {
            key: self._crew.submit(partial(self._node_reasons, self._last[key]))
            for key, counts in bad.items()
            if self._of_nodes.get(key, (None,))[0] != counts
        }
        for key, future in asked.items():
            told, whole = future.result()
            outdated = self._half_read.pop(key, ())
            if whole:
                self._of_nodes[key] = (bad[key], told)
            else:
                self._half_read[key] = told
            pool = self._last[key]
            reasons = tuple(each for each in pool.reasons if each not in outdated)
            self._last[key] = replace(
                pool, reasons=(*reasons, *(each for each in told if each not in reasons))
            )
        for key in bad.keys() - asked.keys():
            pool = self._last[key]
            fresh = [each for each in self._of_nodes[key][1] if each not in pool.reasons]
            self._last[key] = replace(pool, reasons=(*pool.reasons, *fresh))

    def _node_reasons(self, pool: Followed) -> tuple[tuple[Reason, ...], bool]:
        """What bad nodes say, and whether all could be asked; if not, the reason for that too."""
        of_pool = next(each for each in self._plan.accounts if each.key == pool.plan.account_key)
        reasons: dict[tuple[str, str], Reason] = {}
        try:
            client = self._clients.pools(self._endpoint(of_pool.id))
            for state in UNUSABLE:
                if pool.seen is None or not _FIELDS[state](pool.seen.nodes):
                    continue
                pages = client.list_nodes(
                    pool.plan.pool_id.value,
                    filter=f"state eq '{state.lower()}'",
                    max_results=_NODES_ASKED_FOR,
                    select=["id", "state", "errors", "startTaskInfo"],
                ).by_page()
                for node in islice(next(iter(pages), iter(())), _NODES_ASKED_FOR):
                    shown = plain(node)
                    failure = (shown.get("startTaskInfo") or {}).get("failureInfo")
                    for error in (*(shown.get("errors") or ()), *([failure] if failure else ())):
                        found = explained(problem(error))
                        reasons.setdefault((found.code, found.text), found)
        except (Unreadable, *ANSWER_ERRORS) as error:
            what = f"the nodes of {pool.plan.pool_id.value}"
            trouble = error if isinstance(error, Unreadable) else unreadable(what, error)
            return (*reasons.values(), Reason(code=trouble.code, text=str(trouble))), False
        return tuple(reasons.values()), True


_FIELDS: Mapping[str, Callable[[Nodes], int]] = {
    "unusable": lambda nodes: nodes.unusable,
    "startTaskFailed": lambda nodes: nodes.start_task_failed,
}
