"""The lock of the one build: the server drops it with its connection, however that ends."""

from __future__ import annotations

import json
import os
import platform
import time
from datetime import UTC, datetime

from index.errors import IndexBusyError, StoreError
from index.locations import Database
from index.stores.postgres.connection import Connection, trouble_named
from index.stores.postgres.writing.commit import prepare

__all__ = ["claim"]

_PATIENCE_SECONDS, _LOOK_SECONDS = 1.0, 0.02
_CLASS = 0x6261_6271  # names our locks among those of other programs
_KEY = "hashtext('babelquote ' || current_schema())"


def claim(location: Database, connection: Connection) -> None:
    """Take the lock for this connection, without waiting, and make the tables that every index has.

    Raises:
        IndexBusyError: another build holds it; names its process, its machine and since when.
        StoreError: there is no schema to put tables into.
    """
    with trouble_named(location):
        # A server that works for a build whose program was killed would go on to the end of its statement else.
        connection.execute("SET client_connection_check_interval = '2s'")
        schema, free = _tried(connection)
        if schema is None:
            raise StoreError(f"{location}: no schema of its search_path is there", "create one, or name another")
        if not free:
            raise IndexBusyError(f"{location}: already being built by {_holder(connection)}", "wait until it is done")
        prepare(location, connection)
        claimed = {"server": connection.info.backend_pid, "who": _myself()}
        connection.execute(
            b"INSERT INTO babelquote_builder (told) VALUES (%s) ON CONFLICT (one) DO UPDATE SET told = excluded.told",
            (json.dumps(claimed),),
        )


def _tried(connection: Connection) -> tuple[object, object]:
    """Try to take the lock; a build that has just ended gives it back within a moment."""
    patience = time.monotonic() + _PATIENCE_SECONDS
    while True:
        schema, free = _one(connection, f"SELECT current_schema(), pg_try_advisory_lock({_CLASS}, {_KEY})")
        if free or schema is None or time.monotonic() > patience:
            return schema, free
        time.sleep(_LOOK_SECONDS)


def _one(connection: Connection, statement: str) -> tuple[object, ...]:
    found = connection.execute(statement.encode()).fetchone()
    assert found is not None
    return found


def _myself() -> str:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return f"process {os.getpid()} on {platform.node() or 'another machine'} since {now}"


def _holder(connection: Connection) -> str:
    """Return who holds the lock; a name that an earlier build left is not taken for the holder's."""
    (there,) = _one(connection, "SELECT to_regclass('babelquote_builder')")
    if there is None:
        return "another process"
    row = connection.execute(b"SELECT told FROM babelquote_builder").fetchone()
    (process,) = _one(
        connection,
        "SELECT max(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted "
        f"AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        f"AND classid = {_CLASS} AND objid::bigint = {_KEY}::bigint & 4294967295",
    )
    claimed = json.loads(row[0]) if row else {}
    return str(claimed["who"]) if claimed.get("server") == process else "another process"
