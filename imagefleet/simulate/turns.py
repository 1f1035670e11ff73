"""Writes to one resource take turns, so that its state is still the one a condition was held to."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from weakref import WeakValueDictionary


class Turns:
    """A lock for each resource that is being written; writes to different ones never wait."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()

    @contextlib.contextmanager
    def of(self, resource_id: str) -> Iterator[None]:
        """Hold a resource, named by its id in any case, from its condition to its change."""
        with self._guard:
            lock = self._locks.setdefault(resource_id.casefold(), threading.Lock())
        with lock:
            yield
