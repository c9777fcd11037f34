"""The store that needs no server: SQLite for documents and passages, FAISS for vectors, arrays for keywords."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.disk.files import FileStamp
from index.disk.manifest import VectorSearch
from index.errors import IndexDamagedError, StoreError
from index.stores.base import DocumentHeader, Filter, Hit, KeywordHits
from index.stores.embedded.arrays import read_array
from index.stores.embedded.keywords.postings import Postings, Weighed
from index.stores.embedded.parts import Gone
from index.stores.embedded.records import Records
from index.stores.embedded.vectors.passage_vectors import open_vectors
from index.stores.embedded.vectors.quantized import Quantized
from index.stores.embedded.writing import DOCUMENTS, KEYS, KEYWORDS, SENTENCES, VECTORS, GenerationWriter, places
from index.stores.spool import Spool, SpooledWriter
from index.types import Document, FloatArray, Passage, Sentence

__all__ = ["EmbeddedStore", "EmbeddedStoreWriter"]

_FILTERS_KEPT = 16


class EmbeddedStore:
    """A finished generation, for reading by many threads at once. Whoever opens it has verified its checksums.

    Args:
        folder: the folder of the generation.
        search: how its vectors are searched, where its manifest says so.
        gone: what of it has left since; it is never found.
        listed: whether its vectors are a few beside many, and are compared as those are.

    Attributes:
        postings: its keywords.

    Raises:
        IndexDamagedError: a file can't be read, or does not fit the others.
    """

    def __init__(
        self, folder: Path, search: VectorSearch | None = None, gone: Gone | None = None, *, listed: bool = False
    ) -> None:
        self._folder = folder
        self._keys: NDArray[np.int64] = read_array(folder / KEYS)
        self._records = Records(folder / DOCUMENTS, without=gone.documents.tolist() if gone else ())
        left = places(gone.passages, self._keys) if gone and len(gone.passages) else None
        self._vectors = open_vectors(folder / VECTORS, search, left, listed=listed)
        self.postings = Postings(folder / KEYWORDS)
        self._sentences = Quantized(folder / SENTENCES)
        self._documents = read_array(folder / SENTENCES / "documents.npy")
        self._filters: OrderedDict[Filter, NDArray[np.int64]] = OrderedDict()
        self._guard = threading.Lock()
        if len(self._vectors) != len(self._keys):
            problem = f"{len(self._vectors)} vectors for {len(self._keys)} passages"
            raise IndexDamagedError(f"{folder}: {problem}", "rebuild with `rag index --rebuild`")

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self._vectors.dimension

    def dense(self, vector: FloatArray, k: int, where: Filter | None = None) -> list[Hit]:
        """Return the `k` passages with the highest inner product with `vector` (shape (dimension,)), best first."""
        if vector.shape != (self.dimension,):
            raise StoreError(f"{self._folder}: a query of shape {vector.shape} for vectors of length {self.dimension}")
        rows, scores = self._vectors.search(vector, k, self._allowed(where))
        return self._hits(rows, scores)

    def keyword(self, text: str, k: int, where: Filter | None = None) -> KeywordHits:
        """Return the `k` passages with the highest BM25 score for the words of `text`, best first."""
        rows, scores, ceiling = self.postings.best(text, k, self._allowed(where))
        order = np.lexsort((rows, -scores))[: max(k, 0)]
        return KeywordHits(tuple(self._hits(rows[order], scores[order])), ceiling)

    def ranked(self, weighed: Sequence[Weighed], norms: FloatArray, k: int, where: Filter | None) -> list[Hit]:
        """Return the best passages for terms by weights and norms of a whole that this is a part of, best first."""
        rows, scores = self.postings.ranked(weighed, norms, k, self._allowed(where))
        order = np.lexsort((rows, -scores))[: max(k, 0)]
        return self._hits(rows[order], scores[order])

    def _hits(self, rows: NDArray[np.int64], scores: FloatArray) -> list[Hit]:
        keys = self._keys[rows].tolist()
        return [Hit(key, score) for key, score in zip(keys, scores.tolist(), strict=True)]

    def _allowed(self, where: Filter | None) -> NDArray[np.int64] | None:
        """Return the rows that a filter lets through, ascending; `None` for no restriction."""
        if where is None or where == Filter():
            return None
        with self._guard:
            if where in self._filters:
                self._filters.move_to_end(where)
                return self._filters[where]
        rows = places(self._records.matching(where), self._keys)
        with self._guard:
            self._filters[where] = rows
            while len(self._filters) > _FILTERS_KEPT:
                self._filters.popitem(last=False)
        return rows

    def _rows(self, keys: Sequence[int]) -> NDArray[np.int64]:
        rows = places(np.array(keys, np.int64), self._keys)
        if (rows < 0).any():
            raise StoreError(f"{self._folder}: no passage has one of the keys {list(keys)}")
        return rows

    def passages(self, keys: Sequence[int]) -> list[Passage]:
        """Return the passages under these keys, in the same order."""
        return self._records.passages(keys)

    def vectors(self, keys: Sequence[int]) -> FloatArray:
        """Return the stored vectors under these keys, shape (len(keys), dimension)."""
        return self._vectors.rows(self._rows(keys))

    def sentences(self, keys: Sequence[int]) -> list[tuple[list[Sentence], FloatArray]]:
        """Return, for each of these keys, the sentences within the passage and their vectors, shape (n, dimension)."""
        places_of = self._records.spans(keys)
        rows = places(np.array([document for document, *_ in places_of], np.int64), self._documents)
        found = [_within(*place[1:]) for place in places_of]
        bases = self._sentences.starts[rows]
        numbers = [base + inside for base, (_, inside) in zip(bases, found, strict=True)]
        # All at once: a call for each of a hundred passages takes three times as long.
        vectors = self._sentences.rows(np.concatenate([np.empty(0, np.int64), *numbers]))
        ends = np.cumsum([0, *map(len, numbers)]).tolist()
        return [(some, vectors[first:last]) for (some, _), (first, last) in zip(found, pairwise(ends), strict=True)]

    def headers(self, document_ids: Sequence[str]) -> dict[str, DocumentHeader]:
        """Return what is shown of these documents, without their texts; raises `StoreError` for an unknown id."""
        return self._records.headers(document_ids)

    def document(self, document_id: str) -> Document:
        """Return a document; raises `StoreError` for an unknown id."""
        return self._records.document(document_id)

    def document_ids(self) -> Iterator[str]:
        """Go through the ids of all documents, in order of their sources."""
        return self._records.document_ids()

    def sources(self) -> Iterator[tuple[str, str]]:
        """Go through (source, id) of all documents, in this order."""
        return self._records.sources()

    def last_key(self) -> int:
        """Return the highest key of a passage, also of one that left; 0 where there is none."""
        return int(self._keys[-1]) if len(self._keys) else 0

    def known(self, document_ids: Sequence[str]) -> set[str]:
        """Return which of these documents there are."""
        return self._records.known(document_ids)

    def keys(self, document_id: str) -> list[int]:
        """Return the keys of a document's passages in reading order; empty for an unknown id."""
        return self._records.keys(document_id)

    def languages(self, where: Filter | None = None) -> dict[str, int]:
        """Return how many passages there are in each language that a filter lets through, most first."""
        return self._records.counts(where)

    def __len__(self) -> int:
        """Return how many passages there are."""
        return len(self._keys)

    def close(self) -> None:
        """Let go of the files; twice is no error."""
        self._records.close()


def _within(start: int, end: int, spans: NDArray[np.uint32]) -> tuple[list[Sentence], NDArray[np.int64]]:
    """Return the sentences of a document between two places, and which of its sentences they are."""
    inside = np.flatnonzero((spans[:, 0] >= start) & (spans[:, 1] <= end))
    return [Sentence(begins, ends) for begins, ends in spans[inside].tolist()], inside


class EmbeddedStoreWriter(SpooledWriter[GenerationWriter]):
    """Makes the files of an `EmbeddedStore` from documents with ready vectors, in a folder that nobody reads yet.

    Args:
        folder: an empty folder.
        dimension: length of every vector.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self._folder = folder
        self._dimension = dimension
        self._writer = GenerationWriter(folder)
        self._spool = Spool(folder / "spool.sqlite", dimension)

    def finish(self) -> dict[str, FileStamp]:
        """Write everything and return the stamps of the files; afterwards `EmbeddedStore` opens the folder."""
        stamps = self._writer.finish(self._spool.get, self._dimension)
        self._spool.close()
        return stamps
