"""Outputs at preview, and what a refresh and an import make of a resource."""

from __future__ import annotations

import copy

import pytest

from imagefleet.offline.faults import change_behind
from imagefleet.offline.preview import inputs_read_back
from imagefleet.offline.services import registry
from imagefleet.offline.values import UNKNOWN
from tests.offline.azure.world import (
    ACCOUNT,
    GALLERY,
    GROUP,
    POOL,
    SETTINGS,
    TOKENS,
    VERSION,
    changed,
)

OTHER = "/subscriptions/x/resourceGroups/y/providers/Microsoft.Compute/images/z"


@pytest.mark.parametrize("name", TOKENS)
def test_at_the_preview_of_a_create_what_is_not_set_is_unknown(world, name):
    inputs = world.checked(name)
    before = copy.deepcopy(inputs)
    made = world.azure.create(TOKENS[name], inputs, SETTINGS, preview=True)
    kind = registry.BY_TOKEN[TOKENS[name]]
    assert made.id == ""
    assert inputs == before
    assert set(made.outputs) == {*kind.outputs.properties, "id"}
    for output in ("id", "name", "type"):
        assert made.outputs[output] == UNKNOWN
    assert made.outputs["azureApiVersion"] == kind.api_version
    with world.azure.store.read() as transaction:
        assert transaction.of_type(kind.arm_type) == ()


def test_unknowns_go_as_deep_as_the_inputs(world):
    made = world.azure.create(TOKENS["Pool"], world.checked("Pool"), SETTINGS, preview=True)
    machine = made.outputs["deploymentConfiguration"]["virtualMachineConfiguration"]
    assert machine["imageReference"]["id"] == VERSION
    assert machine["imageReference"]["publisher"] == UNKNOWN
    assert machine["osDisk"] == UNKNOWN
    fixed = made.outputs["scaleSettings"]["fixedScale"]
    assert fixed["targetDedicatedNodes"] == 900
    assert fixed["targetLowPriorityNodes"] == UNKNOWN
    assert made.outputs["scaleSettings"]["autoScale"] == UNKNOWN
    assert "poolName" not in made.outputs


def test_at_the_preview_of_an_update_name_and_location_are_known(account):
    old = account.read("GalleryImageVersion", VERSION)
    inputs = changed(account.inputs[VERSION], {"tags": {"a": "b"}})
    outputs = account.azure.update(
        TOKENS["GalleryImageVersion"], VERSION, old, inputs, SETTINGS, preview=True
    )
    assert (outputs["name"], outputs["location"]) == ("1.0.0", "westeurope")
    assert outputs["tags"] == {"a": "b"}
    assert outputs["type"] == UNKNOWN
    assert account.read("GalleryImageVersion", VERSION) == old


def made(world, name):
    """Return the id of the good resource of this type, which is made where it is not there."""
    kind = registry.BY_TOKEN[TOKENS[name]]
    with world.azure.store.read() as transaction:
        found = transaction.of_type(kind.arm_type)
    return found[0].id if found else world.make(name).id


@pytest.mark.parametrize("name", TOKENS)
def test_a_refresh_of_what_nobody_changed_changes_nothing(account, name):
    resource_id = made(account, name)
    account.azure.advance(30)
    inputs = account.inputs[resource_id]
    found = account.azure.read(TOKENS[name], resource_id, inputs)
    assert found.inputs == inputs
    assert found.outputs["__inputs"] == inputs
    assert not account.azure.diff(TOKENS[name], resource_id, inputs, found.outputs, inputs).changes


@pytest.mark.parametrize("name", TOKENS)
def test_what_only_time_has_changed_is_no_drift(account, name):
    """Replicas spread and nodes start without anybody having touched the resource."""
    resource_id = made(account, name)
    inputs = account.inputs[resource_id]
    seen = account.azure.read(TOKENS[name], resource_id, inputs).outputs
    account.azure.advance(600)
    assert account.azure.read(TOKENS[name], resource_id, inputs, seen).inputs == inputs


def drifted(account, name, resource_id, changes):
    """Change a resource behind its program, and return what of its inputs a refresh finds."""
    inputs = account.inputs[resource_id]
    seen = account.azure.read(TOKENS[name], resource_id, inputs).outputs
    change_behind(account.azure, TOKENS[name], resource_id, changes)
    found = account.azure.read(TOKENS[name], resource_id, inputs, seen).inputs
    unchanged = {key: value for key, value in found.items() if value == inputs.get(key)}
    assert unchanged == {key: inputs[key] for key in unchanged}
    return {key: value for key, value in found.items() if key not in unchanged}


@pytest.mark.parametrize(
    ("name", "resource_id", "changes", "found"),
    [
        ("Gallery", GALLERY, {"description": "by hand"}, {"description": "by hand"}),
        ("ResourceGroup", GROUP, {"tags.owner": "portal"}, {"tags": {"owner": "portal"}}),
        (
            "BatchAccount",
            ACCOUNT,
            {"publicNetworkAccess": "Disabled"},
            {"publicNetworkAccess": "Disabled"},
        ),
    ],
)
def test_a_property_that_the_program_never_set_is_found(account, name, resource_id, changes, found):
    assert not changes.keys() & account.inputs[resource_id].keys()
    assert drifted(account, name, resource_id, changes) == found


def test_without_what_was_seen_last_a_default_and_a_change_look_the_same(account):
    change_behind(account.azure, TOKENS["Gallery"], GALLERY, {"description": "by hand"})
    inputs = account.inputs[GALLERY]
    assert account.azure.read(TOKENS["Gallery"], GALLERY, inputs).inputs == inputs


def test_a_property_inside_of_what_the_program_wrote_is_found(account):
    profile = "publishingProfile"
    before = account.inputs[VERSION][profile]
    assert "excludeFromLatest" not in before
    found = drifted(account, "GalleryImageVersion", VERSION, {f"{profile}.excludeFromLatest": True})
    assert found == {profile: {**before, "excludeFromLatest": True}}


@pytest.mark.parametrize("name", TOKENS)
def test_an_import_finds_inputs_that_change_nothing(account, name):
    resource_id = made(account, name)
    imported = account.azure.read(TOKENS[name], resource_id)
    checked = account.azure.check(
        TOKENS[name], "x", imported.inputs, imported.inputs, SETTINGS, b""
    )
    assert checked.failures == ()
    assert checked.inputs == imported.inputs
    outputs = account.azure.update(
        TOKENS[name], resource_id, imported.outputs, imported.inputs, SETTINGS, preview=False
    )
    moving = {"__inputs", "etag", "lastModified", "updatedOn"}
    assert {k: v for k, v in outputs.items() if k not in moving} == {
        k: v for k, v in imported.outputs.items() if k not in moving
    }


def test_a_change_behind_the_back_is_found_by_a_refresh(account):
    pool = account.make("Pool").id
    inputs = account.inputs[pool]
    account.azure.advance(30)
    account.update("Pool", pool, {"scaleSettings.fixedScale.targetDedicatedNodes": 300})
    found = account.azure.read(TOKENS["Pool"], pool, inputs)
    difference = account.azure.diff(TOKENS["Pool"], pool, found.inputs, found.outputs, inputs)
    assert list(difference.detailed) == ["scaleSettings.fixedScale.targetDedicatedNodes"]


def test_what_was_deleted_behind_the_back_is_gone(account):
    pool = account.make("Pool").id
    account.delete("Pool", pool)
    assert account.azure.read(TOKENS["Pool"], pool, account.inputs[pool]) is None
    assert account.azure.read(TOKENS["Pool"], VERSION) is None
    assert pool == POOL


@pytest.mark.parametrize(
    ("written", "found", "expected"),
    [
        ({"description": "A b"}, {"description": "a b"}, {"description": "a b"}),
        ({"description": "A b"}, {"description": "Ab"}, {"description": "Ab"}),
        ({"description": "A b"}, {}, {}),
        ({"location": "West Europe"}, {"location": "westeurope"}, {"location": "West Europe"}),
        ({"osType": "linux"}, {"osType": "Linux"}, {"osType": "linux"}),
        ({"tags": {"a": "b"}}, {"tags": {"a": "b", "c": "d"}}, {"tags": {"a": "b", "c": "d"}}),
        ({"features": [{"name": "x"}]}, {"features": []}, {"features": []}),
        (
            {"identifier": {"sku": "a"}},
            {"identifier": {"sku": "b", "offer": "c"}},
            {"identifier": {"sku": "b"}},
        ),
        ({"galleryName": "x", "azureApiVersion": "y"}, {}, {"galleryName": "x"}),
    ],
)
def test_a_refresh_keeps_spellings_and_takes_over_changes(written, found, expected):
    kind = registry.BY_TOKEN[TOKENS["GalleryImage"]]
    merged = inputs_read_back(kind, written, found)
    merged.pop("azureApiVersion", None)
    assert merged == expected
