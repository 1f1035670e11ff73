"""What changing a pool asks of its nodes, held to the components and to the provider's inputs."""

from __future__ import annotations

import pytest
from pulumi_azure_native import batch

from components.batch_pool import FIXED_PROPERTIES
from imagefleet.domain.pool_updates import ANY_TIME, ZERO_NODES, PoolUpdate, pool_update


@pytest.mark.parametrize(
    ("properties", "asked"),
    [
        (["scaleSettings"], PoolUpdate.IN_PLACE),
        (["metadata", "startTask", "azureApiVersion"], PoolUpdate.IN_PLACE),
        ([], PoolUpdate.IN_PLACE),
        (["vmSize"], PoolUpdate.ZERO_NODES),
        (["scaleSettings", "deploymentConfiguration"], PoolUpdate.ZERO_NODES),
        (["somethingNew"], PoolUpdate.ZERO_NODES),
    ],
)
def test_one_property_that_needs_zero_nodes_is_enough(properties, asked) -> None:
    assert pool_update(properties) is asked


def test_no_property_is_of_both_kinds() -> None:
    assert frozenset() == ANY_TIME & ZERO_NODES


def test_what_the_component_replaces_is_what_azure_changes_at_zero_nodes() -> None:
    assert set(FIXED_PROPERTIES) <= ZERO_NODES


def test_every_input_of_the_provider_has_its_place() -> None:
    """An input that a newer provider adds must be sorted by somebody."""
    names = batch.pool.PoolArgs.__init__.__annotations__.keys() - {"return"}
    camel = {
        first + "".join(word.title() for word in rest)
        for first, *rest in (name.split("_") for name in names)
    }
    fixed = {"accountName", "poolName", "resourceGroupName", "applicationLicenses", "resourceTags"}
    assert camel - fixed == (ANY_TIME | ZERO_NODES) & camel
