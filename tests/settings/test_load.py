"""`load` asks Pulumi for the configuration, and its error is one that Pulumi prints plainly."""

from __future__ import annotations

import json

import pulumi
import pytest
from pulumi.runtime.config import set_all_config

from imagefleet.settings import SettingsError, load
from imagefleet.stack_yaml import config_strings, read_stack_file

SUBSCRIPTION = "00000000-0000-4000-8000-000000000de0"


@pytest.fixture
def configured(root):
    """A function that gives Pulumi the configuration of dev with some keys changed."""

    def configure(secret_keys=(), **changes: str | None) -> None:
        strings = config_strings(read_stack_file(root / "Pulumi.dev.yaml"), "imagefleet")
        for key, value in changes.items():
            strings[key] = value
        given = {key: value for key, value in strings.items() if value is not None}
        set_all_config(given, list(secret_keys))

    yield configure
    set_all_config({}, [])


def test_the_fleet_of_the_stack_is_loaded(configured):
    configured()
    fleet = load()
    assert fleet.subscription_id == SUBSCRIPTION
    assert fleet.pools["work"].image == "ubuntu"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"imagefleet:fleet": None}, "imagefleet:fleet is missing"),
        ({"imagefleet:fleet": ""}, "imagefleet:fleet is missing"),
        ({"imagefleet:fleet": "many"}, "imagefleet:fleet must be a mapping"),
        ({"imagefleet:fleet": "[" * 5000}, "imagefleet:fleet must be a mapping"),
        ({"imagefleet:fleet": "{}"}, "imagefleet:fleet.gallery is missing"),
        ({"azure-native:subscriptionId": None}, "azure-native:subscriptionId is missing"),
        ({"azure-native:environment": "china"}, "azure-native:environment is 'china'"),
    ],
)
def test_its_error_ends_the_program_without_a_traceback(configured, changes, says):
    configured(**changes)
    with pytest.raises(SettingsError) as caught:
        load()
    assert isinstance(caught.value, pulumi.RunError)
    assert says in str(caught.value)


def test_a_decrypted_secret_in_the_fleet_is_refused_and_not_shown(configured):
    configured(
        secret_keys=["imagefleet:fleet"], **{"imagefleet:fleet": json.dumps({"cloud": "hunter2"})}
    )
    with pytest.raises(SettingsError) as caught:
        load()
    assert "imagefleet:fleet holds a secret" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_placeholder_of_an_offline_run_is_named_by_its_key(configured):
    configured(
        secret_keys=["imagefleet:fleet"], **{"imagefleet:fleet": json.dumps({"cloud": "[secret]"})}
    )
    with pytest.raises(SettingsError) as caught:
        load()
    assert "imagefleet:fleet.cloud is encrypted" in str(caught.value)


def test_importing_the_settings_does_not_import_pulumi():
    import subprocess
    import sys

    code = "import sys, imagefleet.settings; print('pulumi' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
