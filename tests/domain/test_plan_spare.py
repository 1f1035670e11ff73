"""A version that no pool lists stays as it was, so that a roll-out ends by removing pools alone."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from imagefleet.domain.fleet import FixedScale
from imagefleet.domain.plan import plan
from tests.domain import fleets, strategies
from tests.domain.plans import regions_of, replicas_of


def both_versions(**listed):
    """A fleet of two versions, with one pool of 900 nodes in each region of `listed`."""
    places = {"west": "westeurope", "north": "northeurope"}
    return fleets.fleet(
        images={
            "ubuntu": fleets.image(versions={"1.0.0": fleets.version(), "1.1.0": fleets.version()})
        },
        accounts={
            key: fleets.account(name=f"batch{key}", location=place) for key, place in places.items()
        },
        pools={
            key: fleets.pool(account=key, versions=numbers, scale=FixedScale(dedicated=900))
            for key, numbers in listed.items()
        },
    )


def test_a_version_that_no_pool_lists_keeps_regions_and_replicas():
    before = plan(both_versions(west=("1.0.0", "1.1.0"), north=("1.0.0", "1.1.0")))
    after = plan(both_versions(west=("1.1.0",), north=("1.1.0",)))
    old = replicas_of(before, "ubuntu-1.0.0")
    assert old == replicas_of(after, "ubuntu-1.0.0") == {"westeurope": 4, "northeurope": 4}
    assert replicas_of(before, "ubuntu-1.1.0") == replicas_of(after, "ubuntu-1.1.0")
    kept = regions_of(after, "ubuntu-1.0.0")["northeurope"]
    assert (kept.pools, kept.nodes, kept.floor) == ((), 900, 3)
    assert kept.replicas.reason.startswith("no pool lists this version; it keeps what the pools")
    assert "north with 900 nodes -> 3, and 1 of headroom; that makes 4" in kept.replicas.reason
    notes = {note.where: note.message for note in after.notes}
    said = notes["images.ubuntu.versions.1.0.0"]
    assert "(4 in westeurope, 4 in northeurope), each billed as a snapshot" in said
    assert "take the version out of the stack file" in said
    assert "images.ubuntu.versions.1.0.0" not in {note.where for note in before.notes}


def test_a_version_that_some_pool_lists_follows_those_that_do():
    planned = plan(both_versions(west=("1.1.0",), north=("1.0.0", "1.1.0")))
    assert replicas_of(planned, "ubuntu-1.0.0") == {"westeurope": 1, "northeurope": 4}


def test_a_version_of_an_image_without_pools_is_kept_at_home_alone():
    planned = plan(fleets.fleet(pools={}))
    assert replicas_of(planned) == {"westeurope": 1}
    assert "images.ubuntu.versions.1.0.0" not in {note.where for note in planned.notes}


def test_what_exists_and_no_pool_lists_needs_nothing():
    parent = f"{fleets.COMPUTE}/galleries/packer/images/base/versions"
    versions = {
        number: fleets.version(source=None, id=f"{parent}/{number}")
        for number in ("1.0.0", "2.0.0")
    }
    planned = plan(fleets.with_image(versions=versions))
    assert regions_of(planned, "ubuntu-2.0.0") == {}


@given(strategies.fleets_without_faults())
@settings(max_examples=40)
def test_ending_a_roll_out_of_all_pools_removes_pools_and_nothing_else(fleet):
    """All pools of an image that list two versions let go of the first."""
    both = {
        key: replace(pool, id=None, versions=tuple(sorted(fleet.images[pool.image].versions)[:2]))
        for key, pool in fleet.pools.items()
    }
    one = {key: replace(pool, versions=pool.versions[-1:]) for key, pool in both.items()}
    before, after = plan(replace(fleet, pools=both)), plan(replace(fleet, pools=one))
    for old, new in zip(before.image_versions, after.image_versions, strict=True):
        if not old.existing:
            assert replicas_of(before, old.key) == replicas_of(after, new.key)
    assert {pool.key for pool in after.pools} <= {pool.key for pool in before.pools}
