"""Version numbers are three 32-bit numbers, ordered as numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import versions
from imagefleet.domain.versions import Version

numbers = st.integers(min_value=0, max_value=versions.PART_MAXIMUM)
three = st.tuples(numbers, numbers, numbers)


@pytest.mark.parametrize("text", ["0.0.0", "1.0.0", "1.10.200", "2147483647.0.0"])
def test_good_versions(text):
    assert versions.fault(text) is None
    assert str(Version.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.0", "1.0.0.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.00.0", "-1.0.0", " 1.0.0",
     "1.0.0\n", "latest", "2147483648.0.0", "1.0." + "9" * 5000, "1.0.\u0661"],
    ids=lambda text: repr(text[:16]),
)  # fmt: skip
def test_bad_versions(text):
    assert versions.fault(text).startswith("must be Major.Minor.Patch")
    assert Version.try_parse(text) is None
    with pytest.raises(ValueError, match=r"Major\.Minor\.Patch"):
        Version.parse(text)


@given(three, three)
def test_order_is_that_of_the_numbers(one, other):
    assert (Version(*one) < Version(*other)) == (one < other)


@given(st.lists(three.map(lambda parts: ".".join(map(str, parts))), min_size=1))
def test_latest_is_the_last_in_order(texts):
    assert versions.latest(texts) == versions.ordered(texts)[-1]


def test_ten_comes_after_nine():
    assert versions.ordered(["1.10.0", "1.9.0", "1.0.0"]) == ("1.0.0", "1.9.0", "1.10.0")


def test_latest_overlooks_what_is_no_version():
    assert versions.latest(["1.0.0", "zzz"]) == "1.0.0"
    assert versions.latest(["zzz"]) is None


@given(st.text())
def test_any_text_is_judged(text):
    assert (versions.fault(text) is None) == (Version.try_parse(text) is not None)
