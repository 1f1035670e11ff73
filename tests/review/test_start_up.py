"""Which pools of a change come up, from where, with which replicas, and what cannot be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagefleet.domain import steady
from imagefleet.review.changes import ChangeClass, PoolChange, StackReview, VersionChange
from imagefleet.review.fleet_state import ImageName, PoolState, VersionState, pools
from imagefleet.review.start_up import estimates

KEY = (
    "/subscriptions/s/resourcegroups/g/providers/microsoft.compute"
    "/galleries/G1/images/u/versions/1.0.0"
)
POOL = PoolState(
    pool_id="work",
    account="a",
    region="westeurope",
    image=ImageName(image="u", version="1.0.0", key=KEY.lower()),
    vm_size="v",
    dedicated=800,
    ceiling=800,
    timeout=15,
)
SMALL = replace(POOL, dedicated=4, ceiling=4)
AUTO = replace(POOL, autoscale=True, dedicated=0, ceiling=50, timeout=None)


def version(**replicas: int) -> VersionState:
    return VersionState(
        image="u",
        version="1.0.0",
        gallery="g1",
        key="g1/u/1.0.0",
        replicas=tuple(replicas.items()),
        source="",
    )


def told(before, after, change=ChangeClass.IN_PLACE, was=2, now=2):
    """Return the estimates of one pool; `was` and `now` are replicas, None for no version."""
    versions = VersionChange(
        urn="v",
        change=ChangeClass.IN_PLACE,
        before=None if was is None else version(**({"westeurope": was} if was else {})),
        after=None if now is None else version(**({"westeurope": now} if now else {})),
    )
    pool = PoolChange(urn="p", change=change, before=before, after=after)
    both = was is None and now is None
    return estimates(StackReview(stack="dev", pools=(pool,), versions=() if both else (versions,)))


def test_a_pool_that_grows_starts_from_the_nodes_that_it_has():
    (one,) = told(SMALL, POOL, was=2, now=4).told
    assert (one.after.kept, one.after.target, one.after.replicas) == (4, 800, 4)
    assert (one.before.kept, one.before.target, one.before.replicas) == (4, 800, 2)
    assert steady.come_up(one.after) == 800
    assert steady.come_up(one.before) == 604


def test_with_the_same_replicas_there_is_one_curve():
    (one,) = told(SMALL, POOL, was=4, now=4).told
    assert one.before is None


@pytest.mark.parametrize("change", [ChangeClass.NEW, ChangeClass.REPLACED, ChangeClass.ZERO_NODES])
def test_what_is_made_anew_starts_without_nodes(change):
    before = None if change is ChangeClass.NEW else SMALL
    (one,) = told(before, POOL, change).told
    assert (one.after.kept, one.after.target, one.after.timeout) == (0, 800, 15)


def test_other_replicas_of_an_unchanged_pool_tell_of_its_next_start():
    (one,) = told(POOL, POOL, ChangeClass.SAME, was=4, now=3).told
    assert (one.after.kept, one.after.replicas, one.before.replicas) == (0, 3, 4)


def test_an_autoscaled_pool_comes_up_to_its_ceiling_without_a_timeout():
    (one,) = told(replace(AUTO, ceiling=10), AUTO).told
    assert (one.after.kept, one.after.target, one.after.timeout) == (0, 50, None)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (POOL, POOL, ChangeClass.SAME),
        (POOL, replace(POOL, vm_size="w"), ChangeClass.IN_PLACE),
        (POOL, SMALL, ChangeClass.IN_PLACE),
        (AUTO, AUTO, ChangeClass.IN_PLACE),
        (replace(AUTO, ceiling=None), replace(AUTO, ceiling=None), ChangeClass.IN_PLACE),
        (POOL, None, ChangeClass.REMOVED),
        (None, replace(POOL, dedicated=0, ceiling=0), ChangeClass.NEW),
    ],
)
def test_where_no_node_comes_up_nothing_is_told(before, after, change):
    found = told(before, after, change)
    assert (found.told, found.untold) == ((), ())


@pytest.mark.parametrize(
    ("pool", "now", "words"),
    [
        (replace(AUTO, ceiling=None), 2, "formula shows no highest number"),
        (replace(POOL, region=""), 2, "its account is not in the stack"),
        (POOL, None, "its image is not in the stack"),
        (POOL, 0, "no replica in westeurope: no node starts"),
    ],
)
def test_what_cannot_be_told_says_why(pool, now, words):
    found = told(None, pool, ChangeClass.NEW, was=None, now=now)
    assert found.told == ()
    ((name, reason),) = found.untold
    assert name == "work"
    assert words in reason


def test_a_region_that_had_no_replica_has_no_curve_of_before():
    (one,) = told(POOL, POOL, ChangeClass.SAME, was=0, now=2).told
    assert one.before is None


@pytest.mark.parametrize(
    ("scale", "minutes"),
    [
        ({"fixedScale": {"targetDedicatedNodes": 3, "resizeTimeout": "PT45M"}}, 45),
        ({"fixedScale": {"targetDedicatedNodes": 3}}, 15),
        ({"fixedScale": {"targetDedicatedNodes": 3, "resizeTimeout": "soon"}}, 15),
        ({"autoScale": {"formula": "$TargetDedicatedNodes=3;"}}, None),
    ],
)
def test_the_resize_timeout_of_a_pool(scale, minutes):
    side = {"u": ("azure-native:batch:Pool", {"poolName": "p", "scaleSettings": scale})}
    assert pools(side)["u"].timeout == minutes
