"""Property values on the wire: what goes into a struct comes out again, wrapping included."""

from __future__ import annotations

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.offline import values
from imagefleet.offline.values import UNKNOWN, Secret, from_struct, to_struct

LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.just(UNKNOWN)
PLAIN = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)
WRAPPED = st.recursive(
    LEAVES | LEAVES.map(Secret),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), WRAPPED))
def test_values_and_secrets_survive_the_wire(properties):
    assert from_struct(to_struct(properties)) == properties


@given(st.dictionaries(st.text(), PLAIN))
def test_struct_is_the_one_that_google_makes(properties):
    assert to_struct(properties) == json_format.ParseDict(properties, struct_pb2.Struct())


@pytest.mark.parametrize("sentinel", sorted(values._SENTINELS))
def test_every_sentinel_becomes_the_one_unknown(sentinel):
    assert from_struct(to_struct({"a": [sentinel]})) == {"a": [UNKNOWN]}


@pytest.mark.parametrize(
    ("wrapped", "value"),
    [
        ({"id": "/x", "urn": "urn:x"}, "/x"),
        ({"id": "", "urn": "urn:x"}, "urn:x"),
        ({"urn": "urn:x"}, "urn:x"),
    ],
)
def test_resource_reference_becomes_its_id_or_else_its_urn(wrapped, value):
    reference = {values.SIGNATURE_KEY: values.RESOURCE_SIGNATURE, **wrapped}
    assert from_struct(to_struct({"a": reference})) == {"a": value}


@pytest.mark.parametrize(
    ("wrapped", "value"),
    [
        ({"value": 1}, 1),
        ({"value": 1, "secret": True}, Secret(1)),
        ({}, UNKNOWN),
        ({"secret": True}, Secret(UNKNOWN)),
    ],
)
def test_output_value_becomes_its_value_as_marked(wrapped, value):
    output = {values.SIGNATURE_KEY: values.OUTPUT_SIGNATURE, **wrapped}
    assert from_struct(to_struct({"a": output})) == {"a": value}


def test_what_is_no_property_value_is_refused_by_its_type():
    with pytest.raises(TypeError, match="set is not a property value"):
        to_struct({"a": {1}})
