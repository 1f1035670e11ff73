"""A resource monitor that keeps every registration and answers as the engine would.

It stands where the engine stands, below the whole SDK: what it keeps is what the engine would be
asked to do. It fails on any call for data, because the program must not need one.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pulumi
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import Settings, configure
from pulumi.runtime.stack import run_in_stack

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = "imagefleet"
STACK = "test"
STACK_TYPE = "pulumi:pulumi:Stack"
STACK_URN = f"urn:pulumi:{STACK}::{PROJECT}::{STACK_TYPE}::{PROJECT}-{STACK}"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One resource as the engine was asked to register it; values are plain JSON."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    inputs: dict[str, Any]
    protect: bool
    provider: str
    dependencies: tuple[str, ...]
    property_dependencies: dict[str, tuple[str, ...]]
    delete_before_replace: bool
    replace_on_changes: tuple[str, ...]
    ignore_changes: tuple[str, ...]
    timeouts: dict[str, str]
    aliases: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The last part of the type token."""
        return self.type.rsplit(":", maxsplit=1)[-1]


@dataclass
class Recorder:
    """What the program registered, in the order in which it came in, and its outputs."""

    preview: bool = False
    registrations: list[Registration] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    _urns: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # ---- what tests ask

    def one(self, kind: str, name: str | None = None) -> Registration:
        """The only registration of a kind (and name)."""
        (found,) = (
            each
            for each in self.registrations
            if each.kind == kind and name in {None, each.name} and each.type != STACK_TYPE
        )
        return found

    def children(self, parent: Registration) -> set[tuple[str, str]]:
        """Type and name of everything whose parent is `parent`."""
        return {(each.type, each.name) for each in self.registrations if each.parent == parent.urn}

    def made(self) -> set[tuple[str, str]]:
        """Type and name of everything but the stack."""
        return {(each.type, each.name) for each in self.registrations if each.type != STACK_TYPE}

    @property
    def stack_outputs(self) -> dict[str, Any]:
        return self.outputs[STACK_URN]

    # ---- the monitor

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  the name is the protocol's
        urn = _urn(request)
        registration = Registration(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=request.custom,
            inputs=json_format.MessageToDict(request.object),
            protect=request.protect,
            provider=request.provider,
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies={
                key: tuple(sorted(each.urns))
                for key, each in request.propertyDependencies.items()
                if each.urns
            },
            delete_before_replace=request.deleteBeforeReplace,
            replace_on_changes=tuple(request.replaceOnChanges),
            ignore_changes=tuple(request.ignoreChanges),
            timeouts={
                key: value
                for key in ("create", "update", "delete")
                if (value := getattr(request.customTimeouts, key))
            },
            aliases=tuple(each.urn or each.spec.type for each in request.aliases),
        )
        with self._lock:
            if urn in self._urns:
                message = f"two resources with the URN {urn}"
                raise AssertionError(message)
            self._urns.add(urn)
            self.registrations.append(registration)
        known = request.custom and not self.preview
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=f"id of {request.name}" if known else "", object=_outputs(request.object)
        )

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        self.outputs[request.urn] = json_format.MessageToDict(request.outputs)
        return empty_pb2.Empty()

    def GetDeploymentInfo(self, _request: Any) -> Any:  # noqa: N802
        return resource_pb2.DeploymentInfo(
            supportedFeatures=[
                resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
                resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
                resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
            ]
        )

    def SignalAndWaitForShutdown(self, _request: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        return self._refuse(request.tok)

    def Call(self, request: Any) -> Any:  # noqa: N802
        return self._refuse(request.tok)

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        return self._refuse(request.type)

    def _refuse(self, what: str) -> Any:
        self.calls.append(what)
        message = f"the program asked the provider for data: {what}"
        raise AssertionError(message)


class _Engine:
    """The engine's log and nothing else."""

    def Log(self, _request: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()


def _urn(request: Any) -> str:
    chain = request.type
    if request.parent and request.type != STACK_TYPE:
        parent_type = request.parent.split("::")[2]
        if parent_type != STACK_TYPE:
            chain = f"{parent_type}${request.type}"
    return f"urn:pulumi:{STACK}::{PROJECT}::{chain}::{request.name}"


def _outputs(inputs: Any) -> Any:
    """The inputs as outputs; the identities are a list in the former, a mapping in the latter."""
    outputs = type(inputs)()
    outputs.CopyFrom(inputs)
    identity = outputs.fields["identity"].struct_value if "identity" in outputs else None
    if identity and "userAssignedIdentities" in identity:
        names = list(identity["userAssignedIdentities"])
        identity["userAssignedIdentities"] = {name: {} for name in names}
    return outputs


def record(
    program: Callable[[], object],
    *,
    preview: bool = False,
    config: dict[str, str] | None = None,
    monitor: Recorder | None = None,
) -> Recorder:
    """Run `program` in a stack of its own before a recorder, and return the recorder.

    Pulumi's settings live in context variables, so each run has a context of its own. The
    collector's thresholds, which a program may set, are put back afterwards.
    """
    monitor = monitor or Recorder(preview=preview)
    thresholds = gc.get_threshold()
    try:
        contextvars.copy_context().run(_run, program, monitor, config or {})
    finally:
        gc.set_threshold(*thresholds)
    assert monitor.calls == []
    return monitor


def _run(program: Callable[[], object], monitor: Recorder, config: dict[str, str]) -> None:
    configure(
        Settings(
            project=PROJECT,
            stack=STACK,
            monitor=monitor,
            engine=_Engine(),
            dry_run=monitor.preview,
        )
    )
    pulumi.runtime.set_all_config(config)

    def run_program() -> None:
        program()

    with asyncio.Runner() as runner:
        runner.run(run_in_stack(run_program), context=contextvars.copy_context())
