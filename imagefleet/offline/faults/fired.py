"""What has happened so far: how often each fault was met and fired, for every process of a run."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from imagefleet.offline.database import BUSY_SECONDS, told, writing
from imagefleet.offline.faults.plan import Call, Fault
from imagefleet.offline.store import key_of

_SCHEMA = """
CREATE TABLE IF NOT EXISTS met (fault INTEGER PRIMARY KEY, count INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS fired (
    number INTEGER PRIMARY KEY, fault INTEGER NOT NULL, kind TEXT NOT NULL,
    operation TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS notes (
    fault INTEGER NOT NULL, subject TEXT NOT NULL, minutes REAL NOT NULL,
    PRIMARY KEY (fault, subject)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """One fault that happened, and the request it happened to."""

    kind: str
    operation: str
    type: str
    id: str


class FaultLog:
    """Counts faults in the file `path`, in memory where there is none.

    The Pulumi command starts a provider for every preview and every update; what happened once
    must not happen again in the next of them, so they share the file. Raises `StoreError` where the
    file cannot be used.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._told():
            self._connection = sqlite3.connect(
                path or ":memory:",
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                self._connection.executescript(_SCHEMA)
            except sqlite3.Error:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def forget(self) -> None:
        """Begin anew: no fault was ever met."""
        with self._writing() as connection:
            for table in ("met", "fired", "notes"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 a constant

    def fires(self, index: int, fault: Fault, call: Call, seed: int) -> bool:
        """Count a call that a fault can happen to, and return whether it does."""
        with self._writing() as connection:
            met = self._count(connection, "SELECT count FROM met WHERE fault = ?", index) + 1
            connection.execute("INSERT OR REPLACE INTO met VALUES (?, ?)", (index, met))
            if met <= fault.after:
                return False
            counted = "SELECT count(*) FROM fired WHERE fault = ?"
            if fault.limit and self._count(connection, counted, index) >= fault.limit:
                return False
            # Not for secrets: the same seed must give the same run.
            draw = random.Random(f"{seed}:{index}:{met}").random()  # noqa: S311
            if draw >= fault.chance:
                return False
            connection.execute(
                "INSERT INTO fired (fault, kind, operation, type, id) VALUES (?, ?, ?, ?, ?)",
                (index, fault.kind, call.operation, call.type, call.id),
            )
            return True

    def note(self, index: int, subject: str, minutes: float, *, again: bool = False) -> float:
        """Return when something was first noted, on the simulated clock; `again`: note it anew."""
        how = "REPLACE" if again else "IGNORE"
        with self._writing() as connection:
            connection.execute(
                f"INSERT OR {how} INTO notes VALUES (?, ?, ?)",  # noqa: S608 one of two words
                (index, key_of(subject), minutes),
            )
            found = self._noted(connection, index, subject)
            return minutes if found is None else found

    def noted(self, index: int, subject: str) -> float | None:
        """Return when something was noted, None where it was not."""
        with self._told(), self._lock:
            return self._noted(self._connection, index, subject)

    def fired(self) -> tuple[Fired, ...]:
        """Return what happened, in its order."""
        query = "SELECT kind, operation, type, id FROM fired ORDER BY number"
        with self._told(), self._lock:
            rows = self._connection.execute(query).fetchall()
        return tuple(Fired(kind=k, operation=o, type=t, id=i) for k, o, t, i in rows)

    def by_kind(self) -> Counter[str]:
        """Return how often each kind of fault happened."""
        return Counter(each.kind for each in self.fired())

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._told(), self._lock, writing(self._connection):
            yield self._connection

    def _told(self) -> AbstractContextManager[None]:
        return told(self._unreachable, self._unusable)

    def _unreachable(self, cause: Exception) -> str:
        return (
            f"the count of faults in {self._path} cannot be kept: {cause}; free space on its disk, "
            "or make the file and its folder writable, and run this again"
        )

    def _unusable(self, cause: str) -> str:
        return (
            f"the count of faults in {self._path} cannot be used: {cause}; it only says which "
            "faults the last rehearsal met: remove it, and run this again"
        )

    @staticmethod
    def _count(connection: sqlite3.Connection, query: str, index: int) -> int:
        row = connection.execute(query, (index,)).fetchone()
        return 0 if row is None else int(row[0])

    @staticmethod
    def _noted(connection: sqlite3.Connection, index: int, subject: str) -> float | None:
        query = "SELECT minutes FROM notes WHERE fault = ? AND subject = ?"
        row = connection.execute(query, (index, key_of(subject))).fetchone()
        return None if row is None else float(row[0])
