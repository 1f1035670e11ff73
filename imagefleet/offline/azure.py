"""The simulated Azure, as a Pulumi provider sees it: one object behind every door.

The generic part of a request is here (ids, the store, waiting on the simulated clock, outputs);
what a service itself allows and answers is in `services/`, one module each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagefleet.offline import check, diff, preview, schema
from imagefleet.offline.model import (
    AzureError,
    Checked,
    Created,
    Difference,
    PartialFailureError,
    PoolProgress,
    ProviderSettings,
    ReadBack,
)
from imagefleet.offline.outside import grants
from imagefleet.offline.outside.facts import Grant, Outside
from imagefleet.offline.outside.parse import OutsideFileError
from imagefleet.offline.outside.state import suppose, supposed
from imagefleet.offline.resource_types import Outcome, Put, ResourceType, at, region
from imagefleet.offline.services import batch_pools, references, registry
from imagefleet.offline.store import Record, Store, Transaction, touched
from imagefleet.offline.values import Properties, holds_unknown

# An input that lists what a PATCH gives; like every input in this spelling it is no property.
PATCHED = "__patched"
# azure-native waits this long for an operation where the resource sets no timeout of its own.
_DEFAULT_TIMEOUT_SECONDS = 7200.0


class SimulatedAzure:
    """The `Azure` protocol over the state file `path`; safe to use from several threads.

    Raises `StoreError` where the file cannot be used, `AzureError` where Azure would refuse.
    """

    def __init__(self, path: Path) -> None:
        self.store = Store(path)

    @property
    def model(self) -> SimulatedAzure:
        """This Azure itself: nothing stands around it."""
        return self

    def close(self) -> None:
        """Close the state file."""
        self.store.close()

    def check(
        self,
        type_token: str,
        logical_name: str,
        old_inputs: Properties | None,
        new_inputs: Properties,
        settings: ProviderSettings,
        random_seed: bytes,
    ) -> Checked:
        """Fill in names, location and API version; name every property that is not right."""
        kind = registry.resource_type(type_token)
        return check.check(
            kind, logical_name, old_inputs, new_inputs, settings, random_seed, self.store
        )

    def diff(
        self,
        type_token: str,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str] = (),
    ) -> Difference:
        """Compare inputs with inputs, as azure-native does."""
        kind = registry.resource_type(type_token)
        return diff.diff(kind, old_inputs, old_outputs, new_inputs, ignore_changes)

    def create(
        self,
        type_token: str,
        inputs: Properties,
        settings: ProviderSettings,
        *,
        preview: bool,
        timeout_seconds: float = 0,
    ) -> Created:
        """Create a resource and wait for it on the simulated clock, or preview its outputs."""
        kind = registry.resource_type(type_token)
        if preview:
            return Created(id="", outputs=_previewed(kind, inputs))
        _refuse_unknown(kind, inputs)
        resource_id = kind.id_of(inputs, settings)
        with self.store.write() as transaction:
            if transaction.get(resource_id) is not None:
                raise _exists(resource_id)
            done = _put(kind, transaction, resource_id, inputs, settings, None)
        outputs = self._finished(kind, done, inputs, timeout_seconds)
        return Created(id=resource_id, outputs=outputs)

    def read(
        self,
        type_token: str,
        resource_id: str,
        inputs: Properties | None = None,
        seen: Properties | None = None,
    ) -> ReadBack | None:
        """Return a resource as it stands, None when it is gone."""
        kind = registry.resource_type(type_token)
        with self.store.read() as transaction:
            record = transaction.get(resource_id)
            if record is None or record.type != kind.arm_type:
                return None
            outputs = shown(kind, transaction, record)
        if inputs is None:
            found = preview.inputs_of(kind, record.id, outputs)
        else:
            found = preview.inputs_read_back(kind, inputs, outputs, seen)
        outputs["__inputs"] = found
        return ReadBack(id=record.id, inputs=found, outputs=outputs)

    def update(
        self,
        type_token: str,
        resource_id: str,
        old_outputs: Properties,
        new_inputs: Properties,
        settings: ProviderSettings,
        *,
        preview: bool,
        timeout_seconds: float = 0,
    ) -> Properties:
        """Put a resource that exists again, or preview its outputs."""
        kind = registry.resource_type(type_token)
        if preview:
            return _previewed(kind, new_inputs, old_outputs)
        _refuse_unknown(kind, new_inputs)
        with self.store.write() as transaction:
            old = transaction.get(resource_id)
            if old is None:
                raise references.not_found(resource_id)
            done = _put(kind, transaction, old.id, new_inputs, settings, old)
        return self._finished(kind, done, new_inputs, timeout_seconds)

    def delete(
        self,
        type_token: str,
        resource_id: str,
        settings: ProviderSettings,
        *,
        timeout_seconds: float = 0,
    ) -> None:
        """Delete a resource; one that is gone already counts as deleted, as with azure-native."""
        kind = registry.resource_type(type_token)
        with self.store.write() as transaction:
            record = transaction.get(resource_id)
            if record is None:
                return
            kind.delete(transaction, record)
            transaction.delete(record)
            begun = transaction.now
        self._wait(resource_id, begun, kind.minutes_to_delete, timeout_seconds)

    def pools(self) -> tuple[PoolProgress, ...]:
        """Return how far every pool has come, in the order of their ids."""
        with self.store.read() as transaction:
            return batch_pools.progress(transaction)

    def advance(self, minutes: float) -> None:
        """Move the simulated clock on; raises `ValueError` for a negative number of minutes."""
        if minutes < 0:
            message = f"the clock only goes forward, got {minutes} minutes"
            raise ValueError(message)
        with self.store.write() as transaction:
            transaction.advance_to(transaction.now + minutes)

    def suppose(self, outside: Outside) -> None:
        """Let what lies outside, and quotas, be as `outside` says, until it is said otherwise.

        Role assignments are made where there is none like them. Raises `OutsideFileError` where
        something cannot be as it says; everything then stays as it was.
        """
        with self.store.write() as transaction:
            before = {grants.grant_id(grant) for grant in supposed(transaction).grants}
            suppose(transaction, outside)
            wanted = {grants.grant_id(grant): grant for grant in outside.grants}
            for gone in sorted(before - wanted.keys()):
                record = transaction.get(gone)
                if record is not None:
                    transaction.delete(record)
            for resource_id, grant in wanted.items():
                if transaction.get(resource_id) is None:
                    _grant(transaction, resource_id, grant)

    def _wait(self, resource_id: str, begun: float, minutes: float, timeout_seconds: float) -> None:
        """Let an operation begun at minute `begun` run to its end, or to the caller's time-out.

        Two operations begun at the same minute end side by side, not one after the other.
        """
        if minutes <= 0:
            return
        limit = (timeout_seconds or _DEFAULT_TIMEOUT_SECONDS) / 60
        with self.store.write() as transaction:
            transaction.advance_to(begun + min(minutes, limit))
        if minutes > limit:
            message = (
                f"waited {limit:g} minutes for {resource_id}, which takes {minutes:g}; Azure goes "
                "on with it. Set custom_timeouts of hours on this resource, and run this again"
            )
            raise AzureError("OperationTimedOut", message, status=504, target=resource_id)

    def _finished(
        self, kind: ResourceType, done: _Done, inputs: Properties, timeout_seconds: float
    ) -> Properties:
        """Return the outputs of a put when its operation has ended."""
        if done.minutes <= 0:
            return {**done.outputs, "__inputs": inputs}
        try:
            self._wait(done.id, done.begun, done.minutes, timeout_seconds)
        except AzureError as error:
            outputs = self._outputs(kind, done.id, inputs)
            raise PartialFailureError(error, resource_id=done.id, outputs=outputs) from error
        return self._outputs(kind, done.id, inputs)

    def _outputs(self, kind: ResourceType, resource_id: str, inputs: Properties) -> Properties:
        with self.store.read() as transaction:
            record = transaction.get(resource_id)
            if record is None:
                raise references.not_found(resource_id)
            return {**shown(kind, transaction, record), "__inputs": inputs}


def _grant(transaction: Transaction, resource_id: str, grant: Grant) -> None:
    """Make the role assignment that is told, unless there is one like it under another name."""
    kind = registry.resource_type(grants.TOKEN)
    inputs = grants.grant_inputs(grant)
    try:
        _put(kind, transaction, resource_id, inputs, ProviderSettings(subscription_id=""), None)
    except AzureError as error:
        if error.code != "RoleAssignmentExists":
            message = f"the grant of '{grant.role}' on {grant.scope} cannot be: {error.message}"
            raise OutsideFileError(message) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """A put that was written: when it was, how long it takes, and how the resource reads now."""

    id: str
    begun: float
    minutes: float
    outputs: Properties


def _previewed(
    kind: ResourceType, inputs: Properties, old_outputs: Properties | None = None
) -> Properties:
    return preview.preview_outputs(kind, inputs, old_outputs)


def shown(kind: ResourceType, transaction: Transaction, record: Record) -> Properties:
    """Return a resource as a read shows it now, without the inputs that would make it."""
    found = {**record.state, **kind.view(transaction, record)}
    found["azureApiVersion"] = kind.api_version
    return dict(sorted(found.items()))


def _put(
    kind: ResourceType,
    transaction: Transaction,
    resource_id: str,
    inputs: Properties,
    settings: ProviderSettings,
    old: Record | None,
) -> _Done:
    """Write one create or update.

    The outputs are read in the same transaction, so that they do not depend on what else moves
    the clock meanwhile.
    """
    body = {
        name: value
        for name, value in inputs.items()
        if name not in kind.path_parameters and name != check.API_VERSION and name[:2] != "__"
    }
    now = transaction.now
    put = Put(
        transaction=transaction,
        settings=settings,
        id=resource_id,
        path={name: str(inputs[name]) for name in kind.path_parameters},
        body=body,
        api_version=str(inputs.get(check.API_VERSION, kind.api_version)),
        now=now,
        old=old,
        patched=frozenset(inputs[PATCHED]) if PATCHED in inputs else None,
    )
    references.require_parent(put, kind)
    outcome = kind.put(put)
    state = _state(kind, put, outcome)
    _refuse_immutable(kind, old, state)
    record = _recorded(kind, put, state, outcome.internal)
    transaction.put(record, claims=outcome.claims, links=outcome.links)
    outputs = shown(kind, transaction, record)
    return _Done(id=resource_id, begun=now, minutes=outcome.minutes, outputs=outputs)


def _recorded(kind: ResourceType, put: Put, state: Properties, internal: Properties) -> Record:
    if put.old is not None:
        return touched(put.old, state, internal, put.now)
    return Record(
        id=put.id,
        type=kind.arm_type,
        parent=kind.parent_key(put.id),
        state=state,
        internal=internal,
        created=put.now,
        modified=put.now,
    )


def _state(kind: ResourceType, put: Put, outcome: Outcome) -> Properties:
    """Return what is kept of a put: what a read may show, and no secret."""
    readable = put.body
    for path in kind.write_only:
        readable = _without(readable, path.split("."))
    state: Properties = schema.projected(readable, kind.outputs)
    if kind.located:
        state["location"] = region(put.body.get("location"))
    if "provisioningState" in kind.outputs.properties:
        state["provisioningState"] = "Succeeded"
    state.update(outcome.derived)
    state.update(id=put.id, name=put.name, type=kind.arm_type)
    return state


def _without(value: Any, path: list[str]) -> Any:
    """Return `value` without what lies under `path`, in every item of a list on the way."""
    if isinstance(value, list):
        return [_without(item, path) for item in value]
    if not isinstance(value, dict) or path[0] not in value:
        return value
    rest = {name: item for name, item in value.items() if name != path[0]}
    return rest if len(path) == 1 else {**rest, path[0]: _without(value[path[0]], path[1:])}


def _refuse_immutable(kind: ResourceType, old: Record | None, state: Properties) -> None:
    if old is None:
        return
    for path, refusal in kind.immutable.items():
        steps = path.split(".")
        before, after = at(old.state, *steps), at(state, *steps)
        if before != after and not references.same(before, after):
            raise refusal(path)


def _refuse_unknown(kind: ResourceType, inputs: Properties) -> None:
    for name, value in inputs.items():
        if holds_unknown(value):
            message = f"'{name}' of {kind.token} is not known and Azure cannot be asked without it"
            if name == "location":
                message += (
                    "; the resource group is not in the simulated Azure, so it gives no default: "
                    "set location, or azure-native:location in the stack file"
                )
            raise AzureError("InvalidParameter", message, target=name)


def _exists(resource_id: str) -> AzureError:
    message = (
        f"cannot create already existing resource '{resource_id}'; import it, choose another name, "
        "or, where a run broke off, let 'imagefleet recover --apply' take it in"
    )
    return AzureError("ResourceAlreadyExists", message, status=409, target=resource_id)
