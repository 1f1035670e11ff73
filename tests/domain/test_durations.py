"""Durations are written in Azure's shortest form and read in every form it takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import durations


@given(st.integers(min_value=0, max_value=100 * 24 * 60))
def test_what_is_written_is_read_back(minutes):
    assert durations.seconds(durations.from_minutes(minutes)) == minutes * 60


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "PT0S"), (5, "PT5M"), (45, "PT45M"), (60, "PT1H"), (90, "PT1H30M"), (1440, "P1D"),
     (1500, "P1DT1H"), (10_080, "P7D")],
)  # fmt: skip
def test_the_shortest_form(minutes, text):
    assert durations.from_minutes(minutes) == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT30M", 1800), ("PT1800S", 1800), ("P0DT0H30M0S", 1800), ("00:30:00", 1800),
     ("1.00:00:00", 86400), ("pt15m", 900), ("PT0.5S", 0.5), (" PT15M ", 900)],
)  # fmt: skip
def test_all_forms(text, seconds):
    assert durations.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "P", "PT", "30", "30M", "PT30", "P1DT", "15 minutes", "P1Y"])
def test_other_forms_are_not_guessed(text):
    assert durations.seconds(text) is None
