"""Run the doors on loopback, in a thread: for tests, and under the command `simulate`."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from imagefleet.domain import arm_ids, regions
from imagefleet.offline.model import Azure
from imagefleet.offline.services import references
from imagefleet.simulate.application import DROP, application, needs_threads
from imagefleet.simulate.arm.operations import batch_address
from imagefleet.simulate.certificate import certificates
from imagefleet.simulate.messages import Around
from imagefleet.simulate.site import Pace, Site, store_of
from imagefleet.simulate.tokens import LocalCredential

LOOPBACK = "127.0.0.1"
_START_SECONDS = 30.0
_THREADS = 32
_LOOK_SECONDS = 0.01


class PortInUseError(Exception):
    """The doors cannot stand at the port that was asked for; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Doors that are open: where they stand, and what a client needs to come in."""

    site: Site
    ca_file: Path

    @property
    def arm_url(self) -> str:
        """The address of Azure Resource Manager, for `base_url` of a management client."""
        return self.site.base_url

    @property
    def authority_url(self) -> str:
        """Where azure-identity gets its tokens (`authority`, or `AZURE_AUTHORITY_HOST`)."""
        return self.site.base_url

    @property
    def arm_scope(self) -> str:
        """What a management client asks tokens for (`credential_scopes`)."""
        return self.site.cloud.resource_manager_scope

    @property
    def batch_scope(self) -> str:
        """What a Batch client asks tokens for."""
        return self.site.cloud.batch_scope

    def description(self) -> dict[str, str]:
        """Return what a client must know to come in, as `doors.json` says it."""
        return {
            "armUrl": self.arm_url,
            "armScope": self.arm_scope,
            "authorityUrl": self.authority_url,
            "batchScope": self.batch_scope,
            "caFile": str(self.ca_file.resolve()),
            "tenantId": self.site.tenant,
        }

    def batch_url(self, account_id: str) -> str:
        """Return the endpoint of a Batch account, by its ARM id; raises `AzureError` for none."""
        with self.site.store.read() as transaction:
            record = transaction.get(account_id)
        if record is None or record.type != arm_ids.BATCH_ACCOUNT:
            raise references.not_found(account_id)
        return batch_address(self.site, record.name, str(record.state["location"]))

    def credential(self) -> LocalCredential:
        """Return a credential that these doors accept."""
        return LocalCredential(self.site.tenant)

    def advance(self, minutes: float) -> None:
        """Move the simulated clock on."""
        self.site.azure.advance(minutes)


@contextlib.contextmanager
def running(
    azure: Azure,
    *,
    port: int = 0,
    latency: float = 0,
    folder: Path | None = None,
    around: Around | None = None,
    **settings: Any,
) -> Iterator[Doors]:
    """Hold the doors of a model open on loopback while the block runs.

    `port` 0 takes any free one; `latency` is real seconds a simulated minute (`Pace`); `folder`
    keeps the certificates (a temporary one without); `around` stands around every request;
    `settings` are further fields of `Site`. Raises `PortInUseError`, `TypeError` for a model
    without a store, `OSError` where the folder cannot be written.
    """
    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        listener = stack.enter_context(contextlib.closing(_listener(port)))
        base_url = f"https://{LOOPBACK}:{listener.getsockname()[1]}"
        site = Site(azure=azure, store=store_of(azure), base_url=base_url, pace=Pace(latency))
        site = replace(site, **settings)
        shown = certificates(folder, batch_hosts(site))
        threads = None
        if needs_threads(site, around):
            threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="doors")
            stack.callback(threads.shutdown, cancel_futures=True)
        config = uvicorn.Config(
            application(site, around, threads),
            http=_Cuttable,
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            ssl_certfile=shown.certificate,
            ssl_keyfile=shown.key,
            timeout_graceful_shutdown=2,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            _await_start(server, thread)
            yield Doors(site=site, ca_file=shown.authority)
        finally:
            server.should_exit = True
            thread.join()


def batch_hosts(site: Site) -> tuple[str, ...]:
    """Return the host names of Batch accounts, a wildcard for each region of the cloud."""
    suffix = site.cloud.account_host_suffix.value
    return tuple(f"*.{place}.{suffix}" for place in regions.names(site.cloud.cloud))


class _Cuttable(H11Protocol):
    """HTTP/1.1 whose connection a handler can cut without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.transport = _OneWrite(transport)  # type: ignore[assignment]
        inner = self.app

        async def app(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})[DROP] = transport.abort
            await inner(scope, receive, send)

        self.app = app

    def shutdown(self) -> None:
        """Cut an idle connection at once: closing TLS politely waits for a client that is gone."""
        cycle: Any = self.cycle  # None before the first request, whatever its type says
        if cycle is None or cycle.response_complete:
            self.transport.abort()
        else:
            super().shutdown()


class _OneWrite:
    """A transport that sends what is written in one turn of the loop at once.

    The protocol writes head and body of an answer apart; each would be a TLS record, a call of the
    system and a waking of the client.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._waiting: list[bytes] = []
        self._loop = asyncio.get_running_loop()

    def write(self, data: bytes) -> None:
        """Send soon, together with what else is written now."""
        if not self._waiting:
            self._loop.call_soon(self._flush)
        if data:
            self._waiting.append(data)

    def close(self) -> None:
        """Send what was written, then close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._waiting:
            self._transport.write(b"".join(self._waiting))
            self._waiting.clear()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def _listener(port: int) -> socket.socket:
    # asyncio sends small writes at once (TCP_NODELAY) only where the protocol is named: without
    # it every answer waits 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        listener.close()
        message = f"port {port} of {LOOPBACK} cannot be used ({error}); choose another with --port"
        raise PortInUseError(message) from error
    return listener


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            message = "the server did not start; its log says why"
            raise RuntimeError(message)
        time.sleep(_LOOK_SECONDS)
