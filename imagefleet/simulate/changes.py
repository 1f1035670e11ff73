"""Change a resource that is there, as a PATCH does: what is not given stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagefleet.offline import schema
from imagefleet.offline.azure import PATCHED
from imagefleet.offline.model import AzureError, PartialFailureError, ProviderSettings
from imagefleet.offline.resource_types import ResourceType
from imagefleet.offline.services import references
from imagefleet.offline.values import Properties
from imagefleet.simulate.site import Site

# Next to nothing, so that the model does not wait on its clock: it goes on with the operation.
AT_ONCE = 1e-6
WAITING = "OperationTimedOut"
# Given whole in a PATCH, not merged into what is there.
_WHOLE = frozenset({"tags", "identity", "scaleSettings"})


def changed(
    site: Site,
    kind: ResourceType,
    resource_id: str,
    changes: Properties,
    settings: ProviderSettings,
    *,
    merge: bool,
) -> Properties:
    """Write `changes` (None takes a property away) and return the outputs as they stand then.

    With `merge` objects are merged (Compute), without each given property is replaced (Batch).
    Raises `AzureError` where the service refuses, `PartialFailureError` where the operation ends
    badly.
    """
    found = site.model.read(kind.token, resource_id)
    if found is None:
        raise references.not_found(resource_id)
    inputs = {**found.inputs, PATCHED: sorted(changes)}
    for name, value in changes.items():
        if value is None:
            inputs.pop(name, None)
        elif merge and name not in _WHOLE:
            inputs[name] = _merged(inputs.get(name), value)
        else:
            inputs[name] = schema.without_nulls(value)
    _require_whole(kind, inputs, changes)
    return without_waiting(site, kind, found.id, found.outputs, inputs, settings)


def without_waiting(
    site: Site,
    kind: ResourceType,
    resource_id: str,
    old_outputs: Properties,
    inputs: Properties,
    settings: ProviderSettings,
) -> Properties:
    """Update a resource and return its outputs while the operation may go on."""
    try:
        return site.azure.update(
            kind.token,
            resource_id,
            old_outputs,
            inputs,
            settings,
            preview=False,
            timeout_seconds=AT_ONCE,
        )
    except PartialFailureError as error:
        return still_going(error)


def still_going(error: PartialFailureError) -> Properties:
    """Return the outputs of an operation that was not waited for; raise any other failure."""
    if error.code != WAITING:
        raise error
    return error.outputs


def _require_whole(kind: ResourceType, inputs: Properties, changes: Properties) -> None:
    """Refuse a change that leaves something without a property that it must have."""
    for name in sorted(kind.inputs.required - inputs.keys()):
        message = f"the required property '{name}' of {kind.arm_type} cannot be taken away"
        raise AzureError("InvalidRequestContent", message, target=name)
    for name in changes.keys() & inputs.keys():
        for path, reason in schema.faults(inputs[name], kind.inputs.properties[name], name):
            raise AzureError("InvalidRequestContent", reason, target=path)


def unreadable(name: str, known: str) -> AzureError:
    """Return the error for a property that a request must not have."""
    message = f"Could not find member '{name}' on the request content{known}"
    return AzureError("InvalidRequestContent", message, target=name)


def _merged(before: Any, given: Any) -> Any:
    if not isinstance(before, Mapping) or not isinstance(given, Mapping):
        return schema.without_nulls(given)
    merged = dict(before)
    for name, value in given.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(before.get(name), value)
    return merged
