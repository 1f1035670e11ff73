"""The world of the simulated Azure's own tests, up to an account with an image version."""

from __future__ import annotations

import pytest

from tests.offline.azure.world import POOL_PATH, World


@pytest.fixture
def account(tmp_path):
    made = World(tmp_path / "azure.sqlite")
    made.path(*POOL_PATH)
    yield made
    made.azure.close()
