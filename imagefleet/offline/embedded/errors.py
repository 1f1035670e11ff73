"""How a run ends early, as far as the program and the engine need to tell the ways apart."""

from __future__ import annotations

import grpc


class RunStoppedError(Exception):
    """The run has ended by a refusal that is already reported; nothing more is to be said."""


class UnsupportedError(Exception):
    """The program uses something that only the real engine can do; the text names it."""


class MonitorError(grpc.RpcError):
    """What the SDK sees when a call to the monitor fails, in the form of a failed gRPC call."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self._code = code
        self._details = details

    def code(self) -> grpc.StatusCode:
        """Return the status of the call."""
        return self._code

    def details(self) -> str:
        """Return what went wrong."""
        return self._details
