"""The costs that `prepare_program` takes away, seen in what the engine is asked."""

from __future__ import annotations

import gc

import pulumi
from pulumi.runtime.settings import SETTINGS
from pulumi_azure_native import batch

from components.image_fleet import ImageFleet
from components.runtime import prepare_program, registrations_begun
from tests.components.fleets import FLEET_MAX
from tests.recorder import record

OLD_TYPE = "azure-native:batch/v20240701:Pool"


def pool(aliases=None):
    return batch.Pool(
        "one",
        account_name="a",
        resource_group_name="rg",
        opts=pulumi.ResourceOptions(aliases=aliases, protect=True),
    )


def aliases_of(program, *, keep=False):
    def run():
        prepare_program(keep_provider_aliases=keep)
        program()

    return record(run).one("Pool")


def test_a_whole_fleet_carries_no_alias_of_the_provider():
    def run():
        prepare_program(keep_provider_aliases=False)
        ImageFleet("fleet", FLEET_MAX)

    assert [each.aliases for each in record(run).registrations if each.aliases] == []


def test_the_provider_does_attach_them():
    """Without this, the test above would pass the day the provider stops."""
    assert OLD_TYPE in record(pool).one("Pool").aliases


def test_one_setting_keeps_them():
    kept = aliases_of(pool, keep=True)
    assert len(kept.aliases) > 10
    assert OLD_TYPE in kept.aliases


def test_our_own_aliases_stay():
    ours = ["urn:pulumi:test::imagefleet::azure-native:batch:Pool::two"]
    assert aliases_of(lambda: pool(ours)).aliases == tuple(ours)


def test_an_old_token_under_another_name_is_ours():
    renamed = pulumi.Alias(name="two", type_=OLD_TYPE)
    assert aliases_of(lambda: pool([renamed])).aliases == (OLD_TYPE,)


def test_the_other_options_are_untouched():
    with_aliases, without = record(pool).one("Pool"), aliases_of(pool)
    assert without.protect
    assert without.inputs == with_aliases.inputs


def test_the_collector_has_room():
    before = gc.get_threshold()
    seen = []

    def run():
        prepare_program(keep_provider_aliases=False)
        seen.append(gc.get_threshold())

    record(run)
    assert seen[0][0] > 100 * 700
    assert gc.isenabled()
    assert gc.get_threshold() == before, "the recorder puts them back"


def test_registrations_have_begun_when_the_sdk_starts_to_wait_for_them():
    """It looks at them first, and outputs wait at a high price while there are any."""
    counted = []

    def run():
        pool()

        async def last():
            counted.append(len(SETTINGS.rpc_manager.rpcs))
            await registrations_begun()
            counted.append(len(SETTINGS.rpc_manager.rpcs))

        pulumi.run(last)

    record(run)
    before, after = counted
    assert (before, after) == (0, 2)
