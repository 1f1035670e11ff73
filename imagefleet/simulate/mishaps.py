"""Mishaps of requests to the doors, for tests of clients: throttled, failing, dropped, slow.

A plan of faults (`imagefleet.offline.faults`) meets what the services do to resources, for engines
too. This meets any request of a client, lists and reads of what lies outside included.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from fnmatch import fnmatchcase

from imagefleet.offline.model import AzureError
from imagefleet.simulate.messages import Answer, DroppedConnectionError, Handler, Request

ALWAYS = 0
"""The value of `Mishap.times` for one that never ends."""
_CODES = {
    403: "AuthorizationFailed",
    404: "ResourceNotFound",
    409: "Conflict",
    412: "PreconditionFailed",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServerBusy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """What happens to requests whose method and path match, `times` times.

    `path` is a pattern of `fnmatch` over the path in lower case. The request waits `seconds`, then
    is refused with `status` (0: it is not) and `retry_after` seconds in `Retry-After`, or its
    connection is dropped: unserved, or after the service has done it (`served`).
    """

    path: str = "*"
    method: str = "*"
    status: int = 0
    code: str = ""
    retry_after: float = 0
    seconds: float = 0
    drop: bool = False
    served: bool = False
    times: int = ALWAYS

    def meets(self, request: Request) -> bool:
        """Whether a request is one that this happens to."""
        by_path = fnmatchcase(request.path.casefold(), self.path.casefold())
        return by_path and fnmatchcase(request.method, self.method)


class Mishaps:
    """What stands around every request (`running(azure, around=Mishaps(...))`), and counts them.

    `seen` holds method and path of every request that came, in order. The first mishap that meets
    a request and is not used up happens to it.
    """

    def __init__(self, *mishaps: Mishap) -> None:
        self._mishaps = mishaps
        self._left = [each.times for each in mishaps]
        self._lock = threading.Lock()
        self.seen: list[tuple[str, str]] = []

    def __call__(self, request: Request, handler: Handler) -> Answer:
        """Answer a request, or let its mishap happen; raises `AzureError` for an error answer."""
        mishap = self._next(request)
        if mishap is None:
            return handler(request)
        time.sleep(mishap.seconds)
        if mishap.drop:
            if mishap.served:
                handler(request)
            raise DroppedConnectionError
        if not mishap.status:
            return handler(request)
        code = mishap.code or _CODES.get(mishap.status, "InternalServerError")
        message = f"'{request.method} {request.path}' was refused because a test asked for it"
        raise AzureError(
            code, message, status=mishap.status, target="", retry_after=mishap.retry_after
        )

    def _next(self, request: Request) -> Mishap | None:
        with self._lock:
            self.seen.append((request.method, request.path))
            for index, each in enumerate(self._mishaps):
                if each.meets(request) and (each.times == ALWAYS or self._left[index] > 0):
                    self._left[index] -= 1
                    return each
        return None
