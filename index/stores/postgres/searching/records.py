"""Documents and passages as the tables have them, for questions and for builds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from index.errors import StoreError
from index.locations import Database
from index.stores.base import DocumentHeader, Filter
from index.stores.postgres.searching.filters import conditions
from index.stores.postgres.tables.schema import Tables
from index.stores.rows import parted
from index.types import Document

__all__ = ["Records", "Rows"]

Rows: TypeAlias = Callable[..., list[tuple[Any, ...]]]
"""(statement, values) → all rows, in their binary form."""

_UNKNOWN = "{}: no such document in the index; `rag export` lists what is there"
_MANY = 4096  # rows of one statement where all are gone through


class Records:
    """What stands in the tables of one writing of an index.

    Args:
        location: of the index.
        rows: asks the server.
        tables: their names.
    """

    def __init__(self, location: Database, rows: Rows, tables: Tables) -> None:
        self._location = location
        self._rows = rows
        self.tables = tables

    def _ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self._rows(self.tables.fill(statement), values)

    def _each(self, statement: str, after: int) -> Iterator[tuple[Any, ...]]:
        """Go through all rows of a statement that takes a key to begin after and how many; keys come first in a row."""
        while some := self._ask(statement, after, _MANY):
            yield from some
            after = some[-1][0]

    def document(self, document_id: str) -> Document:
        """Return a document; raises `StoreError` for an unknown id."""
        columns = "id, title, source, language, text, metadata, digest"
        for row in self._ask(f"SELECT {columns} FROM {{documents}} WHERE sha256(id) = sha256(%s)", _bytes(document_id)):
            name, title, source, language, text, metadata, digest = (value.decode() for value in row)
            return Document(name, title, source, language, text, json.loads(metadata), digest)
        raise StoreError(_UNKNOWN.format(document_id))

    def headers(self, document_ids: Sequence[str]) -> dict[str, DocumentHeader]:
        """Return what is shown of these documents, without their texts; raises `StoreError` for an unknown id."""
        wanted = list(dict.fromkeys(document_ids))
        rows = self._ask(
            "SELECT id, title, source, language, metadata FROM {documents} "
            "WHERE sha256(id) = ANY(ARRAY(SELECT sha256(each) FROM unnest(%s::bytea[]) each))",
            [_bytes(name) for name in wanted],
        )
        decoded = ([value.decode() for value in row] for row in rows)
        found = {
            name: DocumentHeader(name, title, source, language, json.loads(metadata))
            for name, title, source, language, metadata in decoded
        }
        for name in wanted:
            if name not in found:
                raise StoreError(_UNKNOWN.format(name))
        return {name: found[name] for name in wanted}

    def document_ids(self) -> Iterator[str]:
        """Go through the ids of all documents, in order of their sources."""
        return iter([name for _, name in self.sources()])

    def sources(self) -> list[tuple[bytes, str]]:
        """Return (source, id) of all documents, in order."""
        rows = self._ask("SELECT source, id FROM {documents} ORDER BY source, id")
        return [(source, name.decode()) for source, name in rows]

    def language_counts(self, where: Filter) -> dict[str, int]:
        """Return how many passages there are in each language that a filter lets through."""
        clauses, values = conditions(where)
        rows = self._ask(
            "SELECT p.language, count(*) FROM {passages} p JOIN {documents} d ON d.key = p.document "
            f"WHERE {' AND '.join(clauses)} GROUP BY p.language",
            *values,
        )
        return {language.decode(): count for language, count in rows}

    def listed(self) -> list[tuple[str, str, str, str, str, int]]:
        """Return (id, title, source, language, date, passages) of all documents, in order of their sources."""
        rows = self._ask(
            "SELECT d.id, d.title, d.source, d.language, coalesce(d.date, ''), coalesce(c.count, 0) FROM {documents} d "
            "LEFT JOIN (SELECT document, count(*) FROM {passages} GROUP BY document) c ON c.document = d.key "
            "ORDER BY d.source, d.id"
        )
        texts = ([value.decode() for value in row[:5]] + [row[5]] for row in rows)
        return [(name, title, source, language, date, count) for name, title, source, language, date, count in texts]

    def keys(self, document_id: str) -> list[int]:
        """Return the keys of a document's passages in reading order."""
        statement = (
            "SELECT p.key FROM {passages} p JOIN {documents} d ON d.key = p.document "
            "WHERE sha256(d.id) = sha256(%s) ORDER BY p.number"
        )
        return [key for (key,) in self._ask(statement, _bytes(document_id))]

    # What a build asks

    def digests(self, document_id: str) -> list[bytes]:
        """Return the digests of a document's passages in reading order."""
        statement = (
            "SELECT p.digest FROM {passages} p JOIN {documents} d ON d.key = p.document "
            "WHERE sha256(d.id) = sha256(%s) ORDER BY p.number"
        )
        return [digest for (digest,) in self._ask(statement, _bytes(document_id))]

    def embedded(self, after: int = 0) -> Iterator[tuple[int, bytes, str]]:
        """Go through (key, digest, language) of the passages whose key is above `after`, by ascending key."""
        statement = "SELECT key, digest, language FROM {passages} WHERE key > %s ORDER BY key LIMIT %s"
        for key, digest, language in self._each(statement, after):
            yield key, digest, language.decode()

    def embedded_under(self, keys: Sequence[int]) -> Iterator[tuple[int, bytes, str]]:
        """Go through (key, digest, language) of the passages under these keys, in no order."""
        rows = self._ask("SELECT key, digest, language FROM {passages} WHERE key = ANY(%s)", list(keys)) if keys else []
        for key, digest, language in rows:
            yield key, digest, language.decode()

    def all_digests(self) -> Iterator[bytes]:
        """Go through the digests of all passages and sentences."""
        for _, digest, _ in self.embedded():
            yield digest
        statement = "SELECT key, sentence_digests FROM {documents} WHERE key > %s ORDER BY key LIMIT %s"
        for _, joined in self._each(statement, 0):
            yield from parted(joined)

    def texts(self) -> Iterator[tuple[int, str, str]]:
        """Go through (key, text, source of the document) of all passages, by ascending key."""
        statement = (
            "SELECT p.key, p.text, d.source FROM {passages} p JOIN {documents} d ON d.key = p.document "
            "WHERE p.key > %s ORDER BY p.key LIMIT %s"
        )
        for key, text, source in self._each(statement, 0):
            yield key, text.decode(), source.decode()

    def sentences(self, after: int = 0) -> Iterator[tuple[int, bytes, list[bytes], list[int], list[str]]]:
        """Go through (key, spans, digests of the sentences, starts and languages of the passages) of the documents."""
        statement = (
            "SELECT d.key, d.spans, d.sentence_digests, coalesce(p.starts, '{{}}'), coalesce(p.languages, '{{}}') "
            "FROM (SELECT key, spans, sentence_digests FROM {documents} WHERE key > %s ORDER BY key LIMIT %s) d "
            "LEFT JOIN LATERAL (SELECT array_agg(start ORDER BY start, number) AS starts, "
            "array_agg(language ORDER BY start, number) AS languages FROM {passages} WHERE document = d.key) p ON true "
            "ORDER BY d.key"
        )
        for key, spans, joined, starts, languages in self._each(statement, after):
            yield key, spans, parted(joined), starts, [language.decode() for language in languages]

    def close(self) -> None:
        """Do nothing: who lends the connection ends it."""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
