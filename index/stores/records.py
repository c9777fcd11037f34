"""Documents, their passages and the places of their sentences in one SQLite file.

Written by one connection without a journal, because the file belongs to a generation that does not exist before it is
whole; then synced, closed and only read: `immutable`, with one connection a thread.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexDamagedError, StoreError
from index.stores.base import Filter
from index.types import Document, JsonValue, Passage, Sentence

__all__ = ["DIGEST_SIZE", "Records"]

DIGEST_SIZE = 16
"""Bytes of the digest that a vector is known by."""

_SCHEMA = """
CREATE TABLE documents (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, source TEXT NOT NULL,
    language TEXT NOT NULL, text TEXT NOT NULL, metadata TEXT NOT NULL, digest TEXT NOT NULL, date TEXT,
    spans BLOB NOT NULL, sentence_digests BLOB NOT NULL
);
CREATE INDEX documents_source ON documents (source, id);
CREATE TABLE passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, language TEXT NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL,
    digest BLOB NOT NULL
);
CREATE UNIQUE INDEX passages_document ON passages (document, number);
"""
_PASSAGE = 'p.id, d.id, p.start, p."end", p.text, p.language, p.heading'
_JOINED = "FROM passages p JOIN documents d ON d.key = p.document"
_MANY = 500  # keys in one statement; SQLite allows some thousands


class Records:
    """The SQLite file of a generation; many threads may read at once.

    Args:
        path: the file.
        writable: whether to write; such an object belongs to one thread.
    """

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        self.path = path
        self._writable = writable
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        if writable and not path.exists():
            self._connection().executescript(_SCHEMA + "BEGIN")  # commits first

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            mode = "mode=rwc" if self._writable else "mode=ro&immutable=1"
            found = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?{mode}", uri=True, check_same_thread=False, isolation_level=None
            )
            if self._writable:
                found.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536; BEGIN")
            self._local.connection = found
            with self._guard:
                self._opened.append(found)
        return found

    def _rows(self, statement: str, values: Sequence[object] = ()) -> Iterator[Any]:
        try:
            yield from self._connection().execute(statement, values)
        except sqlite3.DatabaseError as error:
            raise IndexDamagedError(f"{self.path}: {error}; rebuild with `rag index --rebuild`") from error

    # Writing

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        digests: Sequence[bytes],
        sentences: Sequence[Sentence] = (),
        sentence_digests: Sequence[bytes] = (),
    ) -> None:
        """Store a document in place of what is stored under its id.

        Args:
            document: the document.
            passages: its passages in reading order.
            digests: what each passage's vector is known by, 16 bytes each.
            sentences: its sentences in reading order.
            sentence_digests: the same for each sentence.

        Raises:
            StoreError: a passage isn't what its document has at that place, or a text that can't be stored.
        """
        _check(document, passages)
        self.delete(document.id)
        spans = np.array([(each.start, each.end) for each in sentences], np.uint32).tobytes()
        date = document.metadata.get("date")
        metadata = json.dumps(dict(document.metadata), ensure_ascii=False)
        about = (document.id, document.title, document.source, document.language, document.text, metadata)
        found = (document.digest, date if isinstance(date, str) else None, spans, b"".join(sentence_digests))
        key = self._insert(
            "documents",
            (*about, *found),
        )
        for number, (each, digest) in enumerate(zip(passages, digests, strict=True)):
            place = (key, number, each.id, each.start, each.end)
            self._insert("passages", (*place, each.language, each.heading, each.text, digest))

    def _insert(self, table: str, values: tuple[object, ...]) -> int:
        marks = ", ".join("?" * len(values))
        try:
            done = self._connection().execute(f"INSERT INTO {table} VALUES (NULL, {marks})", values)  # noqa: S608
        except UnicodeEncodeError as error:
            raise StoreError(f"{values[2]}: holds half a character (a lone surrogate); can't be stored") from error
        assert done.lastrowid is not None
        return done.lastrowid

    def delete(self, document_id: str) -> None:
        """Remove a document and its passages; an unknown id is no error."""
        for (key,) in list(self._rows("SELECT key FROM documents WHERE id = ?", (document_id,))):
            self._connection().execute("DELETE FROM passages WHERE document = ?", (key,))
            self._connection().execute("DELETE FROM documents WHERE key = ?", (key,))

    def finish(self) -> None:
        """Bring everything into the file, without the holes that deleted documents left, and close it."""
        connection = self._connection()
        connection.execute("COMMIT")
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        if free * 4 > pages:
            connection.execute("VACUUM")
        self.close()

    # Reading

    def document(self, document_id: str) -> Document:
        """Return a document; raises `StoreError` for an unknown id."""
        columns = "id, title, source, language, text, metadata, digest"
        for row in self._rows(f"SELECT {columns} FROM documents WHERE id = ?", (document_id,)):  # noqa: S608
            identifier, title, source, language, text, metadata, digest = row
            return Document(identifier, title, source, language, text, json.loads(metadata), digest)
        raise StoreError(f"{document_id}: no such document in the index; `rag export` lists what is there")

    def document_ids(self) -> Iterator[str]:
        """Go through the ids of all documents, in order of their sources."""
        for (found,) in self._rows("SELECT id FROM documents ORDER BY source, id"):
            yield found

    def document_keys(self) -> NDArray[np.int64]:
        """Return the keys of all documents, ascending."""
        return np.array([key for (key,) in self._rows("SELECT key FROM documents ORDER BY key")], np.int64)

    def keys(self, document_id: str) -> list[int]:
        """Return the keys of a document's passages in reading order."""
        statement = f"SELECT p.key {_JOINED} WHERE d.id = ? ORDER BY p.number"
        return [key for (key,) in self._rows(statement, (document_id,))]

    def passages(self, keys: Sequence[int]) -> list[Passage]:
        """Return the passages under these keys, in the same order; raises `StoreError` for an unknown key."""
        found: dict[int, Passage] = {}
        for at in range(0, len(keys), _MANY):
            some = [int(key) for key in keys[at : at + _MANY]]
            marks = ", ".join("?" * len(some))
            statement = f"SELECT p.key, {_PASSAGE} {_JOINED} WHERE p.key IN ({marks})"
            found.update((row[0], Passage(*row[1:])) for row in self._rows(statement, some))
        try:
            return [found[int(key)] for key in keys]
        except KeyError as error:
            raise StoreError(f"{self.path}: no passage has the key {error}; it came from another generation") from error

    def all_passages(self) -> Iterator[tuple[int, int, bytes, str, str]]:
        """Go through (key, key of the document, digest, language, text) of every passage, by ascending key."""
        yield from self._rows("SELECT key, document, digest, language, text FROM passages ORDER BY key")

    def all_sentences(self) -> Iterator[tuple[list[bytes], list[str]]]:
        """Go through (digests, languages) of the sentences of every document, by ascending key of the document.

        A sentence has the language of the last passage that starts at or before it.
        """
        passages = "SELECT start, language FROM passages WHERE document = ? ORDER BY start, number"
        for key, spans, joined in self._rows("SELECT key, spans, sentence_digests FROM documents ORDER BY key"):
            starts, languages = zip(*self._rows(passages, (key,)), strict=True) if spans else ((), ())
            first = np.frombuffer(spans, np.uint32).reshape(-1, 2)[:, 0]
            places = np.maximum(np.searchsorted(np.array(starts, np.int64), first, side="right") - 1, 0)
            digests = [joined[at : at + DIGEST_SIZE] for at in range(0, len(joined), DIGEST_SIZE)]
            yield digests, [languages[place] for place in places]

    def digests(self, document_id: str) -> list[bytes]:
        """Return the digests of a document's passages in reading order."""
        statement = f"SELECT p.digest {_JOINED} WHERE d.id = ? ORDER BY p.number"
        return [digest for (digest,) in self._rows(statement, (document_id,))]

    def all_digests(self) -> Iterator[bytes]:
        """Go through the digests of all passages and sentences."""
        for (digest,) in self._rows("SELECT digest FROM passages"):
            yield digest
        for (joined,) in self._rows("SELECT sentence_digests FROM documents"):
            yield from (joined[at : at + DIGEST_SIZE] for at in range(0, len(joined), DIGEST_SIZE))

    def spans(self, key: int) -> tuple[int, int, int, NDArray[np.uint32]]:
        """Return (key of the document, start, end, spans of the document's sentences) of a passage."""
        statement = f'SELECT d.key, p.start, p."end", d.spans {_JOINED} WHERE p.key = ?'
        for document, start, end, spans in self._rows(statement, (int(key),)):
            return document, start, end, np.frombuffer(spans, np.uint32).reshape(-1, 2)
        raise StoreError(f"{self.path}: no passage has the key {key}; it came from another generation")

    def matching(self, where: Filter) -> NDArray[np.int64]:
        """Return the keys of the passages that a filter lets through, ascending."""
        conditions, values = _conditions(where)
        statement = f"SELECT p.key {_JOINED} WHERE {' AND '.join(conditions)} ORDER BY p.key"
        return np.array([key for (key,) in self._rows(statement, values)], np.int64)

    def totals(self) -> tuple[int, int, int]:
        """Return the numbers of documents, passages and sentences."""
        ((documents, spans),) = self._rows("SELECT count(*), sum(length(spans)) FROM documents")
        ((passages,),) = self._rows("SELECT count(*) FROM passages")
        return documents, passages, (spans or 0) // 8

    def counts(self) -> dict[str, int]:
        """Return how many passages there are in each language."""
        statement = "SELECT language, count(*) FROM passages GROUP BY language ORDER BY count(*) DESC, language"
        return dict(self._rows(statement))

    def close(self) -> None:
        """Close every thread's connection; twice is no error."""
        with self._guard:
            opened, self._opened = self._opened, []
        for connection in opened:
            connection.close()
        self._local = threading.local()


def _check(document: Document, passages: Sequence[Passage]) -> None:
    for each in passages:
        if each.document_id != document.id or document.text[each.start : each.end] != each.text:
            raise StoreError(f"{document.source}: passage {each.id} is not what the document has at its place")


def _conditions(where: Filter) -> tuple[list[str], list[JsonValue]]:
    conditions, values = ["1"], list[JsonValue]()
    for column, allowed in (("p.language", where.languages), ("d.id", where.documents)):
        if allowed:
            conditions.append(f"{column} IN ({', '.join('?' * len(allowed))})")
            values += allowed
    if where.date_from is not None:  # a date that is less precise than the bound matches when the two overlap
        conditions.append("d.date IS NOT NULL AND substr(?, 1, length(d.date)) <= d.date")
        values.append(where.date_from)
    if where.date_to is not None:
        conditions.append("d.date IS NOT NULL AND substr(d.date, 1, length(?)) <= ?")
        values += [where.date_to, where.date_to]
    if where.folder is not None:
        folder = where.folder.rstrip("/") + "/"
        conditions.append("substr(d.source, 1, length(?)) = ?")
        values += [folder, folder]
    return conditions, values
