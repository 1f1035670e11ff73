"""Azure's clients for one stack: endpoint, scope, credential, patience, all told in one place.

Every request goes through the same pipeline, which counts it and lets reads pass and nothing
else: `doctor` and `watch` cannot change anything, whatever a client would like to do on its own
(the management clients register resource providers when a service refuses).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from azure.core import PipelineClient
from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import (
    BearerTokenCredentialPolicy,
    ContentDecodePolicy,
    HeadersPolicy,
    RequestIdPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)

from imagefleet.live.credentials import Caller, caller_of
from imagefleet.live.endpoints import Endpoints
from imagefleet.live.failures import unreadable
from imagefleet.live.patience import BoundedRetryPolicy, Patience, StoppableTransport

if TYPE_CHECKING:
    from azure.batch import BatchClient
    from azure.mgmt.authorization import AuthorizationManagementClient
    from azure.mgmt.batch import BatchManagementClient
    from azure.mgmt.compute import ComputeManagementClient
    from azure.mgmt.resource.resources import ResourceManagementClient

_Client = TypeVar("_Client")

_READS = frozenset({"GET", "HEAD"})
# A POST that asks and changes nothing.
_ASKS = ("/checknameavailability",)


class ReadOnlyError(AzureError):
    """A request that would change something was about to be sent; it was not."""


class _ReadsOnly(SansIOHTTPPolicy[Any, Any]):
    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Refuse whatever is not a question."""
        http = request.http_request
        path = http.url.partition("?")[0].rstrip("/").lower()
        if http.method.upper() not in _READS and not path.endswith(_ASKS):
            message = f"{http.method} {path} would change something; only reads are sent"
            raise ReadOnlyError(message)


class Calls(SansIOHTTPPolicy[Any, Any]):
    """How many requests were sent, every page and every repetition counted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._methods: Counter[str] = Counter()

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Count a request that is about to be sent."""
        with self._lock:
            self._methods[request.http_request.method.upper()] += 1

    @property
    def count(self) -> int:
        """The number of requests so far."""
        with self._lock:
            return self._methods.total()


class Clients:
    """The clients of one cloud, made when they are first needed, one for each subscription.

    Safe over threads. `stop` ends every wait between two attempts. Close it when done.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        credential: TokenCredential,
        *,
        patience: Patience | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self.endpoints = endpoints
        self.calls = Calls()
        self.stop = stop or threading.Event()
        self._credential = credential
        self._patience = patience or Patience()
        self._lock = threading.RLock()
        self._made: dict[tuple[str, str], Any] = {}
        # One for all: connections are kept open, and a handshake costs more than most answers.
        self._transport = self._new_transport()
        self._transport.open()

    def compute(self, subscription: str) -> ComputeManagementClient:
        """Galleries, images, disks, virtual machines and VM sizes of a subscription."""
        from azure.mgmt.compute import ComputeManagementClient

        return self._managed(ComputeManagementClient, subscription)

    def batch(self, subscription: str) -> BatchManagementClient:
        """Batch accounts, their pools and quotas, through Azure Resource Manager."""
        from azure.mgmt.batch import BatchManagementClient

        return self._managed(BatchManagementClient, subscription)

    def access(self, subscription: str) -> AuthorizationManagementClient:
        """Role assignments, role definitions and permissions."""
        from azure.mgmt.authorization import AuthorizationManagementClient

        return self._managed(AuthorizationManagementClient, subscription)

    def resources(self, subscription: str) -> ResourceManagementClient:
        """Resource providers, and resources of any type by their id."""
        from azure.mgmt.resource.resources import ResourceManagementClient

        return self._managed(ResourceManagementClient, subscription)

    @cached_property
    def arm(self) -> PipelineClient[Any, Any]:
        """Azure Resource Manager itself, for the addresses that no client of ours has."""
        return PipelineClient(
            self.endpoints.arm_url, policies=self._policies(self.endpoints.arm_scope),
            transport=self._transport,
        )  # fmt: skip

    def pools(self, account_endpoint: str) -> BatchClient:
        """The data plane of one account, by the `accountEndpoint` it shows (with no scheme)."""
        from azure.batch import BatchClient

        scope = self.endpoints.batch_scope
        return self._once(
            ("batch", account_endpoint),
            lambda: BatchClient(
                f"https://{account_endpoint.removeprefix('https://')}",
                self._credential,
                credential_scopes=[scope],
                policies=self._policies(scope),
                transport=self._transport,
            ),
        )

    def caller(self) -> Caller:
        """Who these clients speak for; raises `Unreadable` where nobody can sign in."""
        try:
            return caller_of(self._credential.get_token(self.endpoints.arm_scope).token)
        except AzureError as error:
            what = "the caller"
            raise unreadable(what, error) from error

    def close(self) -> None:
        """Close every client that was made, and the credential."""
        with self._lock:
            made, self._made = list(self._made.values()), {}
        if "arm" in self.__dict__:
            made.append(self.arm)
        for each in (*made, self._transport, self._credential):
            close: Callable[[], None] | None = getattr(each, "close", None)
            if close is not None:
                close()

    def _managed(self, kind: Callable[..., _Client], subscription: str) -> _Client:
        scope = self.endpoints.arm_scope
        return self._once(
            (f"{kind!r}", subscription.lower()),
            lambda: kind(
                self._credential,
                subscription,
                base_url=self.endpoints.arm_url,
                credential_scopes=[scope],
                policies=self._policies(scope),
                transport=self._transport,
            ),
        )

    def _once(self, key: tuple[str, str], make: Callable[[], _Client]) -> _Client:
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
            return cast("_Client", self._made[key])

    def _policies(self, scope: str) -> list[Any]:
        return [
            RequestIdPolicy(),
            HeadersPolicy(),
            UserAgentPolicy("imagefleet"),
            _ReadsOnly(),
            BoundedRetryPolicy(self._patience),
            BearerTokenCredentialPolicy(self._credential, scope),
            ContentDecodePolicy(),
            self.calls,
        ]

    def _new_transport(self) -> StoppableTransport:
        options: Mapping[str, Any] = {}
        if self.endpoints.ca_file is not None:
            options = {"connection_verify": str(self.endpoints.ca_file)}
        return StoppableTransport(self._patience, self.stop, **options)
