"""How long clients wait and how often they ask again: the one place that says so.

A request that meets 408, 429, 500, 502, 503, 504 or a broken connection is repeated. Where the
service says when (`Retry-After`), that is when, unless it is longer than anybody would wait: then
the refusal itself is the answer. Waiting ends at once when a person has had enough.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import ServiceRequestError
from azure.core.pipeline.policies import RetryPolicy
from azure.core.pipeline.transport import RequestsTransport

CONNECTIONS = 16
"""Connections kept open to one host, and so the calls that are worth making at a time."""

MOST_PAGES = 1000
"""Pages of one list after which nobody believes in its end: a page holds up to 1,000 members."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Retries and time-outs, in seconds.

    One request may take `connect` to connect and `read` from one byte to the next; with its
    `retries` and the waits between them (`backoff`, doubled each time, at most `longest_wait`) it
    may take `whole`, less than the minutes after which a person looks for the fault elsewhere.
    """

    retries: int = 3
    backoff: float = 0.8
    longest_wait: float = 60
    connect: float = 10
    read: float = 30
    whole: float = 120


class BoundedRetryPolicy(RetryPolicy[Any, Any]):
    """azure-core's retries, with an end to what `Retry-After` may ask for."""

    def __init__(self, patience: Patience) -> None:
        super().__init__(
            retry_total=patience.retries,
            retry_connect=patience.retries,
            retry_read=patience.retries,
            retry_status=patience.retries,
            retry_backoff_factor=patience.backoff,
            retry_backoff_max=int(max(1, patience.longest_wait)),
            timeout=int(max(1, patience.whole)),
        )
        self._longest_wait = patience.longest_wait

    def is_retry(self, settings: dict[str, Any], response: Any) -> bool:
        """Whether to ask again: as azure-core says, unless the wait would be too long."""
        wait = self.get_retry_after(response)
        if wait is not None and wait > self._longest_wait:
            return False
        return bool(super().is_retry(settings, response))


class StoppableTransport(RequestsTransport):  # type: ignore[misc] # requests has no types
    """A transport that is told the time-outs once, and whose waits end when `stop` is set."""

    def __init__(self, patience: Patience, stop: threading.Event, **options: Any) -> None:
        super().__init__(connection_timeout=patience.connect, read_timeout=patience.read, **options)
        self._stop = stop

    def open(self) -> None:
        """Open the session, with a connection for each of those who call at a time."""
        # Every request opens what is open already.
        if self.session is None:
            super().open()
            session: Any = self.session
            session.get_adapter("https://").init_poolmanager(CONNECTIONS, CONNECTIONS)

    def sleep(self, duration: float) -> None:
        """Wait; raises `ServiceRequestError` where somebody stops everything meanwhile."""
        if self._stop.wait(duration):
            message = "stopped while waiting to ask again"
            raise ServiceRequestError(message)
