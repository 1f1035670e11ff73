"""Curves of nodes over time: they say what the model says, from the first minute to the last."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import steady
from imagefleet.domain.allocation import READY_MINUTES, Resize

resizes = st.builds(
    Resize,
    started=st.floats(min_value=0, max_value=1000),
    dedicated_before=st.integers(0, 3000),
    dedicated_target=st.integers(0, 5000),
    replicas=st.integers(min_value=1, max_value=100),
    timeout=st.none() | st.floats(min_value=5, max_value=120),
)


@given(resizes, st.floats(min_value=1, max_value=600))
def test_a_curve_starts_with_what_is_kept_and_never_falls(run, until):
    drawn = steady.curve(run, until)
    assert (drawn.minutes[0], drawn.nodes[0]) == (0, run.kept)
    assert drawn.minutes[-1] == pytest.approx(until)
    assert len(drawn.minutes) == len(drawn.nodes)
    for (minute, nodes), (later, more) in itertools.pairwise(
        zip(drawn.minutes, drawn.nodes, strict=True)
    ):
        assert minute < later
        assert nodes <= more


@given(st.lists(resizes, min_size=1, max_size=4))
def test_a_picture_spans_the_end_of_every_curve(runs):
    until = steady.horizon(runs)
    for run in runs:
        assert steady.settled(run) <= until
        assert steady.curve(run, until or 1).nodes[-1] == steady.come_up(run)
        assert run.timeout is None or run.timeout < until


@given(st.integers(1, 5000), st.integers(1, 100))
def test_without_a_timeout_all_come_up(nodes, replicas):
    run = Resize(started=7, dedicated_target=nodes, replicas=replicas)
    assert steady.come_up(run) == nodes
    assert steady.settled(run) == pytest.approx(run.full_minutes + READY_MINUTES)


@pytest.mark.parametrize(
    ("replicas", "come_up", "settled"), [(1, 300, 18), (2, 600, 18), (3, 800, 800 / 60 + 3)]
)
def test_too_few_replicas_end_at_the_timeout(replicas, come_up, settled):
    run = Resize(started=0, dedicated_target=800, replicas=replicas, timeout=15)
    assert steady.come_up(run) == come_up
    assert steady.settled(run) == pytest.approx(settled)


def test_no_resize_spans_nothing():
    assert steady.horizon([]) == 0


@pytest.mark.parametrize(
    ("text", "minutes"), [("PT45M", 45), ("PT1H30M", 90), ("00:15:00", 15), ("soon", None)]
)
def test_a_timeout_is_read_in_minutes(text, minutes):
    assert steady.timeout_minutes(text) == minutes


def test_the_model_names_its_sentences():
    assert "D91" in steady.MODEL
    assert "D95" in steady.MODEL
