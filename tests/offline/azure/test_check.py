"""What leaves `check`: names, location, API version, and one failure for each wrong property."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

from imagefleet.offline.model import AzureError, ProviderSettings
from imagefleet.offline.services import registry
from imagefleet.offline.values import UNKNOWN
from tests.offline.azure.world import GOOD, MISSING, SETTINGS, SUBSCRIPTION, TOKENS, changed

SEED = bytes(range(32))


def check(world, name, changes=None, *, old=None, settings=SETTINGS):
    wanted = changed(GOOD[name], changes or {})
    return world.azure.check(TOKENS[name], "logical", old, wanted, settings, SEED)


def reasons(checked):
    return {failure.property: failure.reason for failure in checked.failures}


@pytest.mark.parametrize("name", TOKENS)
def test_the_good_inputs_of_every_type_pass_and_are_stable(world, name):
    first = check(world, name)
    assert first.failures == ()
    assert first.inputs["azureApiVersion"] == registry.BY_TOKEN[TOKENS[name]].api_version
    again = world.azure.check(TOKENS[name], "logical", first.inputs, first.inputs, SETTINGS, b"x")
    assert again == first


@pytest.mark.parametrize("kind", registry.TYPES, ids=lambda kind: kind.name)
def test_the_default_api_versions_are_those_of_the_installed_sdk(kind):
    resource = getattr(importlib.import_module(f"pulumi_azure_native.{kind.module}"), kind.name)
    source = Path(inspect.getfile(resource)).read_text(encoding="utf-8")
    used = re.search(r"Uses Azure REST API version (\d{4}-\d\d-\d\d(?:-preview)?)", source)
    assert used
    assert used[1] == kind.api_version


def test_a_missing_name_is_made_up_from_the_seed_and_kept(world):
    first = check(world, "Snapshot", {"snapshotName": MISSING}).inputs
    assert first["snapshotName"] == "logical00010203"
    assert first["__createBeforeDelete"] is True
    again = check(world, "Snapshot", {"snapshotName": MISSING}, old=first).inputs
    assert again == first


def test_a_missing_guid_name_is_a_guid(world):
    made = check(world, "RoleAssignment", {"roleAssignmentName": MISSING}).inputs
    assert made["roleAssignmentName"] == "00010203-0405-4607-8809-0a0b0c0d0e0f"


@pytest.mark.parametrize(
    ("old", "provider", "group", "expected"),
    [
        ({"location": "uksouth"}, "westus", True, "uksouth"),
        (None, "westus", True, "westus"),
        (None, None, True, "westeurope"),
        (None, None, False, UNKNOWN),
    ],
)
def test_location_comes_from_old_inputs_then_provider_then_group(
    world, old, provider, group, expected
):
    if group:
        world.make("ResourceGroup")
    settings = ProviderSettings(subscription_id=SUBSCRIPTION, location=provider)
    found = check(world, "Snapshot", old=old, settings=settings)
    assert (found.inputs["location"], found.failures) == (expected, ())


def test_a_location_that_nobody_knows_is_refused_at_create(world):
    settings = ProviderSettings(subscription_id=SUBSCRIPTION)
    inputs = check(world, "Snapshot", settings=settings).inputs
    with pytest.raises(AzureError, match="set location"):
        world.azure.create(TOKENS["Snapshot"], inputs, settings, preview=False)


def test_a_resource_group_needs_its_location_written_out(world):
    settings = ProviderSettings(subscription_id=SUBSCRIPTION)
    failed = check(world, "ResourceGroup", {"location": MISSING}, settings=settings)
    assert "pulumi config set azure-native:location" in reasons(failed)["location"]


@pytest.mark.parametrize(
    ("name", "changes", "path", "words"),
    [
        ("Pool", {"vmsize": "x"}, "vmsize", "did you mean 'vmSize'?"),
        (
            "Pool",
            {"deploymentConfiguration.virtualMachineConfiguration.imageRef": {}},
            "deploymentConfiguration.virtualMachineConfiguration.imageRef",
            "did you mean 'imageReference'?",
        ),
        ("GalleryImage", {"features.0.worth": 1}, "features[0].worth", "not a property"),
        ("GalleryImage", {"osType": "Plan9"}, "osType", "one of Windows, Linux"),
        ("GalleryImage", {"osType": MISSING}, "osType", "missing required property 'osType'"),
        ("GalleryImage", {"identifier.sku": MISSING}, "identifier.sku", "missing required"),
        ("GalleryImage", {"identifier": "x"}, "identifier", "must be an object, got 'x'"),
        ("GalleryImage", {"features": {}}, "features", "must be a list, got an object"),
        ("Snapshot", {"incremental": "no"}, "incremental", "must be a boolean, got 'no'"),
        ("Snapshot", {"diskSizeGB": 1.5}, "diskSizeGB", "must be an integer, got 1.5"),
        ("Snapshot", {"tags": ["a"]}, "tags", "must be a map, got a list"),
        ("Snapshot", {"tags.a": 1}, "tags.a", "must be a string, got 1"),
        ("BatchAccount", {"allowedAuthenticationModes": ["Key"]}, "allowedAuthenticationModes[0]",
         "one of SharedKey, AAD"),
        ("Pool", {"accountName": ""}, "accountName", "must be a name without '/'"),
        ("Pool", {"accountName": "a/b"}, "accountName", "must be a name without '/'"),
        ("Snapshot", {"azureApiVersion": "2020-01-01"}, "azureApiVersion", "are not simulated"),
    ],
)  # fmt: skip
def test_a_wrong_property_is_refused_by_name(world, name, changes, path, words):
    found = reasons(check(world, name, changes))
    assert list(found) == [path]
    assert words in found[path]


def test_every_fault_is_reported_at_once(world):
    found = reasons(check(world, "GalleryImage", {"osType": 1, "osState": MISSING, "x": 1}))
    assert set(found) == {"osType", "osState", "x"}


def test_unknown_values_and_nulls_are_no_faults(world):
    found = check(world, "GalleryImage", {"identifier": UNKNOWN, "description": None})
    assert found.failures == ()
    assert "description" not in found.inputs


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("azure-native:compute:GalleryImag", "did you mean 'azure-native:compute:GalleryImage'?"),
        ("azure-native:compute/v20240303:GalleryImage", "use the default version's"),
        ("azure-native_compute_v20240303:compute:GalleryImage", "use the default version's"),
        ("random:index:RandomString", "it knows azure-native:resources:ResourceGroup"),
    ],
)
def test_an_unknown_type_is_refused_by_name(world, token, words):
    with pytest.raises(AzureError) as caught:
        world.azure.check(token, "x", None, {}, SETTINGS, b"")
    assert token in caught.value.message
    assert words in caught.value.message
