"""Passage vectors in a FAISS index whose kind is chosen by how many there are.

Up to `FLAT_LIMIT` rows an exact scan over half-precision values; above, an inverted file of 8-bit values that is
searched by memory map (Jégou, Douze and Schmid 2011). The kind is recorded in the manifest. FAISS's own writer can
lose the tail of a file on a full disk, and its reader trusts what it reads: here the bytes are serialised by FAISS,
written and synced by us, and read only after their checksum was verified.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.disk import files
from index.disk.files import FileStamp
from index.errors import IndexDamagedError, StoreError
from index.types import FloatArray

__all__ = ["FLAT_LIMIT", "Vectors", "extend_vectors", "kind_for", "write_vectors"]

FLAT_LIMIT = 200_000
_LISTS, _PROBES = 4096, 256
_TRAINED_ON = 160_000  # 39 vectors a list, the least that FAISS asks for
_MAPPED_FROM = 256 << 20  # bytes; below, the file is read whole
_EXACT_BELOW = 0.1  # share of rows that a filter keeps, under which every list is searched

Slabs = Callable[[], Iterator[FloatArray]]


def kind_for(count: int) -> str:
    """Return the FAISS factory string for so many rows."""
    return "SQfp16" if count <= FLAT_LIMIT else f"IVF{_LISTS},SQ8"


def write_vectors(path: Path, slabs: Slabs, count: int, dimension: int) -> FileStamp:
    """Write an index of `count` unit vectors.

    Args:
        path: the file.
        slabs: gives the rows in order, in pieces of shape (some, dimension), float32; called once for a flat index,
            twice for one that is trained first.
        count: how many rows all pieces have together.
        dimension: length of a vector.
    """
    import faiss

    faiss.omp_set_num_threads(os.cpu_count() or 1)
    _settled.done = False
    index: Any = faiss.index_factory(dimension, kind_for(count), faiss.METRIC_INNER_PRODUCT)
    if not index.is_trained:
        index.train(_sample(slabs(), count, dimension))
    return _write(path, index, slabs(), count)


def extend_vectors(
    path: Path, previous: Path, places: NDArray[np.int64], slabs: Iterator[FloatArray], count: int
) -> FileStamp:
    """Write an index that keeps rows of an earlier one of the same kind, in their order, and adds others after them.

    An inverted file keeps the lists it was trained with: how far a corpus may grow before it is trained anew is for
    the caller to say.

    Args:
        path: the file.
        previous: the earlier file; whoever gives it has verified its checksum.
        places: the new row of each earlier one, -1 for those that leave.
        slabs: the rows to add, in pieces of shape (some, dimension), float32.
        count: how many rows there are in the end.
    """
    import faiss

    faiss.omp_set_num_threads(os.cpu_count() or 1)
    _settled.done = False
    index: Any = faiss.deserialize_index(np.frombuffer(previous.read_bytes(), np.uint8))
    if isinstance(index, faiss.IndexIVF):
        _renumber(index, places)
    elif (places < 0).any():
        index.remove_ids(faiss.IDSelectorBatch(np.flatnonzero(places < 0)))
    return _write(path, index, slabs, count)


def _renumber(index: Any, places: NDArray[np.int64]) -> None:  # noqa: ANN401 - FAISS has no types
    """Give the entries of an inverted file their new row numbers and leave out those that have none."""
    faiss: Any = import_module("faiss")
    lists, size = index.invlists, index.code_size
    fresh = faiss.ArrayInvertedLists(index.nlist, size)
    for number in range(index.nlist):
        length = lists.list_size(number)
        if length:
            moved = places[faiss.rev_swig_ptr(lists.get_ids(number), length)]
            codes = faiss.rev_swig_ptr(lists.get_codes(number), length * size).reshape(length, size)
            moved, codes = moved[moved >= 0], codes[moved >= 0]  # held by a name: FAISS is given bare addresses
            fresh.add_entries(number, len(moved), faiss.swig_ptr(moved), faiss.swig_ptr(codes))
    index.replace_invlists(fresh, True)
    fresh.this.disown()  # the index frees it
    index.ntotal = int((places >= 0).sum())


def _write(path: Path, index: Any, slabs: Iterator[FloatArray], count: int) -> FileStamp:  # noqa: ANN401
    import faiss

    for slab in slabs:
        if len(slab):
            index.add(np.ascontiguousarray(slab, np.float32))
    if index.ntotal != count:
        raise StoreError(f"{path}: {index.ntotal} vectors came for {count} passages; nothing was switched")
    with files.DurableFile(path) as file:
        file.write(faiss.serialize_index(index).data)
    return file.stamp()


def _sample(slabs: Iterator[FloatArray], count: int, dimension: int) -> FloatArray:
    share = max(_TRAINED_ON, _LISTS * 39) / count
    random = np.random.default_rng(0)  # a regular step could fall in with a rhythm of the corpus
    chosen = [slab[random.random(len(slab)) < share] for slab in slabs]
    return np.concatenate([np.empty((0, dimension), np.float32), *chosen])


_settled = threading.local()


def _one_thread() -> None:
    """Search in the calling thread alone: for one question, waking a pool of threads costs more than it gives."""
    if not getattr(_settled, "done", False):
        import faiss

        faiss.omp_set_num_threads(1)  # counts for the calling thread only
        _settled.done = True


class Vectors:
    """A verified FAISS index; safe to search from many threads."""

    def __init__(self, path: Path) -> None:
        import faiss

        try:
            self._index: Any
            if path.stat().st_size < _MAPPED_FROM:
                content = np.frombuffer(path.read_bytes(), np.uint8)
                self._index = faiss.deserialize_index(content)
            else:
                self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
        except RuntimeError as error:
            raise IndexDamagedError(f"{path}: FAISS can't read it", "rebuild with `rag index --rebuild`") from error
        self._inverted = isinstance(self._index, faiss.IndexIVF)
        self._mapping = threading.Lock()
        self._mapped = False

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return int(self._index.d)

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self._index.ntotal)

    def search(
        self, vector: FloatArray, k: int, rows: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], FloatArray]:
        """Return the rows with the highest inner product and these, best first, ties by row.

        Args:
            vector: shape (dimension,).
            k: how many at most.
            rows: the only rows that may be found; `None` means all.
        """
        wanted = min(k, len(self) if rows is None else len(rows))
        if wanted <= 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        _one_thread()
        query = np.ascontiguousarray(vector, np.float32)[None, :]
        scores, found = self._index.search(query, wanted, params=self._parameters(rows))
        scores, found = scores[0][found[0] >= 0], found[0][found[0] >= 0]
        order = np.lexsort((found, -scores))
        return found[order], scores[order]

    def _parameters(self, rows: NDArray[np.int64] | None) -> object:
        faiss: Any = import_module("faiss")  # its stubs don't know the keyword arguments

        selector = None if rows is None else faiss.IDSelectorBatch(rows)
        if not self._inverted:
            return None if selector is None else faiss.SearchParameters(sel=selector)
        few = rows is not None and len(rows) < _EXACT_BELOW * len(self)
        return faiss.SearchParametersIVF(sel=selector, nprobe=self._index.nlist if few else _PROBES)

    def rows(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return the stored vectors of these rows, shape (len(rows), dimension)."""
        if not len(rows):
            return np.empty((0, self.dimension), np.float32)
        if self._inverted:
            with self._mapping:
                if not self._mapped:
                    self._index.make_direct_map()
                    self._mapped = True
        found: FloatArray = self._index.reconstruct_batch(np.ascontiguousarray(rows, np.int64))
        return found
