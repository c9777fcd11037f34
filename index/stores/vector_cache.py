"""Vectors as the embedder gave them, by embedder and text, so that no text is ever embedded twice.

It is what an interrupted build goes on from. It is only a cache: each row carries a checksum, a row that doesn't hold
is dropped, a file that can't be read is started anew. Values are kept in half precision, those of sentences in 8 bits
(`kept_rows`), and every vector of an index has gone through here: a build that was interrupted gives the same index as
one that was not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from index.errors import StoreError
from index.stores.kept_rows import is_whole, packed, unpacked
from index.types import FloatArray

__all__ = ["DamagedCacheError", "VectorCache", "places_missing", "text_digest"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    space BLOB NOT NULL, digest BLOB NOT NULL, vector BLOB NOT NULL, checksum BLOB NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS vectors_digest ON vectors (space, digest);
"""
_MANY = 400  # digests in one statement
_MACHINE = (
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
)  # errors that say nothing about the file itself


def text_digest(text: str) -> bytes:
    """Return the 16 bytes that a text's vector is known by."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class DamagedCacheError(StoreError):
    """The file is no sound database any more; a build starts it anew."""


class VectorCache:
    """The cache file of an index, seen through one embedder.

    Args:
        path: the SQLite file; made when it isn't there.
        fingerprint: of the embedder.
        dimension: length of its vectors.

    Attributes:
        restarted: why the file was started anew, or `""`.
    """

    def __init__(self, path: Path, fingerprint: str, dimension: int) -> None:
        self._path = path
        self._space = blake2b(f"{fingerprint}\0{dimension}".encode(), digest_size=8).digest()
        self._dimension = dimension
        self.restarted = ""
        self._db: sqlite3.Connection | None = None
        try:
            self._all("SELECT count(*) FROM (SELECT 1 FROM vectors LIMIT 1)")
        except DamagedCacheError as error:
            self.restart(str(error))

    def _run(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        with _damage_named(self._path):
            if self._db is None:
                self._db = sqlite3.connect(self._path, isolation_level=None)
                self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)
            return self._db.execute(statement, values)

    def _all(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with _damage_named(self._path):
            return self._run(statement, values).fetchall()

    def _many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run a statement for each row, all of them or none."""
        self._run("BEGIN IMMEDIATE")
        assert self._db is not None
        try:
            with _damage_named(self._path):
                self._db.executemany(statement, rows)
            self._run("COMMIT")
        except BaseException:
            self._db.rollback()
            raise

    def restart(self, reason: str) -> None:
        """Throw the file away and start anew."""
        self.remove()
        self.restarted = reason

    def remove(self) -> None:
        """Close the file and delete it."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def drop_unsound(self) -> None:
        """Read every row and drop those whose checksum does not hold."""
        try:
            rows = self._run("SELECT rowid, space, digest, vector, checksum FROM vectors")
            with _damage_named(self._path):
                unsound = [row[:1] for row in rows if _checksum(*row[1:4]) != row[4]]
            self._many("DELETE FROM vectors WHERE rowid = ?", unsound)
            self._run("REINDEX")
        except DamagedCacheError as error:
            self.restart(str(error))

    def missing(self, digests: Sequence[bytes], rough: Collection[bytes] = ()) -> list[int]:
        """Return the places of the digests that are not stored, the first of equal ones only.

        A vector in 8 bits counts as stored for those in `rough` only.
        """
        known = set[bytes]()
        groups = [each for each in digests if each in rough], [each for each in digests if each not in rough]
        for group, least in zip(groups, (0, 2 * self._dimension), strict=True):
            fine = f" AND length(vector) >= {least}" if least else ""
            for some in _pieces(group):
                marks = ", ".join("?" * len(some))
                statement = f"SELECT digest FROM vectors WHERE space = ? AND digest IN ({marks}){fine}"  # noqa: S608
                known.update(digest for (digest,) in self._fetch(statement, some))
        return places_missing(digests, known)

    def put(self, digests: Sequence[bytes], vectors: FloatArray, rough: Collection[bytes] = ()) -> None:
        """Store vectors, shape (len(digests), dimension), those in `rough` in 8 bits; they are durable then."""
        if vectors.shape != (len(digests), self._dimension) or not np.isfinite(vectors).all():
            raise StoreError(f"{self._path}: the embedder gave unusable vectors of shape {vectors.shape}")
        pairs = zip(digests, packed(digests, vectors, rough), strict=True)
        rows = [(self._space, key, row, _checksum(self._space, key, row)) for key, row in pairs]
        self._many("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", rows)

    def get(self, digests: Sequence[bytes]) -> tuple[FloatArray, list[int]]:
        """Return the vectors, shape (len(digests), dimension), and the places for which there is no sound one."""
        found: dict[bytes, bytes] = {}
        for some in _pieces(list(dict.fromkeys(digests))):
            marks = ", ".join("?" * len(some))
            statement = f"SELECT digest, vector, checksum FROM vectors WHERE space = ? AND digest IN ({marks})"  # noqa: S608
            found.update((row[0], row[1]) for row in self._fetch(statement, some) if self._sound(*row))
        vectors = unpacked([found.get(digest) for digest in digests], self._dimension)
        return vectors, [place for place, digest in enumerate(digests) if digest not in found]

    def _fetch(self, statement: str, digests: Sequence[bytes]) -> list[tuple[Any, ...]]:
        return self._all(statement, (self._space, *digests))

    def _sound(self, digest: bytes, vector: bytes, checksum: bytes) -> bool:
        return is_whole(vector, self._dimension) and _checksum(self._space, digest, vector) == checksum

    def trim(self, most: int) -> None:
        """Drop the rows that have been here longest, once there are twice as many as `most`."""
        ((stored,),) = self._all("SELECT count(*) FROM vectors")
        if stored > 2 * most:
            oldest = "SELECT rowid FROM vectors ORDER BY rowid LIMIT ?"
            self._run(f"DELETE FROM vectors WHERE rowid IN ({oldest})", (stored - most,))  # noqa: S608 - words of ours
            self._run("VACUUM")

    def clear(self) -> None:
        """Forget everything."""
        self._run("DELETE FROM vectors")
        self._run("VACUUM")

    def close(self) -> None:
        """Close the file; twice is no error."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _checksum(space: bytes, digest: bytes, vector: bytes) -> bytes:
    try:
        return blake2b(space + digest + vector, digest_size=8).digest()
    except TypeError:  # a flipped bit may change the type of a value
        return b""


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """Tell a file that is no sound database from a full disk and other trouble of the machine."""
    try:
        yield
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if isinstance(error, sqlite3.Error) and error.sqlite_errorcode & 0xFF in _MACHINE:
            raise
        raise DamagedCacheError(f"{path}: {error}", "delete it, it is made again") from error


def _pieces(digests: Sequence[bytes]) -> list[Sequence[bytes]]:
    return [digests[at : at + _MANY] for at in range(0, len(digests), _MANY)]


def places_missing(digests: Sequence[bytes], known: Iterable[bytes]) -> list[int]:
    """Return the places of the digests that are not known, the first of equal ones only."""
    seen = set(known)
    places: list[int] = []
    for place, digest in enumerate(digests):
        if digest not in seen:
            seen.add(digest)
            places.append(place)
    return places
