"""Asks each question once, several at a time, and gives everybody the same answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any, TypeVar, cast

from imagefleet.live.clients import Clients
from imagefleet.live.crew import Crew
from imagefleet.live.doctor.reads import Read
from imagefleet.live.failures import ANSWER_ERRORS, unreadable

T = TypeVar("T")


class Reader:
    """The answers of Azure during one run of the doctor; a refusal is an answer too."""

    def __init__(self, clients: Clients, crew: Crew) -> None:
        self._clients = clients
        self._crew = crew
        self._lock = threading.Lock()
        self._asked: dict[tuple[str, ...], Future[Any]] = {}

    def get(self, read: Read[T]) -> T:
        """The answer to a question; raises `Unreadable` where there is none."""
        return cast("T", self._future(read).result())

    def warm(self, reads: Iterable[Read[Any]]) -> None:
        """Begin to ask all of these, without waiting."""
        for read in reads:
            self._future(read)

    def once(self, name: str, work_out: Callable[[], T]) -> T:
        """What `work_out` returns or raises, worked out by whoever asks for `name` first."""
        key = ("worked out", name)
        with self._lock:
            first = key not in self._asked
            future = self._asked.setdefault(key, Future())
        if first:
            try:
                future.set_result(work_out())
            except BaseException as error:
                future.set_exception(error)
                raise
        return cast("T", future.result())

    def _future(self, read: Read[Any]) -> Future[Any]:
        with self._lock:
            if read.key not in self._asked:
                self._asked[read.key] = self._crew.submit(lambda: self._ask(read))
            return self._asked[read.key]

    def _ask(self, read: Read[T]) -> T:
        try:
            return read.call(self._clients)
        except ANSWER_ERRORS as error:
            raise unreadable(read.what, error) from error
