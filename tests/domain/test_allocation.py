"""The arithmetic of nodes coming up: the document's minima are exactly enough, and no less is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import pools, replication
from imagefleet.domain.allocation import Resize

nodes = st.integers(min_value=0, max_value=5000)
replicas = st.integers(min_value=1, max_value=100)
minutes = st.floats(min_value=0, max_value=600)
resizes = st.builds(
    Resize,
    started=st.floats(min_value=0, max_value=1000),
    dedicated_before=nodes,
    dedicated_target=nodes,
    low_priority_before=nodes,
    low_priority_target=nodes,
    replicas=st.integers(min_value=0, max_value=100),
    timeout=st.none() | st.floats(min_value=5, max_value=120),
    ready_at=st.floats(min_value=0, max_value=1000),
    refused=st.sampled_from(["", "no"]),
    unusable=st.booleans(),
)


@given(count=st.integers(min_value=1, max_value=30_000))
def test_replicas_and_timeout_at_the_minimum_are_enough(count):
    resize = Resize(
        started=10,
        dedicated_target=count,
        replicas=replication.required(count),
        timeout=pools.resize_timeout_minutes(count),
    )
    end = 10 + resize.timeout
    assert resize.allocated(end) == count
    assert resize.errors(end) == ()


@pytest.mark.parametrize(
    ("count", "replica_count", "timeout", "come_up"),
    [
        (300, 1, 15, 300),
        (301, 1, 15, 300),
        (900, 3, 15, 900),
        (900, 2, 15, 600),
        (1000, 4, 15, 1000),
        (1001, 4, 15, 1000),
        (1001, 4, 30, 1001),
        (3000, 11, 45, 3000),
        (3000, 11, 30, 2000),
        (3000, 100, 45, 3000),
    ],
)
def test_the_table_of_the_document(count, replica_count, timeout, come_up):
    resize = Resize(
        started=0, dedicated_target=count, replicas=replica_count, timeout=float(timeout)
    )
    assert resize.allocated(10_000) == come_up
    assert bool(resize.errors(10_000)) == (come_up < count)


@given(resize=resizes, earlier=minutes, later=minutes)
def test_nodes_only_become_more_and_never_more_than_asked_for(resize, earlier, later):
    first, second = sorted((resize.started + earlier, resize.started + later))
    assert resize.kept <= resize.allocated(first) <= resize.allocated(second) <= resize.target
    assert resize.ready(first) <= resize.ready(second) or second < resize.ready_at
    assert 0 <= resize.ready(second) <= resize.allocated(second)


@given(resize=resizes, elapsed=minutes)
def test_both_kinds_add_up_and_stay_within_their_targets(resize, elapsed):
    now = resize.started + elapsed
    dedicated, low = resize.dedicated(now), resize.low_priority(now)
    assert dedicated + low == resize.allocated(now)
    assert 0 <= dedicated <= resize.dedicated_target
    assert 0 <= low <= resize.low_priority_target


@given(resize=resizes)
def test_every_resize_ends_with_all_nodes_or_an_error(resize):
    end = resize.started + 100_000
    assert resize.last_ready(end) <= end
    assert not resize.resizing(end)
    assert (resize.allocated(end) == resize.target) == (not resize.errors(end))
    assert resize.ready(end) == resize.allocated(end)


@given(resize=resizes)
def test_what_is_stored_comes_back(resize):
    assert Resize.stored(resize.plain()) == resize


@given(count=st.integers(min_value=1, max_value=5000), few=replicas, more=replicas)
def test_more_replicas_are_never_slower(count, few, more):
    few, more = sorted((few, more))
    slow = Resize(started=0, dedicated_target=count, replicas=few)
    quick = Resize(started=0, dedicated_target=count, replicas=more)
    assert quick.minutes <= slow.minutes


def test_shrinking_takes_no_time():
    resize = Resize(started=5, dedicated_before=10, dedicated_target=4, replicas=1, timeout=15)
    assert (resize.allocated(5), resize.resizing(5), resize.ready(5)) == (4, False, 4)


def test_the_earlier_nodes_are_ready_when_they_were():
    resize = Resize(started=5, dedicated_before=10, dedicated_target=10, replicas=1, ready_at=7)
    assert (resize.ready(6), resize.ready(7)) == (0, 10)
