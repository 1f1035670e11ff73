"""The order in which a state keeps its resources once something was taken in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.outside.parse import parse_outside
from imagefleet.offline.recover import in_order, look_up, strays
from tests.offline.azure.world import (
    GALLERY,
    GROUP,
    OUTSIDE,
    PRINCIPAL,
    SUBSCRIPTION,
    TOKENS,
    World,
)


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


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "azure.sqlite")
    yield made
    made.azure.close()


def test_what_a_file_told_of_is_no_stray(world):
    """A snapshot of somebody else's and a grant are kept like resources that were made here."""
    world.azure.suppose(
        parse_outside(
            {
                "resources": [
                    {
                        "id": f"{OUTSIDE}/Microsoft.Compute/snapshots/theirs",
                        "body": {"location": "westeurope"},
                    }
                ],
                "grants": [
                    {
                        "scope": f"/subscriptions/{SUBSCRIPTION}",
                        "role": "Reader",
                        "principal": PRINCIPAL,
                    }
                ],
            }
        )
    )
    assert strays([], [], world.azure) == ()
    world.path("ResourceGroup", "Gallery")
    assert strays([], [], world.azure) == (GROUP, GALLERY)
    assert strays([{"resources": [{"id": GROUP.upper()}]}], [], world.azure) == (GALLERY,)


def pending(kind: str, resource_id: str, type_name: str = "Gallery"):
    resource = {"urn": "urn::x::a", "type": TOKENS[type_name], "id": resource_id, "inputs": {}}
    return {"pending_operations": [{"type": kind, "resource": resource}]}


@pytest.mark.parametrize(
    ("kind", "there", "action"),
    [
        ("creating", True, "import it"),
        ("creating", False, "clear it: the next run makes it"),
        ("updating", True, "read it again"),
        ("updating", False, "forget it: it is gone"),
        ("deleting", True, "keep it: it still exists"),
        ("deleting", False, "forget it: it is gone"),
    ],
)
def test_what_becomes_of_an_operation_depends_on_what_is_there(world, kind, there, action):
    world.path(*(("ResourceGroup", "Gallery") if there else ()))
    (found,) = look_up(pending(kind, GALLERY), world.azure)
    assert (found.action, found.found) == (action, "Succeeded" if there else "not there")


def test_a_creation_whose_inputs_name_nothing_is_left_to_a_person(world):
    (found,) = look_up(pending("creating", ""), world.azure)
    assert found.action == "clear it; if it exists, import it by hand"


def test_every_resource_is_read_once(world, monkeypatch):
    """A recovery of a large fleet asks for each resource, and for none of them again."""
    world.path("ResourceGroup", "Gallery")
    asked = []
    read = SimulatedAzure.read
    monkeypatch.setattr(
        SimulatedAzure, "read", lambda self, *given: (asked.append(given[1]), read(self, *given))[1]
    )
    resources = [
        {"urn": "urn::x::g", "type": TOKENS["ResourceGroup"], "id": GROUP},
        {"urn": "urn::x::a", "type": TOKENS["Gallery"], "id": GALLERY},
    ]
    deployment = {"resources": resources}
    assert strays([deployment], look_up(deployment, world.azure), world.azure) == ()
    assert asked == [GROUP, GALLERY]
