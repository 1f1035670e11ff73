"""Findings and doubts can be read back from the text they travel in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain.findings import Cause, Doubt, Finding, find_doubt, find_finding

PATHS = st.from_regex(r"[a-zA-Z]+(\[[0-9]\])?(\.[a-zA-Z]+){0,3}", fullmatch=True)
WORDS = st.from_regex(r"[a-zA-Z0-9]+( [a-zA-Z0-9,']+){0,5}", fullmatch=True)


@given(PATHS, WORDS, WORDS)
def test_a_finding_survives_its_text(path, actual, needed):
    finding = Finding(path=path, actual=actual, needed=needed)
    assert find_finding(f"A summary.\n{finding}\nRemedy: Do it. (D1)") == finding


@given(PATHS, st.sampled_from(Cause), WORDS)
def test_a_doubt_survives_its_text(path, cause, detail):
    doubt = Doubt(path=path, cause=cause, detail=detail)
    assert find_doubt(f"other\n{doubt}") == doubt


@pytest.mark.parametrize("text", ["", "no finding", "undecided, odd: a b.", "a is b"])
def test_other_texts_hold_neither(text):
    assert find_finding(text) is None
    assert find_doubt(text) is None


def test_the_place_inside_a_template_travels_along():
    place = "template.resources[2] (Microsoft.Batch/batchAccounts/pools)"
    found = Finding(path="a.b[0]", actual="x; or y", needed="z", place=place)
    assert find_finding(f"A summary.\n{found}\nRemedy: do.") == found
    doubt = Doubt(path="a", cause=Cause.UNKNOWN, detail="is not known", place=place)
    assert find_doubt(str(doubt)) == doubt
