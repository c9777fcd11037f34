"""Documents, their passages and the places of their sentences in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import StoreError
from index.stores.base import DocumentHeader, Filter
from index.stores.embedded.parts import groups, keys_go_on, show_part
from index.stores.embedded.texts import packed_text
from index.stores.embedded.wording import JOINED, UNKNOWN, Wording
from index.stores.filtering import conditions, folded
from index.stores.rows import DIGEST_SIZE, check_passages, parted, sentence_languages
from index.types import Document, Passage, Sentence

__all__ = ["Records"]

# Texts lie as `texts` says: a blob in a column that was meant for text, so that rows of earlier versions, which have
# the text itself there and once more in each passage, may stand beside.
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


class Records(Wording):
    """The SQLite file of a generation; many threads may read at once.

    Args:
        path: the file.
        writable: whether to write; such an object belongs to one thread.
        without: keys of documents that are read as if they were not there.
        only: keys of the only documents that are read; `None` means all.
    """

    def __init__(
        self, path: Path, *, writable: bool = False, without: Sequence[int] = (), only: Sequence[int] | None = None
    ) -> None:
        super().__init__(path, writable=writable)
        self._without, self._only = without, only
        if writable and not path.exists():
            self._connection().executescript(_SCHEMA + "BEGIN")  # commits first

    def _connect(self, mode: str) -> sqlite3.Connection:
        connection = super()._connect(mode)
        connection.create_function("folded", 1, folded, deterministic=True)
        if self._without or self._only is not None:
            show_part(connection, self._without if self._only is None else self._only, hidden=self._only is None)
        return connection

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

        `digests` are what the vectors of its passages are known by, 16 bytes each, `sentence_digests` those of its
        sentences; raises `StoreError` where a passage isn't what its document has there, or a text can't be stored.
        """
        check_passages(document, passages)
        text = _storable(document)
        self.delete(document.id)
        spans = np.array([(each.start, each.end) for each in sentences], np.uint32).tobytes()
        date = document.metadata.get("date")
        metadata = json.dumps(dict(document.metadata), ensure_ascii=False)
        about = (document.id, document.title, document.source, document.language, text, metadata)
        found = (document.digest, date if isinstance(date, str) else None, spans, b"".join(sentence_digests))
        key = self._insert("documents", (*about, *found))
        for number, (each, digest) in enumerate(zip(passages, digests, strict=True)):
            place = (key, number, each.id, each.start, each.end)
            self._insert("passages", (*place, each.language, each.heading, "", digest))

    def _insert(self, table: str, values: tuple[object, ...]) -> int:
        marks = ", ".join("?" * len(values))
        try:
            done = self._connection().execute(f"INSERT INTO {table} VALUES (NULL, {marks})", values)  # noqa: S608 - names of ours, never of a text
        except UnicodeEncodeError as error:
            raise _half(str(values[2])) from error
        assert done.lastrowid is not None
        return done.lastrowid

    def delete(self, document_id: str) -> None:
        """Remove a document and its passages; an unknown id is no error."""
        for key in self.keys_of(document_id):
            self._connection().execute("DELETE FROM passages WHERE document = ?", (key,))
            self._connection().execute("DELETE FROM documents WHERE key = ?", (key,))

    def go_on_from(self, before: Path) -> None:
        """Give keys that come after all that were ever given in another file; nothing must be stored here yet."""
        keys_go_on(self._connection(), before)

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

    def headers(self, document_ids: Sequence[str]) -> dict[str, DocumentHeader]:
        """Return what is shown of these documents, without their texts; raises `StoreError` for an unknown id."""
        found: dict[str, DocumentHeader] = {}
        for some, marks in groups(list(dict.fromkeys(document_ids))):
            statement = f"SELECT id, title, source, language, metadata FROM documents WHERE id IN ({marks})"  # noqa: S608 - marks only
            for name, title, source, language, metadata in self._rows(statement, some):
                found[name] = DocumentHeader(name, title, source, language, json.loads(metadata))
        for name in document_ids:
            if name not in found:
                raise StoreError(UNKNOWN.format(name))
        return found

    def document_ids(self) -> Iterator[str]:
        """Go through the ids of all documents, in order of their sources."""
        return (name for _, name in self.sources())

    def sources(self) -> Iterator[tuple[str, str]]:
        """Go through (source, id) of all documents, in this order."""
        yield from self._each("SELECT source, id FROM documents ORDER BY source, id")

    def listed(self) -> list[tuple[str, str, str, str, str, int]]:
        """Return (id, title, source, language, date, passages) of all documents, in order of their sources."""
        return self._rows(
            "SELECT d.id, d.title, d.source, d.language, coalesce(d.date, ''), count(p.key) FROM documents d "
            "LEFT JOIN passages p ON p.document = d.key GROUP BY d.key ORDER BY d.source, d.id"
        )

    def known(self, document_ids: Sequence[str]) -> set[str]:
        """Return which of these documents there are."""
        found = set[str]()
        for some, marks in groups(list(document_ids)):
            found.update(name for (name,) in self._rows(f"SELECT id FROM documents WHERE id IN ({marks})", some))  # noqa: S608 - marks only
        return found

    def keys_of(self, document_id: str) -> list[int]:
        """Return the key of a document; none for an unknown id."""
        return [key for (key,) in self._rows("SELECT key FROM documents WHERE id = ?", (document_id,))]

    def document_keys(self) -> NDArray[np.int64]:
        """Return the keys of all documents, ascending."""
        return self._all_keys("documents")

    def passage_keys(self) -> NDArray[np.int64]:
        """Return the keys of all passages, ascending."""
        return self._all_keys("passages")

    def _all_keys(self, table: str) -> NDArray[np.int64]:
        """Return all keys of a table: read from an index of it, much smaller than the table, and sorted here."""
        return np.sort(np.array([key for (key,) in self._each(f"SELECT key FROM {table}")], np.int64))  # noqa: S608 - names of ours, never of a text

    def keys(self, document_id: str) -> list[int]:
        """Return the keys of a document's passages in reading order."""
        statement = f"SELECT p.key {JOINED} WHERE d.id = ? ORDER BY p.number"
        return [key for (key,) in self._rows(statement, (document_id,))]

    def embedded(self, after: int = 0) -> Iterator[tuple[int, bytes, str]]:
        """Go through (key, digest, language) of the passages whose key is above `after`, by ascending key."""
        yield from self._each("SELECT key, digest, language FROM passages WHERE key > ? ORDER BY key", (after,))

    def embedded_under(self, keys: Sequence[int]) -> Iterator[tuple[int, bytes, str]]:
        """Go through (key, digest, language) of the passages under these keys, in no order."""
        for some, marks in groups(keys):
            yield from self._rows(f"SELECT key, digest, language FROM passages WHERE key IN ({marks})", some)  # noqa: S608 - names of ours, never of a text

    def sentence_counts(self, after: int = 0) -> NDArray[np.int64]:
        """Return how many sentences each document has whose key is above `after`, by ascending key."""
        statement = "SELECT length(sentence_digests) FROM documents WHERE key > ? ORDER BY key"
        return np.array([size for (size,) in self._each(statement, (after,))], np.int64) // DIGEST_SIZE

    def all_sentences(self, after: int = 0) -> Iterator[tuple[list[bytes], list[str]]]:
        """Go through (digests, languages) of the sentences of every document, by ascending key of the document.

        A sentence has the language of the last passage that starts at or before it.

        Args:
            after: only documents whose key is above.
        """
        statement = "SELECT document, start, language FROM passages WHERE document > ? ORDER BY document, number"
        passages = groupby(self._each(statement, (after,)), key=lambda row: row[0])
        at, rows = next(passages, (None, iter(())))
        statement = "SELECT key, spans, sentence_digests FROM documents WHERE key > ? ORDER BY key"
        for key, spans, joined in self._each(statement, (after,)):
            starts, languages = list[int](), list[str]()
            if at == key:
                _, starts, languages = map(list, zip(*sorted(rows, key=lambda row: row[1]), strict=True))
                at, rows = next(passages, (None, iter(())))
            yield parted(joined), sentence_languages(spans, starts, languages)

    def sentence_digests(self) -> Iterator[bytes]:
        """Go through the digests of the sentences of every document, joined, by ascending key of the document."""
        return (joined for (joined,) in self._each("SELECT sentence_digests FROM documents ORDER BY key"))

    def passage_digests(self) -> Iterator[bytes]:
        """Go through the digests of all passages, by ascending key."""
        return (digest for (digest,) in self._each("SELECT digest FROM passages ORDER BY key"))

    def digests(self, document_id: str) -> list[bytes]:
        """Return the digests of a document's passages in reading order."""
        statement = f"SELECT p.digest {JOINED} WHERE d.id = ? ORDER BY p.number"
        return [digest for (digest,) in self._rows(statement, (document_id,))]

    def spans(self, keys: Sequence[int]) -> list[tuple[int, int, int, NDArray[np.uint32]]]:
        """Return (key of the document, start, end, spans of the document's sentences) of each passage.

        Raises:
            StoreError: no passage has one of the keys.
        """
        found: dict[int, tuple[int, int, int]] = {}
        for some, marks in groups(keys):
            statement = f'SELECT key, document, start, "end" FROM passages WHERE key IN ({marks})'  # noqa: S608 - marks only
            found.update((row[0], row[1:]) for row in self._rows(statement, some))
        missing = [key for key in keys if int(key) not in found]
        if missing:
            raise StoreError(f"{self.path}: no passage has the key {missing[0]}; it came from another generation")
        spans: dict[int, NDArray[np.uint32]] = {}
        for some, marks in groups(sorted({document for document, *_ in found.values()})):
            statement = f"SELECT key, spans FROM documents WHERE key IN ({marks})"  # noqa: S608 - marks only
            for key, row in self._rows(statement, some):
                spans[key] = np.frombuffer(row, np.uint32).reshape(-1, 2)
        return [(*found[int(key)], spans[found[int(key)][0]]) for key in keys]

    def matching(self, where: Filter) -> NDArray[np.int64]:
        """Return the keys of the passages that a filter lets through, ascending."""
        wanted, values = conditions(where)
        statement = f"SELECT p.key {JOINED} WHERE {' AND '.join(wanted)} ORDER BY p.key"
        return np.array([key for (key,) in self._rows(statement, values)], np.int64)

    def totals(self) -> tuple[int, int, int]:
        """Return the numbers of documents, passages and sentences."""
        ((documents, spans),) = self._rows("SELECT count(*), sum(length(spans)) FROM documents")
        ((passages,),) = self._rows("SELECT count(*) FROM passages")
        return documents, passages, (spans or 0) // 8

    def counts(self, where: Filter | None = None) -> dict[str, int]:
        """Return how many passages there are in each language that a filter lets through."""
        by = "GROUP BY p.language ORDER BY count(*) DESC, p.language"
        if where is None:
            return dict(self._rows(f"SELECT p.language, count(*) FROM passages p {by}"))  # noqa: S608 - words of ours
        wanted, values = conditions(where)
        selection = f"{JOINED} WHERE {' AND '.join(wanted)}"
        return dict(self._rows(f"SELECT p.language, count(*) {selection} {by}", values))


def _storable(document: Document) -> bytes:
    try:
        return packed_text(document.text)
    except UnicodeEncodeError as error:
        raise _half(document.source) from error


def _half(source: str) -> StoreError:
    return StoreError(f"{source}: holds half a character (a lone surrogate); can't be stored")
