"""Replicas follow from nodes: D91's floor, D93's headroom, the service's cap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import replication

nodes = st.integers(min_value=0, max_value=50_000)
pools = st.lists(nodes, max_size=6)


@pytest.mark.parametrize(
    ("count", "required", "planned"),
    [
        (0, 0, 1),
        (1, 1, 2),
        (299, 1, 2),
        (300, 1, 2),
        (301, 2, 3),
        (600, 2, 3),
        (601, 3, 4),
        (900, 3, 4),
        (1_200, 4, 5),
        (3_000, 10, 11),
        (29_700, 99, 100),
        (29_701, 100, 100),
        (30_001, 101, 100),
    ],
)
def test_replicas_of_one_pool(count, required, planned):
    assert replication.required(count) == required
    assert replication.planned([count]) == planned


def test_the_documents_example():
    """D92: 3,000 nodes need at least 10 replicas."""
    assert replication.required(3_000) == 10


@given(nodes, nodes)
def test_more_nodes_never_need_fewer_replicas(one, other):
    few, many = sorted((one, other))
    assert replication.required(few) <= replication.required(many)
    assert replication.planned([few]) <= replication.planned([many])
    assert replication.recommended(few) <= replication.recommended(many)


@given(nodes)
def test_the_floor_covers_every_node_and_is_no_larger_than_needed(count):
    required = replication.required(count)
    assert replication.capacity(required) >= count
    assert required == 0 or replication.capacity(required - 1) < count


@given(pools, st.integers(min_value=0, max_value=200))
def test_the_plan_lies_between_one_and_the_cap_and_above_the_minimum(counts, minimum):
    planned = replication.planned(counts, minimum)
    assert 1 <= planned <= replication.MAXIMUM
    assert planned >= min(minimum, replication.MAXIMUM)
    if replication.floor(counts) < replication.MAXIMUM:
        assert planned > replication.floor(counts)


@given(pools)
def test_the_sum_is_never_below_the_largest_nor_below_the_pools_taken_as_one(counts):
    assert replication.floor(counts) >= replication.largest(counts)
    assert replication.floor(counts) >= replication.required(sum(counts))


@given(pools, st.randoms())
def test_the_order_of_pools_does_not_matter(counts, random):
    shuffled = random.sample(counts, len(counts))
    assert replication.planned(shuffled) == replication.planned(counts)


def test_two_small_pools_each_have_their_own_replica():
    """The sum over pools is the careful reading of "each pool" in D91."""
    assert replication.floor([10, 10]) == 2
    assert replication.largest([10, 10]) == 1
    assert replication.planned([10, 10]) == 3


@pytest.mark.parametrize(("count", "advice"), [(0, 3), (150, 3), (151, 4), (500, 10), (9_999, 100)])
def test_the_gallerys_own_advice(count, advice):
    assert replication.recommended(count) == advice


def test_negative_nodes_are_refused():
    with pytest.raises(ValueError, match="-1 nodes"):
        replication.required(-1)
