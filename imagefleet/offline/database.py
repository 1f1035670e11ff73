"""What the SQLite files of the simulated Azure share: whole transactions, and one kind of error."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Long enough for another thread's or process's transaction, which are milliseconds each.
BUSY_SECONDS = 30.0


class StoreError(Exception):
    """A file of state cannot be used; the message names it, the cause and the way back."""


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction that may write: all of it is kept, or none when the block raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have undone the transaction already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def told(unreachable: Callable[[Exception], str], unusable: Callable[[str], str]) -> Iterator[None]:
    """Turn what SQLite finds wrong with a file into one `StoreError` with a way back.

    `unreachable` words a file that cannot be read or written now, `unusable` one that is damaged.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(unreachable(error)) from error
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        raise StoreError(unusable(str(error))) from error
