"""The plan of a fleet: what is made, with which figures, and that nothing else decides them."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagefleet.domain import durations, pools, replication, roles
from imagefleet.domain.explain import derived_values
from imagefleet.domain.faults import find_faults
from imagefleet.domain.fleet import (
    AutoScale,
    FixedScale,
    Gallery,
    Grant,
    GrantRole,
    GrantScope,
    ImageVersionSource,
    ManagedImageSource,
    ResourceGroup,
    SnapshotSource,
    VhdSource,
    VirtualMachineSource,
)
from imagefleet.domain.plan import plan
from imagefleet.domain.regions import normalise
from tests.domain import fleets, strategies
from tests.domain.plans import regions_of, replicas_of

TODAY = date(2026, 11, 24)


def test_the_documents_own_scenario():
    """3,000 nodes -> floor 10 and one of headroom (D91 to D93), 45 minutes (D95)."""
    planned = plan(fleets.china())
    assert replicas_of(planned) == {"chinanorth3": 11, "chinaeast2": 3}
    north = regions_of(planned)["chinanorth3"]
    assert "3000 nodes -> 60, 49 more than set, each kept in the region and billed" in (
        north.recommended.reason
    )
    assert (north.minimum, north.floor, north.recommended.value) == (10, 10, 60)
    large, small = planned.pools
    assert (large.key, large.pool_id.value) == ("large-1.0.0", "large-1-0-0")
    assert large.resize_timeout.value == "PT45M"
    assert small.resize_timeout.value == "PT15M"
    assert planned.cloud.endpoints["environment"].value == "china"
    assert planned.cloud.endpoints["batchAudience"].value == "https://batch.chinacloudapi.cn/"
    assert {account.authentication_modes.value for account in planned.accounts} == {("AAD",)}


@pytest.mark.parametrize(
    ("nodes", "replicas"), [(0, 1), (300, 2), (301, 3), (600, 3), (900, 4), (1_200, 5)]
)
def test_replicas_follow_the_nodes(nodes, replicas):
    planned = plan(fleets.with_pool(scale=FixedScale(dedicated=nodes)))
    assert replicas_of(planned) == {"westeurope": replicas}


def test_reasons_hold_the_figures_and_the_sentences():
    north = regions_of(plan(fleets.china()))["chinanorth3"].replicas
    assert north.reason == (
        "one replica for every 300 nodes: large-1.0.0 with 3000 nodes -> 10, and 1 of headroom; "
        "that makes 11"
    )
    assert north.sources == ("D91", "D92", "D93")


def test_pools_of_one_version_in_one_region_are_added_up():
    planned = plan(
        fleets.fleet(
            pools={
                "a": fleets.pool(scale=FixedScale(dedicated=301)),
                "b": fleets.pool(scale=AutoScale(formula="", maximum_nodes=10)),
            }
        )
    )
    region = regions_of(planned)["westeurope"]
    assert (region.minimum, region.floor, region.replicas.value) == (2, 3, 4)
    assert (region.nodes, region.pools) == (311, ("a-1.0.0", "b-1.0.0"))


def test_many_small_pools_share_what_the_service_allows():
    planned = plan(fleets.fleet(pools={f"p{index}": fleets.pool() for index in range(150)}))
    region = regions_of(planned)["westeurope"]
    assert (region.minimum, region.floor, region.replicas.value) == (1, 150, 100)
    assert "144 more pools with 1440 nodes -> 144 (together 150)" in region.replicas.reason
    notes = {note.where: note.message for note in planned.notes}
    assert "would need 150 replicas" in notes["images.ubuntu.versions.1.0.0"]


def test_a_pool_of_two_versions_counts_for_both():
    both = {"1.0.0": fleets.version(), "1.1.0": fleets.version()}
    planned = plan(
        fleets.fleet(
            images={"ubuntu": fleets.image(versions=both)},
            pools={
                "render": fleets.pool(versions=("1.1.0", "1.0.0"), scale=FixedScale(dedicated=900))
            },
        )
    )
    assert replicas_of(planned, "ubuntu-1.0.0") == {"westeurope": 4}
    assert replicas_of(planned, "ubuntu-1.1.0") == {"westeurope": 4}
    assert [pool.key for pool in planned.pools] == ["render-1.0.0", "render-1.1.0"]
    assert [pool.pool_id.value for pool in planned.pools] == ["render-1-0-0", "render-1-1-0"]
    assert planned.pools[0].image_version_id.endswith("/images/ubuntu/versions/1.0.0")


def test_the_home_region_is_a_target_even_without_nodes():
    planned = plan(fleets.with_account(location="North Europe"))
    assert replicas_of(planned) == {"westeurope": 1, "northeurope": 2}


def test_asked_for_replicas_raise_and_never_lower():
    planned = plan(
        fleets.fleet(
            images={
                "ubuntu": fleets.image(
                    versions={
                        "1.0.0": fleets.version(
                            extra_regions={"East US": 1, "West Europe": 1}, minimum_replicas=2
                        )
                    }
                )
            },
            pools={"render": fleets.pool(scale=FixedScale(dedicated=900))},
        )
    )
    assert replicas_of(planned) == {"westeurope": 4, "eastus": 2}
    assert "minimumReplicas is 2" in regions_of(planned)["eastus"].replicas.reason


def test_a_version_from_snapshots_passes_through_a_managed_image():
    version = plan(fleets.fleet()).image_versions[0]
    made = version.managed_image
    assert [snapshot.key for snapshot in made.snapshots] == ["ubuntu-1.0.0-os", "ubuntu-1.0.0-lun0"]
    assert [snapshot.name for snapshot in made.snapshots] == [
        "ubuntu-1-0-0-os", "ubuntu-1-0-0-lun0"
    ]  # fmt: skip
    assert made.os_snapshot_id == made.snapshots[0].id
    assert made.data_snapshot_ids == {0: made.snapshots[1].id}
    assert version.source_id == made.id
    assert made.snapshots[1].os_type is None


def test_existing_snapshots_are_used_as_they_are():
    taken = f"{fleets.COMPUTE}/snapshots/taken"
    made = plan(fleets.with_version(source=SnapshotSource(os_disk=taken))).image_versions[0]
    assert made.managed_image.snapshots == ()
    assert made.managed_image.os_snapshot_id == taken


@pytest.mark.parametrize(
    ("source", "field"),
    [
        (VirtualMachineSource(virtual_machine="vm"), "virtual_machine_id"),
        (VhdSource(uri="vhd"), "vhd_uri"),
    ],
)
def test_a_machine_or_a_vhd_becomes_a_managed_image(source, field):
    version = plan(fleets.with_version(source=source)).image_versions[0]
    made = version.managed_image
    given = [made.os_snapshot_id, made.virtual_machine_id, made.vhd_uri]
    assert [value for value in given if value is not None] == [getattr(made, field)]
    assert version.source_id == made.id


@pytest.mark.parametrize(
    "source",
    [ManagedImageSource(managed_image="the-id"), ImageVersionSource(image_version="the-id")],
)
def test_a_managed_image_or_another_version_is_the_source_itself(source):
    version = plan(fleets.with_version(source=source)).image_versions[0]
    assert version.managed_image is None
    assert version.source_id == "the-id"


def test_an_existing_version_is_covered_and_not_made():
    existing = f"{fleets.COMPUTE}/galleries/packer/images/base/versions/1.0.0"
    planned = plan(fleets.with_version(source=None, id=existing))
    version = planned.image_versions[0]
    assert version.existing
    assert version.id == existing
    assert version.create_timeout_hours is None
    assert (version.managed_image, version.source_id) == (None, None)
    assert replicas_of(planned) == {"westeurope": 2}
    assert planned.pools[0].image_version_id == existing
    notes = {note.where: note.message for note in planned.notes}
    assert "westeurope (2 replicas, 1 at the least)" in notes["images.ubuntu.versions.1.0.0.id"]
    assert planned.definitions[0].existing
    assert planned.definitions[0].id == f"{fleets.COMPUTE}/galleries/packer/images/base"


def test_the_home_of_an_existing_version_is_not_ours_to_demand():
    existing = f"{fleets.COMPUTE}/galleries/packer/images/base/versions/1.0.0"
    planned = plan(
        replace(
            fleets.with_version(source=None, id=existing),
            accounts={"main": fleets.account(location="northeurope")},
        )
    )
    assert replicas_of(planned) == {"northeurope": 2}


def test_a_gallery_in_another_subscription_keeps_its_subscription_and_group():
    gallery = (
        f"/subscriptions/{fleets.OTHER_SUBSCRIPTION}/resourcegroups/shared/providers/"
        "Microsoft.Compute/galleries/images"
    )
    planned = plan(fleets.fleet(gallery=Gallery(id=gallery, batch_registered=True)))
    assert planned.gallery.foreign_subscription
    assert planned.gallery.resource_group == "shared"
    prefix = f"/subscriptions/{fleets.OTHER_SUBSCRIPTION}/resourceGroups/shared/"
    assert planned.image_versions[0].id.startswith(prefix)
    assert planned.image_versions[0].managed_image.id.startswith(
        f"/subscriptions/{fleets.SUBSCRIPTION}/resourceGroups/render/"
    )
    assert planned.custom_role.scope == prefix.rstrip("/")
    assert planned.grants[0].scope == planned.gallery.id


def test_a_fixed_id_is_kept_and_replaced():
    pool = plan(fleets.with_pool(id="Farm")).pools[0]
    assert (pool.key, pool.pool_id.value, pool.replaced_on_image_change) == ("render", "Farm", True)
    assert pool.id.endswith("/batchAccounts/renderbatch/pools/Farm")


def test_an_override_raises_the_timeout_and_says_so():
    scale = FixedScale(dedicated=10, resize_timeout_minutes=90)
    timeout = plan(fleets.with_pool(scale=scale)).pools[0].resize_timeout
    assert timeout.value == "PT1H30M"
    assert "raised to 90 by resizeTimeoutMinutes" in timeout.reason


def test_autoscale_has_no_resize_timeout_and_counts_its_ceiling():
    scale = AutoScale(formula="$TargetDedicatedNodes = 1;", maximum_nodes=1_200)
    planned = plan(fleets.with_pool(scale=scale))
    assert planned.pools[0].resize_timeout is None
    assert planned.pools[0].nodes.value == 1_200
    assert replicas_of(planned) == {"westeurope": 5}


def test_custom_and_built_in_grants():
    other = fleets.PRINCIPAL.replace("3", "4")
    planned = plan(
        fleets.fleet(
            access={
                "app": Grant(principal_id=fleets.PRINCIPAL),
                "ops": Grant(
                    principal_id=other, role=GrantRole.BUILTIN, scope=GrantScope.RESOURCE_GROUP
                ),
            }
        )
    )
    app, ops = planned.grants
    assert [role.key for role in app.roles] == ["custom"]
    assert app.roles[0].assignment_name == roles.assignment_name(
        app.scope, app.principal_id, planned.custom_role.role_definition_guid
    )
    assert app.roles[0].definition_id.endswith(planned.custom_role.role_definition_guid)
    assert [role.role_name for role in ops.roles] == [
        "Compute Gallery Image Reader", "Disk Backup Reader"
    ]  # fmt: skip
    assert ops.scope == planned.resource_group.id
    names = [role.assignment_name for grant in planned.grants for role in grant.roles]
    assert len(set(names)) == 3


@pytest.mark.parametrize(
    "other",
    [
        {"subscription_id": fleets.OTHER_SUBSCRIPTION},
        {"resource_group": ResourceGroup(name="second")},
    ],
)
def test_fleets_that_share_a_gallery_have_a_role_each(other):
    """Destroying one of them must leave the other's role alone."""
    shared = Gallery(id=f"{fleets.COMPUTE}/galleries/shared", batch_registered=True)
    one, two = (plan(fleets.fleet(gallery=shared, **changes)) for changes in ({}, other))
    assert one.custom_role.scope == two.custom_role.scope
    assert one.custom_role.id != two.custom_role.id
    assert one.custom_role.role_name != two.custom_role.role_name
    assert one.grants[0].roles[0].assignment_name != two.grants[0].roles[0].assignment_name


def test_without_a_custom_grant_there_is_no_custom_role():
    access = {"app": Grant(principal_id=fleets.PRINCIPAL, role=GrantRole.BUILTIN)}
    assert plan(fleets.fleet(access=access)).custom_role is None


def test_notes_say_what_no_check_can_settle():
    fleet = fleets.china()
    found = {note.where: note.message for note in plan(fleet, today=TODAY).notes}
    assert (
        "each node must mount them"
        in (found["images.ubuntu.versions.1.0.0.source.snapshots.dataDisks"])
    )
    assert "ends on 2027-06-30" in found["pools.large"]
    ended = {note.where: note.message for note in plan(fleet, today=date(2027, 7, 1)).notes}
    assert "ended on 2027-06-30" in ended["pools.large"]
    last = {note.where: note.message for note in plan(fleet, today=date(2027, 6, 30)).notes}
    assert "ends on 2027-06-30" in last["pools.large"]
    assert "made in chinanorth3" in found["location"]
    assert "pools.large" not in {note.where for note in plan(fleet).notes}


def test_a_size_without_a_temporary_disk_is_noted():
    found = {note.where for note in plan(fleets.with_pool(vm_size="Standard_D4s_v5")).notes}
    assert "pools.render.vmSize" in found
    found = {note.where for note in plan(fleets.fleet()).notes}
    assert "pools.render.vmSize" not in found


def test_an_end_of_life_in_the_past_is_noted_and_not_refused():
    fleet = fleets.with_version(end_of_life=TODAY)
    where = "images.ubuntu.versions.1.0.0.endOfLife"
    assert where in {note.where for note in plan(fleet, today=TODAY).notes}
    assert where not in {note.where for note in plan(fleet, today=date(2026, 1, 1)).notes}
    assert find_faults(fleet, today=TODAY) == ()


def shuffled(value, random):
    """The same value with every mapping in it written in another order."""
    if isinstance(value, dict):
        items = random.sample(list(value.items()), len(value))
        return {key: shuffled(item, random) for key, item in items}
    if is_dataclass(value):
        changes = {f.name: shuffled(getattr(value, f.name), random) for f in fields(value)}
        return replace(value, **changes)
    return value


@given(strategies.fleets_without_faults())
@settings(max_examples=60)
def test_a_fleet_without_faults_has_a_plan(fleet):
    assert find_faults(fleet) == ()
    planned = plan(fleet, today=TODAY)
    assert len(planned.pools) == sum(len(pool.versions) for pool in fleet.pools.values())
    assert len({pool.key for pool in planned.pools}) == len(planned.pools)
    assert len({pool.id.lower() for pool in planned.pools}) == len(planned.pools)
    assert len({version.key for version in planned.image_versions}) == len(planned.image_versions)


@given(strategies.fleets_without_faults(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_plan_depends_on_keys_and_never_on_their_order(fleet, random):
    one, other = plan(fleet), plan(shuffled(fleet, random))
    assert one == other
    assert list(derived_values(one)) == list(derived_values(other))
    assert plan(fleet) == one


@given(strategies.fleets_without_faults())
@settings(max_examples=40)
def test_every_pool_has_replicas_in_its_region_and_time_enough(fleet):
    """D29, D91, D93 and D95 hold for every pool of every plan."""
    planned = plan(fleet)
    located = {account.key: account.location for account in planned.accounts}
    versions = {version.key: version for version in planned.image_versions}
    for pool in planned.pools:
        version = versions[pool.image_version_key]
        assert version.id == pool.image_version_id
        region = next(r for r in version.regions if r.name == located[pool.account_key])
        assert pool.key in region.pools
        assert region.replicas.value > region.floor >= replication.required(pool.nodes.value)
        if pool.resize_timeout is not None:
            seconds = durations.seconds(pool.resize_timeout.value)
            assert seconds >= pools.linear_resize_timeout_seconds(pool.nodes.value)


@given(strategies.fleets_without_faults())
@settings(max_examples=40)
def test_targets_are_distinct_normalised_and_hold_the_home_region(fleet):
    for version in plan(fleet).image_versions:
        names = [region.name for region in version.regions]
        assert len(set(names)) == len(names)
        assert names == [normalise(name) for name in names]
        assert all(1 <= region.replicas.value <= 100 for region in version.regions)
        assert version.existing or names[0] == version.location
