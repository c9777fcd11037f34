"""Unit vectors in 12 bits a dimension: the upper eight, which a search compares, and the lower four in another file.

Each row is scaled by its own largest value. With eight bits alone one in a hundred of the ten nearest of 100,000 evenly
spread vectors is lost, since rounding changes places; the lower bits decide among those that come out best.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.disk.files import FileStamp
from index.errors import IndexDamagedError
from index.stores.embedded.arrays import ArrayFile, read_array
from index.types import FloatArray

__all__ = ["Piece", "Rows", "piece_of", "values_of", "write_rows"]

Piece: TypeAlias = tuple[NDArray[np.int8], NDArray[np.uint8], FloatArray]
"""Some rows: upper bits, shape (n, dimension), lower bits, two to a byte, and what makes each a row of length 1."""

_LARGEST = 2039  # the largest 12-bit value whose upper bits, rounded, fit into one byte
_BLOCK = 65_536  # rows in memory at once
_COMPARED = 2_048  # rows compared at once: their values stay in the cache of a core


def values_of(path: Path) -> Path:
    """Return the file of upper bits that belongs to a file of codes; where there is none, the form is another."""
    return path.with_name(f"{path.stem}_values.npy")


def _beside(path: Path) -> tuple[Path, Path]:
    return path.with_name(f"{path.stem}_rests.npy"), path.with_name(f"{path.stem}_scales.npy")


def piece_of(slab: FloatArray) -> Piece:
    """Round unit rows, shape (n, dimension)."""
    largest = np.abs(slab).max(axis=1, initial=0.0)
    values = np.rint(slab * (_LARGEST / np.where(largest > 0, largest, 1.0))[:, None]).astype(np.int16)
    upper = (values + 8) >> 4
    lower = np.pad(values - (upper << 4) + 8, ((0, 0), (0, values.shape[1] % 2)), constant_values=8)
    packed = (lower[:, ::2] | (lower[:, 1::2] << 4)).astype(np.uint8)
    lengths = np.linalg.norm(values.astype(np.float32), axis=1)
    scales = (1 / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
    return upper.astype(np.int8), packed, scales


def write_rows(path: Path, pieces: Iterable[Piece], count: int, dimension: int) -> dict[str, FileStamp]:
    """Write the files that belong to a file of codes, and return their stamps by name.

    Args:
        path: the file of codes.
        pieces: the rows in order.
        count: how many rows all pieces have together.
        dimension: length of a row.
    """
    rests, scales = _beside(path)
    with (
        ArrayFile(values_of(path), np.int8, (count, dimension)) as upper,
        ArrayFile(rests, np.uint8, (count, -(-dimension // 2))) as lower,
        ArrayFile(scales, np.float32, (count,)) as lengths,
    ):
        for some, more, scale in pieces:
            upper.append(some)
            lower.append(more)
            lengths.append(scale)
    return {file.path.name: file.stamp() for file in (upper, lower, lengths)}


class Rows:
    """The rows of vectors in 12 bits, read from their three files by memory map.

    Args:
        path: the file of codes that they belong to.

    Raises:
        IndexDamagedError: they can't be read, or do not fit each other.
    """

    def __init__(self, path: Path) -> None:
        rests, scales = _beside(path)
        self._upper, self._lower = np.asarray(read_array(values_of(path))), np.asarray(read_array(rests))
        self._scales: FloatArray = np.array(read_array(scales))
        if not len(self._upper) == len(self._lower) == len(self._scales):
            raise IndexDamagedError(f"{path}: its files do not fit each other", "rebuild with `rag index --rebuild`")

    @property
    def dimension(self) -> int:
        """Length of a row."""
        return int(self._upper.shape[1])

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._scales)

    def pieces(self, kept: NDArray[np.bool_]) -> Iterator[Piece]:
        """Go through the rows that are kept, as they are stored; `kept` has the shape (rows,)."""
        for at in range(0, len(kept), _BLOCK):
            some = slice(at, at + _BLOCK)
            yield self._upper[some][kept[some]], self._lower[some][kept[some]], self._scales[some][kept[some]]

    def rough_scores(self, vector: FloatArray, rows: NDArray[np.int64]) -> FloatArray:
        """Return the inner products of a vector with these rows, by their upper bits."""
        scores = np.empty(len(rows), np.float32)
        for at in range(0, len(rows), _COMPARED):
            some = rows[at : at + _COMPARED]
            scores[at : at + _COMPARED] = (self._upper[some].astype(np.float32) @ vector) * self._scales[some]
        return scores

    def fine(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return these rows, shape (len(rows), dimension)."""
        packed, values = self._lower[rows], self._upper[rows].astype(np.float32)
        lower = np.empty((len(rows), 2 * packed.shape[1]), np.float32)
        lower[:, ::2], lower[:, 1::2] = packed & 15, packed >> 4
        found: FloatArray = (values * 16 + lower[:, : self.dimension] - 8) * self._scales[rows, None]
        return found

    def nearest(
        self, vector: FloatArray, among: NDArray[np.int64], wanted: int
    ) -> tuple[NDArray[np.int64], FloatArray]:
        """Return the rows of some with the highest inner products and these, best first, ties by row."""
        margin = 64 + wanted // 4  # rounding to 8 bits moves a row by a few places, not by so many
        found, _ = _best(among, self.rough_scores(vector, among), wanted + margin)
        found, scores = _best(found, self.fine(found) @ vector, wanted)
        order = np.lexsort((found, -scores))[:wanted]
        return found[order], scores[order]


def _best(rows: NDArray[np.int64], scores: FloatArray, most: int) -> tuple[NDArray[np.int64], FloatArray]:
    """Return the rows with the highest scores, in no order; all that tie with the last one, so that ties go by row."""
    if len(rows) <= most:
        return rows, scores
    if not most:
        return rows[:0], scores[:0]
    best = scores >= np.partition(scores, len(rows) - most)[len(rows) - most]
    return rows[best], scores[best]
