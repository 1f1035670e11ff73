"""The order in which a state keeps its resources once something was taken in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imagefleet.offline.recover import in_order


def ordered(
    *resources: tuple[str, tuple[str, ...], bool],
) -> list[tuple[str, tuple[str, ...], bool]]:
    """Order resources given as name, what they need, and whether they are to be deleted."""
    return in_order(
        resources,
        urn=lambda each: each[0],
        needs=lambda each: each[1],
        going=lambda each: each[2],
    )


def test_what_was_taken_in_comes_before_what_waits_for_its_replacement():
    """A kill between the two: the definition is made, the version of before still names it."""
    gallery = ("gallery", (), False)
    version = ("version", ("definition",), False)
    definition = ("definition", ("gallery",), False)
    assert ordered(gallery, version, definition) == [gallery, definition, version]


def test_a_resource_that_is_to_be_deleted_is_nobodys_need():
    old, pool, new = ("a", (), True), ("pool", ("a",), False), ("a", (), False)
    assert ordered(old, pool, new) == [old, new, pool]


@given(st.data())
def test_nothing_is_lost_and_nothing_comes_before_what_it_needs(data):
    names = [f"r{number}" for number in range(data.draw(st.integers(0, 12)))]
    resources = [
        (
            name,
            tuple(data.draw(st.lists(st.sampled_from(names[:i] or ["none"]), unique=True))),
            False,
        )
        for i, name in enumerate(names)
    ]
    shuffled = data.draw(st.permutations(resources))
    found = ordered(*shuffled)
    assert sorted(found) == sorted(resources)
    places = {name: place for place, (name, _, _) in enumerate(found)}
    assert all(
        places[need] < places[n] for n, needs, _ in found for need in needs if need in places
    )
    assert ordered(*found) == found
