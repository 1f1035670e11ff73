"""Addresses of a subnet: its prefixes, less what Azure keeps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain.subnets import RESERVED_ADDRESSES, addresses


@pytest.mark.parametrize(
    ("prefixes", "found"),
    [
        ([], None),
        (["fd00::/64"], None),
        (["nonsense"], None),
        (["10.0.0.0/29"], 3),
        (["10.0.0.0/30"], 0),
        (["10.0.0.0/28", "10.0.0.0/28"], 11),
        (["10.0.0.0/28", "10.0.1.0/28", "fd00::/64"], 27),
        (["10.0.0.7/28"], 11),
    ],
)
def test_addresses_of_prefixes(prefixes, found):
    assert addresses(prefixes) == found


@given(st.integers(8, 29))
def test_a_prefix_has_all_its_addresses_but_those_that_azure_keeps(length):
    assert addresses([f"10.0.0.0/{length}"]) == 2 ** (32 - length) - RESERVED_ADDRESSES
