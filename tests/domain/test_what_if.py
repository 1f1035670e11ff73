"""A fleet with other numbers of nodes is that fleet in everything else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import pools
from imagefleet.domain.fleet import AutoScale, FixedScale
from imagefleet.domain.what_if import with_nodes
from tests.domain import fleets

COUNTS = st.integers(min_value=0, max_value=100_000)


@given(COUNTS, COUNTS, COUNTS)
def test_a_fixed_pool_has_what_is_asked_for(dedicated, low, wanted):
    scale = FixedScale(dedicated=dedicated, low_priority=low, resize_timeout_minutes=90)
    changed = with_nodes(fleets.with_pool(scale=scale), wanted, {}).pools["render"].scale
    assert pools.nodes(changed) == wanted
    assert changed.resize_timeout_minutes == 90
    assert changed.low_priority <= max(low, wanted if not dedicated else 0)
    if low and not dedicated:
        assert changed.dedicated == 0


def test_an_autoscale_pool_gets_another_ceiling():
    scale = AutoScale(formula="$TargetDedicatedNodes=1;", maximum_nodes=10)
    changed = with_nodes(fleets.with_pool(scale=scale), 40, {}).pools["render"].scale
    assert changed == replace(scale, maximum_nodes=40)


def test_only_the_named_pools_change():
    fleet = fleets.china()
    changed = with_nodes(fleet, None, {"small": 700})
    assert pools.nodes(changed.pools["small"].scale) == 700
    assert changed.pools["large"] == fleet.pools["large"]
    assert replace(changed, pools=fleet.pools) == fleet


def test_a_named_pool_goes_before_the_number_for_all():
    changed = with_nodes(fleets.china(), 10, {"small": 700})
    assert {key: pools.nodes(pool.scale) for key, pool in changed.pools.items()} == {
        "large": 10,
        "small": 700,
    }


def test_a_pool_that_is_not_there_is_refused():
    with pytest.raises(KeyError, match="moon"):
        with_nodes(fleets.fleet(), None, {"moon": 1})
