"""Keys beside the fleet: a misspelt one is named, and does not pass in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagefleet.settings import SettingsError, fleet_from_config
from imagefleet.stack_yaml import config_strings, read_stack_file

DEV = Path(__file__).parents[2] / "Pulumi.dev.yaml"


@pytest.fixture
def config() -> dict[str, str]:
    return config_strings(read_stack_file(DEV), "imagefleet")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("imagefleet:fleet", "imagefleet:flet"),
        ("azure-native:subscriptionId", "azure-native:subscriptionID"),
        ("azure-native:location", "azure-native:Location"),
    ],
)
def test_a_misspelt_key_is_named_with_the_right_one(config, right, wrong):
    config[wrong] = config.pop(right)
    with pytest.raises(SettingsError) as raised:
        fleet_from_config(config)
    assert f"{wrong} is not a known key; did you mean '{right}'?" in " ".join(
        str(raised.value).split()
    )


def test_a_key_that_nobody_reads_is_refused_beside_a_good_fleet(config):
    with pytest.raises(SettingsError, match="imagefleet:other is not a known key"):
        fleet_from_config(config | {"imagefleet:other": "1"})


def test_other_keys_of_the_provider_and_other_namespaces_pass(config):
    more = {"azure-native:tenantId": "t", "other:key": "v"}
    assert fleet_from_config(config | more) == fleet_from_config(config)
