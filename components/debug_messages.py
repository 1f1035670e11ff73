"""Debug messages that do not hold a large program up (docs/adr/0007)."""

from __future__ import annotations

import asyncio
import atexit
import threading
from typing import Any

from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.settings import get_engine

# Seconds that a message may wait for others: far below what a person notices who follows
# `pulumi up --debug`, and long enough for the thousands of one large program to share a few sends.
_PATIENCE = 0.2


def gather_debug_messages() -> None:
    """Send what `pulumi.log.debug` says in bundles from now on, and without waiting.

    The SDK writes four or five debug messages for a resource, each a round trip to the engine in
    which the whole program stands still, and an event that the engine keeps. A bundle is one
    message of many lines. Nothing is lost but by a kill, nothing changes its order, and messages
    of other severities are sent as before, after what was said before them. Does nothing where
    the engine is in this process.
    """
    engine = get_engine()
    send = getattr(engine, "Log", None)
    if engine is None or not hasattr(send, "future"):
        return
    gathered = _Gathered(send)
    engine.Log = gathered.log
    atexit.register(gathered.send)


class _Gathered:
    """The messages that wait to be sent; `log` stands in for the engine's own method."""

    def __init__(self, send: Any) -> None:  # a gRPC method: call it to wait, `future` not to
        self._send = send
        self._lines: list[str] = []
        self._lock = threading.Lock()
        self._on_the_way: Any = None

    def log(self, request: engine_pb2.LogRequest) -> object:
        loop = _running_loop()
        own = request.urn or request.streamId
        if loop is None or own or request.severity != engine_pb2.DEBUG:
            self.send()
            return self._send(request)
        with self._lock:
            if not self._lines:
                loop.call_later(_PATIENCE, self._hand_over)
            self._lines.append(request.message)
        return None

    def send(self) -> None:
        """Send what waits, and return when the engine has it."""
        self._hand_over()
        self._arrived()

    def _hand_over(self) -> None:
        with self._lock:
            lines, self._lines = self._lines, []
        if lines:
            self._arrived()
            message = "\n".join(lines)
            request = engine_pb2.LogRequest(severity=engine_pb2.DEBUG, message=message)
            self._on_the_way = self._send.future(request)

    def _arrived(self) -> None:
        sent, self._on_the_way = self._on_the_way, None
        if sent is not None:
            # waits, and raises nothing: an engine that has gone needs no more messages
            sent.exception()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
