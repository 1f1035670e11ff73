"""What a change costs: totals, then the items that differ, in the price file's own currency."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from imagefleet.domain.costs import Costs, PoolCost, ReplicaCost
from imagefleet.domain.fleet_plan import Derived
from imagefleet.domain.prices import PriceList, Rates
from imagefleet.review.cost_lines import cost_lines, cost_note

PRICES = PriceList(
    currency="EUR",
    as_of=date(2026, 11, 1),
    source="our contract",
    everywhere=Rates(),
    regions={},
    image_gigabytes={},
)


def amount(value: str | None, reason: str = "") -> Derived[Decimal | None]:
    return Derived(value=None if value is None else Decimal(value), reason=reason, sources=())


def costs(pool: str | None = "2", replicas: str | None = "30", *, name: str = "work") -> Costs:
    month, hour = amount(replicas, "no gigabytes of 'u'"), amount(pool, "no price of 'D2'")
    return Costs(
        prices=PRICES,
        replicas=(
            ReplicaCost(
                key="u/1.0.0/westeurope",
                region="westeurope",
                replicas=3,
                month=month,
                month_as_advised=month,
            ),
        ),
        pools=(PoolCost(key=name, pool_id=name, nodes=4, hour=hour),),
    )


def told(before: Costs | None, after: Costs | None) -> list[tuple[str, str, str]]:
    return [(line.item, line.before, line.after) for line in cost_lines(before, after)]


def test_totals_come_first_and_then_what_differs() -> None:
    assert told(costs(), costs(pool="1450.005")) == [
        ("All replicas, a month", "30.00", "30.00"),
        ("All pools, an hour with every node there", "2.00", "1,450.01"),
        ("Pool work, an hour at its ceiling", "2.00", "1,450.01"),
    ]


def test_equal_costs_are_not_told() -> None:
    assert told(costs(), costs()) == []
    assert told(None, None) == []


def test_a_side_without_the_item_or_without_the_stack() -> None:
    assert told(costs(), costs(name="other"))[2:] == [
        ("Pool work, an hour at its ceiling", "2.00", "—"),
        ("Pool other, an hour at its ceiling", "—", "2.00"),
    ]
    assert told(None, costs())[0] == ("All replicas, a month", "—", "30.00")
    assert told(costs(), None)[-1] == ("Pool work, an hour at its ceiling", "2.00", "—")


def test_a_price_that_is_missing_is_said_not_counted_as_nothing() -> None:
    before, after = costs(), costs(pool=None)
    assert told(before, after)[-1] == ("Pool work, an hour at its ceiling", "2.00", "not known")
    assert cost_note(before, after) == (
        "Cost is an estimate in EUR of 2026-11-01: our contract. Not counted: no price of 'D2'."
    )


def test_placeholders_are_no_prices() -> None:
    placeholder = replace(costs(), prices=replace(PRICES, currency="XXX"))
    assert "these are no prices" in cost_note(None, placeholder)
