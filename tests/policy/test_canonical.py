"""Three-valued reads: a value, absent, unknown; and a clear word for the wrong kind."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.canonical import (
    ABSENT,
    UNKNOWN,
    UNKNOWN_TEXTS,
    Missing,
    Resource,
    WrongShape,
    count,
    flag,
    path_text,
    presence,
    read,
    text,
)

PROPS = {"a": {"b": [{"c": "x"}, None, UNKNOWN]}, "n": None, "u": UNKNOWN, "k": 3.0}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("a", "b", 0, "c"), "x"),
        (("a", "b", 1), ABSENT),
        (("a", "b", 1, "c"), ABSENT),
        (("a", "b", 2), UNKNOWN),
        (("a", "b", 2, "c"), UNKNOWN),
        (("a", "b", 9), ABSENT),
        (("n",), ABSENT),
        (("n", "deep", 0), ABSENT),
        (("none",), ABSENT),
        (("u", "deep"), UNKNOWN),
        (("k",), 3.0),
    ],
)
def test_a_read_tells_value_absent_and_unknown_apart(path, expected):
    assert read(PROPS, *path) == expected


@pytest.mark.parametrize("mark", sorted(UNKNOWN_TEXTS))
def test_every_mark_of_the_engine_and_a_redacted_secret_is_unknown(mark):
    assert read({"a": {"b": mark}}, "a", "b") is UNKNOWN
    assert read({"a": mark}, "a", "b") is UNKNOWN
    assert presence({"a": {"b": mark}}, "a") is UNKNOWN


@pytest.mark.parametrize(
    ("reader", "path", "message"),
    [
        (read, ("k", "deep"), "k is a number, not an object"),
        (read, ("a", 0), "a is an object, not a list"),
        (read, ("a", "b", "c"), "a.b is a list, not an object"),
        (text, ("k",), "k is a number, not a text"),
        (text, ("a",), "a is an object, not a text"),
        (flag, ("k",), "k is a number, not true or false"),
        (count, ("a",), "a is an object, not a list"),
        (count, ("a", "b", 0, "c"), "a.b[0].c is a text, not a list"),
    ],
)
def test_the_wrong_kind_is_named_with_its_place(reader, path, message):
    with pytest.raises(WrongShape) as caught:
        reader(PROPS, *path)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), (False, False), ("True", True), (" false ", False)]
)
def test_a_flag_may_be_written_as_text(value, expected):
    assert flag({"f": value}, "f") is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ABSENT),
        ({}, ABSENT),
        ({"x": {}, "y": [None]}, ABSENT),
        ({"x": None, "y": UNKNOWN}, UNKNOWN),
        ({"x": UNKNOWN, "y": False}, True),
        ("", True),
        (0.0, True),
    ],
)
def test_presence_sees_through_empty_objects(value, expected):
    assert presence({"p": value}, "p") is expected


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text() | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(JSON, st.lists(st.text() | st.integers(0, 3), max_size=4))
def test_a_read_of_anything_answers_or_names_the_wrong_kind(value, path):
    with suppress(WrongShape):
        assert read(value, *path) is not None
    assert presence(value) in (True, *Missing)


def test_a_path_is_written_as_people_write_it():
    assert path_text(("features", 0, "value")) == "features[0].value"
    assert path_text(()) == "properties"


def test_ancestors_come_from_the_urn():
    urn = "urn:pulumi:dev::fleet::my:index:Outer$my:index:ImageBuilder$azure-native:compute:Disk::d"
    resource = Resource(urn=urn, name="d", type="t", token="t")  # noqa: S106 a type token
    assert resource.ancestor_types == ("my:index:Outer", "my:index:ImageBuilder")
    assert Resource(urn="", name="", type="", token="").ancestor_types == ()
