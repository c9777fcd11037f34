"""The collections of an index in its database: one row among the parts that it has beside its tables."""

from __future__ import annotations

from collections.abc import Callable

from index.errors import IndexMissingError
from index.locations import Database
from index.stores.postgres.connection import Connection, connect, trouble_named

__all__ = ["changed", "kept"]

_PART = "collections"
_THERE = b"SELECT to_regclass('babelquote_parts') IS NOT NULL"
_READ = b"SELECT content FROM babelquote_parts WHERE name = %s"
_WRITE = b"INSERT INTO babelquote_parts VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET content = excluded.content"
# One at a time, also while there is no row yet to be locked.
_LOCK = b"SELECT pg_advisory_xact_lock(hashtext(current_schema() || ' babelquote collections'))"


def kept(location: Database) -> bytes:
    """Return what is kept, nothing where there is no index yet.

    Raises:
        StoreError: the server can't be asked.
    """
    connection = connect(location)
    try:
        with trouble_named(location):
            return _kept(connection) if connection.execute(_THERE).fetchone() == (True,) else b""
    finally:
        connection.close()


def changed(location: Database, change: Callable[[bytes], bytes]) -> bytes:
    """Change what is kept and return it; whoever else changes it waits.

    Raises:
        IndexMissingError: there is no index yet to keep it with.
        StoreError: the server can't be asked.
    """
    connection = connect(location, writing=True)
    try:
        with trouble_named(location), connection.transaction():
            if connection.execute(_THERE).fetchone() != (True,):
                raise IndexMissingError(f"{location}: there is no index yet", "build one with `rag index`")
            connection.execute(_LOCK)
            fresh = change(_kept(connection))
            connection.execute(_WRITE, (_PART, fresh))
            return fresh
    finally:
        connection.close()


def _kept(connection: Connection) -> bytes:
    row = connection.execute(_READ, (_PART,)).fetchone()
    return bytes(row[0]) if row else b""
