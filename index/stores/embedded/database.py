"""One SQLite file of a generation.

Written by one connection without a journal, because the file belongs to a generation that does not exist before it is
whole; then synced, closed and only read: `immutable`, by a few connections that readers borrow for one query each.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from index.errors import IndexDamagedError

__all__ = ["Database"]

_ASKING = 32  # queries at work at once; further ones wait, so that files and memory stay bounded
_KEPT = 8  # connections that stay open between queries


class Database:
    """A file that many threads may read at once.

    Args:
        path: the file.
        writable: whether to write; such an object belongs to one thread.
    """

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        self.path = path
        self._writable = writable
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self._guard = threading.Lock()
        self._asking = threading.BoundedSemaphore(_ASKING)
        self._writer: sqlite3.Connection | None = None

    def _connect(self, mode: str) -> sqlite3.Connection:
        address = f"{self.path.absolute().as_uri()}?{mode}"
        return sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)

    def _connection(self) -> sqlite3.Connection:
        """Return the connection that writes."""
        if self._writer is None:
            self._writer = self._connect("mode=rwc")
            settings = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536; BEGIN"
            self._writer.executescript(settings)
        return self._writer

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection: threads come and go, and each would leave its own behind."""
        with self._guard:
            found = self._idle.pop() if self._idle else None
        lent = found or self._connect("mode=ro&immutable=1")
        try:
            yield lent
        finally:
            with self._guard:
                kept = not self._closed and len(self._idle) < _KEPT
                if kept:
                    self._idle.append(lent)
            if not kept:
                lent.close()

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        """Return all rows of a query; what was written but not yet committed is among them."""
        if not all(_is_storable(value) for value in values):
            return []
        with self._damage_named():
            if self._writable:
                return self._connection().execute(statement, values).fetchall()
            with self._asking, self._borrowed() as connection:
                return connection.execute(statement, values).fetchall()

    def _each(self, statement: str, values: Sequence[object] = ()) -> Iterator[Any]:
        """Go through the rows of a query that may be many."""
        with self._damage_named():
            if self._writable:
                yield from self._connection().execute(statement, values)
                return
            with self._borrowed() as connection, closing(connection.execute(statement, values)) as cursor:
                yield from cursor

    @contextmanager
    def _damage_named(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise IndexDamagedError(f"{self.path}: {error}", "rebuild with `rag index --rebuild`") from error

    def close(self) -> None:
        """Close every connection that nobody uses now, the others when they come back; twice is no error."""
        with self._guard:
            self._closed = True
            opened, self._idle = self._idle, []
            if self._writer is not None:
                opened.append(self._writer)
                self._writer = None
        for connection in opened:
            connection.close()


def _is_storable(value: object) -> bool:
    """Tell whether the database can hold a value: half of a character, which JSON can hold, stands nowhere in it."""
    try:
        return not isinstance(value, str) or value.encode() is not None
    except UnicodeEncodeError:
        return False
