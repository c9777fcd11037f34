"""How the shards of an index switch together: each prepares its transaction, then all are committed.

What is prepared outlives its connection and a crash of the server. It is named by its generation, so whoever comes next
knows what to do: where one shard shows the generation, the others are to show it, too; where none does, it is rolled
back.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b

from index.errors import StoreError
from index.locations import Database
from index.stores.postgres.connection import Connection, connect, trouble_named

__all__ = ["allowed", "commit_prepared", "finish", "forget_prepared", "prepare_commit", "settle", "shard_of"]

_PREFIX = "babelquote"
_SETTING = "max_prepared_transactions"


def shard_of(document_id: str, count: int) -> int:
    """Return the number of the shard that holds a document: the same at all times and on all machines."""
    digest = blake2b(document_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") % count


def allowed(location: Database, connection: Connection) -> None:
    """Refuse a server that prepares no transactions.

    Raises:
        StoreError: names the setting.
    """
    with trouble_named(location):
        row = connection.execute(f"SHOW {_SETTING}".encode()).fetchone()
    if row is None or int(row[0]) == 0:
        raise StoreError(
            f"{location}: shards switch together, and this server prepares no transactions",
            f"set {_SETTING} = 10 there and restart it",
        )


def prepare_commit(location: Database, connection: Connection, name: tuple[int, int]) -> None:
    """End the transaction of a build so that only its commit is left; `name` is that of its generation."""
    with trouble_named(location):
        connection.execute(f"PREPARE TRANSACTION '{_named(location, connection, name)}'".encode())


def commit_prepared(location: Database, connection: Connection, name: tuple[int, int]) -> None:
    """Commit what was prepared for a generation, unless somebody else has done so."""
    import psycopg

    with trouble_named(location), suppress(psycopg.errors.UndefinedObject):
        connection.execute(f"COMMIT PREPARED '{_named(location, connection, name)}'".encode())


def forget_prepared(location: Database, connection: Connection, name: tuple[int, int]) -> None:
    """Roll back what was prepared for a generation that another shard can't have; else the next build does."""
    import psycopg

    with suppress(psycopg.Error, StoreError):
        connection.execute(f"ROLLBACK PREPARED '{_named(location, connection, name)}'".encode())


def finish(location: Database, name: tuple[int, int]) -> None:
    """Commit a generation that another shard shows already: its build was stopped between the two."""
    connection = connect(location, "babelquote shard", writing=True)
    try:
        commit_prepared(location, connection, name)
    finally:
        connection.close()


def settle(places: Sequence[tuple[Database, Connection]], shown: Sequence[tuple[int, int]]) -> bool:
    """Commit or roll back what a stopped build left prepared; needs the locks of all shards.

    Args:
        places: the shards.
        shown: names of the generations that are current in them.

    Returns:
        Whether anything was committed.
    """
    committed = False
    for location, connection in places:
        for name, gid in _left(location, connection):
            done = name in shown
            with trouble_named(location):
                connection.execute(f"{'COMMIT' if done else 'ROLLBACK'} PREPARED '{gid}'".encode())
            committed = committed or done
    return committed


def _left(location: Database, connection: Connection) -> list[tuple[tuple[int, int], str]]:
    """Return (name of the generation, name of the transaction) of what is prepared for an index."""
    prefix = _place(location, connection)
    with trouble_named(location):
        rows = connection.execute(
            b"SELECT gid FROM pg_prepared_xacts WHERE database = current_database() AND starts_with(gid, %s)",
            (f"{prefix} ",),
        ).fetchall()
    parted = [(gid.removeprefix(prefix).split(), gid) for (gid,) in rows]
    return [((int(number), int(started)), gid) for (number, started), gid in parted]


def _named(location: Database, connection: Connection, name: tuple[int, int]) -> str:
    number, started = name
    return f"{_place(location, connection)} {number} {started}"


def _place(location: Database, connection: Connection) -> str:
    """Return what names an index among all that prepare transactions on its server."""
    with trouble_named(location):
        row = connection.execute(b"SELECT current_database(), current_schema()").fetchone()
    assert row is not None
    database, schema = row
    return f"{_PREFIX} {blake2b(f'{database} {schema}'.encode(), digest_size=8).hexdigest()}"
