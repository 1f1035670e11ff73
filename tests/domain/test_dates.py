"""Days as Azure writes them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import builders, security
from imagefleet.domain.dates import api_day


@pytest.mark.parametrize(
    ("version", "day"),
    [
        ("2025-03-03", date(2025, 3, 3)),
        (" 2025-03-03-preview", date(2025, 3, 3)),
        ("2025-03-03x", date(2025, 3, 3)),
        ("2025-13-03", None),
        ("2025-3-3", None),
        ("v2025-03-03", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_an_api_version_begins_with_its_day(version, day):
    assert api_day(version) == day


@given(st.dates(), st.sampled_from(["", "-preview", "-beta"]))
def test_every_day_is_read_as_it_is_written(day, suffix):
    assert api_day(f"{day.isoformat()}{suffix}") == day


@given(st.dates())
def test_defaults_change_on_their_day_and_stay(day):
    written = day.isoformat()
    assert security.absent_means_trusted_launch(written) is (day >= date(2025, 3, 3))
    assert builders.machine_default_is_trusted_launch(written) is (day >= date(2025, 11, 1))
