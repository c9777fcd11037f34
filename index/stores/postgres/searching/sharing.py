"""What the readers of one generation share, so that each question does not fetch it anew."""

from __future__ import annotations

import threading
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from index.stores.base import DocumentHeader, Filter
from index.stores.postgres.searching.codes import KeptCodes
from index.stores.postgres.searching.filters import matching
from index.stores.postgres.searching.kept_rows import KeptRows
from index.stores.postgres.searching.keywords import KeptTerms
from index.stores.postgres.searching.snapshot import Snapshot
from index.types import Passage

__all__ = ["Shared"]

_FILTERS_KEPT = 16
_KEPT_BYTES = 32 << 20


class Shared:
    """Keys that filters let through, keys of passages that are gone, postings; for many threads.

    Args:
        terms: postings that readers of an earlier generation in the same tables fetched; `None` for none.
        codes: codes of vectors, likewise.

    Attributes:
        terms: postings that were fetched.
        codes: codes of the vectors.
        passages: vectors and passages that were fetched.
        headers: of documents that were fetched.
        sentences: places, vectors and scales of their sentences, as they are stored.
    """

    def __init__(self, terms: KeptTerms | None = None, codes: KeptCodes | None = None) -> None:
        self.terms = terms or KeptTerms()
        self.codes = codes or KeptCodes()
        self.passages = KeptRows[int, tuple[bytes, Passage]](_KEPT_BYTES)
        self.sentences = KeptRows[int, tuple[bytes, bytes, bytes]](_KEPT_BYTES)
        self.headers = KeptRows[str, DocumentHeader](_KEPT_BYTES // 8)
        self._allowed: OrderedDict[Filter, NDArray[np.int64]] = OrderedDict()
        self._dead: NDArray[np.int64] | None = None
        self._guard = threading.Lock()

    def allowed(self, snapshot: Snapshot, where: Filter) -> NDArray[np.int64]:
        """Return the keys of the passages that a filter lets through, ascending."""
        with self._guard:
            if where in self._allowed:
                self._allowed.move_to_end(where)
                return self._allowed[where]
        query, values = matching(where)
        found = _keys(snapshot, query, values)
        with self._guard:
            self._allowed[where] = found
            while len(self._allowed) > _FILTERS_KEPT:
                self._allowed.popitem(last=False)
        return found

    def dead(self, snapshot: Snapshot) -> NDArray[np.int64]:
        """Return the keys of passages that are gone and still among the postings."""
        found = self._dead
        if found is None:
            found = self._dead = _keys(snapshot, "SELECT key FROM {dead}", [])
        return found


def _keys(snapshot: Snapshot, query: str, values: list[object]) -> NDArray[np.int64]:
    """Return the keys that a query gives, ascending: four bytes each, in one value, cost a tenth of as many rows."""
    joined = f"SELECT coalesce(string_agg(int4send(k.key), ''::bytea), '') FROM ({query}) k"
    ((found,),) = snapshot.rows(snapshot.pointer.tables.fill(joined), values)
    return np.sort(np.frombuffer(found, ">i4").astype(np.int64))
