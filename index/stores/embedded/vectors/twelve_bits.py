"""Passage vectors in 12 bits a dimension: the upper eight, which a search compares, and the lower four in another file.

They lie as the embedder gave them, so that no other copy has to be kept. What the alignment of the generation subtracts
from each language is a small file beside them, and of each row there is how long it is without it. With eight bits
alone one in a hundred of the ten nearest of 100,000 evenly spread vectors is lost, since rounding changes places; the
lower bits decide among those that come out best.

Up to layout 5 rows lay aligned already, each with a scale that makes it a row of length 1: `Rows` reads these as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.disk.files import FileStamp
from index.errors import IndexDamagedError
from index.stores.embedded.arrays import ArrayFile, read_array
from index.stores.embedded.vectors.shifts import Shifts, Slab
from index.stores.fixed_point import LARGEST, steps_of
from index.types import FloatArray

__all__ = ["Piece", "Rows", "pieces_of", "values_of", "write_rows"]

_BLOCK = 65_536  # rows in memory at once
_COMPARED = 2_048  # rows compared at once: their values stay in the cache of a core
_SIZES = np.ldexp(np.float32(1), np.arange(-128, 128))  # looked up, which is quicker than to be computed
_FIT = "its files do not fit each other", "rebuild with `rag index --rebuild`"


def values_of(path: Path) -> Path:
    """Return the file of upper bits that belongs to a file of codes."""
    return _beside(path, "values")


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f"{path.stem}_{what}.npy")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows as they are stored.

    Attributes:
        upper: the upper bits, int8, shape (n, dimension).
        lower: the lower bits, two to a byte, uint8, shape (n, dimension / 2, rounded up).
        steps: exponents of the steps of two that the rows are counted in, int8, shape (n,).
        languages: rows of `Shifts`, shape (n,).
        scales: what makes each row, less its shift, one of length 1, float32, shape (n,).
    """

    upper: NDArray[np.int8]
    lower: NDArray[np.uint8]
    steps: NDArray[np.int8]
    languages: NDArray[np.integer]
    scales: FloatArray


def pieces_of(slabs: Iterable[Slab], shifts: Shifts) -> Iterator[Piece]:
    """Bring vectors as the embedder gave them into the form in which they are stored."""
    for slab in slabs:
        steps = steps_of(slab.vectors)
        values = np.clip(np.rint(slab.vectors / _sizes(steps)), -LARGEST, LARGEST).astype(np.int16)
        upper = (values + 8) >> 4
        lower = np.pad(values - (upper << 4) + 8, ((0, 0), (0, values.shape[1] % 2)), constant_values=8)
        packed = (lower[:, ::2] | (lower[:, 1::2] << 4)).astype(np.uint8)
        rows = values.astype(np.float32) * _sizes(steps)
        lengths = np.linalg.norm(rows - shifts.rows[slab.languages], axis=1)
        lengths = np.ones(len(rows), np.float32) if shifts.is_none else lengths
        scales = (1 / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
        yield Piece(upper.astype(np.int8), packed, steps, slab.languages, scales)


def write_rows(path: Path, pieces: Iterable[Piece], count: int, shifts: Shifts) -> dict[str, FileStamp]:
    """Write the files that belong to a file of codes, and return their stamps by name.

    Args:
        path: the file of codes.
        pieces: the rows in order.
        count: how many rows all pieces have together.
        shifts: what is subtracted from the rows of each language.
    """
    dimension, kind = shifts.rows.shape[1], np.uint8 if len(shifts.names) <= 256 else np.uint16
    with (
        ArrayFile(_beside(path, "values"), np.int8, (count, dimension)) as upper,
        ArrayFile(_beside(path, "rests"), np.uint8, (count, -(-dimension // 2))) as lower,
        ArrayFile(_beside(path, "steps"), np.int8, (count,)) as steps,
        ArrayFile(_beside(path, "languages"), kind, (count,)) as languages,
        ArrayFile(_beside(path, "scales"), np.float32, (count,)) as scales,
    ):
        for piece in pieces:
            upper.append(piece.upper)
            lower.append(piece.lower)
            steps.append(piece.steps)
            languages.append(piece.languages)
            scales.append(piece.scales)
    stamps = {file.path.name: file.stamp() for file in (upper, lower, steps, languages, scales)}
    return stamps | shifts.write(path)


class Rows:
    """The rows of vectors in 12 bits, read from their files by memory map.

    Args:
        path: the file of codes that they belong to.

    Attributes:
        shifts: what is subtracted from the rows of each language; `None` where they lie aligned (up to layout 5).

    Raises:
        IndexDamagedError: they can't be read, or do not fit each other.
    """

    def __init__(self, path: Path) -> None:
        self._upper, self._lower = (_read(path, what) for what in ("values", "rests"))
        self._scales: FloatArray = np.array(_read(path, "scales"))
        self.shifts = Shifts.read(path)
        arrays = [self._upper, self._lower, self._scales]
        if self.shifts is not None:
            self._steps, self._languages = _read(path, "steps"), _read(path, "languages")
            arrays += [self._steps, self._languages]
        widths = {self._lower.shape[1], -(-self.dimension // 2)}
        if self.shifts is not None:
            widths.add(-(-self.shifts.rows.shape[1] // 2))
        if len({len(each) for each in arrays}) != 1 or len(widths) != 1:
            raise IndexDamagedError(f"{path}: {_FIT[0]}", _FIT[1])

    @property
    def dimension(self) -> int:
        """Length of a row."""
        return int(self._upper.shape[1])

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._scales)

    def pieces(self, kept: NDArray[np.bool_]) -> Iterator[Piece]:
        """Go through the rows that are kept, as they are stored, from layout 6 on; `kept` has the shape (rows,)."""
        for at in range(0, len(kept), _BLOCK):
            some = slice(at, at + _BLOCK)
            chosen = np.flatnonzero(kept[some]) + at
            vectors = self._upper[chosen], self._lower[chosen], self._steps[chosen]
            yield Piece(*vectors, self._languages[chosen], self._scales[chosen])

    def rough_scores(self, vector: FloatArray, rows: NDArray[np.int64]) -> FloatArray:
        """Return about what the inner products of a vector with these rows are, by their upper bits."""
        scores = np.empty(len(rows), np.float32)
        for at in range(0, len(rows), _COMPARED):
            some = rows[at : at + _COMPARED]
            scores[at : at + _COMPARED] = self._upper[some].astype(np.float32) @ vector
        if self.shifts is None:
            return scores * self._scales[rows]
        scores *= 16 * _sizes(self._steps[rows])[:, 0]
        scores -= (self.shifts.rows @ vector)[self._languages[rows]]
        return scores * self._scales[rows]

    def fine(self, rows: NDArray[np.int64] | slice) -> FloatArray:
        """Return these rows as they are compared, shape (len(rows), dimension), each of length 1."""
        if self.shifts is None:
            return self._whole(rows) * self._scales[rows, None]
        found = self.raw(rows)
        found -= self.shifts.rows[self._languages[rows]]
        found *= self._scales[rows, None]
        return found

    def raw(self, rows: NDArray[np.int64] | slice) -> FloatArray:
        """Return these rows as the embedder gave them, shape (len(rows), dimension), from layout 6 on."""
        found = self._whole(rows)
        found *= _sizes(self._steps[rows])
        return found

    def _whole(self, rows: NDArray[np.int64] | slice) -> FloatArray:
        """Return the numbers of steps of these rows."""
        packed, values = self._lower[rows], self._upper[rows].astype(np.int16)
        values <<= 4
        values[:, ::2] += packed & 15
        values[:, 1::2] += (packed >> 4)[:, : self.dimension // 2]
        values -= 8
        return values.astype(np.float32)

    def blocks(self) -> Iterator[FloatArray]:
        """Go through all rows as they are compared, in pieces."""
        for at in range(0, len(self), _COMPARED):
            yield self.fine(slice(at, at + _COMPARED))

    def nearest(
        self, vector: FloatArray, among: NDArray[np.int64], wanted: int
    ) -> tuple[NDArray[np.int64], FloatArray]:
        """Return the rows of some with the highest inner products and these, best first, ties by row."""
        margin = 64 + wanted // 4  # rounding to 8 bits moves a row by a few places, not by so many
        found, _ = _best(among, self.rough_scores(vector, among), wanted + margin)
        found, scores = _best(found, self.fine(found) @ vector, wanted)
        order = np.lexsort((found, -scores))[:wanted]
        return found[order], scores[order]


def _sizes(steps: NDArray[np.int8]) -> FloatArray:
    """Return the steps of rows by their exponents, shape (n, 1)."""
    return _SIZES[steps.astype(np.intp) + 128][:, None]


def _read(path: Path, what: str) -> NDArray[Any]:
    return np.asarray(read_array(_beside(path, what)))


def _best(rows: NDArray[np.int64], scores: FloatArray, most: int) -> tuple[NDArray[np.int64], FloatArray]:
    """Return the rows with the highest scores, in no order; all that tie with the last one, so that ties go by row."""
    if len(rows) <= most:
        return rows, scores
    if not most:
        return rows[:0], scores[:0]
    best = scores >= np.partition(scores, len(rows) - most)[len(rows) - most]
    return rows[best], scores[best]
