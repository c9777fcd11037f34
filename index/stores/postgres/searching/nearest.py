"""Search by vector that never finds fewer passages than there are.

Of few passages, or few that a filter lets through, every vector is looked at. Of many the index proposes, going on
until enough have passed the filter; where it still gave up too early, every vector is looked at after all. Distances
are the server's, in half precision; order and scores are made here from the stored vectors, as the embedded store does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.stores.base import Filter, Hit
from index.stores.postgres.searching.codes import KeptCodes, Seen
from index.stores.postgres.searching.filters import named
from index.stores.postgres.searching.snapshot import Snapshot
from index.stores.postgres.tables.copying import read_halves
from index.types import FloatArray

__all__ = ["FEW", "search_nearest"]

FEW = 5_000
"""Passages that a filter lets through, up to which each of their vectors is looked at."""

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

_NAMED = "e.key = ANY(%(keys)s)"


def halves(vector: FloatArray) -> str:
    """Return a vector as a statement takes it."""
    return f"[{','.join(map(repr, vector.astype(np.float16).astype(np.float32).tolist()))}]"


def search_nearest(
    snapshot: Snapshot,
    vector: FloatArray,
    k: int,
    where: Filter | None,
    keys: NDArray[np.int64] | None,
    shared: tuple[KeptCodes, NDArray[np.int64]] | None = None,
) -> list[Hit]:
    """Return the `k` passages with the highest inner product with a vector, best first, ties by key.

    Args:
        snapshot: of the index.
        vector: of the question, shape (dimension,).
        k: how many at most.
        where: which may be found; `None` means all.
        keys: their keys; `None` means all.
        shared: codes of the vectors, which propose where the server's index would, and the keys of passages that are
            gone, ascending; `None`: only the server proposes.
    """
    most = snapshot.pointer.passages if keys is None else len(keys)
    if min(k, most) <= 0:
        return []
    values: dict[str, object] = {"vector": halves(vector), "k": k + _SPARE}
    if keys is not None and len(keys) == snapshot.pointer.passages:
        where = keys = None  # it lets all through
    only, few = "true", keys is not None and len(keys) <= FEW
    if few and keys is not None:
        only, values["keys"] = _NAMED, keys.tolist()
    elif where is not None:
        only = f"e.key IN ({named(where, values)})"
    indexed = bool(snapshot.pointer.search.method) and not few
    if indexed and shared is not None and (codes := shared[0].get(snapshot)) is not None:
        proposed = codes.propose(vector, k, Seen(snapshot.pointer.last_passage, shared[1], keys))
        rows = _ask(snapshot, _EXACT, _NAMED, {**values, "keys": proposed.tolist()})
        if len(rows) >= min(k, most):
            return _ordered(rows, vector, k)
    rows = _ask(snapshot, _INDEXED, only, values) if indexed else []
    if len(rows) < min(k, most):
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
