"""The resource monitor and the engine as the Pulumi SDK sees them, in process.

The SDK calls these methods in place of gRPC stubs, from several threads: one lock makes the run a
sequence. Requests and answers are the wire's own messages.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, resource_pb2

from imagefleet.offline.embedded.errors import MonitorError, RunStoppedError, UnsupportedError
from imagefleet.offline.embedded.goal import check_package, from_request, refuse, source_position
from imagefleet.offline.embedded.registrar import Registrar
from imagefleet.offline.embedded.run import Run
from imagefleet.offline.pack.client import PolicyPackError
from imagefleet.offline.values import UNKNOWN, from_struct, to_struct

_FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    # Claimed so that the SDK sends them and they are refused here by name.
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
)
_LEGACY_FEATURES = frozenset(
    {"secrets", "resourceReferences", "outputValues", "aliasSpecs", "deletedWith", "transforms"}
)
_SEVERITIES = {
    engine_pb2.DEBUG: "debug",
    engine_pb2.INFO: "info",
    engine_pb2.WARNING: "warning",
    engine_pb2.ERROR: "error",
}


class Monitor:
    """Answers the SDK's calls out of one run; method names are those of the protocol."""

    def __init__(self, run: Run, registrar: Registrar) -> None:
        self._run = run
        self._registrar = registrar
        self._lock = threading.RLock()
        self._project_dir = str(run.workspace.project_dir)

    def GetDeploymentInfo(self, _request: empty_pb2.Empty) -> resource_pb2.DeploymentInfo:
        """Say which stack this is and what the monitor can do."""
        workspace = self._run.workspace
        return resource_pb2.DeploymentInfo(
            project=workspace.project,
            stack=workspace.stack,
            organization="organization",
            config=dict(workspace.config),
            configSecretKeys=sorted(workspace.secret_keys),
            dryRun=self._run.dry_run,
            parallel=1,
            supportedFeatures=_FEATURES,
        )

    def SupportsFeature(
        self, request: resource_pb2.SupportsFeatureRequest
    ) -> resource_pb2.SupportsFeatureResponse:
        """Answer for one feature, by its old name."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _LEGACY_FEATURES)

    def RegisterResource(
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Make a resource what the program wants it to be."""
        with self._lock, _Call(self._run):
            state = self._registrar.register(from_request(request, self._project_dir))
            return resource_pb2.RegisterResourceResponse(
                urn=state.urn,
                id="" if state.id == UNKNOWN else state.id,
                object=to_struct(state.outputs),
            )

    def ReadResource(
        self, request: resource_pb2.ReadResourceRequest
    ) -> resource_pb2.ReadResourceResponse:
        """Read a resource outside the stack."""
        with self._lock, _Call(self._run):
            check_package(request.type, request.name, custom=True)
            position = source_position(request, self._project_dir)
            state = self._registrar.read(request, from_struct(request.properties), position)
            return resource_pb2.ReadResourceResponse(
                urn=state.urn,
                id="" if state.id == UNKNOWN else state.id,
                properties=to_struct(state.outputs),
            )

    def RegisterResourceOutputs(
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        """Set the outputs of a component or of the stack."""
        with self._lock, _Call(self._run):
            self._registrar.outputs(request.urn, from_struct(request.outputs))
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, _request: empty_pb2.Empty) -> empty_pb2.Empty:
        """Let the program end: there are no hooks to wait for."""
        return empty_pb2.Empty()

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> Any:
        """Refuse by name: functions that read from Azure are not simulated."""
        self._refuse(f"the program calls {request.tok}")

    def Call(self, request: resource_pb2.ResourceCallRequest) -> Any:
        """Refuse by name: methods of resources need their provider."""
        self._refuse(f"the program calls {request.tok}")

    def ExistsResource(self, request: Any) -> Any:
        """Refuse by name."""
        self._refuse(f"the program asks whether {request.type} '{request.id}' exists")

    def RegisterPackage(self, request: resource_pb2.RegisterPackageRequest) -> Any:
        """Refuse by name: parameterized packages need their plugin."""
        self._refuse(f"the program uses the parameterized package '{request.name}'")

    def RegisterStackTransform(self, _request: Any) -> Any:
        """Refuse by name."""
        self._refuse(
            "the program registers a stack transform (pulumi.runtime.register_"
            "resource_transform; register_stack_transformation is supported)"
        )

    def RegisterStackInvokeTransform(self, _request: Any) -> Any:
        """Refuse by name."""
        self._refuse("the program registers a transform of functions")

    def RegisterResourceHook(self, request: resource_pb2.RegisterResourceHookRequest) -> Any:
        """Refuse by name."""
        self._refuse(f"the program registers the resource hook '{request.name}'")

    def RegisterErrorHook(self, request: Any) -> Any:
        """Refuse by name."""
        self._refuse(f"the program registers the error hook '{request.name}'")

    def log(self, severity: str, message: str, urn: str) -> None:
        """Pass a message of the program on."""
        with self._lock:
            self._run.events.diagnostic(severity, message, urn)
            if severity == "error":
                self._run.failed = True

    def _refuse(self, what: str) -> NoReturn:
        with self._lock, _Call(self._run):
            refuse(what)


class _Call:
    """Turns the ways in which a run ends into the failed call that the SDK expects.

    What is nobody's refusal but a fault of ours is kept for the engine to raise.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def __enter__(self) -> None:
        if self._run.stopped:
            raise _stopped()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None or isinstance(error, MonitorError):
            return
        if isinstance(error, UnsupportedError):
            self._run.events.diagnostic("error", str(error))
        elif isinstance(error, PolicyPackError):
            self._run.events.diagnostic("error", f"failed to run policy: {error}")
        elif isinstance(error, Exception) and not isinstance(error, RunStoppedError):
            self._run.crash = error
        self._run.failed = self._run.stopped = True
        raise _stopped() from None


def _stopped() -> MonitorError:
    return MonitorError(grpc.StatusCode.UNAVAILABLE, "the run has been stopped")


class EngineLog:
    """The engine's side of the SDK: messages, and the root resource for those who ask."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._root = ""

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:
        """Pass a message on; the SDK's own debug messages are nobody's business here."""
        severity = _SEVERITIES[request.severity]
        if severity != "debug" and not request.ephemeral:
            self._monitor.log(severity, request.message, request.urn)
        return empty_pb2.Empty()

    def GetRootResource(
        self, _request: engine_pb2.GetRootResourceRequest
    ) -> engine_pb2.GetRootResourceResponse:
        """Return the URN of the stack."""
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(
        self, request: engine_pb2.SetRootResourceRequest
    ) -> engine_pb2.SetRootResourceResponse:
        """Remember the URN of the stack."""
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(self, _request: Any) -> Any:
        """Accept: there is no Pulumi command whose version could be too old."""
        return engine_pb2.RequirePulumiVersionResponse()
