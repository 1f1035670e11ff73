"""Two orders of independent work give the same outputs, times apart; time is arithmetic."""

from __future__ import annotations

import pytest

from imagefleet.offline.clock import START, TIME_PROPERTIES, minutes_at, timestamp
from imagefleet.offline.services import batch_pools, gallery_versions
from tests.offline.azure.world import IMAGE_PATH, POOL, POOL_PATH, VERSION, World


def without_times(value):
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k not in TIME_PROPERTIES}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def test_outputs_do_not_depend_on_the_order_of_independent_resources(tmp_path):
    after_images = ("GalleryImageVersion", "BatchAccount", "UserAssignedIdentity", "RoleAssignment")
    outputs = []
    for number, order in enumerate((after_images, tuple(reversed(after_images)))):
        world = World(tmp_path / f"{number}.sqlite")
        made = {}
        for name in (*IMAGE_PATH, *order):
            made[name] = world.make(name)
        world.azure.advance(number * 7)
        made["Pool"] = world.make("Pool")
        outputs.append({name: (one.id, without_times(one.outputs)) for name, one in made.items()})
        world.azure.close()
    assert outputs[0] == outputs[1]


def test_advancing_at_once_is_advancing_in_steps(tmp_path):
    seen = []
    for steps in ((20.0,), (5.0, 0.5, 4.5, 10.0)):
        world = World(tmp_path / f"{len(steps)}.sqlite")
        world.path(*POOL_PATH, "Pool")
        for step in steps:
            world.azure.advance(step)
        seen.append((world.azure.pools(), world.read("Pool", POOL)))
        world.azure.close()
    assert seen[0] == seen[1]


def test_the_clock_refuses_to_go_back(world):
    with pytest.raises(ValueError, match="-1"):
        world.azure.advance(-1)


def test_the_state_of_one_run_is_there_for_the_next(tmp_path):
    path = tmp_path / "azure.sqlite"
    world = World(path)
    world.path(*POOL_PATH, "Pool")
    world.azure.advance(5)
    before = world.azure.pools()
    world.azure.close()
    again = World(path)
    assert again.azure.pools() == before
    again.azure.close()


def test_nodes_go_through_their_states(account):
    account.make("Pool")
    shown = []
    for _ in range(5):
        account.azure.advance(1)
        with account.azure.store.read() as transaction:
            found = batch_pools.node_states(transaction.get(POOL), transaction.now)
        shown.append((found["creating"], found["starting"], found["idle"]))
    # four replicas feed 66 and two thirds nodes a minute
    assert shown == [(66, 0, 0), (67, 66, 0), (67, 133, 0), (66, 134, 66), (67, 133, 133)]


def test_replication_progress_goes_region_by_region(gallery):
    gallery.azure._wait = lambda *_: None  # look while it goes on
    gallery.make("GalleryImageVersion")
    seen = []
    for _ in range(4):
        gallery.azure.advance(10)
        with gallery.azure.store.read() as transaction:
            version = transaction.get(VERSION)
            status = gallery_versions.replication_status(version, transaction.now)
            home = gallery_versions.replicas_in(version, "West Europe", transaction.now)
        progress = [item["progress"] for item in status["summary"]]
        seen.append((progress, status["aggregatedState"], home))
    assert seen == [
        ([50, 25], "InProgress", 0),
        ([100, 50], "InProgress", 4),
        ([100, 75], "InProgress", 4),
        ([100, 100], "Completed", 4),
    ]


def test_more_replicas_take_ten_minutes_and_the_old_ones_serve_meanwhile(account):
    account.azure._wait = lambda *_: None
    regions = [{"name": "westeurope", "regionalReplicaCount": 5}]
    account.update("GalleryImageVersion", VERSION, {"publishingProfile.targetRegions": regions})
    found = []
    for _ in range(2):
        with account.azure.store.read() as transaction:
            version, now = transaction.get(VERSION), transaction.now
            found.append(gallery_versions.replicas_in(version, "westeurope", now))
        account.azure.advance(10)
    assert found == [4, 5]


def test_times_are_utc_and_come_back():
    assert timestamp(0) == START.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert minutes_at(timestamp(61.5)) == 61.5
    assert minutes_at(START.date().isoformat()) == -8 * 60
