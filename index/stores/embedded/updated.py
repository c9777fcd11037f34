"""A generation that has taken over the files of an earlier one: read together with what changed since.

Keywords are weighed by the numbers of both parts together, so that scores are to the bit those of one piece. Vectors of
the smaller part are all compared, in the form that the larger part has.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.disk.manifest import VectorSearch
from index.stores.base import DocumentHeader, Filter, Hit, KeywordHits
from index.stores.embedded.arrays import read_array
from index.stores.embedded.keywords.postings import Postings, Weighed, norms, weigh
from index.stores.embedded.parts import GONE_KEYWORDS, SINCE, Gone, summed
from index.stores.embedded.store import EmbeddedStore
from index.stores.embedded.writing import KEYS, VECTORS, places
from index.types import Document, FloatArray, Passage, Sentence

__all__ = ["UpdatedStore", "open_store"]


_NEVER = np.inf
"""Norm of a passage that left: as if it were without end, it gets nothing for any term."""


def open_store(folder: Path, search: VectorSearch | None = None) -> EmbeddedStore | UpdatedStore:
    """Open a finished generation, whose checksums were verified.

    Args:
        folder: of the generation.
        search: how its vectors are searched, where its manifest says so.

    Raises:
        IndexDamagedError: a file can't be read, or does not fit the others.
    """
    return UpdatedStore(folder, search) if (folder / SINCE).is_dir() else EmbeddedStore(folder, search)


class _Keywords:
    """The numbers of both parts together that keywords are weighed by."""

    def __init__(self, base: Postings, since: Postings, gone: Postings, left: NDArray[np.int64]) -> None:
        self._parts = (base, since, gone)
        self._count = len(base.lengths) - len(left) + len(since.lengths)
        words = [int(each.lengths.sum(dtype=np.int64)) for each in (base, since)]
        words.append(-int(base.lengths[left].sum(dtype=np.int64)))
        mean = float(np.float64(sum(words)) / self._count) if self._count else 1.0
        self.base, self.since = norms(base.lengths, mean), norms(since.lengths, mean)
        self.base[left] = _NEVER

    def weigh(self, text: str) -> tuple[list[Weighed], float]:
        """Return the terms of a text, and the ceiling of its scores."""
        return weigh(text, self._holders, self._count)

    def _holders(self, term: int) -> int:
        base, since, gone = (each.holders(term) for each in self._parts)
        return base + since - gone


class UpdatedStore:
    """Both parts as one `PassageStore`.

    Args:
        folder: the folder of the generation.
        search: how the vectors of the larger part are searched.
    """

    def __init__(self, folder: Path, search: VectorSearch | None = None) -> None:
        gone = Gone.read(folder / SINCE)
        self._base = EmbeddedStore(folder, search, gone)
        self._since = EmbeddedStore(folder / SINCE, listed=(folder / VECTORS).exists())
        self._last = self._base.last_key()
        self._count = len(self._base) - len(gone.passages) + len(self._since)
        left = places(gone.passages, read_array(folder / KEYS))
        lost = Postings(folder / SINCE / GONE_KEYWORDS)
        self._keywords = _Keywords(self._base.postings, self._since.postings, lost, left)

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self._base.dimension

    def dense(self, vector: FloatArray, k: int, where: Filter | None = None) -> list[Hit]:
        """Return the `k` passages with the highest inner product with `vector` (shape (dimension,)), best first."""
        return _best(self._base.dense(vector, k, where), self._since.dense(vector, k, where), k)

    def keyword(self, text: str, k: int, where: Filter | None = None) -> KeywordHits:
        """Return the `k` passages with the highest BM25 score for the words of `text`, best first."""
        weighed, ceiling = self._keywords.weigh(text)
        found = self._base.ranked(weighed, self._keywords.base, k, where)
        added = self._since.ranked(weighed, self._keywords.since, k, where)
        return KeywordHits(tuple(_best(found, added, k)), ceiling)

    def _parted(self, keys: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
        """Return the keys of each part, and where each of the given ones stands in both lists, one behind the other."""
        base, since = [key for key in keys if key <= self._last], [key for key in keys if key > self._last]
        before, after = iter(range(len(base))), iter(range(len(base), len(keys)))
        return base, since, [next(before if key <= self._last else after) for key in keys]

    def passages(self, keys: Sequence[int]) -> list[Passage]:
        """Return the passages under these keys, in the same order."""
        base, since, order = self._parted(keys)
        found = self._base.passages(base) + self._since.passages(since)
        return [found[at] for at in order]

    def vectors(self, keys: Sequence[int]) -> FloatArray:
        """Return the stored vectors under these keys, shape (len(keys), dimension)."""
        base, since, order = self._parted(keys)
        return np.concatenate([self._base.vectors(base), self._since.vectors(since)])[order]

    def sentences(self, keys: Sequence[int]) -> list[tuple[list[Sentence], FloatArray]]:
        """Return, for each of these keys, the sentences within the passage and their vectors, shape (n, dimension)."""
        base, since, order = self._parted(keys)
        found = self._base.sentences(base) + self._since.sentences(since)
        return [found[at] for at in order]

    def headers(self, document_ids: Sequence[str]) -> dict[str, DocumentHeader]:
        """Return what is shown of these documents, without their texts; raises `StoreError` for an unknown id."""
        newer = self._since.known(document_ids)
        found = self._base.headers([name for name in document_ids if name not in newer])
        return found | self._since.headers(sorted(newer))

    def _holder(self, document_id: str) -> EmbeddedStore:
        return self._since if self._since.known([document_id]) else self._base

    def document(self, document_id: str) -> Document:
        """Return a document; raises `StoreError` for an unknown id."""
        return self._holder(document_id).document(document_id)

    def document_ids(self) -> Iterator[str]:
        """Go through the ids of all documents, in order of their sources."""
        return (name for _, name in heapq.merge(self._base.sources(), self._since.sources()))

    def keys(self, document_id: str) -> list[int]:
        """Return the keys of a document's passages in reading order; empty for an unknown id."""
        return self._holder(document_id).keys(document_id)

    def languages(self, where: Filter | None = None) -> dict[str, int]:
        """Return how many passages there are in each language that a filter lets through, most first."""
        return summed([self._base.languages(where), self._since.languages(where)])

    def __len__(self) -> int:
        """Return how many passages there are."""
        return self._count

    def close(self) -> None:
        """Let go of the files; twice is no error."""
        self._base.close()
        self._since.close()


def _best(one: Sequence[Hit], other: Sequence[Hit], k: int) -> list[Hit]:
    if not other:
        return list(one)
    return sorted((*one, *other), key=lambda hit: (-hit.score, hit.key))[: max(k, 0)]
