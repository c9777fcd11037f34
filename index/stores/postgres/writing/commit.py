"""The switch from one generation to the next, and when tables that nobody reads any more go."""

from __future__ import annotations

import re

from index.locations import Database
from index.stores.postgres.connection import Connection, trouble_named
from index.stores.postgres.tables.lineage import ONLY, Shard, write_lineage
from index.stores.postgres.tables.pointer import Pointer
from index.stores.postgres.tables.schema import SHARED, SHARED_NAMES, Tables

__all__ = ["current", "point", "prepare", "tidy"]

_NAME = re.compile(r"babelquote_documents_(\d+)")
_LOCK_MILLISECONDS = 50  # a reader's tables stay; nobody waits long behind whoever would drop them


def prepare(location: Database, connection: Connection) -> None:
    """Make the tables that every index has, where they are not there yet."""
    with trouble_named(location):
        missing = b"SELECT count(*) FROM unnest(%s::text[]) name WHERE to_regclass(name) IS NULL"
        if connection.execute(missing, (list(SHARED_NAMES),)).fetchone() != (0,):
            connection.execute(SHARED.encode())


def current(location: Database, connection: Connection) -> Pointer:
    """Return the current generation.

    Raises:
        IndexMissingError: there is none yet.
        IndexIncompatibleError: the tables have another format.
    """
    statement = f"SELECT {Pointer.COLUMNS} FROM babelquote_index"
    with trouble_named(location):
        return Pointer.of(location, connection.execute(statement.encode()).fetchone())


def point(
    connection: Connection, pointer: Pointer, manifest: bytes = b"", left_out: bytes = b"[]", shard: Shard = ONLY
) -> None:
    """Write the last row: the generation is current once the transaction is committed."""
    columns = f"{Pointer.COLUMNS}, manifest, left_out"
    values = (*pointer.row(), manifest, left_out)
    sets = ", ".join(f"{name.strip()} = excluded.{name.strip()}" for name in columns.split(","))
    statement = (
        f"INSERT INTO babelquote_index ({columns}) VALUES ({', '.join(['%s'] * len(values))}) "
        f"ON CONFLICT (one) DO UPDATE SET {sets}"
    )
    connection.execute(statement.encode(), values)
    write_lineage(connection, pointer, shard)


def tidy(location: Database, connection: Connection, keep: int) -> None:
    """Drop the tables of every writing but one that no reader holds; needs the build's lock.

    Args:
        location: of the index.
        connection: outside a transaction.
        keep: number of the writing that is current, 0 for none.
    """
    import psycopg

    with trouble_named(location):
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' "
            "AND relname ~ '^babelquote_documents_[0-9]+$'"
        ).fetchall()
        for epoch in sorted(int(name.rpartition("_")[2]) for (name,) in rows):
            if epoch == keep:
                continue
            try:
                with connection.transaction():
                    connection.execute(f"SET LOCAL lock_timeout = {_LOCK_MILLISECONDS}".encode())
                    connection.execute(f"DROP TABLE IF EXISTS {', '.join(Tables(epoch).names())}".encode())
            except psycopg.errors.LockNotAvailable:
                continue  # somebody reads it; a later build drops it
