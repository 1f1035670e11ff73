"""A price file: read whole, refused with every fault, and what a plan costs by it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain.capacity import capacity
from imagefleet.domain.costs import costs
from imagefleet.domain.fleet import AutoScale, FixedScale
from imagefleet.domain.plan import plan
from imagefleet.domain.prices import PriceFileError, parse
from tests.domain import fleets

REPLICA = "replicaGigabyteMonth"
SIZE = "Standard_D4ds_v5"
GOOD = {
    "currency": "EUR",
    "asOf": "2026-11-01",
    "source": "our contract",
    "imageGigabytes": {"ubuntu": 40},
    "replicaGigabyteMonth": {"Standard_LRS": 0.05},
    "nodeHour": {SIZE: {"dedicated": 0.2, "lowPriority": 0.04}},
    "regions": {
        "China North 3": {
            "replicaGigabyteMonth": {"Standard_LRS": 0.07},
            "nodeHour": {SIZE.upper(): {"dedicated": 0.3}},
        }
    },
}


def faults(**changes) -> list[str]:
    with pytest.raises(PriceFileError) as caught:
        parse({**GOOD, **changes})
    return [".".join(map(str, fault.path)) for fault in caught.value.faults]


class TestPriceFile:
    def test_a_region_has_its_own_prices_and_the_common_ones_where_it_has_none(self):
        prices = parse(GOOD)
        assert prices.as_of == date(2026, 11, 1)
        assert prices.replica_gigabyte_month("Standard_LRS", "chinanorth3") == Decimal("0.07")
        assert prices.replica_gigabyte_month("Standard_LRS", "westeurope") == Decimal("0.05")
        assert prices.replica_gigabyte_month("Premium_LRS", "westeurope") is None
        own = prices.node_hour(SIZE.lower(), "chinanorth3")
        assert (own.dedicated, own.low_priority) == (Decimal("0.3"), Decimal("0.04"))

    def test_a_price_is_exactly_what_is_written(self):
        prices = parse({**GOOD, "replicaGigabyteMonth": {"Standard_LRS": 0.1}})
        assert prices.replica_gigabyte_month("Standard_LRS", "x") == Decimal("0.1")

    def test_a_quoted_number_is_the_number(self):
        prices = parse({**GOOD, "replicaGigabyteMonth": {"Standard_LRS": "0.10"}})
        assert str(prices.replica_gigabyte_month("Standard_LRS", "x")) == "0.10"

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"currency": "euro"}, "currency"),
            ({"currency": None}, "currency"),
            ({"asOf": "yesterday"}, "asOf"),
            ({"asOf": None}, "asOf"),
            ({"source": " "}, "source"),
            ({"imageGigabytes": [40]}, "imageGigabytes"),
            ({"imageGigabytes": {"ubuntu": -1}}, "imageGigabytes.ubuntu"),
            ({REPLICA: {"Standard_LRS": True}}, f"{REPLICA}.Standard_LRS"),
            (
                {"replicaGigabyteMonth": {"Standard_LRS": "cheap"}},
                "replicaGigabyteMonth.Standard_LRS",
            ),
            ({"nodeHour": {SIZE: 0.2}}, f"nodeHour.{SIZE}"),
            ({"nodeHour": {SIZE: {"dedicated": float("inf")}}}, f"nodeHour.{SIZE}.dedicated"),
            ({"nodeHour": {SIZE: {"spot": 1}}}, f"nodeHour.{SIZE}.spot"),
            ({"regions": {"x": 1}}, "regions.x"),
            ({"regions": {"x": {"currency": "EUR"}}}, "regions.x.currency"),
            ({"curency": "EUR"}, "curency"),
        ],
    )
    def test_a_fault_is_told_by_its_key(self, changes, path):
        assert faults(**changes) == [path]

    def test_every_fault_is_told_at_once_with_a_near_miss(self):
        with pytest.raises(PriceFileError) as caught:
            parse({"curency": "EUR"})
        assert "did you mean 'currency'?" in str(caught.value)
        assert sorted(".".join(map(str, fault.path)) for fault in caught.value.faults) == [
            "asOf",
            "curency",
            "currency",
            "source",
        ]


class TestCosts:
    def test_replicas_and_nodes_are_costed_in_their_regions(self):
        found = costs(plan(fleets.china()), parse(GOOD))
        months = {cost.region: cost.month.value for cost in found.replicas}
        assert months == {
            "chinanorth3": 11 * 40 * Decimal("0.07"),
            "chinaeast2": 3 * 40 * Decimal("0.05"),
        }
        hours = {cost.key: cost.hour.value for cost in found.pools}
        assert hours == {
            "large-1.0.0": 3000 * Decimal("0.3"),
            "small-1.0.0": 600 * Decimal("0.04"),
        }
        assert found.pools_hour == sum(hours.values())
        assert found.replicas_month == sum(months.values())
        assert found.missing == ()
        assert "11 replicas x 40 GB x 0.07 EUR" in found.replicas[0].month.reason

    def test_the_ceiling_of_autoscale_counts_as_dedicated_nodes(self):
        scale = AutoScale(formula="$TargetDedicatedNodes=1;", maximum_nodes=50)
        found = costs(plan(fleets.with_pool(scale=scale)), parse(GOOD))
        assert found.pools_hour == 50 * Decimal("0.2")
        assert "autoscale" in found.pools[0].hour.reason

    def test_a_pool_without_nodes_costs_nothing_whatever_the_prices(self):
        fleet = fleets.with_pool(scale=FixedScale(dedicated=0))
        found = costs(plan(fleet), parse({**GOOD, "nodeHour": {}, "regions": {}}))
        assert (found.pools_hour, found.missing) == (0, ())

    def test_what_the_file_lacks_is_said_and_not_counted(self):
        found = costs(plan(fleets.china()), parse({**GOOD, "imageGigabytes": {}, "nodeHour": {}}))
        assert found.replicas_month == 0
        assert found.pools_hour == 3000 * Decimal("0.3")
        assert found.missing == (
            "the price file has no imageGigabytes.ubuntu",
            f"the price file has no nodeHour.{SIZE}.lowPriority for chinaeast2",
        )

    def test_an_existing_version_is_not_ours_to_pay(self):
        gallery = f"{fleets.COMPUTE}/galleries/packer/images/ubuntu/versions/1.0.0"
        fleet = fleets.with_image(
            existing=True, versions={"1.0.0": fleets.version(source=None, id=gallery)}
        )
        assert costs(plan(fleet), parse(GOOD)).replicas == ()

    @given(st.integers(0, 30_000), st.integers(1, 100_000))
    def test_advice_is_costed_by_the_replicas_advised_and_never_less_than_what_is_set(
        self, nodes, thousandths
    ):
        planned = plan(fleets.china(first=nodes))
        price = {"Standard_LRS": thousandths / 1000}
        common = {**GOOD, "replicaGigabyteMonth": price, "regions": {}}
        found = costs(planned, parse(common))
        regions = [each for version in planned.image_versions for each in version.regions]
        replica = 40 * Decimal(thousandths) / 1000
        advised = sum(max(each.recommended.value, each.replicas.value) for each in regions)
        assert found.replicas_month == sum(each.replicas.value for each in regions) * replica
        assert found.replicas_month_as_advised == advised * replica
        assert found.replicas_month <= found.replicas_month_as_advised


class TestCapacity:
    def test_nodes_and_cores_are_those_of_all_pools(self):
        found = capacity(plan(fleets.china()))
        assert (found.nodes, found.cores, found.unknown_sizes) == (3600, 3600 * 4, ())

    def test_a_size_that_is_not_known_is_named(self):
        found = capacity(plan(fleets.with_pool(vm_size="Standard_ZZ9_v9")))
        assert (found.nodes, found.cores, found.unknown_sizes) == (10, 0, ("Standard_ZZ9_v9",))
