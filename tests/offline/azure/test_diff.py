"""`diff` against tables of what azure-native answers, and its laws."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.offline.diff import diff
from imagefleet.offline.services import registry
from imagefleet.offline.values import UNKNOWN
from tests.offline.azure.world import GOOD, MISSING, TOKENS, changed

TARGETS = "publishingProfile.targetRegions"


def compared(name, changes, *, old=None, outputs=None, ignore=()):
    before = old or GOOD[name]
    kind = registry.BY_TOKEN[TOKENS[name]]
    return diff(kind, before, outputs or {}, changed(before, changes), ignore)


@pytest.mark.parametrize(
    ("name", "changes", "detailed"),
    [
        ("GalleryImageVersion", {f"{TARGETS}.0.regionalReplicaCount": 5},
         {f"{TARGETS}[0].regionalReplicaCount": "update"}),
        ("GalleryImageVersion", {TARGETS: GOOD["GalleryImageVersion"]["publishingProfile"]
         ["targetRegions"][:1]}, {f"{TARGETS}[1]": "delete"}),
        ("GalleryImageVersion", {"tags": {"a": "b"}}, {"tags": "add"}),
        ("GalleryImageVersion", {"publishingProfile": MISSING}, {"publishingProfile": "delete"}),
        ("GalleryImageVersion", {"storageProfile.source.id": UNKNOWN},
         {"storageProfile.source.id": "update"}),
        ("GalleryImageVersion", {"storageProfile": UNKNOWN}, {"storageProfile": "update"}),
        ("Pool", {"vmSize": "x"}, {"vmSize": "update"}),
    ],
)  # fmt: skip
def test_changes_outside_the_path_are_updates_in_place(name, changes, detailed):
    found = compared(name, changes)
    assert found.changes
    assert dict(found.detailed) == detailed
    assert found.diffs == tuple(detailed)
    assert (found.replaces, found.delete_before_replace) == ((), False)


@pytest.mark.parametrize(
    ("name", "changes", "detailed"),
    [
        ("Pool", {"poolName": "other"}, {"poolName": "update-replace"}),
        ("Pool", {"accountName": UNKNOWN}, {"accountName": "update-replace"}),
        ("GalleryImageVersion", {"galleryImageVersionName": "1.1.0"},
         {"galleryImageVersionName": "update-replace"}),
        ("RoleAssignment", {"principalId": "x"}, {"principalId": "update-replace"}),
        ("RoleAssignment", {"scope": "x"}, {"scope": "update-replace"}),
        ("ResourceGroup", {"location": "uksouth"}, {"location": "update-replace"}),
    ],
)  # fmt: skip
def test_path_parameters_and_forced_properties_replace_and_delete_first(name, changes, detailed):
    found = compared(name, changes)
    assert dict(found.detailed) == detailed
    assert found.replaces == tuple(detailed)
    assert found.delete_before_replace


def test_the_role_of_a_grant_does_not_force_a_replacement():
    assert compared("RoleAssignment", {"roleDefinitionId": "x"}).replaces == ()


def test_a_name_that_was_made_up_is_replaced_before_it_is_deleted():
    old = {**GOOD["Snapshot"], "location": "westeurope", "__createBeforeDelete": True}
    found = compared("Snapshot", {"location": "uksouth"}, old=old)
    assert found.replaces == ("location",)
    assert not found.delete_before_replace


def test_two_spellings_of_a_region_are_no_change():
    old = {**GOOD["Snapshot"], "location": "West Europe"}
    assert not compared("Snapshot", {"location": "westeurope"}, old=old).changes


def test_a_default_written_out_is_no_change():
    outputs = {"taskSlotsPerNode": 1}
    assert not compared("Pool", {"taskSlotsPerNode": 1}, outputs=outputs).changes
    assert compared("Pool", {"taskSlotsPerNode": 2}, outputs=outputs).changes


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        ("tags", {"vmSize"}),
        ("tags.a", {"vmSize", 'tags["b.c"]'}),
        ('tags["b.c"]', {"vmSize", "tags.a"}),
        ("tags.*", {"vmSize"}),
        ("tag", {"vmSize", "tags.a", 'tags["b.c"]'}),
    ],
)
def test_ignored_paths_are_left_out(ignore, left):
    old = {**GOOD["Pool"], "tags": {}}
    changes = {"tags": {"a": "1", "b.c": "2"}, "vmSize": "x"}
    assert set(compared("Pool", changes, old=old, ignore=[ignore]).detailed) == left


def test_an_index_of_a_list_can_be_ignored():
    changes = {f"{TARGETS}.0.regionalReplicaCount": 9, f"{TARGETS}.1.regionalReplicaCount": 9}
    found = compared("GalleryImageVersion", changes, ignore=[f"{TARGETS}[0]"])
    assert list(found.detailed) == [f"{TARGETS}[1].regionalReplicaCount"]


def test_properties_of_the_engine_are_not_compared():
    assert not compared("Pool", {"__defaults": ["x"]}).changes


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(value=json_values)
def test_equal_inputs_never_differ(value):
    inputs = {**GOOD["Pool"], "tags": value}
    kind = registry.BY_TOKEN[TOKENS["Pool"]]
    assert not diff(kind, inputs, {}, copy.deepcopy(inputs)).changes


@given(old=json_values, new=json_values)
def test_different_inputs_always_differ_below_the_property_that_does(old, new):
    kind = registry.BY_TOKEN[TOKENS["Pool"]]
    found = diff(kind, {"metadata": old}, {}, {"metadata": new})
    hidden = any(text in str((old, new)) for text in ("__", "'_"))
    assert hidden or found.changes == (old != new)
    assert all(path.startswith("metadata") for path in found.detailed)
