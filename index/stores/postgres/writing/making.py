"""A store on its own, without a build around it: implements `GenerationWriter` for whoever has ready vectors."""

from __future__ import annotations

from index.disk.scratch import remove_scratch, scratch_folder
from index.errors import IndexMissingError
from index.locations import Database
from index.stores.postgres.connection import check_versions, connect, trouble_named
from index.stores.postgres.searching.snapshot import Snapshot
from index.stores.postgres.searching.store import PostgresStore
from index.stores.postgres.tables.pointer import Pointer
from index.stores.postgres.writing.commit import point, prepare
from index.stores.postgres.writing.generation import DatabaseWriter
from index.stores.spool import Spool, SpooledWriter

__all__ = ["PostgresStoreWriter", "open_store"]


def open_store(location: Database) -> PostgresStore:
    """Open the current generation of a database, over a connection of its own.

    Raises:
        IndexMissingError: nothing was built there yet.
        StoreError: the server can't be asked.
    """
    connection = connect(location)
    try:
        check_versions(location, connection)
        return PostgresStore(Snapshot(location, connection), on_close=connection.close)
    except BaseException:
        connection.close()
        raise


class PostgresStoreWriter(SpooledWriter[DatabaseWriter]):
    """Makes the tables of a `PostgresStore` from documents with ready vectors, in place of what is there.

    Args:
        location: of the index.
        dimension: length of every vector.
    """

    def __init__(self, location: Database, dimension: int) -> None:
        self._location = location
        self._dimension = dimension
        self._connection = connect(location, writing=True)
        check_versions(location, self._connection)
        prepare(location, self._connection)
        self._folder = scratch_folder()
        self._spool = Spool(self._folder / "spool.sqlite", dimension)
        before = _pointer_of(location, self._connection)
        self._connection.execute("BEGIN")
        self._writer = DatabaseWriter(location, self._connection, before, fresh=True, dimension=dimension)

    def finish(self) -> None:
        """Write everything and make it current; afterwards `open_store` opens it."""
        pointer = self._writer.finish(self._spool.get, self._dimension)
        with trouble_named(self._location):
            point(self._connection, pointer)
            self._connection.execute("COMMIT")
        self.close()

    def close(self) -> None:
        """Let go of the connection; what was not finished is not there."""
        self._spool.close()
        remove_scratch(self._folder)
        self._connection.close()


def _pointer_of(location: Database, connection: object) -> Pointer:
    from index.stores.postgres.writing.commit import current

    try:
        return current(location, connection)  # type: ignore[arg-type]
    except IndexMissingError:
        return Pointer()
