"""What azure-native does to inputs before anything else sees them: names, location, version.

Unknown properties are refused by name here; azure-native itself only warns about some of them.
"""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from imagefleet.offline import schema
from imagefleet.offline.model import Checked, CheckFailure, ProviderSettings
from imagefleet.offline.resource_types import ResourceType
from imagefleet.offline.store import Store
from imagefleet.offline.values import UNKNOWN, Properties, is_unknown

API_VERSION = "azureApiVersion"
# azure-native's own mark on a name it made up: such a resource is replaced before it is deleted.
CREATE_BEFORE_DELETE = "__createBeforeDelete"
_HEX_DIGITS = 8
# Names that are GUIDs in Azure; azure-native makes one up instead of adding digits.
_GUID_NAMES = frozenset({"roleAssignmentName", "roleDefinitionId"})


def check(
    kind: ResourceType,
    logical_name: str,
    old_inputs: Properties | None,
    new_inputs: Properties,
    settings: ProviderSettings,
    random_seed: bytes,
    store: Store,
) -> Checked:
    """Return the inputs with defaults filled in, or the failures, one for each property."""
    inputs: Properties = schema.without_nulls(new_inputs)
    old = old_inputs or {}
    _name(kind, logical_name, old, inputs, random_seed)
    if kind.located and "location" not in inputs:
        location = _location(kind, old, inputs, settings, store)
        if location is not None:
            inputs["location"] = location
    inputs.setdefault(API_VERSION, kind.api_version)
    failures = tuple(
        CheckFailure(property=path, reason=reason) for path, reason in _faults(kind, inputs)
    )
    return Checked(inputs=inputs, failures=failures)


def _name(
    kind: ResourceType,
    logical_name: str,
    old: Properties,
    inputs: Properties,
    random_seed: bytes,
) -> None:
    """Fill in the name as azure-native's auto-naming does; an old made-up name stays."""
    name = kind.name_parameter
    if name in inputs:
        return
    if name in old:
        inputs[name] = old[name]
        if CREATE_BEFORE_DELETE in old:
            inputs[CREATE_BEFORE_DELETE] = old[CREATE_BEFORE_DELETE]
        return
    seed = random_seed or secrets.token_bytes(16)
    if name in _GUID_NAMES:
        inputs[name] = str(UUID(bytes=seed[:16].ljust(16, b"\0"), version=4))
    else:
        inputs[name] = f"{logical_name}{seed.hex()[:_HEX_DIGITS]}"
    inputs[CREATE_BEFORE_DELETE] = True


def _location(
    kind: ResourceType,
    old: Properties,
    inputs: Properties,
    settings: ProviderSettings,
    store: Store,
) -> str | None:
    """Return the default location: the old one, the provider's, or the resource group's."""
    if "location" in old:
        return str(old["location"])
    if settings.location:
        return settings.location
    group = inputs.get("resourceGroupName")
    if not isinstance(group, str) or kind.name_parameter == "resourceGroupName":
        return None
    if is_unknown(group):
        return UNKNOWN
    group_id = f"/subscriptions/{settings.subscription_id}/resourceGroups/{group}"
    with store.read() as transaction:
        found = transaction.get(group_id)
    # A group that is not here yet is one that this very deployment makes.
    return UNKNOWN if found is None else str(found.state["location"])


def _faults(kind: ResourceType, inputs: Properties) -> list[tuple[str, str]]:
    body: dict[str, Any] = {name: item for name, item in inputs.items() if name != API_VERSION}
    found = schema.faults(body, kind.inputs)
    if kind.located and "location" not in inputs:
        reason = (
            "missing required property 'location'. Either set it explicitly or configure it with "
            "'pulumi config set azure-native:location <value>'."
        )
        found.append(("location", reason))
    for name in kind.path_parameters:
        value = inputs.get(name)
        if isinstance(value, str) and (not value or (name != "scope" and "/" in value)):
            reason = f"'{name}' is part of the id and must be a name without '/', got '{value}'"
            found.append((name, reason))
    version = inputs[API_VERSION]
    if not is_unknown(version) and version != kind.api_version:
        reason = (
            f"'{API_VERSION}' of {kind.token} is {kind.api_version} here, got {version!r}; "
            "other API versions are not simulated"
        )
        found.append((API_VERSION, reason))
    return found
