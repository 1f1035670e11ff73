"""The simulated Azure with faults in it: the same protocol, and what a plan says goes wrong.

Faults come where a client would meet them: before the service has done anything, while its answer
is on the way, or after it has accepted a request.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.faults.behind import change_behind, remove_behind
from imagefleet.offline.faults.damage import damage, strikes
from imagefleet.offline.faults.fired import FaultLog
from imagefleet.offline.faults.plan import Call, Fault, FaultPlan, Operation
from imagefleet.offline.faults.refusals import answer_lost, late_refusal, plain_refusal
from imagefleet.offline.model import (
    AnswerLostError,
    AzureError,
    Checked,
    Created,
    Difference,
    PartialFailureError,
    PoolProgress,
    ProviderSettings,
    ReadBack,
)
from imagefleet.offline.services import registry
from imagefleet.offline.store import Record
from imagefleet.offline.values import Properties

_T = TypeVar("_T")

PROVIDER_ATTEMPTS = 4
"""How often azure-native's client asks: once and three times more (Azure SDK for Go, default)."""

# The same client: these statuses are asked again, after 0.8 s and then twice as long each time.
_REPEATED = frozenset({408, 429, 500, 502, 503, 504})
_BACKOFF_SECONDS = 0.8
# The status by which servers note that a client has gone; nobody is there to ask again.
_NOBODY_LISTENS = 499
# What a refusal that only time can cure costs on the simulated clock: somebody runs it again.
_RERUN_MINUTES = 1.0
_MOST_REAL_SECONDS = 60.0
_AFTERWARDS = frozenset({"operationFailed", "replicationFailed", "allocationFailed"})
_LATE = frozenset({"principalNotFound", "roleNotEffective", "softDeleted"})


class FaultyAzure:
    """The `Azure` protocol over `inner`, with the faults of `plan`.

    `attempts` is how often a request is made before its caller hears of a fault that passes: a
    provider repeats as azure-native does, a door for other clients asks once and lets them.
    `engine` is the process that runs the program, which a plan may kill; a door has none.
    """

    def __init__(
        self,
        inner: SimulatedAzure,
        plan: FaultPlan,
        log: FaultLog | None = None,
        *,
        attempts: int = PROVIDER_ATTEMPTS,
        engine: int | None = None,
    ) -> None:
        self.inner = inner
        self.plan = plan
        self.log = FaultLog() if log is None else log
        self._attempts = attempts
        self._engine = engine

    @property
    def model(self) -> SimulatedAzure:
        """The simulated Azure itself, which no fault meets."""
        return self.inner

    def close(self) -> None:
        """Close the simulated Azure and the log."""
        self.inner.close()
        self.log.close()

    def check(
        self,
        type_token: str,
        logical_name: str,
        old_inputs: Properties | None,
        new_inputs: Properties,
        settings: ProviderSettings,
        random_seed: bytes,
    ) -> Checked:
        """Check inputs, which asks nobody and so never fails."""
        return self.inner.check(
            type_token, logical_name, old_inputs, new_inputs, settings, random_seed
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
        """Compare, which asks nobody and so never fails."""
        return self.inner.diff(
            type_token, resource_id, old_inputs, old_outputs, new_inputs, ignore_changes
        )

    def create(
        self,
        type_token: str,
        inputs: Properties,
        settings: ProviderSettings,
        *,
        preview: bool,
        timeout_seconds: float = 0,
    ) -> Created:
        """Make a resource, unless a fault has something against it."""

        def serve() -> Created:
            return self.inner.create(
                type_token, inputs, settings, preview=preview, timeout_seconds=timeout_seconds
            )

        if preview:
            return serve()
        resource_id = registry.resource_type(type_token).id_of(inputs, settings)
        return self._ask("create", type_token, resource_id, inputs, serve)

    def read(
        self,
        type_token: str,
        resource_id: str,
        inputs: Properties | None = None,
        seen: Properties | None = None,
    ) -> ReadBack | None:
        """Read a resource, unless a fault has something against it."""
        return self._ask(
            "read",
            type_token,
            resource_id,
            {},
            lambda: self.inner.read(type_token, resource_id, inputs, seen),
        )

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
        """Change a resource, unless a fault has something against it."""

        def serve() -> Properties:
            return self.inner.update(
                type_token,
                resource_id,
                old_outputs,
                new_inputs,
                settings,
                preview=preview,
                timeout_seconds=timeout_seconds,
            )

        if preview:
            return serve()
        return self._ask("update", type_token, resource_id, new_inputs, serve)

    def delete(
        self,
        type_token: str,
        resource_id: str,
        settings: ProviderSettings,
        *,
        timeout_seconds: float = 0,
    ) -> None:
        """Delete a resource, unless a fault has something against it."""
        self._ask(
            "delete",
            type_token,
            resource_id,
            {},
            lambda: self.inner.delete(
                type_token, resource_id, settings, timeout_seconds=timeout_seconds
            ),
        )

    def pools(self) -> tuple[PoolProgress, ...]:
        """Return how far every pool has come, in the order of their ids."""
        return self.inner.pools()

    def advance(self, minutes: float) -> None:
        """Move the simulated clock on."""
        self.inner.advance(minutes)

    def _ask(
        self,
        operation: Operation,
        type_token: str,
        resource_id: str,
        inputs: Properties,
        serve: Callable[[], _T],
    ) -> _T:
        """Make a request, and make it again where azure-native's client would."""
        call = Call(
            operation=operation, type=type_token.removeprefix("azure-native:"), id=resource_id
        )
        answers: list[_T] = []

        def serve_once() -> _T:
            # The second request for the same thing finds it done.
            if not answers:
                answers.append(serve())
            return answers[0]

        lost = False
        for attempt in range(1, self._attempts + 1):
            try:
                return self._attempt(call, inputs, serve_once)
            except PartialFailureError:
                raise
            except AzureError as error:
                lost |= isinstance(error, AnswerLostError)
                if attempt == self._attempts or not _repeated(error):
                    # Of several attempts one without an answer may have been served.
                    raise _as_lost(error) if lost else error from None
                wait = error.retry_after or _BACKOFF_SECONDS * 2 ** (attempt - 1)
                self.inner.advance(wait / 60)
        message = f"{self._attempts} attempts are none"
        raise ValueError(message)

    def _attempt(self, call: Call, inputs: Properties, serve: Callable[[], _T]) -> _T:
        for index, fault in self.plan.meeting(call):
            self._refuse(index, fault, call, inputs)
        with self.inner.store.read() as transaction:
            before = transaction.get(call.id)
        # A deletion that fails leaves the resource as it was, so it is not even begun.
        if call.operation == "delete":
            self._damage_all(call, before)
        try:
            served = serve()
        except PartialFailureError:
            # The service has accepted it, and the caller does not wait for the end.
            self._damage_all(call, before)
            raise
        if call.operation != "delete":
            self._damage_all(call, before)
        for index, fault in self.plan.meeting(call):
            self._follow_up(index, fault, call)
        return served

    def _fires(self, index: int, fault: Fault, call: Call) -> bool:
        return self.log.fires(index, fault, call, self.plan.seed)

    def _refuse(self, index: int, fault: Fault, call: Call, inputs: Properties) -> None:
        if fault.kind in _LATE:
            with self.inner.store.read() as transaction:
                late = late_refusal(index, fault, call, inputs, transaction, self.log)
            if late is not None and self._fires(index, fault, call):
                self.inner.advance(_RERUN_MINUTES)
                raise late
            return
        if fault.kind == "killed" and not fault.options.get("served"):
            self._kill(index, fault, call)
            return
        refusal = plain_refusal(fault, call)
        if fault.kind == "slow" and self._fires(index, fault, call):
            time.sleep(min(fault.number("seconds", 0), _MOST_REAL_SECONDS))
            self.inner.advance(fault.number("minutes", fault.number("seconds", 0) / 60))
        elif refusal is not None and self._fires(index, fault, call):
            raise refusal

    def _damage_all(self, call: Call, before: Record | None) -> None:
        """Let the faults act that come after a request was accepted; raises what they end in."""
        for index, fault in self.plan.meeting(call):
            if fault.kind not in _AFTERWARDS:
                continue
            with self.inner.store.read() as transaction:
                if not strikes(fault, call, transaction, before):
                    continue
            if not self._fires(index, fault, call):
                continue
            with self.inner.store.write() as transaction:
                error = damage(fault, call, transaction)
            if error is None:
                continue
            raise error if call.operation == "delete" else self._partial(call, error)

    def _partial(self, call: Call, error: AzureError) -> AzureError:
        found = self.inner.read(f"azure-native:{call.type}", call.id)
        if found is None:
            return error
        return PartialFailureError(error, resource_id=found.id, outputs=found.outputs)

    def _follow_up(self, index: int, fault: Fault, call: Call) -> None:
        token = f"azure-native:{call.type}"
        if fault.kind == "softDeleted" and call.operation == "delete":
            with self.inner.store.read() as transaction:
                self.log.note(index, call.id, transaction.now, again=True)
        elif fault.kind == "changedBehind" and self._fires(index, fault, call):
            if fault.options.get("remove"):
                remove_behind(self.inner, token, call.id)
            else:
                change_behind(self.inner, token, call.id, fault.options["set"])
        elif fault.kind == "killed" and fault.options.get("served"):
            self._kill(index, fault, call)
        elif (
            fault.kind == "dropped"
            and fault.options.get("served")
            and self._fires(index, fault, call)
        ):
            raise answer_lost(call)

    def _kill(self, index: int, fault: Fault, call: Call) -> None:
        """Kill the engine as a power cut would; where it is another process, it hears no answer."""
        if self._engine is not None and self._fires(index, fault, call):
            os.kill(self._engine, signal.SIGKILL)
            message = f"the engine that asked for {call.operation} of {call.id} was killed"
            raise AzureError("ClientClosedRequest", message, status=_NOBODY_LISTENS, target=call.id)


def _as_lost(error: AzureError) -> AnswerLostError:
    return AnswerLostError(error.code, error.message, status=error.status, target=error.target)


def _repeated(error: AzureError) -> bool:
    return isinstance(error, AnswerLostError) or error.status in _REPEATED
