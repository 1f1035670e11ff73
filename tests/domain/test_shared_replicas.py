"""Bounds for replicas that pools share, within the service's most replicas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import replication, shared_replicas

pools = st.lists(st.integers(0, 10_000), max_size=30)


@pytest.mark.parametrize(
    ("nodes", "together", "ahead"),
    [([], 0, 1), ([0], 0, 1), ([300], 1, 2), ([301, 300], 3, 4), ([1] * 150, 100, 100)],
)
def test_replicas_of_pools_are_added_up_to_the_most(nodes, together, ahead):
    assert shared_replicas.for_all(nodes) == together
    assert shared_replicas.with_headroom(nodes) == ahead


@given(pools, st.integers(0, 10_000))
def test_a_pool_more_never_needs_fewer_replicas(nodes, more):
    for bound in (shared_replicas.for_all, shared_replicas.with_headroom):
        assert bound(nodes) <= bound([*nodes, more]) <= replication.MAXIMUM


@given(pools, st.integers(1, 100))
def test_what_the_plan_deploys_is_always_enough(nodes, minimum):
    deployed = replication.planned(nodes, minimum)
    assert deployed >= shared_replicas.with_headroom(nodes) >= shared_replicas.for_all(nodes)
