"""One store over several databases, asked side by side: what each found is merged, and ranks as if it were one.

A document lies in the shard that its id names. Keys of all shards are numbered by one build, so they never meet, and
ties fall as they would in one database. Words are weighed by how many passages hold them in all shards together.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import reduce
from operator import add
from typing import TypeVar

import numpy as np

from index.errors import StoreError
from index.stores.base import DocumentHeader, Filter, Hit, KeywordHits
from index.stores.postgres.searching.store import PostgresStore
from index.stores.postgres.shards.agreeing import shard_of
from index.types import Document, FloatArray, Passage, Sentence

__all__ = ["ShardedStore"]

_T = TypeVar("_T")
_KEPT = 20_000  # keys whose shard is remembered


class ShardedStore:
    """Implements `PassageStore` over the shards of one generation; many threads may use it.

    Args:
        stores: the shards, in their order.
        executor: asks them side by side.
    """

    def __init__(self, stores: Sequence[PostgresStore], executor: Executor) -> None:
        self._stores = list(stores)
        self._executor = executor
        self._shards: dict[int, int] = {}

    def _each(self, ask: Callable[[PostgresStore], _T]) -> list[_T]:
        """Ask all shards; the error of any is the error of all, for a part of the answer would be a wrong one."""
        return list(self._executor.map(ask, self._stores))

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self._stores[0].dimension

    @property
    def statements(self) -> int:
        """How many statements the shard that was sent most of them got."""
        return max(each.statements for each in self._stores)

    def dense(self, vector: FloatArray, k: int, where: Filter | None = None) -> list[Hit]:
        """Return the `k` passages with the highest inner product with `vector` (shape (dimension,)), best first."""
        return self._merged(self._each(lambda store: store.dense(vector, k, where)), k)

    def keyword(self, text: str, k: int, where: Filter | None = None) -> KeywordHits:
        """Return the `k` passages with the highest BM25 score for the words of `text`, best first."""
        found = self._each(lambda store: store.find_terms(text))
        together = reduce(add, (each.statistics for each in found))
        parts = zip(self._stores, found, strict=True)
        ranked = list(self._executor.map(lambda pair: pair[0].rank_keywords(pair[1], together, k, where), parts))
        return KeywordHits(tuple(self._merged([each.hits for each in ranked], k)), ranked[0].ceiling)

    def _merged(self, found: Sequence[Sequence[Hit]], k: int) -> list[Hit]:
        if len(self._shards) > _KEPT:
            self._shards = {}
        self._shards |= {hit.key: number for number, hits in enumerate(found) for hit in hits}
        return sorted((hit for hits in found for hit in hits), key=lambda hit: (-hit.score, hit.key))[: max(k, 0)]

    def _by_key(self, keys: Sequence[int], ask: Callable[[PostgresStore, list[int]], Sequence[_T]]) -> list[_T]:
        """Ask each shard for what it has under its keys; returns all in the order of the keys."""
        wanted = list(dict.fromkeys(map(int, keys)))
        grouped: list[list[int]] = [[] for _ in self._stores]
        for key, number in self._shards_of(wanted).items():
            grouped[number].append(key)
        found: dict[int, _T] = {}
        parts = [(store, some) for store, some in zip(self._stores, grouped, strict=True) if some]
        for some, values in self._executor.map(lambda part: (part[1], ask(*part)), parts):
            found |= zip(some, values, strict=True)
        return [found[int(key)] for key in keys]

    def _shards_of(self, keys: Sequence[int]) -> dict[int, int]:
        known = self._shards
        unknown = [key for key in keys if key not in known]
        if unknown:
            there = self._each(lambda store: store.having(unknown))
            known = {**known, **{key: number for number, some in enumerate(there) for key in some}}
            self._shards = known
        for key in keys:
            if key not in known:
                raise StoreError(f"no passage has the key {key}; it came from another generation")
        return {key: known[key] for key in keys}

    def passages(self, keys: Sequence[int]) -> list[Passage]:
        """Return the passages under these keys, in the same order; raises `StoreError` for an unknown key."""
        return self._by_key(keys, lambda store, some: store.passages(some))

    def vectors(self, keys: Sequence[int]) -> FloatArray:
        """Return the stored vectors under these keys, shape (len(keys), dimension)."""
        rows = self._by_key(keys, lambda store, some: list(store.vectors(some)))
        return np.stack(rows) if rows else np.zeros((0, self.dimension), np.float32)

    def sentences(self, keys: Sequence[int]) -> list[tuple[list[Sentence], FloatArray]]:
        """Return, for each of these keys, the sentences within the passage and their vectors, shape (n, dimension)."""
        return self._by_key(keys, lambda store, some: store.sentences(some))

    def headers(self, document_ids: Sequence[str]) -> dict[str, DocumentHeader]:
        """Return what is shown of these documents, without their texts; raises `StoreError` for an unknown id."""
        grouped: Mapping[PostgresStore, list[str]] = {store: [] for store in self._stores}
        for name in document_ids:
            grouped[self._of(name)].append(name)
        parts = [part for part in grouped.items() if part[1]]
        found: dict[str, DocumentHeader] = {}
        for headers in self._executor.map(lambda part: part[0].headers(part[1]), parts):
            found |= headers
        return {name: found[name] for name in document_ids}

    def _of(self, document_id: str) -> PostgresStore:
        return self._stores[shard_of(document_id, len(self._stores))]

    def document(self, document_id: str) -> Document:
        """Return a document; raises `StoreError` for an unknown id."""
        return self._of(document_id).document(document_id)

    def document_ids(self) -> Iterator[str]:
        """Go through the ids of all documents, in order of their sources."""
        sources = self._each(lambda store: store.sources())
        return (name for _, name in heapq.merge(*sources))

    def keys(self, document_id: str) -> list[int]:
        """Return the keys of a document's passages in reading order; empty for an unknown id."""
        return self._of(document_id).keys(document_id)

    def languages(self, where: Filter | None = None) -> dict[str, int]:
        """Return how many passages there are in each language that a filter lets through, most first."""
        found: dict[str, int] = {}
        for each in self._stores:
            for name, count in each.languages(where).items():
                found[name] = found.get(name, 0) + count
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def __len__(self) -> int:
        """Return how many passages there are."""
        return sum(map(len, self._stores))

    def close(self) -> None:
        """Let go of the snapshots; twice is no error."""
        for each in self._stores:
            each.close()
