"""Asks each question once, several at a time, and gives everybody the same answer."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, TypeVar, cast

from azure.core.exceptions import AzureError

from imagefleet.live.clients import Clients
from imagefleet.live.crew import Crew
from imagefleet.live.doctor.reads import Read
from imagefleet.live.failures import unreadable

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

    def _future(self, read: Read[Any]) -> Future[Any]:
        with self._lock:
            if read.key not in self._asked:
                self._asked[read.key] = self._crew.submit(lambda: self._ask(read))
            return self._asked[read.key]

    def _ask(self, read: Read[T]) -> T:
        try:
            return read.call(self._clients)
        except AzureError as error:
            raise unreadable(read.what, error) from error
