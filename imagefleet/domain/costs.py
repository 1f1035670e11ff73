"""What a plan costs by a price file: replicas kept for a month, nodes at their ceiling for an hour.

An estimate, never a bill: traffic, disks, licences and everything that is not named are left out.
Each replica is kept as a snapshot of the image, on its occupied size (Azure documentation, Compute
Gallery); a pool costs most when all its nodes are there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

from imagefleet.domain import sources
from imagefleet.domain.fleet import AutoScale, FixedScale
from imagefleet.domain.fleet_plan import Derived

if TYPE_CHECKING:
    from imagefleet.domain.fleet_plan import FleetPlan, ImageVersionPlan, PoolPlan, TargetRegionPlan
    from imagefleet.domain.prices import PriceList

_PRICES: Final = "your price file"
_CENT: Final = Decimal("0.01")

Amount = Derived[Decimal | None]
"""An amount of money with how it comes about; None where a figure is missing, and which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaCost:
    """What the replicas of one version in one region cost a month, set and by gallery's advice."""

    key: str
    region: str
    replicas: int
    month: Amount
    month_as_advised: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolCost:
    """What one pool costs an hour when it has all the nodes that it can have."""

    key: str
    pool_id: str
    nodes: int
    hour: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """The costs of a plan; totals are over what is known, and `missing` tells what is not."""

    prices: PriceList
    replicas: tuple[ReplicaCost, ...]
    pools: tuple[PoolCost, ...]

    @property
    def replicas_month(self) -> Decimal:
        """The month of all replicas whose cost is known."""
        return _total(cost.month for cost in self.replicas)

    @property
    def replicas_month_as_advised(self) -> Decimal:
        """The same with the gallery's advice in place of what is set."""
        return _total(cost.month_as_advised for cost in self.replicas)

    @property
    def pools_hour(self) -> Decimal:
        """The hour of all pools whose cost is known, every node there at once."""
        return _total(cost.hour for cost in self.pools)

    @property
    def missing(self) -> tuple[str, ...]:
        """What the price file lacks for the rest, each once."""
        amounts = [cost.month for cost in self.replicas] + [cost.hour for cost in self.pools]
        return tuple(dict.fromkeys(each.reason for each in amounts if each.value is None))


def money(amount: Decimal) -> str:
    """Return an amount with two decimals and thousands apart."""
    return f"{amount.quantize(_CENT, ROUND_HALF_UP):,}"


def costs(plan: FleetPlan, prices: PriceList) -> Costs:
    """The costs of a plan by a price list; existing versions are somebody else's to pay."""
    regions = {account.key: account.location for account in plan.accounts}
    return Costs(
        prices=prices,
        replicas=tuple(
            _replicas(version, region, prices)
            for version in plan.image_versions
            if not version.existing
            for region in version.regions
        ),
        pools=tuple(_pool(pool, regions[pool.account_key], prices) for pool in plan.pools),
    )


def _replicas(
    version: ImageVersionPlan, region: TargetRegionPlan, prices: PriceList
) -> ReplicaCost:
    count = region.replicas.value
    return ReplicaCost(
        key=f"{version.key}/{region.name}",
        region=region.name,
        replicas=count,
        month=_month(version, region.name, count, prices),
        month_as_advised=_month(version, region.name, max(count, region.recommended.value), prices),
    )


def _month(version: ImageVersionPlan, region: str, count: int, prices: PriceList) -> Amount:
    gigabytes = prices.image_gigabytes.get(version.image_key)
    if gigabytes is None:
        return _missing(f"imageGigabytes.{version.image_key}")
    storage = version.settings.storage_account_type
    price = prices.replica_gigabyte_month(storage, region)
    if price is None:
        return _missing(f"replicaGigabyteMonth.{storage} for {region}")
    return Derived(
        value=count * gigabytes * price,
        reason=(
            f"{count} replicas x {gigabytes} GB x {price} {prices.currency} for a GB of {storage} "
            "and month; each replica is kept as a snapshot"
        ),
        sources=(_PRICES, sources.GALLERY),
    )


def _pool(pool: PoolPlan, region: str, prices: PriceList) -> PoolCost:
    return PoolCost(
        key=pool.key,
        pool_id=pool.pool_id.value,
        nodes=pool.nodes.value,
        hour=_hour(pool.settings.scale, pool.settings.vm_size, region, prices),
    )


def _hour(scale: FixedScale | AutoScale, size: str, region: str, prices: PriceList) -> Amount:
    price = prices.node_hour(size, region)
    if isinstance(scale, AutoScale):
        parts = [(scale.maximum_nodes, price.dedicated, "dedicated")]
    else:
        parts = [
            (scale.dedicated, price.dedicated, "dedicated"),
            (scale.low_priority, price.low_priority, "lowPriority"),
        ]
    total, words = Decimal(0), list[str]()
    for nodes, each, kind in parts:
        if nodes and each is None:
            return _missing(f"nodeHour.{size}.{kind} for {region}")
        if nodes and each is not None:
            total += nodes * each
            words.append(f"{nodes} {kind} nodes x {each} {prices.currency} an hour")
    ceiling = "; all that autoscale may ask for, as dedicated ones" if _automatic(scale) else ""
    return Derived(
        value=total,
        reason=(" + ".join(words) or "no nodes") + ceiling,
        sources=(_PRICES,),
    )


def _automatic(scale: FixedScale | AutoScale) -> bool:
    return isinstance(scale, AutoScale)


def _missing(figure: str) -> Amount:
    return Derived(value=None, reason=f"the price file has no {figure}", sources=(_PRICES,))


def _total(amounts: Iterable[Amount]) -> Decimal:
    return sum((each.value for each in amounts if each.value is not None), Decimal(0))
