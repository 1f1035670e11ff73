"""Where the simulated Azure keeps its resources: one SQLite file in WAL mode.

Every put, delete and step of an operation is one transaction; a process killed at any point
leaves the last committed state. One connection per thread; SQLite's own lock orders the writers.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from imagefleet.offline.database import BUSY_SECONDS, StoreError, told, writing
from imagefleet.offline.values import Properties

__all__ = ["FORMAT", "Record", "Store", "StoreError", "Transaction", "key_of", "touched"]

FORMAT = 1
_RETRY_SECONDS = 0.02
_SCHEMA = """
CREATE TABLE resources (
    key TEXT PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, parent TEXT NOT NULL,
    state TEXT NOT NULL, internal TEXT NOT NULL,
    created REAL NOT NULL, modified REAL NOT NULL, revision INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX resources_by_parent ON resources (parent, type);
CREATE INDEX resources_by_type ON resources (type);
CREATE TABLE claims (claim TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX claims_by_key ON claims (key);
CREATE TABLE links (
    target TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (target, key)
) WITHOUT ROWID;
CREATE INDEX links_by_key ON links (key);
CREATE TABLE deleted (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), minutes REAL NOT NULL);
INSERT INTO clock VALUES (1, 0);
"""
# No ARM id begins like this.
_NOTES = "/simulated/"
_COLUMNS = "id, type, parent, state, internal, created, modified, revision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One stored resource.

    `parent` is the folded id of the resource it is nested in, or of its resource group ("" for
    neither). `state` is what a read shows apart from the parts that time changes; `internal` is
    the service's own book-keeping. Times are minutes on the clock.
    """

    id: str
    type: str
    parent: str
    state: Properties
    internal: Properties = field(default_factory=dict)
    created: float
    modified: float
    revision: int = 1

    @property
    def name(self) -> str:
        """The last segment of the id."""
        return self.id.rsplit("/", 1)[-1]


def key_of(resource_id: str) -> str:
    """Return the form of an ARM id under which it is stored: ids are case-insensitive."""
    return "/" + resource_id.strip("/").casefold()


class Transaction:
    """What one request reads and writes; made by `Store.write` and `Store.read`."""

    __slots__ = ("_connection",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @property
    def now(self) -> float:
        """Minutes on the simulated clock."""
        row = self._connection.execute("SELECT minutes FROM clock").fetchone()
        return float(row[0])

    def advance_to(self, minutes: float) -> None:
        """Move the clock on to `minutes`; it never goes back."""
        self._connection.execute("UPDATE clock SET minutes = max(minutes, ?)", (minutes,))

    def get(self, resource_id: str) -> Record | None:
        """Return the resource with this id, whatever its case, or None."""
        query = f"SELECT {_COLUMNS} FROM resources WHERE key = ?"  # noqa: S608 a constant
        row = self._connection.execute(query, (key_of(resource_id),)).fetchone()
        return None if row is None else _record(row)

    def was_deleted(self, resource_id: str) -> bool:
        """Whether this id was a resource here once and is gone."""
        query = "SELECT 1 FROM deleted WHERE key = ?"
        return self._connection.execute(query, (key_of(resource_id),)).fetchone() is not None

    def children(
        self, parent_id: str, arm_type: str, limit: int = -1, start: int = 0
    ) -> tuple[Record, ...]:
        """Return resources of one type nested directly in `parent_id`, in the order of ids.

        At most `limit` of them (-1: all), after the first `start`.
        """
        query = (
            f"SELECT {_COLUMNS} FROM resources WHERE parent = ? AND type = ? "  # noqa: S608
            "ORDER BY key LIMIT ? OFFSET ?"
        )
        rows = self._connection.execute(query, (key_of(parent_id), arm_type, limit, start))
        return tuple(_record(row) for row in rows)

    def of_type(self, arm_type: str) -> tuple[Record, ...]:
        """Return every resource of one type, in the order of their ids."""
        query = f"SELECT {_COLUMNS} FROM resources WHERE type = ? ORDER BY key"  # noqa: S608
        return tuple(_record(row) for row in self._connection.execute(query, (arm_type,)))

    def picked(self, parent_id: str, arm_type: str, *paths: str) -> list[list[str]]:
        """Return key and values (`state.vmSize`) of each resource in one, without reading all."""
        parts = (path.partition(".") for path in paths)
        picks = "".join(f", json_extract({column}, '$.{path}')" for column, _, path in parts)
        query = f"SELECT key{picks} FROM resources WHERE parent = ? AND type = ?"  # noqa: S608
        rows = self._connection.execute(query, (key_of(parent_id), arm_type))
        return [list(map(str, row)) for row in rows]

    def owner(self, claim: str) -> str | None:
        """Return the folded id of the resource that holds a claim, such as a unique name."""
        query = "SELECT key FROM claims WHERE claim = ?"
        row = self._connection.execute(query, (claim.casefold(),)).fetchone()
        return None if row is None else str(row[0])

    def linked(self, target_id: str) -> tuple[str, ...]:
        """Return the folded ids of the resources that were put with a link to `target_id`."""
        query = "SELECT key FROM links WHERE target = ? ORDER BY key"
        rows = self._connection.execute(query, (key_of(target_id),))
        return tuple(str(row[0]) for row in rows)

    def put(self, record: Record, *, claims: Sequence[str] = (), links: Sequence[str] = ()) -> None:
        """Write a resource with its unique claims and its links, in place of what was there."""
        key = key_of(record.id)
        run = self._connection.execute
        run(
            f"INSERT OR REPLACE INTO resources (key, {_COLUMNS}) "  # noqa: S608 a constant
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key,
                record.id,
                record.type,
                record.parent,
                json.dumps(record.state),
                json.dumps(record.internal),
                record.created,
                record.modified,
                record.revision,
            ),
        )
        run("DELETE FROM claims WHERE key = ?", (key,))
        run("DELETE FROM links WHERE key = ?", (key,))
        run("DELETE FROM deleted WHERE key = ?", (key,))
        for claim in claims:
            run("INSERT INTO claims VALUES (?, ?)", (claim.casefold(), key))
        for target in links:
            run("INSERT OR IGNORE INTO links VALUES (?, ?)", (key_of(target), key))

    def remember(self, record: Record, internal: Properties) -> None:
        """Replace only the service's own book-keeping of a resource."""
        self._connection.execute(
            "UPDATE resources SET internal = ? WHERE key = ?",
            (json.dumps(internal), key_of(record.id)),
        )

    def restate(self, record: Record, state: Properties) -> None:
        """Replace only what a read shows of a resource."""
        self._connection.execute(
            "UPDATE resources SET state = ? WHERE key = ?",
            (json.dumps(state), key_of(record.id)),
        )

    def noted(self, name: str) -> str | None:
        """Return the text that was noted under a name about this Azure as a whole."""
        query = "SELECT state FROM resources WHERE key = ?"
        row = self._connection.execute(query, (_NOTES + name,)).fetchone()
        return None if row is None else str(row[0])

    def note(self, name: str, text: str) -> None:
        """Note a text, beside the resources and seen by nobody who asks for those."""
        self._connection.execute(
            f"INSERT OR REPLACE INTO resources (key, {_COLUMNS}) "  # noqa: S608 a constant
            "VALUES (?, ?, 'imagefleet/notes', '', ?, '{}', 0, 0, 1)",
            (_NOTES + name, _NOTES + name, text),
        )

    def miss(self, resource_id: str) -> None:
        """Let a resource be one that was here and is gone."""
        key = key_of(resource_id)
        self._connection.execute("DELETE FROM resources WHERE key = ?", (key,))
        self._connection.execute("INSERT OR IGNORE INTO deleted VALUES (?)", (key,))

    def forget(self, resource_id: str) -> None:
        """Let a resource be one that never was here."""
        for table in ("resources", "deleted"):
            self._connection.execute(f"DELETE FROM {table} WHERE key = ?", (key_of(resource_id),))  # noqa: S608

    def delete(self, record: Record) -> None:
        """Remove a resource, what is nested in it, and what was granted on it."""
        key = key_of(record.id)
        # "0" is the character after "/": the range is everything under the id, from the index.
        rows = self._connection.execute(
            "SELECT key FROM resources WHERE key = ? OR (key > ? AND key < ?)",
            (key, f"{key}/", f"{key}0"),
        ).fetchall()
        for (gone,) in rows:
            for table in ("resources", "claims", "links"):
                self._connection.execute(f"DELETE FROM {table} WHERE key = ?", (gone,))  # noqa: S608
            self._connection.execute("INSERT OR IGNORE INTO deleted VALUES (?)", (gone,))


def _record(row: Sequence[object]) -> Record:
    resource_id, arm_type, parent, state, internal, created, modified, revision = row
    return Record(
        id=str(resource_id),
        type=str(arm_type),
        parent=str(parent),
        state=json.loads(str(state)),
        internal=json.loads(str(internal)),
        created=float(str(created)),
        modified=float(str(modified)),
        revision=int(str(revision)),
    )


class Store:
    """The state file of one simulated Azure, shared by threads and processes.

    Raises `StoreError` where the file is no state file of ours, is damaged, or comes from a later
    version; it is then left as it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._prepare()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One transaction that may write: all of it is kept, or none when it raises."""
        with self._told():
            connection = self._connection()
            with writing(connection):
                yield Transaction(connection)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent view; nothing that is written through it is kept."""
        with self._told():
            connection = self._connection()
            connection.execute("BEGIN")
            try:
                yield Transaction(connection)
            finally:
                connection.execute("ROLLBACK")

    def _told(self) -> AbstractContextManager[None]:
        return told(self._unreachable, self._unusable)

    def close(self) -> None:
        """Close the connections of every thread; the next use opens anew."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is not None:
            return found
        # The thread check is ours (one connection per thread); close() comes from another one.
        made = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        made.execute("PRAGMA synchronous = NORMAL")
        self._local.connection = made
        with self._lock:
            self._open.append(made)
        return made

    def _prepare(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = self._connection()
            self._create_or_check(connection)
        except (sqlite3.OperationalError, OSError) as error:
            self.close()
            raise StoreError(self._unreachable(error)) from error
        except sqlite3.Error as error:
            self.close()
            raise StoreError(self._unusable(str(error))) from error
        except StoreError:
            self.close()
            raise

    def _create_or_check(self, connection: sqlite3.Connection) -> None:
        if self._format(connection) == 0:
            connection.execute("BEGIN IMMEDIATE")
            self._refuse_foreign(connection)
            # Another process may have made the tables between the question and the lock.
            if self._format(connection) == 0:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("COMMIT")
            self._use_wal(connection)
        found = self._format(connection)
        if found != FORMAT:
            cause = f"it has format {found}, this version of imagefleet reads format {FORMAT}"
            raise StoreError(self._unusable(cause))
        damage = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if damage != "ok":
            raise StoreError(self._unusable(str(damage)))

    def _use_wal(self, connection: sqlite3.Connection) -> None:
        """Switch to WAL, which another process may be doing at this moment too.

        SQLite does not wait for its lock here, so we do.
        """
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_RETRY_SECONDS)
            else:
                return

    def _refuse_foreign(self, connection: sqlite3.Connection) -> None:
        """Refuse a database that somebody else keeps: it has tables and no format of ours."""
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables and self._format(connection) == 0:
            connection.execute("ROLLBACK")
            cause = "it is a database of another program"
            raise StoreError(self._unusable(cause))

    def _format(self, connection: sqlite3.Connection) -> int:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])

    def _unreachable(self, cause: Exception) -> str:
        return (
            f"the state of the simulated Azure in {self.path} cannot be used: {cause}; what was "
            "done before is kept. Free space on its disk, or make the file and its folder "
            "writable, and run this again"
        )

    def _unusable(self, cause: str) -> str:
        return (
            f"the state of the simulated Azure in {self.path} cannot be used: {cause}; "
            "it was left as it is: move it away, or start again with 'imagefleet rehearse --fresh'"
        )


def touched(record: Record, state: Properties, internal: Properties, now: float) -> Record:
    """Return `record` as it stands after an update at minute `now`."""
    return replace(
        record, state=state, internal=internal, modified=now, revision=record.revision + 1
    )
