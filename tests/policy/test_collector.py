"""Garbage is collected between calls of a pack process, and not in them."""

from __future__ import annotations

import gc
import weakref

import pytest

from rules.collector import Collector


class Cycle:
    def __init__(self):
        self.me = self


def garbage():
    return weakref.ref(Cycle())


@pytest.fixture(autouse=True)
def the_collector_as_it_was():
    yield
    gc.unfreeze()
    gc.enable()


def test_no_garbage_is_looked_for_but_at_the_start_of_calls():
    collector = Collector()
    collector.switch_on()
    left = garbage()
    many = [[number] for number in range(100_000)]
    assert left() is not None
    assert len(many) == 100_000
    collector.stack_call()
    assert left() is None


def test_a_run_of_many_resources_keeps_no_garbage():
    collector = Collector()
    collector.switch_on()
    left = garbage()
    for _ in range(1000):
        collector.resource_call()
    assert left() is None
