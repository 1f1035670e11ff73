"""What changing a property of an existing Batch pool asks of its nodes.

Azure documentation, "Update Batch pool properties" (ARM 2024-07-01): five properties change while
nodes run, every other one that can change at all needs a pool without nodes.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

# The five of the page; an identity is accepted beside nodes, which get it when they are made anew.
# What only Pulumi records changes nothing on Azure.
_WITH_NODES: Final = frozenset(
    {
        "applicationPackages",
        "azureApiVersion",
        "certificates",
        "identity",
        "metadata",
        "scaleSettings",
        "startTask",
        "tags",
    }
)


class PoolUpdate(StrEnum):
    """What an update of a pool asks for."""

    IN_PLACE = "in place"
    ZERO_NODES = "needs zero nodes"


def pool_update(properties: Iterable[str]) -> PoolUpdate:
    """Return what changing these top-level properties of a pool asks for."""
    if all(name in _WITH_NODES for name in properties):
        return PoolUpdate.IN_PLACE
    return PoolUpdate.ZERO_NODES
