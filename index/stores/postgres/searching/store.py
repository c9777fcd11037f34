"""The store of one snapshot: reads one generation, and no statement twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import StoreError
from index.stores.base import DocumentHeader, Filter, Hit, KeywordHits
from index.stores.postgres.searching.keywords import FoundTerms, Statistics, find_terms, rank_keywords
from index.stores.postgres.searching.nearest import search_nearest
from index.stores.postgres.searching.records import Records
from index.stores.postgres.searching.sharing import Shared
from index.stores.postgres.searching.snapshot import Snapshot
from index.stores.postgres.tables.copying import read_halves
from index.types import Document, FloatArray, Passage, Sentence

__all__ = ["PostgresStore"]

_ROW = 600  # bytes that Python takes for a row besides its texts and vectors
_PASSAGES = """
SELECT p.key, e.embedding, p.id, d.id, p.start, p."end", p.text, p.language, p.heading
FROM {passages} p JOIN {documents} d ON d.key = p.document JOIN {embeddings} e ON e.key = p.key
WHERE p.key = ANY(%s)
"""
_SENTENCES = """
SELECT p.key, substr(d.spans, p.first * 8 + 1, p.count * 8), substr(s.vectors, p.first * %s + 1, p.count * %s),
    substr(s.scales, p.first * 4 + 1, p.count * 4)
FROM {passages} p JOIN {documents} d ON d.key = p.document LEFT JOIN {sentences} s ON s.document = p.document
WHERE p.key = ANY(%s)
"""


class PostgresStore:
    """Implements `PassageStore` over a snapshot; many threads may use it, the server is asked one thing at a time.

    Args:
        snapshot: what it reads.
        shared: what readers of the same generation have fetched; `None` remembers for this store only.
        on_close: called once when it is closed.
    """

    def __init__(
        self, snapshot: Snapshot, shared: Shared | None = None, on_close: Callable[[], object] | None = None
    ) -> None:
        self._snapshot = snapshot
        self._records = Records(snapshot.location, snapshot.rows, snapshot.pointer.tables)
        self._shared = Shared() if shared is None else shared
        self._on_close = on_close
        self._guard = threading.Lock()

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self._snapshot.pointer.dimension

    @property
    def statements(self) -> int:
        """How many statements the server was sent so far."""
        return self._snapshot.statements

    def dense(self, vector: FloatArray, k: int, where: Filter | None = None) -> list[Hit]:
        """Return the `k` passages with the highest inner product with `vector` (shape (dimension,)), best first."""
        if vector.shape != (self.dimension,):
            problem = f"a query of shape {vector.shape} for vectors of length {self.dimension}"
            raise StoreError(f"{self._snapshot.location}: {problem}")
        shared = self._shared.codes, self._shared.dead(self._snapshot)
        return search_nearest(self._snapshot, vector, k, *self._narrowed(where), shared)

    def keyword(self, text: str, k: int, where: Filter | None = None) -> KeywordHits:
        """Return the `k` passages with the highest BM25 score for the words of `text`, best first."""
        found = self.find_terms(text)
        return self.rank_keywords(found, found.statistics, k, where)

    def find_terms(self, text: str) -> FoundTerms:
        """Return the postings of the words of a text."""
        return find_terms(self._snapshot, self._shared.terms, text, self._shared.dead(self._snapshot))

    def rank_keywords(
        self, found: FoundTerms, statistics: Statistics, k: int, where: Filter | None = None
    ) -> KeywordHits:
        """Return what `keyword` does of words whose postings were found, weighed by statistics of more than this."""
        return rank_keywords(found, statistics, k, self._narrowed(where)[1])

    def _narrowed(self, where: Filter | None) -> tuple[Filter | None, NDArray[np.int64] | None]:
        """Return a filter that restricts anything, and the keys that it lets through."""
        if where is None or where == Filter():
            return None, None
        return where, self._shared.allowed(self._snapshot, where)

    def _fetched(self, keys: Sequence[int]) -> dict[int, tuple[bytes, Passage]]:
        """Return vectors and passages: who asks for the one asks for the other."""
        wanted = list(dict.fromkeys(map(int, keys)))
        found = self._shared.passages.known(wanted)
        missing = [key for key in wanted if key not in found]
        if missing:
            rows = {row[0]: (row[1], _passage(row[2:])) for row in self._ask(_PASSAGES, missing)}
            self._shared.passages.keep(rows, {key: _ROW + len(row[0]) + len(row[1].text) for key, row in rows.items()})
            found |= rows
        if len(found) < len(wanted):
            raise self._unknown(next(key for key in wanted if key not in found))
        return found

    def _ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self._snapshot.rows(self._snapshot.pointer.tables.fill(statement), values)

    def _unknown(self, key: int) -> StoreError:
        return StoreError(f"{self._snapshot.location}: no passage has the key {key}; it came from another generation")

    def passages(self, keys: Sequence[int]) -> list[Passage]:
        """Return the passages under these keys, in the same order; raises `StoreError` for an unknown key."""
        found = self._fetched(keys)
        return [found[int(key)][1] for key in keys]

    def vectors(self, keys: Sequence[int]) -> FloatArray:
        """Return the stored vectors under these keys, shape (len(keys), dimension)."""
        found = self._fetched(keys)
        return read_halves((found[int(key)][0] for key in keys), self.dimension)

    def sentences(self, keys: Sequence[int]) -> list[tuple[list[Sentence], FloatArray]]:
        """Return, for each of these keys, the sentences within the passage and their vectors, shape (n, dimension)."""
        wanted = list(dict.fromkeys(map(int, keys)))
        found = self._shared.sentences.known(wanted)
        missing = [key for key in wanted if key not in found]
        if missing:
            read = self._ask(_SENTENCES, self.dimension, self.dimension, missing)
            rows = {key: (spans, vectors or b"", scales or b"") for key, spans, vectors, scales in read}
            self._shared.sentences.keep(rows, {key: _ROW + sum(map(len, row)) for key, row in rows.items()})
            found |= rows
        if len(found) < len(wanted):
            raise self._unknown(next(key for key in wanted if key not in found))
        return self._unpacked([found[int(key)] for key in keys])

    def _unpacked(self, rows: Sequence[tuple[bytes, bytes, bytes]]) -> list[tuple[list[Sentence], FloatArray]]:
        """Read sentences as the writer stored them: places, and rows of one byte a dimension with their scales."""
        spans, vectors, scales = (b"".join(parts) for parts in zip(*rows, strict=True)) if rows else (b"", b"", b"")
        # All at once: a call for each of a hundred passages takes three times as long.
        values = np.frombuffer(vectors, np.int8).reshape(-1, self.dimension).astype(np.float32)
        values *= np.frombuffer(scales, "<f4")[:, None]
        lengths = np.linalg.norm(values, axis=1, keepdims=True)
        values /= np.where(lengths > 0, lengths, 1)
        places = [Sentence(start, end) for start, end in np.frombuffer(spans, "<u4").reshape(-1, 2).tolist()]
        found, place, row = list[tuple[list[Sentence], FloatArray]](), 0, 0
        for packed_spans, _, lengths_of in rows:
            last, end = place + len(packed_spans) // 8, row + len(lengths_of) // 4
            found.append((places[place:last], values[row:end]))
            place, row = last, end
        return found

    def headers(self, document_ids: Sequence[str]) -> dict[str, DocumentHeader]:
        """Return what is shown of these documents, without their texts; raises `StoreError` for an unknown id."""
        wanted = list(dict.fromkeys(document_ids))
        found = self._shared.headers.known(wanted)
        missing = [name for name in wanted if name not in found]
        if missing:
            fetched = self._records.headers(missing)
            self._shared.headers.keep(fetched, {name: _ROW + 2 * len(str(each)) for name, each in fetched.items()})
            found |= fetched
        return {name: found[name] for name in document_ids}

    def document(self, document_id: str) -> Document:
        """Return a document; raises `StoreError` for an unknown id."""
        return self._records.document(document_id)

    def document_ids(self) -> Iterator[str]:
        """Go through the ids of all documents, in order of their sources."""
        return chain(self._records.document_ids())

    def sources(self) -> list[tuple[bytes, str]]:
        """Return (source, id) of all documents, in order."""
        return self._records.sources()

    def having(self, keys: Sequence[int]) -> list[int]:
        """Return which of these keys are of passages here."""
        return [key for (key,) in self._ask("SELECT key FROM {passages} WHERE key = ANY(%s)", list(keys))]

    def keys(self, document_id: str) -> list[int]:
        """Return the keys of a document's passages in reading order; empty for an unknown id."""
        return self._records.keys(document_id)

    def languages(self, where: Filter | None = None) -> dict[str, int]:
        """Return how many passages there are in each language that a filter lets through, most first."""
        counted = self._snapshot.pointer.languages if where is None else self._records.language_counts(where)
        return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))

    def __len__(self) -> int:
        """Return how many passages there are."""
        return self._snapshot.pointer.passages

    def close(self) -> None:
        """Let go of the snapshot; twice is no error."""
        with self._guard:
            called, self._on_close = self._on_close, None
        self._snapshot.end()
        if called is not None:
            called()


def _passage(row: Sequence[Any]) -> Passage:
    name, document, start, end, text, language, heading = row
    return Passage(name.decode(), document.decode(), start, end, text.decode(), language.decode(), heading.decode())
