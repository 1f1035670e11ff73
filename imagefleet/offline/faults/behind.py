"""What somebody else does to a resource while the program does not look."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.model import AzureError, ProviderSettings
from imagefleet.offline.services import references
from imagefleet.offline.values import Properties


def change_behind(
    azure: SimulatedAzure, type_token: str, resource_id: str, changes: Mapping[str, Any]
) -> None:
    """Put a resource again with some of its properties changed, as a portal would.

    `changes` maps paths (`tags.owner`) to values, None to take a property away. Raises `AzureError`
    where the resource is not there, or where the service refuses the change.
    """
    found = azure.read(type_token, resource_id)
    if found is None:
        raise references.not_found(resource_id)
    inputs = copy.deepcopy(found.inputs)
    for path, value in changes.items():
        _set(inputs, path.split("."), value)
    settings = _settings(resource_id)
    checked = azure.check(type_token, resource_id, found.inputs, inputs, settings, b"")
    for failure in checked.failures:
        raise AzureError("InvalidParameter", failure.reason, target=failure.property)
    azure.update(type_token, found.id, {}, checked.inputs, settings, preview=False)


def remove_behind(azure: SimulatedAzure, type_token: str, resource_id: str) -> None:
    """Delete a resource; raises `AzureError` where the service refuses."""
    azure.delete(type_token, resource_id, _settings(resource_id))


def _settings(resource_id: str) -> ProviderSettings:
    parts = resource_id.strip("/").split("/")
    subscription = parts[1] if parts[0].casefold() == "subscriptions" else ""
    return ProviderSettings(subscription_id=subscription)


def _set(properties: Properties, path: list[str], value: Any) -> None:
    *steps, last = path
    for step in steps:
        inner = properties.get(step)
        if not isinstance(inner, dict):
            inner = properties[step] = {}
        properties = inner
    if value is None:
        properties.pop(last, None)
    else:
        properties[last] = value
