"""Kept vectors over several databases: each text's lie in the one that its digest names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from index.stores.postgres.cache import DatabaseCache
from index.types import FloatArray

__all__ = ["ShardedCache"]


class ShardedCache:
    """Implements `KeptVectors` over the tables of all shards.

    Args:
        caches: of the shards, in their order.

    Attributes:
        restarted: `""`: the servers keep their tables whole.
    """

    restarted = ""

    def __init__(self, caches: Sequence[DatabaseCache]) -> None:
        self._caches = list(caches)

    def _places(self, digests: Sequence[bytes]) -> list[list[int]]:
        """Return for each shard the places of the digests that are its own."""
        found: list[list[int]] = [[] for _ in self._caches]
        for place, digest in enumerate(digests):
            found[digest[0] % len(self._caches)].append(place)
        return found

    def missing(self, digests: Sequence[bytes], rough: Collection[bytes] = ()) -> list[int]:
        """Return the places of the digests that are not stored; see `KeptVectors.missing`."""
        found = list[int]()
        for cache, places in zip(self._caches, self._places(digests), strict=True):
            found += [places[at] for at in cache.missing([digests[place] for place in places], rough)]
        return sorted(found)

    def put(self, digests: Sequence[bytes], vectors: FloatArray, rough: Collection[bytes] = ()) -> None:
        """Store vectors, shape (len(digests), dimension), those in `rough` in 8 bits; they are durable then."""
        for cache, places in zip(self._caches, self._places(digests), strict=True):
            if places:
                cache.put([digests[place] for place in places], vectors[places], rough)

    def get(self, digests: Sequence[bytes]) -> tuple[FloatArray, list[int]]:
        """Return the vectors, shape (len(digests), dimension), and the places for which there is none."""
        grouped, absent = self._places(digests), list[int]()
        parts = [cache.get([digests[at] for at in some]) for cache, some in zip(self._caches, grouped, strict=True)]
        rows = np.zeros((len(digests), parts[0][0].shape[1]), np.float32)
        for places, (vectors, missing) in zip(grouped, parts, strict=True):
            rows[places] = vectors
            absent += [places[at] for at in missing]
        return rows, sorted(absent)

    def prune(self, needed: Iterable[bytes], count: int) -> None:
        """Drop what an index no longer needs, once that is more than what it does need; see `KeptVectors.prune`."""
        grouped: list[list[bytes]] = [[] for _ in self._caches]
        for digest in needed:
            grouped[digest[0] % len(self._caches)].append(digest)
        for cache, digests in zip(self._caches, grouped, strict=True):
            cache.prune(digests, count // len(self._caches))

    def drop_unsound(self) -> None:
        """Do nothing: the servers' own checksums tell what is unsound."""

    def restart(self, reason: str) -> None:
        """Start anew."""
        for each in self._caches:
            each.restart(reason)

    def clear(self) -> None:
        """Forget everything."""
        for each in self._caches:
            each.clear()

    def close(self) -> None:
        """Let go of the connections; twice is no error."""
        for each in self._caches:
            each.close()
