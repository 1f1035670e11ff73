"""Plain scalars: read as YAML 1.2 and the CLI both read them, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.stack_yaml.scalars import ambiguity, read_plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("NULL", None), ("nULL", "nULL"),
        ("true", True), ("True", True), ("FALSE", False), ("tRUE", "tRUE"),
        ("0", 0), ("-7", -7), ("9223372036854775807", 2**63 - 1),
        ("0.5", 0.5), ("-12.25", -12.25), ("1.1", 1.1),
        ("1.0.0", "1.0.0"), ("1.2.3-rc1", "1.2.3-rc1"), ("westeurope", "westeurope"),
        ("=", "="), ("a:b", "a:b"), ("10.0.0.4:/export", "10.0.0.4:/export"),
        ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000001"),
        ("D2s_v3", "D2s_v3"), ("0xZZ", "0xZZ"), ("1e", "1e"), ("2027-06", "2027-06"),
    ],
)  # fmt: skip
def test_a_clear_scalar_is_read(text, value):
    assert ambiguity(text) is None
    assert read_plain(text) == value
    assert type(read_plain(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "yes", "Yes", "YES", "no", "on", "Off", "y", "N",
        "010", "0o10", "0x1F", "0b11", "1_000", "+5", "-0", "08", "00", "1__0",
        "9223372036854775808", "123456789012345678901234567890",
        "1.0", "1.10", "1.", ".5", "+0.5", "1e3", "1.5e300", "1E-7", ".inf", "-.INF", ".NaN",
        "1_0.5", "0.1234567", "12345678901.5", "00.5",
        "12:30", "190:20:30", "-1:59", "12:30:45.5",
        "2027-06-30", "2001-1-1", "2027-06-30T12:00:00Z", "2027-06-30 12:00:00",
    ],
)  # fmt: skip
def test_an_ambiguous_scalar_is_refused_with_the_hint_to_quote_it(text):
    reason = ambiguity(text)
    assert reason is not None
    assert reason.startswith(f"is {text}: ")
    assert reason.endswith(f'quote it if you mean the text: "{text}"')


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_number_of_64_bits_is_read(number):
    assert read_plain(str(number)) == number
    assert ambiguity(str(number)) is None


@given(st.from_regex(r"[-+]?[0-9_.eExXob:]{1,12}", fullmatch=True))
def test_what_is_read_as_a_number_is_written_back_as_it_was(text):
    """So that neither the CLI's way through JSON nor ours can change it."""
    value = read_plain(text)
    if not isinstance(value, str):
        assert str(value) == text
