"""Opens an index in PostgreSQL: a whole one for as long as it is needed, or one snapshot for each question."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from index.building.versions import check_readable
from index.disk.manifest import ALIGNMENT, Manifest
from index.disk.private import owned_tree
from index.embedders.alignment.vectors import Alignment
from index.embedders.base import Embedder
from index.errors import IndexMissingError, StoreError, StoreUnreachableError
from index.locations import Database, beside
from index.opening.opened import Index, Loaded, check_embedder
from index.stores.postgres.connection import Connection, check_versions, connect, make_pool
from index.stores.postgres.parts import read_manifest, read_part
from index.stores.postgres.searching.codes import KeptCodes
from index.stores.postgres.searching.keywords import KeptTerms
from index.stores.postgres.searching.sharing import Shared
from index.stores.postgres.searching.snapshot import Snapshot
from index.stores.postgres.searching.store import PostgresStore
from index.stores.postgres.tables.lineage import ONLY, Lineage, Shard, check_shard, read_lineage
from index.stores.postgres.tables.pointer import Pointer

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

__all__ = ["LOST_SECONDS", "Generation", "LiveDatabase", "open_database"]

LOST_SECONDS = 10.0
"""How long a question waits for a server that went away and comes back."""
_PAUSE = 0.1
_KNOWN = 4  # generations


class Generation:
    """What readers of one generation share: read once, for all its questions."""

    def __init__(
        self,
        snapshot: Snapshot,
        embedder: Embedder | None = None,
        former: Generation | None = None,
        shard: Shard = ONLY,
    ) -> None:
        location = snapshot.location
        self.pointer: Pointer = snapshot.pointer
        self.manifest: Manifest = read_manifest(location, snapshot.rows)
        check_readable(location, self.manifest)
        if embedder is not None:
            check_embedder(location, self.manifest, embedder)
        self.lineage: Lineage = read_lineage(snapshot.rows, snapshot.pointer)
        check_shard(location, self.lineage, shard)
        part = read_part(location, snapshot.rows, ALIGNMENT)
        self.alignment = Alignment.load(part, self.manifest.embedder.fingerprint)
        self.loaded = Loaded(embedder)
        terms: KeptTerms | None = None
        codes: KeptCodes | None = None
        if former is not None and self._came_of(former):
            terms, codes = former.shared.terms, former.shared.codes
        self.shared: Shared = Shared(terms, codes)
        self.shared.dead(snapshot)

    def _came_of(self, other: Generation) -> bool:
        """Tell whether this generation came from another one in the same tables, or the other from this one."""
        return other.pointer.name in self.lineage.names or self.pointer.name in other.lineage.names

    def index(self, snapshot: Snapshot) -> Index:
        """Return the generation as a snapshot of it shows it."""
        store = self.store(snapshot)
        place = snapshot.location
        return Index(place, self.manifest, self.alignment, store, self.loaded, beside(place), lambda: None)

    def store(self, snapshot: Snapshot) -> PostgresStore:
        """Return its documents and passages."""
        return PostgresStore(snapshot, self.shared)


def open_database(location: Database, embedder: Embedder | None = None) -> Index:
    """Open the current generation over one connection, which holds its snapshot until the index is closed."""
    connection = connect(location)
    try:
        check_versions(location, connection)
        _own(location)
        snapshot = Snapshot(location, connection)
        shared = Generation(snapshot, embedder)
        store = PostgresStore(snapshot, shared.shared, on_close=connection.close)
        of = (location, shared.manifest, shared.alignment, store, shared.loaded, beside(location))
        return Index(*of, release=connection.close)
    except BaseException:
        connection.close()
        raise


def _own(location: Database) -> None:
    """Make the folder on this machine for what belongs to the index; where none can be made, nothing is kept."""
    with suppress(OSError):
        owned_tree(beside(location))


class LiveDatabase:
    """Always the newest generation: each question reads in a snapshot of its own, over a connection that it borrows.

    Args:
        location: of the index.
        wait: an index that isn't there yet, or holds nothing, may be filled later; until then readers get an error.
        shard: which one of an index it is.

    Raises:
        StoreError: on making it, when there is no index that can be read.

    Attributes:
        problem: `None`: what can't be read is reported to whoever asks.
    """

    problem: str | None = None

    def __init__(self, location: Database, *, wait: bool = False, shard: Shard = ONLY) -> None:
        self._location = location
        self._wait = wait
        self._shard = shard
        self._guard = threading.Lock()
        self._known: list[Generation] = []
        connection = connect(location)
        try:
            check_versions(location, connection)
            _own(location)
            self._first(connection)
        finally:
            connection.close()
        self._pool: ConnectionPool[Any] = make_pool(location)

    def _first(self, connection: Connection) -> None:
        try:
            snapshot = Snapshot(self._location, connection)
            self._known = [Generation(snapshot, shard=self._shard)]
        except IndexMissingError:
            if not self._wait:
                raise

    @contextmanager
    def reading(self) -> Iterator[Index]:
        """Give the newest generation; what is read of it until the block ends is one snapshot.

        Raises:
            IndexMissingError: there is none yet, or it was removed.
            StoreUnreachableError: the server does not answer.
        """
        with self.held() as (snapshot, generation):
            index = generation.index(snapshot)
            if self._wait and not index.manifest.passages:
                raise IndexMissingError(
                    f"{self._location}: there is nothing in the index", "add documents with `rag index`"
                )
            yield index

    @contextmanager
    def held(self) -> Iterator[tuple[Snapshot, Generation]]:
        """Hold a snapshot of the newest generation, with what all its readers share; errors are those of `reading`."""
        connection, snapshot, generation = self._begin()
        try:
            yield snapshot, generation
        finally:
            snapshot.end()
            self._pool.putconn(connection)

    def _begin(self) -> tuple[Connection, Snapshot, Generation]:
        """Take a snapshot; a connection that died unused is replaced, a server that is starting is waited for.

        Of several servers the pool takes whichever answers.
        """
        deadline = time.monotonic() + LOST_SECONDS
        while True:
            connection: Connection | None = None
            try:
                connection = self._borrowed(deadline)
                snapshot = Snapshot(self._location, connection, self._known[0].pointer if self._known else None)
                return connection, snapshot, self._of(snapshot)
            except StoreUnreachableError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
            finally:
                if connection is not None and not _in_use(connection):
                    self._pool.putconn(connection)

    def _borrowed(self, deadline: float) -> Connection:
        import psycopg_pool

        try:
            found: Connection = self._pool.getconn(timeout=max(0.1, deadline - time.monotonic()))
        except psycopg_pool.PoolTimeout as error:
            with suppress(StoreUnreachableError):
                connect(self._location).close()
                raise StoreUnreachableError(
                    f"{self._location}: all connections are in use", "ask again in a moment"
                ) from error
            raise StoreUnreachableError(
                f"{self._location}: the server does not answer", "check that it is up"
            ) from error
        return found

    def _of(self, snapshot: Snapshot) -> Generation:
        """Return what is shared by the readers of a snapshot's generation, read in it where it is a new one.

        Several are remembered: servers that follow the primary need not be equally far.
        """
        with self._guard:
            known = list(self._known)
        for each in known:
            if each.pointer.name == snapshot.pointer.name:
                return each
        fresh = self._read(snapshot, known[0] if known else None)
        with self._guard:
            self._known = [fresh, *(each for each in self._known if each.pointer.name != fresh.pointer.name)][:_KNOWN]
        return fresh

    def _read(self, snapshot: Snapshot, former: Generation | None) -> Generation:
        try:
            fresh = Generation(snapshot, former=former, shard=self._shard)
        except BaseException:
            snapshot.end()
            raise
        if former is not None and former.loaded.fits(fresh.manifest):
            fresh.loaded = former.loaded
        return fresh

    def close(self) -> None:
        """Close the connections that nobody uses, the others when they come back; twice is no error."""
        with suppress(StoreError):
            self._pool.close()


def _in_use(connection: Connection) -> bool:
    """Tell whether a connection is within a transaction."""
    import psycopg

    return connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
