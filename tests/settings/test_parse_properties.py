"""What holds for every value: `parse` gives a fleet or a SettingsError, and shows no secret."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefleet.domain.faults import find_faults
from imagefleet.domain.fleet import Fleet
from imagefleet.settings import ProviderContext, SettingsError, parse
from imagefleet.stack_yaml import config_strings, read_stack_file

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("dev", "prod", "china")
SUBSCRIPTION = "00000000-0000-4000-8000-0000000000a1"
SIGNATURE = "bm90IGEgcmVhbCBzaWduYXR1cmU"
SIGNED = f"https://studio.blob.core.windows.net/vhds/a.vhd?sv=2024-01-01&sig={SIGNATURE}%3D"

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["", "1.0.0", "westeurope", "[secret]", "latest", SIGNED, "\ud800"])
)  # fmt: skip
KEYS = st.text(max_size=10) | st.sampled_from(
    ["location", "images", "pools", "versions", "source", "nodes", "gallery", "name", "id"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
PROVIDERS = st.builds(
    ProviderContext,
    subscription_id=st.none() | st.text(max_size=8) | st.just(SUBSCRIPTION),
    location=st.none() | st.text(max_size=8) | st.just("West Europe"),
    environment=st.none() | st.text(max_size=8) | st.sampled_from(["public", "China"]),
)  # fmt: skip


def raw_fleet(stack: str) -> dict:
    """The value of `imagefleet:fleet` in one of the project's stack files."""
    path = ROOT / f"Pulumi.{stack}.yaml"
    strings = config_strings(read_stack_file(path), "imagefleet")
    return json.loads(strings["imagefleet:fleet"])


GOOD = {stack: raw_fleet(stack) for stack in STACKS}
PROVIDER = {
    stack: ProviderContext(
        subscription_id=f"00000000-0000-4000-8000-{suffix:0>12}",
        environment="china" if stack == "china" else None,
    )
    for stack, suffix in zip(STACKS, ("de0", "a1", "c0de"), strict=True)
}


def ways(value: object, way: tuple = ()) -> list[tuple]:
    """Every way into `value`."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = [way] if way else []
    if isinstance(value, dict | list):
        for step, item in items:
            found += ways(item, (*way, step)) if isinstance(item, dict | list) else [(*way, step)]
    return found


WAYS = {stack: ways(value) for stack, value in GOOD.items()}


def changed(raw: dict, way: tuple, kind: str, value: object) -> dict:
    """A copy of `raw` in which the part at `way` is replaced, removed, or has another key."""
    result = copy.deepcopy(raw)
    parent: object = result
    for step in way[:-1]:
        parent = parent[step]
    if kind == "replace":
        parent[way[-1]] = value
    else:
        taken = parent.pop(way[-1])
        if kind == "rename" and isinstance(parent, dict):
            parent[f"{way[-1]}x"] = taken
    return result


def outcome(raw: object, provider: ProviderContext) -> Fleet | SettingsError:
    """What `parse` comes to; anything but its own error escapes and fails the test."""
    try:
        return parse(raw, provider=provider)
    except SettingsError as error:
        return error


@given(VALUES, PROVIDERS)
@settings(max_examples=150, deadline=None)
def test_any_value_gives_a_fleet_or_a_settings_error(value, provider):
    result = outcome(value, provider)
    assert isinstance(result, Fleet) or result.faults


@given(st.data(), VALUES, st.sampled_from(["replace", "remove", "rename"]))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_change_of_a_good_file_gives_a_fleet_without_faults_or_a_settings_error(
    data, value, kind
):
    stack = data.draw(st.sampled_from(STACKS))
    way = data.draw(st.sampled_from(WAYS[stack]))
    result = outcome(changed(GOOD[stack], way, kind, value), PROVIDER[stack])
    if isinstance(result, Fleet):
        assert find_faults(result) == ()
    else:
        assert result.faults
        assert len({fault.key for fault in result.faults}) == len(result.faults)
        assert SIGNATURE not in str(result)


@pytest.mark.parametrize("stack", STACKS)
def test_a_signed_uri_is_never_shown_wherever_it_stands(stack):
    for way in WAYS[stack]:
        result = outcome(changed(GOOD[stack], way, "replace", SIGNED), PROVIDER[stack])
        assert SIGNATURE not in str(result) or isinstance(result, Fleet)


@pytest.mark.parametrize("stack", STACKS)
def test_a_signed_uri_is_not_shown_as_a_key_either(stack):
    for way in (way for way in WAYS[stack] if isinstance(way[-1], str)):
        raw = copy.deepcopy(GOOD[stack])
        parent = raw
        for step in way[:-1]:
            parent = parent[step]
        parent[SIGNED] = parent.pop(way[-1])
        result = outcome(raw, PROVIDER[stack])
        assert SIGNATURE not in str(result) or isinstance(result, Fleet)


@pytest.mark.parametrize("stack", STACKS)
def test_an_encrypted_value_is_refused_wherever_it_stands(stack):
    for way in WAYS[stack]:
        result = outcome(changed(GOOD[stack], way, "replace", "[secret]"), PROVIDER[stack])
        assert isinstance(result, SettingsError)
        assert any("secure:" in fault.message for fault in result.faults)


@pytest.mark.parametrize(
    "secret", ["AccountKey=abc123def", "password = abc123def", "sig=abc123def"]
)
def test_text_that_names_a_key_is_not_shown(secret):
    raw = {**GOOD["dev"], "cloud": f"x;{secret}"}
    assert "abc123def" not in str(outcome(raw, PROVIDER["dev"]))


def test_the_value_of_an_environment_variable_is_not_shown():
    raw = copy.deepcopy(GOOD["prod"])
    raw["pools"]["render"]["startTask"]["environment"]["PIN"] = 48151623
    message = str(outcome(raw, PROVIDER["prod"]))
    assert "environment.PIN" in message
    assert "48151623" not in message


def test_the_order_of_keys_does_not_matter():
    """The engine sorts keys on the way; a fleet must not depend on their order."""

    def backwards(value: object) -> object:
        if isinstance(value, dict):
            return {key: backwards(value[key]) for key in reversed(value)}
        return [backwards(item) for item in value] if isinstance(value, list) else value

    for stack in STACKS:
        assert parse(backwards(GOOD[stack]), provider=PROVIDER[stack]) == parse(
            GOOD[stack], provider=PROVIDER[stack]
        )


def test_what_is_said_about_a_reference_to_a_malformed_entry_is_not_believed():
    """The account, image and version that a pool names are there, only not well formed."""
    for way in [
        ("accounts", "main", "location"),
        ("images", "ubuntu", "osType"),
        ("images", "ubuntu", "versions", "1.0.0", "source"),
        ("images", "ubuntu"),
        ("accounts",),
        ("images",),
    ]:
        result = outcome(changed(GOOD["dev"], way, "replace", 5), PROVIDER["dev"])
        assert isinstance(result, SettingsError)
        assert len(result.faults) == 1


def test_a_missing_cloud_or_location_hides_no_other_fault():
    raw = copy.deepcopy(GOOD["dev"])
    raw["cloud"], raw["gallery"]["name"] = "moon", "no-dashes"
    del raw["location"]
    result = outcome(raw, PROVIDER["dev"])
    assert [fault.key for fault in result.faults] == [
        "imagefleet:fleet.cloud",
        "imagefleet:fleet.location",
        "imagefleet:fleet.gallery.name",
    ]


def test_a_missing_subscription_hides_no_other_fault_and_brings_none():
    raw = copy.deepcopy(GOOD["prod"])
    raw["gallery"]["name"] = "no-dashes"
    result = outcome(raw, ProviderContext())
    assert [fault.key for fault in result.faults] == [
        "azure-native:subscriptionId",
        "imagefleet:fleet.gallery.name",
    ]
