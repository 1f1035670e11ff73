"""What changing a property of an existing Batch pool asks of its nodes.

Azure documentation, "Update Batch pool properties" (ARM 2024-07-01): five properties change while
nodes run, every other one that can change at all needs a pool without nodes.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

ANY_TIME: Final = frozenset(
    {
        "applicationPackages",
        "certificates",
        "identity",
        "metadata",
        "scaleSettings",
        "startTask",
        "tags",
    }
)
"""What changes beside nodes; they get a new identity when they are made anew."""
ZERO_NODES: Final = frozenset(
    {
        "deploymentConfiguration",
        "displayName",
        "interNodeCommunication",
        "mountConfiguration",
        "networkConfiguration",
        "targetNodeCommunicationMode",
        "taskSchedulingPolicy",
        "taskSlotsPerNode",
        "upgradePolicy",
        "userAccounts",
        "vmSize",
    }
)
"""What changes only while a pool has no node; whatever is in neither set is fixed for good."""

# What only Pulumi records changes nothing on Azure.
_OURS: Final = frozenset({"azureApiVersion"})


class PoolUpdate(StrEnum):
    """What an update of a pool asks for."""

    IN_PLACE = "in place"
    ZERO_NODES = "needs zero nodes"


def pool_update(properties: Iterable[str]) -> PoolUpdate:
    """Return what changing these top-level properties of a pool asks for."""
    return PoolUpdate.IN_PLACE if {*properties} <= ANY_TIME | _OURS else PoolUpdate.ZERO_NODES
