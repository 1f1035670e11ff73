"""The world of the simulated Azure's tests, with a way to put faults into it."""

from __future__ import annotations

import pytest

from imagefleet.offline.faults import FaultyAzure, parse_plan
from tests.offline.azure.world import POOL_PATH, SETTINGS, TOKENS, World


class FaultyWorld(World):
    """A world whose requests meet the faults of `plan`, one attempt each unless told otherwise."""

    faulty: FaultyAzure

    def plan(self, *faults: dict, seed: int = 0, attempts: int = 1) -> FaultyAzure:
        plan = parse_plan({"seed": seed, "faults": list(faults)})
        self.faulty = FaultyAzure(self.azure, plan, attempts=attempts)
        return self.faulty

    def create(self, name: str, changes: dict | None = None):
        inputs = self.checked(name, changes)
        return self.faulty.create(TOKENS[name], inputs, SETTINGS, preview=False)

    def put_again(self, name: str, resource_id: str, changes: dict | None = None):
        inputs = self.checked(name, changes)
        return self.faulty.update(TOKENS[name], resource_id, {}, inputs, SETTINGS, preview=False)

    def now(self) -> float:
        with self.azure.store.read() as transaction:
            return transaction.now


@pytest.fixture
def world(tmp_path):
    """An empty simulated Azure."""
    made = FaultyWorld(tmp_path / "azure.sqlite")
    yield made
    made.azure.close()


@pytest.fixture
def account(world):
    """Everything up to a Batch account with a replicated image version."""
    world.path(*POOL_PATH)
    return world
