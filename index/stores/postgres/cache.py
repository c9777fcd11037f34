"""Vectors by text in a table, for the builds of every machine: what `vector_cache` is for the folder of an index."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from types import TracebackType
from typing import Self

import numpy as np

from index.errors import StoreError
from index.locations import Database
from index.stores.kept_rows import packed, unpacked
from index.stores.postgres.connection import Connection, connect, trouble_named
from index.stores.vector_cache import places_missing
from index.types import FloatArray

__all__ = ["DatabaseCache"]

_MANY = 4096  # digests in one statement
_SPARE = 1000  # rows that are not worth tidying up


class DatabaseCache:
    """The kept vectors of an index, seen through one embedder; each piece is durable when it is put.

    Args:
        location: of the index.
        fingerprint: of the embedder.
        dimension: length of its vectors.

    Attributes:
        restarted: `""`: the server keeps its tables whole.
    """

    restarted = ""

    def __init__(self, location: Database, fingerprint: str, dimension: int) -> None:
        self._location = location
        self._space = blake2b(f"{fingerprint}\0{dimension}".encode(), digest_size=8).digest()
        self._dimension = dimension
        self._connection: Connection = connect(location, "babelquote vectors", writing=True)

    def missing(self, digests: Sequence[bytes], rough: Collection[bytes] = ()) -> list[int]:
        """Return the places of the digests that are not stored; see `KeptVectors.missing`."""
        known = set[bytes]()
        statement = b"SELECT digest, octet_length(vector) FROM babelquote_vectors WHERE space = %s AND digest = ANY(%s)"
        for some in _pieces(digests):
            with trouble_named(self._location):
                rows = self._connection.execute(statement, (self._space, list(some)), binary=True).fetchall()
            known.update(digest for digest, size in rows if size >= 2 * self._dimension or digest in rough)
        return places_missing(digests, known)

    def put(self, digests: Sequence[bytes], vectors: FloatArray, rough: Collection[bytes] = ()) -> None:
        """Store vectors, shape (len(digests), dimension), those in `rough` in 8 bits; they are durable then."""
        if vectors.shape != (len(digests), self._dimension) or not np.isfinite(vectors).all():
            raise StoreError(f"{self._location}: the embedder gave unusable vectors of shape {vectors.shape}")
        statement = (
            b"INSERT INTO babelquote_vectors (space, digest, vector) "
            b"SELECT %s, digest, vector FROM unnest(%s::bytea[], %s::bytea[]) new(digest, vector) "
            b"ON CONFLICT (space, digest) DO UPDATE SET vector = excluded.vector "
            b"WHERE octet_length(excluded.vector) > octet_length(babelquote_vectors.vector)"
        )
        with trouble_named(self._location):
            self._connection.execute(statement, (self._space, list(digests), packed(digests, vectors, rough)))

    def get(self, digests: Sequence[bytes]) -> tuple[FloatArray, list[int]]:
        """Return the vectors, shape (len(digests), dimension), and the places for which there is none."""
        found: dict[bytes, bytes] = {}
        statement = b"SELECT digest, vector FROM babelquote_vectors WHERE space = %s AND digest = ANY(%s)"
        for some in _pieces(list(dict.fromkeys(digests))):
            with trouble_named(self._location):
                found.update(self._connection.execute(statement, (self._space, list(some)), binary=True).fetchall())
        vectors = unpacked([found.get(digest) for digest in digests], self._dimension)
        return vectors, [place for place, digest in enumerate(digests) if digest not in found]

    def prune(self, needed: Iterable[bytes], count: int) -> None:
        """Drop what an index no longer needs, once that is more than what it does need; see `KeptVectors.prune`."""
        with trouble_named(self._location):
            ((stored,),) = self._connection.execute(b"SELECT count(*) FROM babelquote_vectors").fetchall()
            if stored <= 2 * count + _SPARE:
                return
            with self._connection.transaction():
                self._connection.execute(b"CREATE TEMP TABLE needed (digest bytea) ON COMMIT DROP")
                with self._connection.cursor().copy(b"COPY needed FROM STDIN") as copy:
                    for digest in needed:
                        copy.write_row((digest,))
                unused = (
                    b"DELETE FROM babelquote_vectors WHERE space <> %s OR digest NOT IN (SELECT digest FROM needed)"
                )
                self._connection.execute(unused, (self._space,))

    def drop_unsound(self) -> None:
        """Do nothing: the server's own checksums tell what is unsound."""

    def restart(self, _reason: str) -> None:
        """Start anew."""
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        with trouble_named(self._location):
            self._connection.execute(b"TRUNCATE babelquote_vectors")

    def close(self) -> None:
        """Let go of the connection; twice is no error."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _pieces(digests: Sequence[bytes]) -> list[Sequence[bytes]]:
    return [digests[at : at + _MANY] for at in range(0, len(digests), _MANY)]
