"""The words of documents and passages, read from the SQLite file of a generation: `texts` says how they lie there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from index.errors import IndexDamagedError, StoreError
from index.stores.embedded.database import Database
from index.stores.embedded.parts import groups
from index.stores.embedded.texts import StoredText
from index.stores.rows import found_by
from index.types import Document, Passage

__all__ = ["JOINED", "UNKNOWN", "Wording"]

JOINED = "FROM passages p JOIN documents d ON d.key = p.document"
UNKNOWN = "{}: no such document in the index; `rag export` lists what is there"

_PASSAGE = 'p.id, d.id, p.start, p."end", p.text, p.language, p.heading, p.document'


class Wording(Database):
    """The part of `Records` that reads texts. A passage whose own text is empty is cut from its document."""

    def document(self, document_id: str) -> Document:
        """Return a document; raises `StoreError` for an unknown id."""
        columns = "id, title, source, language, text, metadata, digest"
        for row in self._rows(f"SELECT {columns} FROM documents WHERE id = ?", (document_id,)):  # noqa: S608 - names of ours, never of a text
            identifier, title, source, language, stored, metadata, digest = row
            with self._texts_named():
                text = StoredText(stored).whole()
            return Document(identifier, title, source, language, text, json.loads(metadata), digest)
        raise StoreError(UNKNOWN.format(document_id))

    def passages(self, keys: Sequence[int]) -> list[Passage]:
        """Return the passages under these keys, in the same order; raises `StoreError` for an unknown key."""
        rows: dict[int, tuple[Any, ...]] = {}
        for some, marks in groups([int(key) for key in keys]):
            statement = f"SELECT p.key, {_PASSAGE} {JOINED} WHERE p.key IN ({marks})"
            rows.update((row[0], row[1:]) for row in self._rows(statement, some))
        missing = [key for key in keys if int(key) not in rows]
        if missing:
            problem = f"no passage has the key {missing[0]}; it came from another generation"
            raise StoreError(f"{self.path}: {problem}")
        texts = self._texts_of({row[-1] for row in rows.values() if not row[4]})
        with self._texts_named():
            return [_passage(rows[int(key)], texts) for key in keys]

    def _texts_of(self, documents: Iterable[int]) -> dict[int, StoredText]:
        """Return the texts of the documents under these keys."""
        found: dict[int, StoredText] = {}
        for some, marks in groups(sorted(documents)):
            statement = f"SELECT key, text FROM documents WHERE key IN ({marks})"  # noqa: S608 - marks only
            found.update((key, StoredText(stored)) for key, stored in self._rows(statement, some))
        return found

    @contextmanager
    def _texts_named(self) -> Iterator[None]:
        """Name the file where a text in it can't be read."""
        try:
            yield
        except ValueError as error:
            raise IndexDamagedError(f"{self.path}: {error}", "rebuild with `rag index --rebuild`") from error

    def texts(self, after: int = 0) -> Iterator[tuple[int, str]]:
        """Go through (key, text to be found by) of the passages whose key is above `after`, by ascending key.

        The text is the passage's own with the names of the folders that its file lies in.
        """
        columns = 'p.key, p.document, p.start, p."end", p.text, d.source'
        statement = f"SELECT {columns} {JOINED} WHERE p.key > ? ORDER BY p.key"
        for document, rows in groupby(self._each(statement, (after,)), key=lambda row: row[1]):
            whole = ""
            for key, _, start, end, text, source in rows:
                if not (text or whole):
                    with self._texts_named():
                        whole = self._texts_of([document])[document].whole()
                yield key, found_by(text or whole[start:end], source)


def _passage(row: tuple[Any, ...], texts: Mapping[int, StoredText]) -> Passage:
    """Return a passage from its row; what has no text of its own is cut from its document."""
    name, document_id, start, end, text, language, heading, document = row
    return Passage(name, document_id, start, end, text or texts[document].cut(start, end), language, heading)
