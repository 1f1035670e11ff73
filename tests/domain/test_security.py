"""Security types: one comparison for every spelling, and what their absence means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import security
from imagefleet.domain.security import SecurityType


@pytest.mark.parametrize("kind", SecurityType)
def test_a_type_is_known_in_every_case(kind):
    for spelling in (kind.value, kind.value.lower(), kind.value.upper(), f" {kind.value} "):
        assert security.security_type(spelling) is kind


@given(st.text())
def test_only_standard_is_standard(text):
    assert security.is_standard(text) is (text.strip().casefold() == "standard")


def test_every_type_but_standard_is_refused():
    refused = security.LOCKED_TYPES | security.SUPPORTED_TYPES
    assert set(SecurityType) - refused == {SecurityType.STANDARD}
    assert not security.LOCKED_TYPES & security.SUPPORTED_TYPES


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (None, False),
        ("", False),
        ("soon", False),
        ("2025-03-02", False),
        ("2025-03-03", True),
        ("2025-03-03-preview", True),
        ("2026-01-01", True),
    ],
)
def test_the_default_of_a_definition_changed_with_one_api_version(version, expected):
    assert security.absent_means_trusted_launch(version) is expected
