"""Short codes of all vectors, kept by a process that answers many questions: they propose, the database decides.

A graph in the server looks at ten thousand vectors and more, each on another page, before it has found the nearest of a
question that is like none of them: 82 ms for 98.8 % of the hundred nearest of 91,000, as long as looking at all. Codes
of product quantisation (Jégou, Douze and Schmid 2011), four bits for every two dimensions, are scanned here in 0.6 ms,
and the vectors of the best 500 to 2,000 are compared in the server: 6 ms in all, for more than 99 %.

They cost 96 bytes a passage of 384 dimensions, and a second of reading and two of computing for 91,000 passages. So
they are made beside the questions, by a thread of their own, once several questions were asked, and are taken only
where they were measured to find enough. Until then the server's own index is searched. What they propose is looked up
in the snapshot of the question: a passage that has left since, or came later, is not found.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.errors import StoreError
from index.locations import Database
from index.stores.embedded.vectors.flat import one_thread
from index.stores.postgres.connection import connect
from index.stores.postgres.searching.samples import own_vectors, sentence_vectors
from index.stores.postgres.searching.snapshot import Snapshot
from index.stores.postgres.tables.copying import read_halves
from index.stores.postgres.tables.pointer import Pointer
from index.stores.recall import ENOUGH
from index.types import FloatArray

__all__ = ["Codes", "KeptCodes", "Seen"]

_AFTER = 8  # searches: who asks one question is answered before codes are made
_MOST = 4_000_000  # passages: some 400 MB
_DEEP = (5, 10, 20)  # times as many as are wanted are compared: the fewest of these that find enough
_AIM = 0.99  # above what is enough by what other questions than the measured ones may differ
_LEAST = 200  # are compared in any case
_TRAINED_ON, _ASKED, _NEAREST, _SLAB = 16_000, 50, 100, 16_384
_FEW = 5_000  # passages that came since: they are read with a question, more by the thread
_READ = "SELECT key, embedding FROM {embeddings} WHERE key > %s ORDER BY key LIMIT %s"

_Slab: TypeAlias = tuple[NDArray[np.int64], FloatArray]


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of some passages.

    Attributes:
        keys: of the passages, ascending.
        index: FAISS's index of one list, its rows in the same order.
        added: keys and vectors of passages that came since.
        upto: the highest key that a passage had when they were read: of passages up to it, all are here.
        deep: times as many as are wanted are proposed.
    """

    keys: NDArray[np.int64]
    index: Any
    added: _Slab
    upto: int
    deep: int = _DEEP[0]

    def propose(self, vector: FloatArray, k: int, seen: Seen) -> NDArray[np.int64]:
        """Return keys of passages that may be among the `k` nearest to a vector, in no order.

        Args:
            vector: shape (dimension,).
            k: how many are wanted.
            seen: the only passages that may be found.
        """
        faiss: Any = import_module("faiss")
        one_thread()
        depth, chosen = max(self.deep * k, _LEAST), faiss.SearchParametersIVF(nprobe=1)
        among = seen.among(self.keys)
        if not among.all():
            bits = np.packbits(among, bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)
            chosen = faiss.SearchParametersIVF(nprobe=1, sel=selector)
        _, rows = self.index.search(_even(vector[None, :]), min(depth, len(self.keys)), params=chosen)
        keys, vectors = (rows_of[seen.among(self.added[0])] for rows_of in self.added)
        best = np.argsort(-(vectors @ vector))[:k]
        return np.concatenate([self.keys[rows[0][rows[0] >= 0]], keys[best]])


@dataclass(frozen=True, slots=True)
class Seen:
    """The passages that a question may find.

    Attributes:
        last: the highest key of its generation.
        dead: keys of passages that had left by then, ascending.
        allowed: keys that its filter lets through, ascending; `None` means all.
    """

    last: int
    dead: NDArray[np.int64]
    allowed: NDArray[np.int64] | None = None

    def among(self, keys: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which of some keys they are, shape (len(keys),)."""
        if self.allowed is not None:
            return np.isin(keys, self.allowed, assume_unique=True)
        found = keys <= self.last
        if len(self.dead):
            found &= np.isin(keys, self.dead, assume_unique=True, invert=True)
        return found


def _even(rows: FloatArray) -> FloatArray:
    """Return rows of an even length, with a zero at their ends, which no inner product sees."""
    return np.ascontiguousarray(np.pad(rows, ((0, 0), (0, rows.shape[1] % 2))), np.float32)


class KeptCodes:
    """The codes of one writing of an index, for many threads and all its generations."""

    def __init__(self) -> None:
        self._codes: Codes | None = None
        self._asked = 0
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()

    def get(self, snapshot: Snapshot) -> Codes | None:
        """Return codes of all passages of a snapshot, and perhaps others; `None` where there are none so far."""
        last = snapshot.pointer.last_passage
        with self._guard:
            self._asked += 1
            codes = self._codes
            if codes is not None and 0 < last - codes.upto <= _FEW - len(codes.added[0]):
                self._codes = codes = _with_more(codes, snapshot)
            if codes is not None and codes.upto >= last:
                return codes
            if self._asked >= _AFTER and self._thread is None and snapshot.pointer.passages <= _MOST:
                work = (snapshot.location, snapshot.pointer)
                self._thread = threading.Thread(target=self._make, args=work, name="codes", daemon=True)
                self._thread.start()
        return None

    def wait(self) -> None:
        """Wait until the thread is done that makes codes, if there is one."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _make(self, location: Database, pointer: Pointer) -> None:
        """Make codes; where the server goes away meanwhile, or they find too little, it is tried again much later."""
        codes = None
        try:
            with closing(connect(location, "babelquote codes")) as connection:
                snapshot = Snapshot(location, connection, pointer)
                codes = _made(snapshot) if snapshot.pointer.epoch == pointer.epoch else None
        except StoreError:
            pass  # questions are answered without codes, and say what is wrong with the server
        with self._guard:
            self._codes = codes or self._codes
            self._asked = 0 if codes else -max(pointer.passages // 10, _AFTER)
            self._thread = None


def _with_more(codes: Codes, snapshot: Snapshot) -> Codes:
    """Add the passages that came since."""
    keys, vectors = _read(snapshot, codes.upto, _FEW)
    added = np.append(codes.added[0], keys), np.vstack([codes.added[1], vectors])
    return replace(codes, added=added, upto=snapshot.pointer.last_passage)


def _read(snapshot: Snapshot, after: int, most: int) -> _Slab:
    rows = snapshot.rows(snapshot.pointer.tables.fill(_READ), (after, most))
    dimension = snapshot.pointer.dimension
    return np.array([key for key, _ in rows], np.int64), read_halves((value for _, value in rows), dimension)


def _made(snapshot: Snapshot) -> Codes | None:
    """Return the codes of all passages, `None` where they find too little."""
    pointer = snapshot.pointer
    own = own_vectors(snapshot.rows, pointer, _TRAINED_ON)
    if len(own) < _NEAREST:
        return None
    asked = np.concatenate([own[:_ASKED], sentence_vectors(snapshot.rows, pointer, _ASKED)])
    best = np.full((len(asked), _NEAREST), -2, np.float32), np.zeros((len(asked), _NEAREST), np.int64)
    index, known = _trained(own), list[NDArray[np.int64]]()
    for keys, vectors in _slabs(snapshot):
        index.add(_even(vectors))
        known.append(keys)
        best = _nearer(best, asked @ vectors.T, keys)
    none = np.empty(0, np.int64), np.empty((0, pointer.dimension), np.float32)
    return _deep_enough(Codes(np.concatenate(known), _ready(index), none, pointer.last_passage), asked, best[1])


def _deep_enough(codes: Codes, asked: FloatArray, nearest: NDArray[np.int64]) -> Codes | None:
    """Return the codes with as many proposals as find enough, `None` where no number does."""
    recall = 0.0
    for deep in _DEEP:
        codes = replace(codes, deep=deep)
        recall = _recall(codes, asked, nearest)
        if recall >= _AIM:
            break
    return codes if recall >= ENOUGH else None


def _slabs(snapshot: Snapshot) -> Iterator[_Slab]:
    after = 0
    while len((slab := _read(snapshot, after, _SLAB))[0]):
        yield slab
        after = int(slab[0][-1])


def _nearer(
    best: tuple[FloatArray, NDArray[np.int64]], scores: FloatArray, keys: NDArray[np.int64]
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return scores and keys of the nearest of each query, with those of more passages."""
    scores = np.hstack([best[0], scores])
    keys = np.hstack([best[1], np.broadcast_to(keys, (len(scores), len(keys)))])
    chosen = np.argpartition(-scores, _NEAREST - 1, axis=1)[:, :_NEAREST]
    return np.take_along_axis(scores, chosen, 1), np.take_along_axis(keys, chosen, 1)


def _recall(codes: Codes, asked: FloatArray, nearest: NDArray[np.int64]) -> float:
    """Return which share of the nearest is proposed, on average over the half of the queries with fewer of them."""
    every = Seen(codes.upto, np.empty(0, np.int64))
    shares = [
        len(np.intersect1d(codes.propose(query, _NEAREST, every), near)) / np.count_nonzero(near)
        for query, near in zip(asked, nearest, strict=True)
    ]
    return float(np.mean(np.sort(shares)[: max(len(shares) // 2, 1)])) if shares else 0.0


def _trained(rows: FloatArray) -> Any:  # noqa: ANN401 - FAISS has no types
    faiss: Any = import_module("faiss")
    one_thread()
    rows = _even(rows)
    index: Any = faiss.index_factory(rows.shape[1], f"IVF1,PQ{rows.shape[1] // 2}x4np", faiss.METRIC_INNER_PRODUCT)
    index.by_residual = False
    index.train(rows)
    return index


def _ready(index: Any) -> Any:  # noqa: ANN401 - FAISS has no types
    """Return the codes packed for registers."""
    faiss: Any = import_module("faiss")
    return faiss.IndexIVFPQFastScan(index)
