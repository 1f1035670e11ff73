"""From the URN of a resource to the entry of the stack file that it was made from."""

from __future__ import annotations

import json

import pytest

from imagefleet.domain import stack_entries
from imagefleet.domain.stack_entries import StackEntries
from imagefleet.settings import schema_text

FLEET = {
    "gallery": {"name": "g"},
    "access": {"app": {"principalId": "x"}},
    "accounts": {"main": {"name": "acc", "location": "westeurope"}},
    "images": {
        "ubuntu": {
            "generation": "V2",
            "versions": {
                "1.0.0": {"source": {"snapshots": {"osDisk": "a", "dataDisks": {"0": "b"}}}},
                "1.1.0": {"source": {"vhd": "c"}, "endOfLife": "2030-01-01"},
            },
        },
        "ubuntu-1": {"versions": {}},
    },
    "pools": {
        "work": {"versions": ["1.0.0", "1.1.0"], "vmSize": "s", "nodes": {"dedicated": 1}},
        "fixed": {"id": "theid", "versions": ["1.0.0"], "autoscale": {"formula": "f"}},
    },
}
ROOT = "imagefleet:index:ImageFleet"


def of(types: str, name: str, prop: str = "", project: str = "shop"):
    return StackEntries("shop", FLEET).of(f"urn:pulumi:dev::{project}::{types}::{name}", prop)


def made(component: str, resource: str) -> str:
    return f"{ROOT}$imagefleet:{component}$azure-native:{resource}"


VERSION = made("compute:ReplicatedImageVersion", "compute:GalleryImageVersion")
SNAPSHOT = made("compute:SourceSnapshots", "compute:Snapshot")
POOL = made("batch:BatchPool", "batch:Pool")
ASSIGNMENT = made("authorization:GalleryAccess", "authorization:RoleAssignment")
MACHINE = "deploymentConfiguration.virtualMachineConfiguration"


@pytest.mark.parametrize(
    ("types", "name", "prop", "entry"),
    [
        (ROOT, "shop", "", ()),
        (f"{ROOT}$azure-native:resources:ResourceGroup", "shop", "", ("resourceGroup",)),
        (f"{ROOT}$pulumi:providers:azure-native", "shop-gallery", "", ("gallery",)),
        (made("compute:Gallery", "compute:Gallery"), "shop", "", ("gallery",)),
        (
            made("compute:ImageDefinition", "compute:GalleryImage"),
            "shop-ubuntu",
            "hyperVGeneration",
            ("images", "ubuntu", "generation"),
        ),
        (VERSION, "shop-ubuntu-1.1.0", "", ("images", "ubuntu", "versions", "1.1.0")),
        (
            VERSION,
            "shop-ubuntu-1.1.0",
            "publishingProfile.endOfLifeDate",
            ("images", "ubuntu", "versions", "1.1.0", "endOfLife"),
        ),
        (
            SNAPSHOT,
            "shop-ubuntu-1.0.0-lun0",
            "",
            ("images", "ubuntu", "versions", "1.0.0", "source", "snapshots", "dataDisks", "0"),
        ),
        (
            SNAPSHOT,
            "shop-ubuntu-1.0.0-os",
            "",
            ("images", "ubuntu", "versions", "1.0.0", "source", "snapshots", "osDisk"),
        ),
        (ASSIGNMENT, "shop-access-app-custom", "", ("access", "app")),
        (f"{ROOT}$imagefleet:batch:BatchAccount", "shop-main", "", ("accounts", "main")),
        (POOL, "shop-work-1.1.0", "", ("pools", "work")),
        (POOL, "shop-work-1.1.0", "vmSize", ("pools", "work", "vmSize")),
        # the nearest key that is there: neither the node agent nor a time-out is in the file
        (POOL, "shop-work-1.1.0", f"{MACHINE}.nodeAgentSkuId", ("pools", "work")),
        (
            POOL,
            "shop-work-1.1.0",
            "scaleSettings.fixedScale.resizeTimeout",
            ("pools", "work", "nodes"),
        ),
        (
            POOL,
            "shop-fixed",
            "scaleSettings.autoScale.formula",
            ("pools", "fixed", "autoscale", "formula"),
        ),
    ],
)
def test_the_entry_of_a_resource(types, name, prop, entry) -> None:
    assert of(types, name, prop) == entry


@pytest.mark.parametrize(
    ("types", "name"),
    [
        ("azure-native:batch:Pool", "shop-work-1.1.0"),
        (f"my:own:Component${POOL}", "shop-work-1.1.0"),
        (POOL, "shop-work-9.9.9"),
        (POOL, "shop-fixed-1.0.0"),
        (POOL, "other-work-1.1.0"),
        (SNAPSHOT, "shop-ubuntu-1.0.0-lun7"),
        (ASSIGNMENT, "shop-access-app-owner"),
        (f"{ROOT}$azure-native:batch:Pool", "shop-work-1.1.0"),
    ],
)
def test_what_the_file_did_not_make_has_no_entry(types, name) -> None:
    assert of(types, name) is None


def test_a_resource_of_another_project_has_no_entry() -> None:
    assert of(POOL, "shop-work-1.1.0", project="other") is None


@pytest.mark.parametrize("urn", ["", "urn:pulumi:dev::shop", "nonsense::shop::a"])
def test_what_is_no_urn_has_no_entry(urn) -> None:
    assert StackEntries("shop", FLEET).of(urn) is None


def test_protection_is_the_fleets_own_key_where_it_is_there() -> None:
    urn = f"urn:pulumi:dev::shop::{VERSION}::shop-ubuntu-1.0.0"
    entry = ("images", "ubuntu", "versions", "1.0.0")
    assert StackEntries("shop", FLEET).of(urn, "options.protect") == entry
    protected = {**FLEET, "protect": False}
    assert StackEntries("shop", protected).of(urn, "options.protect") == ("protect",)


@pytest.mark.parametrize(
    "fleet", [{}, {"pools": [1]}, {"images": {"a": None}}, {"pools": {"work": {"versions": 1}}}]
)
def test_a_malformed_fleet_is_passed_over(fleet) -> None:
    urn = f"urn:pulumi:dev::shop::{POOL}::shop-work-1.0.0"
    assert StackEntries("shop", fleet).of(urn) is None


ENTRIES = {
    "imagefleet:compute:ImageDefinition": ("images", "*"),
    "imagefleet:compute:ReplicatedImageVersion": ("images", "*", "versions", "*"),
    "imagefleet:batch:BatchAccount": ("accounts", "*"),
    "imagefleet:batch:BatchPool": ("pools", "*"),
}


class TestSettings:
    """Every key that a property leads to is one of the stack file."""

    SCHEMA = json.loads(schema_text())

    def at(self, schema, path):
        """Yield the schemas that a way leads to, through every alternative."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/").split("/")
            target = self.SCHEMA
            for step in name:
                target = target[step]
            yield from self.at(target, path)
            return
        for kind in ("anyOf", "oneOf", "allOf"):
            for each in schema.get(kind, ()):
                yield from self.at(each, path)
        if not path:
            yield schema
            return
        if path[0] == "*":
            below = schema.get("additionalProperties") or next(
                iter(schema.get("patternProperties", {}).values()), None
            )
        else:
            below = schema.get("properties", {}).get(path[0])
        if isinstance(below, dict):
            yield from self.at(below, path[1:])

    def fleet(self):
        return self.at(self.SCHEMA, ("config", "imagefleet:fleet"))

    def test_every_component_with_settings_is_known_here(self) -> None:
        assert set(stack_entries._SETTINGS) == set(ENTRIES)

    @pytest.mark.parametrize(
        ("component", "key"),
        [
            (component, key)
            for component, settings in stack_entries._SETTINGS.items()
            for key in settings.values()
        ],
    )
    def test_the_key_is_in_the_schema(self, component, key) -> None:
        path = (*ENTRIES[component], *key)
        assert any(list(self.at(fleet, path)) for fleet in self.fleet()), path
