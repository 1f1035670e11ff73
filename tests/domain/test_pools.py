"""Resize timeouts follow from nodes: D95's steps, never less than any reading of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import durations, pools
from imagefleet.domain.fleet import AllocationMode, AutoScale, FixedScale

nodes = st.integers(min_value=0, max_value=100_000)


@pytest.mark.parametrize(
    ("count", "minutes", "text"),
    [
        (0, 15, "PT15M"),
        (1, 15, "PT15M"),
        (1_000, 15, "PT15M"),
        (1_001, 30, "PT30M"),
        (2_000, 30, "PT30M"),
        (2_001, 45, "PT45M"),
        (3_000, 45, "PT45M"),
        (4_000, 60, "PT1H"),
        (4_001, 75, "PT1H15M"),
    ],
)
def test_the_timeout_of_a_resize(count, minutes, text):
    """D96: 2,000 nodes -> 30 minutes."""
    assert pools.resize_timeout_minutes(count) == minutes
    assert durations.from_minutes(minutes) == text


@given(nodes, nodes)
def test_more_nodes_never_get_less_time(one, other):
    few, many = sorted((one, other))
    assert pools.resize_timeout_minutes(few) <= pools.resize_timeout_minutes(many)


@given(nodes)
def test_the_timeout_satisfies_the_linear_reading_and_the_service(count):
    seconds = pools.resize_timeout_minutes(count) * 60
    assert seconds >= pools.linear_resize_timeout_seconds(count)
    assert seconds >= pools.RESIZE_TIMEOUT_MINIMUM * 60


def test_the_linear_reading_between_the_thousands():
    assert pools.linear_resize_timeout_seconds(1_000) == 900
    assert pools.linear_resize_timeout_seconds(1_001) == 901
    assert pools.linear_resize_timeout_seconds(2_000) == 1_800


def test_both_targets_of_a_fixed_pool_count_and_the_ceiling_of_autoscale():
    assert pools.nodes(FixedScale(dedicated=2, low_priority=3)) == 5
    assert pools.nodes(AutoScale(formula="$TargetDedicatedNodes=1;", maximum_nodes=7)) == 7


def test_inter_node_communication_limits_the_size():
    assert pools.inter_node_maximum(AllocationMode.BATCH_SERVICE) == 100
    assert pools.inter_node_maximum(AllocationMode.USER_SUBSCRIPTION) == 80


@pytest.mark.parametrize(("vcpus", "slots"), [(1, 4), (8, 32), (64, 256), (96, 256), (None, 256)])
def test_task_slots(vcpus, slots):
    assert pools.task_slots_maximum(vcpus) == slots


def test_negative_nodes_are_refused():
    with pytest.raises(ValueError, match="-1 nodes"):
        pools.resize_timeout_minutes(-1)
