"""Whatever `check` lets through, the service takes or refuses with an error of its own.

Inputs are drawn from the SDK's own shapes, so every property of every type occurs.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.model import AzureError
from imagefleet.offline.schema import Shape
from imagefleet.offline.services import registry
from tests.offline.azure.world import (
    DEFINITION,
    DISK,
    GALLERY,
    GOOD,
    GUID,
    IMAGE,
    POOL_PATH,
    SETTINGS,
    SNAPSHOT,
    TOKENS,
    VERSION,
    World,
)

TEXTS = st.sampled_from(
    ["", "x", "fleet", "1.0.0", "PT30M", "westeurope", "North Europe", "Standard_D4ds_v5",
     "batch.node.ubuntu 22.04", "TrustedLaunch", "SecurityType", "2030-01-01", GUID,
     DISK, SNAPSHOT, IMAGE, GALLERY, DEFINITION, VERSION, "/a/b", "/"]
)  # fmt: skip


def values(shape: Shape, depth: int = 0) -> st.SearchStrategy:
    if shape.choices:
        return st.sampled_from(shape.choices)
    if shape.kind == "object":
        optional = {} if depth > 4 else dict(shape.properties)
        required = {name: optional.pop(name, shape.properties[name]) for name in shape.required}
        return st.fixed_dictionaries(
            {name: st.deferred(lambda s=s: values(s, depth + 1)) for name, s in required.items()},
            optional={
                name: st.deferred(lambda s=s: values(s, depth + 1)) for name, s in optional.items()
            },
        )
    inner = shape.items or Shape("string")
    if shape.kind == "array":
        return st.lists(st.deferred(lambda: values(inner, depth + 1)), max_size=2)
    if shape.kind == "map":
        return st.dictionaries(TEXTS, st.deferred(lambda: values(inner, depth + 1)), max_size=2)
    return {
        "string": TEXTS,
        "integer": st.integers(-1, 2000),
        "number": st.integers(-1, 100),
        "boolean": st.booleans(),
        "any": st.just({"a": 1}),
    }[shape.kind]


@pytest.mark.parametrize("kind", registry.TYPES, ids=lambda kind: kind.name)
def test_any_input_is_taken_or_refused_by_the_service(tmp_path, kind):
    world = World(tmp_path / "azure.sqlite")
    before_it = POOL_PATH.index(kind.name) if kind.name in POOL_PATH else len(POOL_PATH)
    world.path(*POOL_PATH[:before_it])
    azure: SimulatedAzure = world.azure
    good = GOOD[kind.name]
    names = {name: good[name] for name in kind.path_parameters}

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(drawn=values(kind.inputs), mixed=st.booleans())
    def holds(drawn, mixed):
        inputs = {**(good if mixed else {}), **drawn, **names}
        before = json.dumps(inputs)
        checked = azure.check(kind.token, "x", None, inputs, SETTINGS, b"0" * 16)
        if checked.failures:
            assert all(failure.property and failure.reason for failure in checked.failures)
            return
        try:
            made = azure.create(kind.token, checked.inputs, SETTINGS, preview=False)
        except AzureError as error:
            assert error.message  # noqa: PT017 either answer is one
            return
        finally:
            assert json.dumps(inputs) == before
        try:
            again = azure.read(kind.token, made.id, checked.inputs)
            assert again.inputs == checked.inputs
            assert again.outputs == made.outputs
            azure.update(kind.token, made.id, made.outputs, checked.inputs, SETTINGS, preview=False)
        finally:
            with azure.store.write() as transaction:
                transaction.delete(transaction.get(made.id))
        assert azure.read(kind.token, made.id) is None

    holds()
    azure.close()


def test_the_shapes_hold_every_input_of_the_good_world():
    assert set(GOOD) == set(TOKENS)
