"""The cores that an account's pools need: those of the plan, and those that stand beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imagefleet.domain import arm_ids, autoscale
from imagefleet.domain.fleet import AutoScale
from imagefleet.domain.fleet_plan import AccountPlan, PoolPlan
from imagefleet.live.clients import Clients
from imagefleet.live.doctor import reads
from imagefleet.live.doctor.reads import Body
from imagefleet.live.doctor.view import View, properties


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A VM size as a region offers it; `cores` is None where it does not say."""

    name: str
    family: str
    cores: int | None
    capabilities: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Demand:
    """Cores by what they count against; `unknown` are pools whose size is not offered.

    `pools` counts pools, `planned` those of the plan among them.
    """

    dedicated: int = 0
    low_priority: int = 0
    by_family: Counter[str] = field(default_factory=Counter)
    unknown: list[str] = field(default_factory=list)
    pools: int = 0
    planned: int = 0

    def add(self, name: str, size: Size | None, dedicated: int, low_priority: int) -> None:
        """Count the nodes of one pool."""
        self.pools += 1
        if size is None or size.cores is None:
            self.unknown.append(name)
            return
        self.dedicated += dedicated * size.cores
        self.low_priority += low_priority * size.cores
        self.by_family[size.family.lower()] += dedicated * size.cores


def sizes_in(subscription: str, region: str) -> reads.Read[Mapping[str, Size]]:
    """The VM sizes that Batch offers in a region, by their names in lower case."""
    listed = reads.batch_sizes(subscription, region)

    def call(clients: Clients) -> Mapping[str, Size]:
        return {str(each["name"]).lower(): _size(each) for each in listed.call(clients)}

    return reads.Read(what=listed.what, key=listed.key, call=call)


def sizes_of(account: AccountPlan) -> reads.Read[Mapping[str, Size]]:
    """The VM sizes that Batch offers in an account's region."""
    return sizes_in(subscription_of(account), account.location)


def subscription_of(account: AccountPlan) -> str:
    """The subscription of an account."""
    return arm_ids.parse(account.id).subscription_id or ""


def demand(view: View, account: AccountPlan) -> Demand:
    """What all pools of an account need at most, once `up` has run and before old ones go.

    The pools of a roll-out stand beside each other, so old and new ones are counted together. An
    autoscale pool counts with its ceiling, against each kind of node that its formula sets.
    """
    known = view.reader.get(sizes_of(account))
    needed = Demand()
    planned = set()
    for pool in view.pools_of(account):
        planned.add(pool.pool_id.value.lower())
        dedicated, low_priority = _planned(pool)
        size = known.get(pool.settings.vm_size.lower())
        needed.add(pool.pool_id.value, size, dedicated, low_priority)
    needed.planned = len(planned)
    for there in view.pools_seen(account):
        if str(there["name"]).lower() in planned:
            continue
        said = properties(there)
        size = known.get(str(said.get("vmSize", "")).lower())
        dedicated, low_priority = _standing(said)
        needed.add(str(there["name"]), size, dedicated, low_priority)
    return needed


def _planned(pool: PoolPlan) -> tuple[int, int]:
    scale = pool.settings.scale
    if not isinstance(scale, AutoScale):
        return scale.dedicated, scale.low_priority
    dedicated, low_priority = autoscale.kinds(scale.formula)
    return scale.maximum_nodes * dedicated, scale.maximum_nodes * low_priority


def _standing(said: Mapping[str, Any]) -> tuple[int, int]:
    """The larger of what a pool has and what it is asked to have."""
    fixed = (said.get("scaleSettings") or {}).get("fixedScale") or {}
    return (
        max(
            int(said.get("currentDedicatedNodes") or 0), int(fixed.get("targetDedicatedNodes") or 0)
        ),
        max(
            int(said.get("currentLowPriorityNodes") or 0),
            int(fixed.get("targetLowPriorityNodes") or 0),
        ),
    )


def _size(body: Body) -> Size:
    capabilities = {
        str(each.get("name")): str(each.get("value")) for each in body.get("capabilities") or ()
    }
    cores = capabilities.get("vCPUsAvailable") or capabilities.get("vCPUs") or ""
    return Size(
        name=str(body["name"]),
        family=str(body.get("familyName") or body.get("family") or ""),
        cores=int(cores) if cores.isdecimal() else None,
        capabilities=capabilities,
    )
