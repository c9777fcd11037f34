"""Vectors of not so many passages: half-precision values, all of which a search looks at.

They are made at opening; up to layout 5 they lay in a file. FAISS's own writer can lose the tail of a file on a full
disk, and its reader trusts what it reads: here the bytes are serialised by FAISS, written and synced by us, and read
only after their checksum was verified.
"""

from __future__ import annotations

import os
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.disk import files
from index.disk.files import FileStamp
from index.errors import IndexDamagedError, StoreError
from index.stores.embedded.vectors.twelve_bits import Rows
from index.types import FloatArray

__all__ = ["KIND", "Flat", "all_threads", "load", "made_of", "one_thread", "save"]

KIND = "SQfp16"
"""FAISS's factory string."""
_MAPPED_FROM = 256 << 20  # bytes; below, a file is read whole
_settled = threading.local()


def one_thread() -> None:
    """Search in the calling thread alone: for one question, waking a pool of threads costs more than it gives."""
    if not getattr(_settled, "done", False):
        import faiss

        faiss.omp_set_num_threads(1)  # counts for the calling thread only
        _settled.done = True


def all_threads() -> None:
    """Let the calling thread write with all cores, or as many threads as `OMP_NUM_THREADS` has it."""
    import faiss

    wanted = os.environ.get("OMP_NUM_THREADS", "")
    faiss.omp_set_num_threads(int(wanted) if wanted.isdecimal() and int(wanted) else os.cpu_count() or 1)
    _settled.done = False


def made_of(rows: Rows) -> Any:  # noqa: ANN401 - FAISS has no types
    """Return an index in memory of rows in 12 bits, as they are compared."""
    import faiss

    index = faiss.index_factory(rows.dimension, KIND, faiss.METRIC_INNER_PRODUCT)
    for block in rows.blocks():
        index.add(np.ascontiguousarray(block))
    return index


def save(path: Path, index: Any, count: int) -> FileStamp:  # noqa: ANN401 - FAISS has no types
    """Write an index that must hold `count` vectors."""
    import faiss

    if index.ntotal != count:
        raise StoreError(f"{path}: {index.ntotal} vectors came for {count} passages; nothing was switched")
    with files.DurableFile(path) as file:
        file.write(faiss.serialize_index(index).data)
    return file.stamp()


def load(path: Path) -> Any:  # noqa: ANN401 - FAISS has no types
    """Read an index whose checksum was verified; a large one by memory map."""
    import faiss

    try:
        if path.stat().st_size < _MAPPED_FROM:
            return faiss.deserialize_index(np.frombuffer(path.read_bytes(), np.uint8))
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
    except RuntimeError as error:
        raise IndexDamagedError(f"{path}: FAISS can't read it", "rebuild with `rag index --rebuild`") from error


class Flat:
    """A verified index of half-precision values; safe to search from many threads.

    Args:
        index: as `load` gave it.
        without: rows that are never found.
    """

    def __init__(self, index: Any, without: NDArray[np.int64] | None = None) -> None:  # noqa: ANN401 - FAISS has no types
        self._index = index
        self._kept = None if without is None else np.delete(np.arange(len(self)), without)

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
        """See `index.stores.embedded.vectors.passage_vectors.Vectors.search`."""
        rows = self._kept if rows is None else rows
        wanted = min(k, len(self) if rows is None else len(rows))
        if wanted <= 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        one_thread()
        faiss: Any = import_module("faiss")  # its stubs don't know the keyword arguments
        params = None if rows is None else faiss.SearchParameters(sel=faiss.IDSelectorBatch(rows))
        scores, found = self._index.search(np.ascontiguousarray(vector, np.float32)[None, :], wanted, params=params)
        scores, found = scores[0][found[0] >= 0], found[0][found[0] >= 0]
        order = np.lexsort((found, -scores))
        return found[order], scores[order]

    def rows(self, rows: NDArray[np.int64]) -> FloatArray:
        """See `index.stores.embedded.vectors.passage_vectors.Vectors.rows`."""
        if not len(rows):
            return np.empty((0, self.dimension), np.float32)
        found: FloatArray = self._index.reconstruct_batch(np.ascontiguousarray(rows, np.int64))
        return found
