"""Sentence vectors, about five for each passage, in one byte a dimension.

Each row is scaled by its own largest value, so the cosine with the full-precision vector stays above 0.999.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.files import FileStamp
from index.stores.arrays import read_array, write_array, write_arrays
from index.types import FloatArray

__all__ = ["Quantized", "write_quantized"]

_NAMES = ("sentences.npy", "sentence_scales.npy", "sentence_starts.npy")


def write_quantized(
    folder: Path, slabs: Iterator[FloatArray], dimension: int, starts: NDArray[np.int64]
) -> dict[str, FileStamp]:
    """Write the vectors of all sentences.

    Args:
        folder: where the three arrays go.
        slabs: the unit rows in order, in pieces of shape (some, dimension).
        dimension: length of a row.
        starts: first row of each document and, last, the number of rows; shape (documents + 1,).

    Returns:
        The stamps of the files by name.
    """
    scales = np.zeros(int(starts[-1]), np.float32)
    pieces = _quantize(slabs, scales)
    return {
        _NAMES[0]: write_arrays(folder / _NAMES[0], pieces, np.int8, (len(scales), dimension)),
        _NAMES[1]: write_array(folder / _NAMES[1], scales),
        _NAMES[2]: write_array(folder / _NAMES[2], starts),
    }


def _quantize(slabs: Iterator[FloatArray], scales: FloatArray) -> Iterator[NDArray[np.int8]]:
    at = 0
    for slab in slabs:
        largest = np.abs(slab).max(axis=1, initial=0.0)
        scale = np.where(largest > 0, largest, 1.0).astype(np.float32) / np.float32(127)
        scales[at : at + len(slab)] = scale
        at += len(slab)
        yield np.rint(slab / scale[:, None]).astype(np.int8)


class Quantized:
    """The sentence vectors of a generation, by memory map."""

    def __init__(self, folder: Path) -> None:
        self._values, self._scales, self.starts = (read_array(folder / name) for name in _NAMES)

    def rows(self, first: int, last: int) -> FloatArray:
        """Return the unit vectors of the rows from `first` up to `last`, shape (last - first, dimension)."""
        found = self._values[first:last].astype(np.float32) * self._scales[first:last, None]
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        unit: FloatArray = found / np.where(lengths > 0, lengths, 1)
        return unit
