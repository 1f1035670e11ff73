"""What a security type means for sources and machines; days in Azure's writing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import image_security
from imagefleet.domain.dates import day_of
from imagefleet.domain.fleet import Generation
from imagefleet.domain.security import DISK_SECURITY_TYPES, LOCKED_TYPES, SecurityType

# without a zone: hypothesis takes no other bounds
EARLY, LATE = datetime.fromisoformat("1900-01-02"), datetime.fromisoformat("9998-01-01")
KINDS = st.sampled_from(SecurityType)


@given(KINDS, KINDS)
def test_only_locked_types_exclude_each_other(one, other):
    assert image_security.fits(one, other) == image_security.fits(other, one)
    assert image_security.fits(one, other) or {one, other} & LOCKED_TYPES


@given(KINDS)
def test_every_type_starts_something_and_a_locked_one_itself_alone(kind):
    machines = image_security.MACHINES[kind]
    assert machines
    assert (SecurityType.STANDARD not in machines) == (kind in LOCKED_TYPES)


@pytest.mark.parametrize("word", DISK_SECURITY_TYPES)
def test_every_security_type_of_a_disk_belongs_to_a_locked_machine(word):
    assert image_security.machine_type(word.upper()) in LOCKED_TYPES


@pytest.mark.parametrize("word", ["", "ConfidentialVM_Nonsense", "Sealed"])
def test_other_words_belong_to_none(word):
    assert image_security.machine_type(word) is None


@pytest.mark.parametrize(
    ("api", "generation", "kind"),
    [
        (None, Generation.V1, SecurityType.STANDARD),
        ("2024-03-03", Generation.V1, SecurityType.STANDARD),
        ("2025-03-03", Generation.V2, SecurityType.TRUSTED_LAUNCH_SUPPORTED),
    ],
)
def test_defaults_come_from_the_api_version(api, generation, kind):
    assert image_security.default_generation(api) is generation
    assert image_security.default_type(api, generation) is kind
    assert image_security.default_type(api, Generation.V1) is SecurityType.STANDARD


@given(
    st.datetimes(min_value=EARLY, max_value=LATE),
    st.integers(-14, 14),
)
def test_the_day_is_that_of_utc(moment, hours):
    placed = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert day_of(placed.isoformat()) == placed.astimezone(UTC).date()
    assert day_of(moment.isoformat()) == moment.date()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-06-30", date(2027, 6, 30)),
        (" 2027-06-30T00:00:00Z ", date(2027, 6, 30)),
        ("0001-01-01T00:00:00+14:00", date(1, 1, 1)),
        ("2027-06-30 00:00:00 +0000 UTC", None),
        ("30.06.2027", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_day_is_written_as_iso_has_it(text, day):
    assert day_of(text) == day
