"""Property paths: how they are read, what lies below one, and what ignoring one does."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.offline.embedded.paths import (
    contains,
    inverted,
    parse,
    replaces,
    with_ignored,
    with_replacements,
)
from imagefleet.offline.model import Difference
from imagefleet.offline.values import Secret

KEYS = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=3)


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("a", ("a",)),
        ("a.b.c", ("a", "b", "c")),
        ("a[0].b", ("a", 0, "b")),
        ("a[*].b", ("a", "*", "b")),
        ("a.*", ("a", "*")),
        ('tags["with.dot"].x', ("tags", "with.dot", "x")),
        (r'["a\"b"]', ('a"b',)),
        ("", ()),
    ],
)
def test_path_is_read_key_by_key(path, keys):
    assert parse(path) == keys


@pytest.mark.parametrize(
    ("path", "other", "expected"),
    [
        ("a", "a", True),
        ("a", "a.b[0]", True),
        ("a.b", "a", False),
        ("a", "ab", False),
        ("a[*].b", "a[3].b.c", True),
        ("*", "anything", True),
    ],
)
def test_path_contains_itself_and_what_is_below(path, other, expected):
    assert contains(parse(path), parse(other)) is expected


def test_asked_for_changes_become_replacements():
    found = Difference(
        changes=True,
        detailed={"a.b": "update", "a.c": "add", "d": "delete"},
        diffs=("a", "d"),
    )
    forced = with_replacements(found, ["a.b", "d"])
    assert forced.detailed == {"a.b": "update-replace", "a.c": "add", "d": "delete-replace"}
    # The engine compares whole keys here, so `a` is not named although `a.b` replaces.
    assert forced.replaces == ("d",)
    assert replaces(forced)
    assert not replaces(with_replacements(found, ["x"]))


def test_no_change_is_not_made_a_replacement():
    assert not replaces(with_replacements(Difference(changes=False), ["*"]))


@given(st.dictionaries(st.text(), st.sampled_from(["add", "delete", "update"])))
def test_difference_seen_twice_from_the_other_side_is_itself(detailed):
    found = Difference(changes=True, detailed=detailed)
    assert inverted(inverted(found)) == found


@pytest.mark.parametrize(
    ("new", "old", "path", "expected"),
    [
        ({"a": 2}, {"a": 1}, "a", {"a": 1}),
        ({"a": 2}, {}, "a", {}),
        ({}, {"a": 1}, "a", {"a": 1}),
        ({"a": {"x": 2, "y": 2}}, {"a": {"x": 1, "y": 1}}, "a.x", {"a": {"x": 1, "y": 2}}),
        ({"a": {"x": 2, "y": 2}}, {"a": {"x": 1, "z": 3}}, "a.*", {"a": {"x": 1, "z": 3}}),
        ({"a": [{"x": 2}, {"x": 2}]}, {"a": [{"x": 1}]}, "a[0].x", {"a": [{"x": 1}, {"x": 2}]}),
        ({"a": [2, 2]}, {"a": [1, 1]}, "a[*]", {"a": [1, 1]}),
        ({"a": Secret({"x": 2})}, {"a": Secret({"x": 1})}, "a.x", {"a": Secret({"x": 1})}),
    ],
)
def test_ignored_path_keeps_the_old_value(new, old, path, expected):
    assert with_ignored(new, old, [path]) == (expected, [])


@pytest.mark.parametrize("path", ["a[1]", "a[1].x"])
def test_ignored_path_without_a_place_is_named(path):
    new, lost = with_ignored({"a": [1, 2]}, {"a": [1], "b": 1}, [path])
    assert (new, lost) == ({"a": [1, 2]}, [path])


@given(OBJECTS, OBJECTS)
def test_ignoring_every_key_gives_the_old_inputs(new, old):
    assert with_ignored(new, old, sorted({*new, *old}))[0] == old or not {*new, *old}


@given(OBJECTS, OBJECTS, st.lists(st.sampled_from(["a", "a.b", "a[0]", "*", "b.*", "c[*].a"])))
def test_ignoring_leaves_the_given_inputs_alone_and_settles_at_once(new, old, ignored):
    before = copy.deepcopy((new, old))
    once, _ = with_ignored(new, old, ignored)
    assert (new, old) == before
    assert with_ignored(once, old, ignored)[0] == once
