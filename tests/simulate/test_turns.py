"""Writes that come at the same time: a condition holds until what it allowed is done."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from imagefleet.offline.faults import FaultyAzure, parse_plan
from imagefleet.simulate.application import handler_of
from imagefleet.simulate.turns import Turns
from tests.simulate.preparation import DATA_PLANE_POOL, POOL_BODY, World

GROUP = "/subscriptions/s/resourceGroups/g"
GALLERY = f"{GROUP}/providers/Microsoft.Compute/galleries/fleet"
ACCOUNT = f"{GROUP}/providers/Microsoft.Batch/batchAccounts/fleetbatch"
POOL = f"{ACCOUNT}/pools/render"
DATA = "/batch/fleetbatch.westeurope/pools"
TOGETHER = 8


class SlowWorld(World):
    """A world whose writes take a moment after their condition was looked at."""

    def __init__(self, folder):
        super().__init__(folder)
        slow = {"kind": "slow", "seconds": 0.1, "times": 0}
        faults = [{**slow, "operation": each} for each in ("create", "update", "delete")]
        self.slow = FaultyAzure(self.azure, parse_plan({"faults": faults}), attempts=1)

    def dawdle(self):
        """Let every write from now on take its moment."""
        self._handler = handler_of(replace(self.site, azure=self.slow))

    def together(self, *request, headers=None):
        """The answers to so many equal requests that come at the same moment, by status."""
        self.dawdle()
        start = threading.Barrier(TOGETHER)

        def one(_):
            start.wait()
            return self.call(*request, headers=headers)

        with ThreadPoolExecutor(TOGETHER) as threads:
            return sorted(threads.map(one, range(TOGETHER)), key=lambda answer: answer.status)


@pytest.fixture
def world(tmp_path):
    made = SlowWorld(tmp_path)
    made.must("PUT", GROUP, {"location": "westeurope"})
    made.must("PUT", GALLERY, {"location": "westeurope"})
    made.must("PUT", ACCOUNT, {"location": "westeurope"})
    made.must("PUT", POOL, POOL_BODY)
    made.azure.advance(60)
    yield made
    made.slow.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "done"),
    [
        ("PUT", POOL, POOL_BODY, 200),
        ("PATCH", POOL, {"properties": {"metadata": [{"name": "a", "value": "b"}]}}, 200),
        ("DELETE", POOL, None, 202),
        ("PATCH", f"{DATA}/render", {"metadata": [{"name": "a", "value": "b"}]}, 200),
        ("POST", f"{DATA}/render/resize", {"targetDedicatedNodes": 1}, 202),
        ("DELETE", f"{DATA}/render", None, 202),
    ],
)
def test_of_writes_at_the_same_moment_with_one_etag_one_is_done(world, method, path, body, done):
    etag = world.call("GET", POOL).headers["ETag"]
    answers = world.together(method, path, body, headers={"if-match": etag})
    refused = 404 if (method, path) == ("DELETE", f"{DATA}/render") else 412
    assert [each.status for each in answers] == [done, *[refused] * (TOGETHER - 1)]


def test_of_creates_at_the_same_moment_one_makes_the_pool_and_the_rest_are_told(world):
    body = {"id": "new", **DATA_PLANE_POOL}
    made, *refused = world.together("POST", DATA, body)
    assert made.status == 201
    assert {(each.status, each.body["code"]) for each in refused} == {(409, "PoolExists")}


def test_both_planes_wait_for_the_same_pool(world):
    """An ETag that one plane has used up is no longer good at the other."""
    world.dawdle()
    headers = {"if-match": world.call("GET", POOL).headers["ETag"]}
    start = threading.Barrier(2)

    def write(path, body):
        start.wait()
        return world.call("PATCH", path, body, headers=headers).status

    change = {"metadata": [{"name": "a", "value": "b"}]}
    with ThreadPoolExecutor(2) as threads:
        both = [
            threads.submit(write, POOL.replace("render", "RENDER"), {"properties": change}),
            threads.submit(write, f"{DATA}/render", change),
        ]
        assert sorted(each.result() for each in both) == [200, 412]


def test_who_writes_to_something_else_does_not_wait():
    turns = Turns()
    with turns.of("/pools/a"), turns.of("/pools/b"):
        pass


def test_a_write_that_was_refused_leaves_no_turn_behind():
    turns = Turns()

    def refuse():
        with turns.of("/pools/a"):
            message = "refused"
            raise ValueError(message)

    for _ in range(2):
        with pytest.raises(ValueError, match="refused"):
            refuse()
