"""Search by vector that never finds fewer passages than there are.

Of few passages, or few that a filter lets through, every vector is looked at. Of many the index proposes, going on
until enough have passed the filter; where it still gave up too early, every vector is looked at after all. Distances
are the server's, in half precision; order and scores are made here from the stored vectors, as the embedded store does.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np

from index.stores.base import Filter, Hit
from index.stores.postgres.copying import read_halves
from index.stores.postgres.filters import matching, named
from index.stores.postgres.snapshot import Snapshot
from index.types import FloatArray

__all__ = ["Allowed", "halves", "search_nearest"]

_FEW = 20_000  # passages that a filter lets through, up to which each of their vectors is looked at
_FILTERS_KEPT = 16
_SPARE = 16  # more than asked for: the server's distances are rounded, and the last ones might change places

# Adding nothing to the distance keeps the server from its index, whose order is not exact.
_EXACT = """
SELECT e.key, e.embedding FROM {embeddings} e WHERE {only}
ORDER BY (e.embedding <#> %(vector)s::halfvec) + 0, e.key LIMIT %(k)s
"""
_INDEXED = """
SELECT e.key, e.embedding FROM {embeddings} e WHERE {only}
ORDER BY e.embedding <#> %(vector)s::halfvec LIMIT %(k)s
"""


class Allowed:
    """What filters let through in one generation: their keys, where these are few. For many threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Filter, list[int] | None] = OrderedDict()
        self._guard = threading.Lock()

    def keys(self, snapshot: Snapshot, where: Filter) -> list[int] | None:
        """Return the keys of the passages that a filter lets through, `None` where they are many."""
        with self._guard:
            if where in self._kept:
                self._kept.move_to_end(where)
                return self._kept[where]
        query, values = matching(where)
        statement = snapshot.pointer.tables.fill(f"{query} LIMIT {_FEW + 1}")
        found: list[int] | None = sorted(key for (key,) in snapshot.rows(statement, values))
        found = None if found is None or len(found) > _FEW else found
        with self._guard:
            self._kept[where] = found
            while len(self._kept) > _FILTERS_KEPT:
                self._kept.popitem(last=False)
        return found


def halves(vector: FloatArray) -> str:
    """Return a vector as a statement takes it."""
    return f"[{','.join(map(repr, vector.astype(np.float16).astype(np.float32).tolist()))}]"


def search_nearest(
    snapshot: Snapshot, vector: FloatArray, k: int, where: Filter | None, keys: Sequence[int] | None
) -> list[Hit]:
    """Return the `k` passages with the highest inner product with a vector, best first, ties by key.

    Args:
        snapshot: of the index.
        vector: of the question, shape (dimension,).
        k: how many at most.
        where: which may be found; `None` means all.
        keys: their keys where they are few; `None`: the server applies the filter.
    """
    most = snapshot.pointer.passages if keys is None else len(keys)
    if min(k, most) <= 0:
        return []
    values: dict[str, object] = {"vector": halves(vector), "k": k + _SPARE}
    only = "true"
    if keys is not None:
        only, values["keys"] = "e.key = ANY(%(keys)s)", list(keys)
    elif where is not None:
        only = f"e.key IN ({named(where, values)})"
    indexed = bool(snapshot.pointer.search.method) and keys is None
    rows = _ask(snapshot, _INDEXED if indexed else _EXACT, only, values)
    enough = min(k, most if where is None else k)
    if indexed and len(rows) < enough:
        rows = _ask(snapshot, _EXACT, only, values)
    return _ordered(rows, vector, k)


def _ask(snapshot: Snapshot, statement: str, only: str, values: dict[str, object]) -> list[tuple[Any, ...]]:
    return snapshot.rows(snapshot.pointer.tables.fill(statement.replace("{only}", only)), values)


def _ordered(rows: Sequence[tuple[Any, ...]], vector: FloatArray, k: int) -> list[Hit]:
    if not rows:
        return []
    keys = np.array([key for key, _ in rows])
    scores = read_halves((value for _, value in rows), len(vector)) @ vector.astype(np.float32)
    order = np.lexsort((keys, -scores))[:k]
    return [Hit(int(keys[at]), float(scores[at])) for at in order]
