"""One snapshot of an index: everything read in it is of one generation, whatever is built meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from index.errors import IndexDamagedError, StoreError
from index.locations import Database
from index.stores.postgres.connection import Connection, trouble_named
from index.stores.postgres.tables.methods import session_settings
from index.stores.postgres.tables.pointer import Pointer

__all__ = ["Snapshot"]

_TRIES = 50  # tables that go while a snapshot is taken have successors at once
_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
_READ = f"SELECT {Pointer.COLUMNS} FROM babelquote_index"


class Snapshot:
    """A transaction that reads; many threads may use it, one at a time.

    Args:
        location: of the index.
        connection: its own while it lasts, outside any transaction.
        expected: what was current a moment ago: saves a statement where it still is.

    Raises:
        IndexMissingError: nothing was built there yet.
        StoreError: the server can't be asked.

    Attributes:
        location: of the index.
        pointer: what is current in it.
        statements: how many it took so far.
    """

    def __init__(self, location: Database, connection: Connection, expected: Pointer | None = None) -> None:
        self.location = location
        self._connection = connection
        self._guard = threading.Lock()
        self._ended = False
        self.statements = 0
        self.pointer = self._begin(expected)

    def _begin(self, expected: Pointer | None) -> Pointer:
        for _ in range(_TRIES):
            found = self._try(expected)
            if found is not None and expected is not None and found.epoch == expected.epoch:
                return found
            expected = found
        raise IndexDamagedError(f"{self.location}: its tables can't be held", "rebuild with `rag index`")

    def _try(self, expected: Pointer | None) -> Pointer | None:
        """Lock the tables that are thought to be current, then look: nobody drops them between the two.

        A snapshot begins with the first statement that reads; a lock is taken before.
        """
        import psycopg

        self.statements += 1
        lock = settings = ""
        if expected is not None:
            lock = f"LOCK TABLE {', '.join(expected.tables.names())} IN ACCESS SHARE MODE;"
            settings = session_settings(expected.search)
        try:
            with trouble_named(self.location):
                try:
                    cursor = self._connection.execute(f"{_BEGIN}{settings}{lock}{_READ}".encode())
                except psycopg.errors.UndefinedTable:
                    self._connection.rollback()
                    if expected is None:
                        raise
                    return None
                while cursor.nextset():
                    pass
                found = Pointer.of(self.location, cursor.fetchone())
                if expected is None or (found.epoch, found.search) != (expected.epoch, expected.search):
                    self._connection.rollback()
                    return found if expected is None or found.epoch != expected.epoch else self._try(found)
                return found
        except StoreError:
            self.end()
            raise

    def rows(self, statement: str, values: Sequence[object] | dict[str, object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query, whose values come and go in their binary form."""
        with self._guard, trouble_named(self.location):
            if self._ended:
                raise StoreError(f"{self.location}: this index was closed")
            self.statements += 1
            return self._connection.execute(statement.encode(), values, binary=True).fetchall()

    def end(self) -> Connection:
        """End the transaction and give the connection back; twice is no error."""
        import psycopg

        with self._guard:
            if not self._ended:
                self._ended = True
                try:
                    self._connection.rollback()
                except psycopg.Error:
                    self._connection.close()
            return self._connection
