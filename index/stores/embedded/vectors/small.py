"""Vectors of a few passages: all compared by NumPy, without FAISS, which takes longer to load than they to read.

Up to layout 5 the bytes are those that FAISS serialised; what is not laid out just so is left to FAISS.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from index.stores.embedded.vectors.twelve_bits import Rows
from index.types import FloatArray

__all__ = ["MOST", "Small", "read_small"]

MOST = 2_000
"""Rows up to which a search by NumPy takes less than a millisecond."""

# How FAISS lays out an `IndexScalarQuantizer` (faiss/impl/index_write.cpp): a name, dimension, rows, two numbers that
# mean nothing, whether it is trained, metric; kind of values, kind and width of their range, dimension, bytes a row,
# how many numbers were trained; then, how many bytes of rows follow, and these.
_HEAD = struct.Struct("<4siqqqBi iifQQQ Q")
_NAME, _INNER_PRODUCT, _HALF_PRECISION = b"IxSQ", 0, 4


def read_small(path: Path, without: NDArray[np.int64] | None = None) -> Small | None:
    """Open a verified file of half-precision values; `None` where it holds many, or something else.

    Args:
        path: the file.
        without: rows that are never found.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return None
        name, dimension, count, _, _, trained, metric, kind, _, _, again, width, numbers, size = _HEAD.unpack(head)
        known = (name, trained, metric, kind, numbers) == (_NAME, 1, _INNER_PRODUCT, _HALF_PRECISION, 0)
        if not known or count > MOST or (again, width, size) != (dimension, 2 * dimension, 2 * dimension * count):
            return None
        rows = file.read(size + 1)
    return Small(np.frombuffer(rows, "<f2").reshape(count, dimension), without) if len(rows) == size else None


class Small:
    """Rows in memory; safe to search from many threads.

    Args:
        values: half-precision values, shape (n, dimension).
        without: rows that are never found.
    """

    def __init__(self, values: NDArray[np.float16], without: NDArray[np.int64] | None = None) -> None:
        self._values = values.astype(np.float32)
        self._all = np.arange(len(values)) if without is None else np.delete(np.arange(len(values)), without)

    @classmethod
    def of(cls, rows: Rows, without: NDArray[np.int64] | None = None) -> Self:
        """Take rows in 12 bits, as they are compared, in the half precision that many rows have."""
        some = [np.empty((0, rows.dimension), np.float16), *(block.astype(np.float16) for block in rows.blocks())]
        return cls(np.concatenate(some), without)

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return int(self._values.shape[1])

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._values)

    def search(
        self, vector: FloatArray, k: int, rows: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], FloatArray]:
        """See `index.stores.embedded.vectors.passage_vectors.Vectors.search`."""
        among = self._all if rows is None else rows
        scores: FloatArray = (self._values @ vector.astype(np.float32))[among]
        order = np.lexsort((among, -scores))[: max(k, 0)]
        return among[order], scores[order]

    def rows(self, rows: NDArray[np.int64]) -> FloatArray:
        """See `index.stores.embedded.vectors.passage_vectors.Vectors.rows`."""
        return self._values[rows]
