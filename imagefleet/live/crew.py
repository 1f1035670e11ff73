"""A few threads that make calls: as many at a time as they are, and none outlives a Ctrl-C.

The threads are daemons, unlike those of concurrent.futures, which a program waits for at its end:
a call that hangs must not hold the terminal of somebody who has stopped it.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

from imagefleet.live.patience import CONNECTIONS

T = TypeVar("T")

WORKERS = CONNECTIONS


class Crew:
    """Runs calls in `size` threads; leaving the context lets calls that have not begun go."""

    def __init__(self, size: int = WORKERS) -> None:
        self._waiting: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None]
        self._waiting = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"azure-{number}", daemon=True)
            for number in range(size)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Have a call made; its future holds what it returns or raises."""
        future: Future[T] = Future()
        self._waiting.put((future, call))
        return future

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(queue.Empty):
            while (item := self._waiting.get_nowait()) is not None:
                item[0].cancel()
        for _ in self._threads:
            self._waiting.put(None)

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            future, call = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:  # noqa: BLE001 whoever asks for the result meets it
                future.set_exception(error)
