"""The world of `world.py` at three stages, for every test of the simulated Azure."""

from __future__ import annotations

import pytest

from tests.offline.azure.world import IMAGE_PATH, POOL_PATH, World


@pytest.fixture
def world(tmp_path):
    """An empty simulated Azure."""
    made = World(tmp_path / "azure.sqlite")
    yield made
    made.azure.close()


@pytest.fixture
def gallery(world):
    """Everything up to an image definition."""
    world.path(*IMAGE_PATH)
    return world


@pytest.fixture
def account(world):
    """Everything up to a Batch account with a replicated image version."""
    world.path(*POOL_PATH)
    return world
