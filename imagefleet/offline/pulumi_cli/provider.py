"""The azure-native provider for the Pulumi command, with the simulated Azure behind it.

Run as `python -m imagefleet.offline.pulumi_cli.provider <engine address>`: it speaks Pulumi's
provider protocol, prints its port and serves until the engine has gone. It translates and nothing
else; what Azure would do is in the model. The servicer is written on the protocol itself and not on
`pulumi.provider.experimental`, whose server appends a Python traceback to every error text, so that
a refusal by the service could never read as it does on Azure.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Mapping
from concurrent import futures
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from imagefleet.offline.model import Azure, AzureError, PartialFailureError, ProviderSettings
from imagefleet.offline.values import Properties, annotate, from_struct, plain, to_struct

if TYPE_CHECKING:
    from imagefleet.offline.azure import SimulatedAzure
    from imagefleet.offline.faults import FaultyAzure

STORE_VARIABLE = "IMAGEFLEET_AZURE_STORE"
"""The environment variable that names the SQLite file of the simulated Azure."""

FAULTS_VARIABLE = "IMAGEFLEET_FAULTS"
"""The environment variable that names the plan of faults, where a rehearsal has one."""

FAULT_LOG_VARIABLE = "IMAGEFLEET_FAULT_LOG"
"""The environment variable that names the file in which the faults are counted."""

_CONFIG_PREFIX = "azure-native:config:"
# The engine sends whole deployments' worth of properties; its own limit is 400 MiB as well.
_MESSAGE_BYTES = 400 * 1024 * 1024
# As many calls at once as the engine makes; the store serialises what must not overlap.
_WORKERS = 32
_ORPHAN_CHECK_SECONDS = 1.0
_GRACE_SECONDS = 1.0

_KINDS = {
    "add": provider_pb2.PropertyDiff.ADD,
    "add-replace": provider_pb2.PropertyDiff.ADD_REPLACE,
    "delete": provider_pb2.PropertyDiff.DELETE,
    "delete-replace": provider_pb2.PropertyDiff.DELETE_REPLACE,
    "update": provider_pb2.PropertyDiff.UPDATE,
    "update-replace": provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def package_version() -> str:
    """Return the version of azure-native that the program uses, which this provider stands for."""
    return metadata.version("pulumi_azure_native")


def type_of(urn: str) -> str:
    """Return the type token of a URN, without the chain of its parents' types."""
    return urn.split("::", 3)[2].rsplit("$", 1)[-1]


def _name_of(urn: str) -> str:
    return urn.split("::", 3)[3]


def _refuse(context: grpc.ServicerContext, error: AzureError) -> NoReturn:
    # The engine shows the details of a failed call word for word; the code is not shown.
    code = grpc.StatusCode.NOT_FOUND if error.status == 404 else grpc.StatusCode.UNKNOWN  # noqa: PLR2004 an HTTP status
    context.abort(code, str(error))
    raise AssertionError  # abort raises; its stub does not say so


def _report_partial(
    context: grpc.ServicerContext, error: PartialFailureError, inputs: Properties
) -> NoReturn:
    """End a call as azure-native does for a resource that exists but is not ready.

    The engine finds the resource in the details of the status, which travel as a trailer.
    """
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.resource_id,
        properties=_marked(error.outputs, inputs),
        reasons=[str(error)],
        inputs=to_struct(inputs),
    )
    code = grpc.StatusCode.UNKNOWN
    status = status_pb2.Status(code=code.value[0], message=str(error))
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, str(error))
    raise AssertionError  # abort raises; its stub does not say so


class AzureNative(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine's calls out of a simulated Azure.

    One process serves one provider resource, so the settings of `Configure` hold for every call
    after it. Secrets are accepted: the model sees plain values, and what comes back is secret
    wherever the inputs are.
    """

    def __init__(self, azure: Azure) -> None:
        self._azure = azure
        self._settings = ProviderSettings(subscription_id="")
        self._cancelled = threading.Event()

    def GetPluginInfo(
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        """Answer with the version of azure-native."""
        return plugin_pb2.PluginInfo(version=package_version())

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Accept the provider's configuration as it is."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Compare configurations; another one never replaces resources, as with azure-native."""
        changed = request.old_inputs != request.news
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=some if changed else none)

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Keep subscription, location and cloud for the calls to come."""
        self._settings = settings_from(request.variables)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Let the model fill in defaults, and report what it finds wrong."""
        new = from_struct(request.news)
        try:
            checked = self._azure.check(
                type_of(request.urn),
                _name_of(request.urn),
                plain(from_struct(request.olds)) if request.HasField("olds") else None,
                plain(new),
                self._settings,
                request.randomSeed,
            )
        except AzureError as error:
            _refuse(context, error)
        return provider_pb2.CheckResponse(
            inputs=_marked(checked.inputs, new),
            failures=[
                provider_pb2.CheckFailure(property=failure.property, reason=failure.reason)
                for failure in checked.failures
            ],
        )

    def Diff(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Say what the model would change, and whether that replaces the resource."""
        try:
            found = self._azure.diff(
                type_of(request.urn),
                request.id,
                plain(from_struct(request.old_inputs)),
                plain(from_struct(request.olds)),
                plain(from_struct(request.news)),
                tuple(request.ignoreChanges),
            )
        except AzureError as error:
            _refuse(context, error)
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some if found.changes else none,
            diffs=found.diffs,
            replaces=found.replaces,
            deleteBeforeReplace=found.delete_before_replace,
            hasDetailedDiff=True,
            detailedDiff={
                path: provider_pb2.PropertyDiff(kind=_KINDS[kind], inputDiff=True)
                for path, kind in found.detailed.items()
            },
        )

    def Create(
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        """Make the resource, or at preview say what it would look like."""
        inputs = from_struct(request.properties)
        self._stop_if_cancelled(context)
        try:
            created = self._azure.create(
                type_of(request.urn),
                plain(inputs),
                self._settings,
                preview=request.preview,
                timeout_seconds=request.timeout,
            )
        except PartialFailureError as error:
            _report_partial(context, error, inputs)
        except AzureError as error:
            _refuse(context, error)
        return provider_pb2.CreateResponse(
            id=created.id, properties=_marked(created.outputs, inputs)
        )

    def Read(
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        """Read a resource for refresh or import; an answer without id says that it is gone."""
        inputs, seen = from_struct(request.inputs), from_struct(request.properties)
        try:
            found = self._azure.read(
                type_of(request.urn), request.id, plain(inputs) or None, plain(seen) or None
            )
        except AzureError as error:
            _refuse(context, error)
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=found.id,
            inputs=_marked(found.inputs, inputs),
            properties=_marked(found.outputs, inputs),
        )

    def Update(
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        """Change the resource in place, or at preview say what it would look like."""
        inputs = from_struct(request.news)
        self._stop_if_cancelled(context)
        try:
            outputs = self._azure.update(
                type_of(request.urn),
                request.id,
                plain(from_struct(request.olds)),
                plain(inputs),
                self._settings,
                preview=request.preview,
                timeout_seconds=request.timeout,
            )
        except PartialFailureError as error:
            _report_partial(context, error, inputs)
        except AzureError as error:
            _refuse(context, error)
        return provider_pb2.UpdateResponse(properties=_marked(outputs, inputs))

    def Delete(
        self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Delete the resource."""
        self._stop_if_cancelled(context)
        try:
            self._azure.delete(
                type_of(request.urn),
                request.id,
                self._settings,
                timeout_seconds=request.timeout,
            )
        except AzureError as error:
            _refuse(context, error)
        return empty_pb2.Empty()

    def Invoke(
        self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.InvokeResponse:
        """Refuse by name: functions that read from Azure are not part of the simulated Azure."""
        message = (
            f"{request.tok}: functions of azure-native are not simulated; build ids from names "
            "(imagefleet.domain.arm_ids), or use Resource.get()"
        )
        context.abort(grpc.StatusCode.UNIMPLEMENTED, message)
        raise AssertionError  # abort raises; its stub does not say so

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Begin nothing new; what is under way is one transaction and ends by itself."""
        self._cancelled.set()
        return empty_pb2.Empty()

    def _stop_if_cancelled(self, context: grpc.ServicerContext) -> None:
        if self._cancelled.is_set():
            context.abort(grpc.StatusCode.CANCELLED, "the run was cancelled before this step")


def settings_from(variables: Mapping[str, str]) -> ProviderSettings:
    """Return the provider's settings from the engine's `azure-native:config:*` variables."""
    config = {key.removeprefix(_CONFIG_PREFIX): value for key, value in variables.items()}
    return ProviderSettings(
        subscription_id=config.get("subscriptionId", ""),
        location=config.get("location") or None,
        environment=config.get("environment") or "public",
        tenant_id=config.get("tenantId") or None,
    )


def _marked(outputs: Properties, inputs: Properties) -> struct_pb2.Struct:
    return to_struct(annotate(outputs, inputs))


def _wait_for_the_end(ended: threading.Event, parent: int) -> None:
    # An engine that was killed cannot tell its plugins; without it there is nobody to serve.
    while not ended.wait(_ORPHAN_CHECK_SECONDS) and os.getppid() == parent:
        pass


def serve(azure: Azure) -> tuple[grpc.Server, int]:
    """Start a server on a free local port and return it with the port."""
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=_WORKERS),
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_BYTES),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(AzureNative(azure), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def _open_azure(store: Path, engine: int) -> SimulatedAzure | FaultyAzure:
    """Open the store, with the faults that the environment names; `engine` is who asks."""
    from imagefleet.offline.opening import open_azure

    faults, log = os.environ.get(FAULTS_VARIABLE), os.environ.get(FAULT_LOG_VARIABLE)
    if not faults or not log:
        return open_azure(store)
    from imagefleet.offline.faults import read_plan

    return open_azure(store, plan=read_plan(Path(faults)), fault_log=Path(log), engine=engine)


def main() -> int:
    """Serve the store that the environment names until the engine ends this process."""
    # Asked first: the engine may be gone by the time that everything below is done.
    parent = os.getppid()

    from imagefleet.offline.engine import WorkspaceError
    from imagefleet.offline.store import StoreError

    store = os.environ.get(STORE_VARIABLE)
    if not store:
        sys.stderr.write(
            f"{STORE_VARIABLE} is not set: it names the file of the simulated Azure, and the "
            "rehearsal sets it; this provider is not meant to be started by hand\n"
        )
        return 2
    try:
        azure = _open_azure(Path(store), parent)
    except (StoreError, WorkspaceError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    # The engine ends its plugins with an interrupt.
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    server, port = serve(azure)
    # The engine reads one line, the port; nothing else may be printed.
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    _wait_for_the_end(ended, parent)
    server.stop(_GRACE_SECONDS).wait()
    azure.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
