"""Sentence vectors, about five for each passage, in one byte a dimension.

Each row is scaled by its own largest value, so the cosine with the full-precision vector stays above 0.999.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.disk.files import FileStamp
from index.stores.embedded.arrays import ArrayFile, read_array, write_array
from index.types import FloatArray

__all__ = ["Piece", "Quantized", "quantize", "write_quantized"]

Piece: TypeAlias = tuple[NDArray[np.int8], FloatArray]
"""Some rows in one byte a dimension, shape (n, dimension), and what each is to be multiplied by, shape (n,)."""

_BLOCK = 65_536  # rows in memory at once
_NAMES = ("sentences.npy", "sentence_scales.npy", "sentence_starts.npy")


def write_quantized(
    folder: Path, pieces: Iterable[Piece], dimension: int, starts: NDArray[np.int64]
) -> dict[str, FileStamp]:
    """Write the vectors of all sentences in 8 bits, with a float32 scale a row.

    Args:
        folder: where the three arrays go.
        pieces: the rows in order.
        dimension: length of a row.
        starts: first row of each document and, last, the number of rows; shape (documents + 1,).

    Returns:
        The stamps of the files by name.
    """
    count = int(starts[-1])
    with (
        ArrayFile(folder / _NAMES[0], np.int8, (count, dimension)) as values,
        ArrayFile(folder / _NAMES[1], np.float32, (count,)) as scales,
    ):
        for some, scale in pieces:
            values.append(some)
            scales.append(scale)
    return {
        _NAMES[0]: values.stamp(),
        _NAMES[1]: scales.stamp(),
        _NAMES[2]: write_array(folder / _NAMES[2], starts),
    }


def quantize(slabs: Iterable[FloatArray]) -> Iterator[Piece]:
    """Bring unit rows, in pieces of shape (some, dimension), into one byte a dimension."""
    for slab in slabs:
        largest = np.abs(slab).max(axis=1, initial=0.0)
        scale = np.where(largest > 0, largest, 1.0).astype(np.float32) / np.float32(127)
        yield np.rint(slab / scale[:, None]).astype(np.int8), scale


class Quantized:
    """The sentence vectors of a generation, by memory map."""

    def __init__(self, folder: Path) -> None:
        # Bare views: what a memory map does besides at each slice takes longer than a passage's few rows.
        bare = [read_array(folder / name).view(np.ndarray) for name in _NAMES]
        self._values: NDArray[np.int8] = bare[0]
        self._scales: FloatArray = bare[1]
        self.starts: NDArray[np.int64] = bare[2]

    def pieces(self, kept: NDArray[np.bool_]) -> Iterator[Piece]:
        """Go through the rows of the documents that are kept, as they are stored.

        Args:
            kept: of each document, shape (documents,).
        """
        edges = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]])))
        for first, last in zip(self.starts[edges[::2]].tolist(), self.starts[edges[1::2]].tolist(), strict=True):
            for at in range(first, last, _BLOCK):
                end = min(at + _BLOCK, last)
                yield self._values[at:end], self._scales[at:end]

    def rows(self, numbers: NDArray[np.int64]) -> FloatArray:
        """Return the unit vectors of some rows, shape (len(numbers), dimension)."""
        found: FloatArray = self._values[numbers].astype(np.float32) * self._scales[numbers, None]
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        found /= np.where(lengths > 0, lengths, 1)
        return found
