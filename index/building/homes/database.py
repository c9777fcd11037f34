"""An index in PostgreSQL: a generation is written in one transaction, and its last statement makes it current."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from index.building.aligning import Aligned, Rows
from index.building.finishing import Aligning, Sealed, manifest_of
from index.building.homes.base import Beginning, OnProgress, Sizes
from index.building.previous import Previous
from index.building.settings import Settings
from index.disk.ledger import Ledger
from index.disk.manifest import ALIGNMENT, MEANS, Manifest
from index.disk.private import owned_tree
from index.errors import IndexDamagedError, IndexMissingError
from index.locations import Database, beside
from index.stores.base import KeptVectors
from index.stores.postgres.cache import DatabaseCache
from index.stores.postgres.connection import Connection, check_versions, connect, trouble_named
from index.stores.postgres.parts import Part, read_ledger, read_manifest, read_part, write_ledger, write_part
from index.stores.postgres.searching.records import Records
from index.stores.postgres.searching.snapshot import Snapshot
from index.stores.postgres.tables.lineage import ONLY, Lineage, Shard, check_shard, read_lineage
from index.stores.postgres.tables.pointer import Pointer
from index.stores.postgres.writing import commit
from index.stores.postgres.writing.generation import DatabaseWriter, Written
from index.stores.postgres.writing.lock import claim

__all__ = ["DatabaseGeneration", "DatabaseHome"]


class DatabaseHome:
    """The database of an index, as a build sees it.

    Args:
        location: where it is.
    """

    def __init__(self, location: Database) -> None:
        self.location = location
        self.beside: Path = beside(location)
        self.pointer = Pointer()
        self.previous = Previous()
        self.lineage = Lineage(frozenset())
        self._connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        """The connection that holds the lock and writes."""
        assert self._connection is not None
        return self._connection

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the lock of the index; the server drops it with the connection."""
        self._connection = connect(self.location, "babelquote build", writing=True)
        try:
            check_versions(self.location, self._connection)
            claim(self.location, self._connection)
            owned_tree(self.beside)
            yield
        finally:
            self._connection.close()

    def find_previous(self) -> Previous:
        """Look for the generation to start from."""
        self.look()
        if self.lineage.names:
            check_shard(self.location, self.lineage, ONLY)
        return self.previous

    def look(self) -> None:
        """Note what is current, and what of it can be trusted."""
        try:
            self.pointer = commit.current(self.location, self.connection)
            self.lineage = read_lineage(self.ask, self.pointer)
            manifest = read_manifest(self.location, self.ask)
            self.previous = Previous(True, manifest, read_ledger(self.location, self.ask))
        except IndexMissingError:
            self.previous = Previous()
        except IndexDamagedError as error:
            self.previous = Previous(problem=str(error))

    def ask(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a statement, in their binary form."""
        with trouble_named(self.location):
            return self.connection.execute(statement.encode(), values or None, binary=True).fetchall()

    def tidy(self) -> None:
        """Drop the tables of every writing but the current one that no reader holds."""
        commit.tidy(self.location, self.connection, self.pointer.epoch)

    def kept_vectors(self, fingerprint: str, dimension: int) -> tuple[KeptVectors, str]:
        """Open the table of kept vectors, which is lost with the whole database only."""
        return DatabaseCache(self.location, fingerprint, dimension), ""

    def begin(self, beginning: Beginning) -> DatabaseGeneration:
        """Begin the next generation."""
        return DatabaseGeneration(self, beginning)

    def prune(self, cache: KeptVectors, sizes: Sizes) -> None:
        """Drop kept vectors that the current generation does not need."""
        cache.prune(
            Records(self.location, self.ask, self.pointer.tables).all_digests(), sizes.passages + sizes.sentences
        )


class DatabaseGeneration:
    """A generation in the making: a transaction."""

    def __init__(self, home: DatabaseHome, beginning: Beginning) -> None:
        self._home = home
        self._previous = home.previous
        self._fresh = beginning.fresh
        self._reading: Connection | None = None
        self.old: Records | None = None
        if self._previous.sound:
            # Of the same server: a replica may still have the generation before.
            self._reading = connect(home.location, "babelquote build, reading", writing=True)
            snapshot = Snapshot(home.location, self._reading, home.pointer)
            self.old = Records(home.location, snapshot.rows, home.pointer.tables)
        with trouble_named(home.location):
            home.connection.execute(b"BEGIN")
        self.writer = DatabaseWriter(
            home.location,
            home.connection,
            home.pointer,
            fresh=beginning.fresh,
            dimension=beginning.dimension,
            keep_keywords=beginning.keep_keywords,
        )

    def records(self) -> Written:
        """Return what is stored so far."""
        return self.writer.records

    def former(self) -> DatabaseFormer | None:
        """Return the generation that this one started from."""
        return None if self._fresh or self.old is None else DatabaseFormer(self._home, self.old, self.writer)

    def make_room(self) -> None:
        """Do nothing: the server keeps what readers still see."""

    def seal(
        self, ledger: Ledger, cache: KeptVectors, aligned: Aligned, settings: Settings, progress: OnProgress
    ) -> Sealed:
        """Write vectors, keywords, ledger and manifest, and switch."""
        pointer = self.written(ledger, cache, aligned, settings.embedder.dimension)
        totals = (pointer.documents, pointer.passages, pointer.sentences)
        search = pointer.search.method or "exact"
        made = manifest_of(pointer.generation, settings, aligned.alignment, totals, pointer.languages, {}, search)
        progress("writing", 1, 1)
        progress("switching", 0, 1)
        self.point(pointer, ledger, aligned, made)
        with trouble_named(self._home.location):
            self._home.connection.execute("COMMIT")
        self.current(pointer)
        progress("switching", 1, 1)
        return Sealed(pointer.generation, pointer.passages)

    def written(self, ledger: Ledger, cache: KeptVectors, aligned: Aligned, dimension: int) -> Pointer:
        """Write vectors and keywords, and return what the pointer is to say."""
        fetch = Aligning(self._home.location, cache, aligned.alignment)
        pointer = self.writer.finish(fetch, dimension, keep_vectors=aligned.kept)
        return replace(pointer, started_ns=ledger.started_ns)

    def point(self, pointer: Pointer, ledger: Ledger, aligned: Aligned, made: Manifest, shard: Shard = ONLY) -> None:
        """Write all that is left; the commit is the caller's."""
        home, before = self._home, self._previous.manifest if self._previous.sound else None
        with trouble_named(home.location):
            if before is None or before.alignment != aligned.alignment.digest or not aligned.kept:
                write_part(home.connection, ALIGNMENT, aligned.alignment.save)
            write_part(home.connection, MEANS, aligned.means.save)
            write_ledger(home.connection, self._previous.ledger if self._previous.sound else None, ledger)
            commit.point(home.connection, pointer, made.to_json(), json.dumps(ledger.left_out).encode(), shard)

    def current(self, pointer: Pointer) -> None:
        """Note that the generation has become current."""
        self._home.pointer = pointer
        self.close()

    def discard(self) -> None:
        """Roll back; nothing of it was ever seen."""
        import psycopg

        with suppress(psycopg.Error):
            self._home.connection.rollback()

    def close(self) -> None:
        """End the snapshot of the generation before; twice is no error."""
        if self._reading is not None:
            self._reading.close()


class DatabaseFormer:
    """The generation that another one started from."""

    def __init__(self, home: DatabaseHome, before: Records, writer: DatabaseWriter) -> None:
        self._home = home
        self._before = before
        self._writer = writer

    def changes(self) -> tuple[Rows, Rows]:
        """Return the passages that left since, and those that came."""
        last = self._home.pointer.last_passage
        left = [key for key in self._writer.died if key <= last]
        return self._before.embedded_under(left), self._writer.records.embedded(last)

    def part(self, name: str) -> Part:
        """Return its alignment or its means."""
        return read_part(self._home.location, self._home.ask, name)
