"""A store that keeps nothing: dictionaries and exact search, for tests and for trying things out.

It is read and written at once; nothing is hidden until `finish`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from index.errors import StoreError
from index.stores.base import DocumentHeader, Filter, Hit, KeywordHits
from index.stores.filtering import passes
from index.stores.rows import check_passages
from index.stores.terms import terms
from index.types import Document, FloatArray, Passage, Sentence

__all__ = ["MemoryStore"]

_Row = tuple[Passage, FloatArray, list[Sentence], FloatArray]


class MemoryStore:
    """Documents, passages and vectors in memory; implements `PassageStore` and `GenerationWriter`.

    Args:
        dimension: length of every vector.
    """

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._documents: dict[str, Document] = {}
        self._rows: dict[int, _Row] = {}
        self._next = 0

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self._dimension

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: FloatArray,
        sentences: Sequence[Sentence] = (),
        sentence_vectors: FloatArray | None = None,
    ) -> None:
        """Put a document in place of what was stored under its id; see `GenerationWriter`."""
        none = np.empty((0, self.dimension), np.float32)
        rows = none if sentence_vectors is None else sentence_vectors
        for name, found, count in (("passages", vectors, len(passages)), ("sentences", rows, len(sentences))):
            if found.shape != (count, self.dimension):
                raise StoreError(f"{document.source}: vectors of shape {found.shape} for {count} {name}")
        check_passages(document, passages)
        self.delete(document.id)
        self._documents[document.id] = document
        for passage, vector in zip(passages, vectors, strict=True):
            inside = [n for n, each in enumerate(sentences) if passage.start <= each.start and each.end <= passage.end]
            self._rows[self._next] = (passage, vector, [sentences[n] for n in inside], rows[inside])
            self._next += 1

    def delete(self, document_id: str) -> None:
        """Remove a document with everything of it; an unknown id is no error."""
        self._documents.pop(document_id, None)
        self._rows = {key: row for key, row in self._rows.items() if row[0].document_id != document_id}

    def finish(self) -> None:
        """Do nothing: what was put can be read already."""

    def dense(self, vector: FloatArray, k: int, where: Filter | None = None) -> list[Hit]:
        """Return the `k` passages with the highest inner product with `vector` (shape (dimension,)), best first."""
        if vector.shape != (self.dimension,):
            raise StoreError(f"a query of shape {vector.shape} for vectors of length {self.dimension}")
        hits = [Hit(key, float(row[1] @ vector)) for key, row in self._allowed(where)]
        return sorted(hits, key=lambda hit: (-hit.score, hit.key))[: max(k, 0)]

    def keyword(self, text: str, k: int, where: Filter | None = None) -> KeywordHits:
        """Return the best passages by the weight of the question's terms that they hold."""
        counts = {key: Counter(terms(row[0].text)) for key, row in self._rows.items()}
        weights, known = {}, False
        for term in dict.fromkeys(terms(text)):
            holders = sum(term in found for found in counts.values())
            weights[term] = math.log(1 + (len(counts) - holders + 0.5) / (holders + 0.5))
            known = known or holders > 0
        hits = [
            Hit(key, sum(weight for term, weight in weights.items() if term in counts[key]))
            for key, _ in self._allowed(where)
        ]
        hits = sorted((hit for hit in hits if hit.score > 0), key=lambda hit: (-hit.score, hit.key))
        return KeywordHits(tuple(hits[: max(k, 0)]), sum(weights.values()) if known else 0.0)

    def _allowed(self, where: Filter | None) -> Iterator[tuple[int, _Row]]:
        for key, row in self._rows.items():
            if passes(where, row[0], self._documents[row[0].document_id]):
                yield key, row

    def _row(self, key: int) -> _Row:
        try:
            return self._rows[key]
        except KeyError:
            raise StoreError(f"no passage in memory has the key {key}; it was replaced or removed") from None

    def passages(self, keys: Sequence[int]) -> list[Passage]:
        """Return the passages under these keys, in the same order."""
        return [self._row(key)[0] for key in keys]

    def vectors(self, keys: Sequence[int]) -> FloatArray:
        """Return the stored vectors under these keys, shape (len(keys), dimension)."""
        return np.array([self._row(key)[1] for key in keys], np.float32).reshape(len(keys), self.dimension)

    def sentences(self, keys: Sequence[int]) -> list[tuple[list[Sentence], FloatArray]]:
        """Return, for each of these keys, the sentences within the passage and their vectors, shape (n, dimension)."""
        return [(row[2], row[3]) for row in map(self._row, keys)]

    def headers(self, document_ids: Sequence[str]) -> dict[str, DocumentHeader]:
        """Return what is shown of these documents, without their texts."""
        found = [self.document(name) for name in document_ids]
        return {one.id: DocumentHeader(one.id, one.title, one.source, one.language, one.metadata) for one in found}

    def document(self, document_id: str) -> Document:
        """Return a document; raises `StoreError` for an unknown id."""
        try:
            return self._documents[document_id]
        except KeyError:
            raise StoreError(f"no document {document_id!r} in memory", "add it first") from None

    def document_ids(self) -> Iterator[str]:
        """Go through the ids of all documents, in order of their sources."""
        return iter(sorted(self._documents, key=lambda name: (self._documents[name].source, name)))

    def keys(self, document_id: str) -> list[int]:
        """Return the keys of a document's passages in reading order; empty for an unknown id."""
        return [key for key, row in self._rows.items() if row[0].document_id == document_id]

    def languages(self, where: Filter | None = None) -> dict[str, int]:
        """Return how many passages there are in each language that a filter lets through, most first."""
        counts = Counter(row[0].language for _, row in self._allowed(where))
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def __len__(self) -> int:
        """Return how many passages there are."""
        return len(self._rows)

    def close(self) -> None:
        """Do nothing: there are no files."""
