"""Sentence vectors, about five for each passage, in few bits a dimension.

They lie in one of two forms. The first is ready to be compared: a byte a dimension, each row scaled by its own largest
value, so the cosine with the full-precision vector stays above 0.999. The second (`KeptPiece`) is as the embedder gave
them, so that no other copy has to be kept. There the fixed centre of their language is subtracted, and a small file
beside them holds what the alignment of the generation makes of that centre.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.disk.files import DurableFile, FileStamp
from index.errors import IndexDamagedError
from index.stores.embedded.arrays import ArrayFile, read_array, write_array
from index.stores.embedded.vectors.codes import Codes, decoded, kind_of, width_of
from index.types import FloatArray

__all__ = ["Centres", "KeptPiece", "Piece", "Quantized", "quantize", "write_kept", "write_quantized"]

Piece: TypeAlias = tuple[NDArray[np.int8], FloatArray]
"""Some rows in one byte a dimension, shape (n, dimension), and what each is to be multiplied by, shape (n,)."""

KeptPiece: TypeAlias = tuple[Codes, NDArray[np.float16], NDArray[np.integer]]
"""Codes of what some vectors are beside the centres of their languages, their scales, and rows of `Centres`."""

_BLOCK = 65_536  # rows in memory at once
_NAMES = ("sentences.npy", "sentence_scales.npy", "sentence_starts.npy")
_LANGUAGES = "sentence_languages.npy"
_CENTRES = "sentence_centres.npz"


@dataclass(frozen=True, slots=True)
class Centres:
    """What vectors are stored relative to, by language.

    Attributes:
        names: BCP 47 codes.
        rows: the centre of each, float16, shape (languages, dimension): as they were when its first vector came.
        shifts: each centre less what the alignment subtracts, float32, of the same shape.
    """

    names: tuple[str, ...]
    rows: NDArray[np.float16]
    shifts: FloatArray

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Read them; `None` where vectors lie there ready.

        Raises:
            IndexDamagedError: the file is something else.
        """
        path = folder / _CENTRES
        if not path.exists():
            return None
        try:
            with np.load(path, allow_pickle=False) as stored:
                return cls(tuple(stored["names"].tolist()), stored["rows"], stored["shifts"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise IndexDamagedError(f"{path}: can't be read ({error})", "rebuild with `rag index`") from error

    def write(self, folder: Path) -> FileStamp:
        """Write them, and return the stamp of the file."""
        content = io.BytesIO()
        np.savez(content, names=np.array(self.names, np.str_), rows=self.rows, shifts=self.shifts)
        with DurableFile(folder / _CENTRES) as file:
            file.write(content.getvalue())
        return file.stamp()

    def places(self, languages: Sequence[str]) -> NDArray[np.int64]:
        """Return the row of each language."""
        row_of = {name: row for row, name in enumerate(self.names)}
        return np.fromiter((row_of[language] for language in languages), np.int64, len(languages))


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


def write_kept(
    folder: Path, pieces: Iterable[KeptPiece], form: tuple[int, int], starts: NDArray[np.int64], centres: Centres
) -> dict[str, FileStamp]:
    """Write the vectors of all sentences as the embedder gave them.

    Args:
        folder: where the arrays go.
        pieces: the rows in order.
        form: bits a number, 8 or 4, and the dimension.
        starts: first row of each document and, last, the number of rows; shape (documents + 1,).
        centres: what they are stored relative to.

    Returns:
        The stamps of the files by name.
    """
    count, (bits, dimension) = int(starts[-1]), form
    row_kind = np.uint8 if len(centres.names) <= 256 else np.uint16
    with (
        ArrayFile(folder / _NAMES[0], kind_of(bits), (count, width_of(bits, dimension))) as values,
        ArrayFile(folder / _NAMES[1], np.float16, (count,)) as scales,
        ArrayFile(folder / _LANGUAGES, row_kind, (count,)) as languages,
    ):
        for some, scale, rows in pieces:
            values.append(some)
            scales.append(scale)
            languages.append(rows)
    stamps = {_NAMES[0]: values.stamp(), _NAMES[1]: scales.stamp(), _LANGUAGES: languages.stamp()}
    return stamps | {_NAMES[2]: write_array(folder / _NAMES[2], starts), _CENTRES: centres.write(folder)}


def quantize(slabs: Iterable[FloatArray]) -> Iterator[Piece]:
    """Bring unit rows, in pieces of shape (some, dimension), into one byte a dimension."""
    for slab in slabs:
        largest = np.abs(slab).max(axis=1, initial=0.0)
        scale = np.where(largest > 0, largest, 1.0).astype(np.float32) / np.float32(127)
        yield np.rint(slab / scale[:, None]).astype(np.int8), scale


class Quantized:
    """The sentence vectors of a generation, by memory map.

    Attributes:
        starts: first row of each document and, last, the number of rows.
        centres: what they are stored relative to; `None` where they lie ready.
    """

    def __init__(self, folder: Path) -> None:
        # Bare views: what a memory map does besides at each slice takes longer than a passage's few rows.
        self._values, self._scales, self.starts = (read_array(folder / name).view(np.ndarray) for name in _NAMES)
        self.centres = Centres.read(folder)
        self._languages = None if self.centres is None else read_array(folder / _LANGUAGES).view(np.ndarray)

    @property
    def form(self) -> tuple[int, int]:
        """Bits a number, and the dimension."""
        bits = 4 if self._values.dtype == np.uint8 else 8
        return bits, self._values.shape[1] * 8 // bits

    def pieces(self, kept: NDArray[np.bool_]) -> Iterator[KeptPiece]:
        """Go through the rows of the documents that are kept, as they are stored; only where they do not lie ready.

        Args:
            kept: of each document, shape (documents,).
        """
        assert self._languages is not None
        edges = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]])))
        for first, last in zip(self.starts[edges[::2]].tolist(), self.starts[edges[1::2]].tolist(), strict=True):
            for at in range(first, last, _BLOCK):
                some = slice(at, min(at + _BLOCK, last))
                yield self._values[some], self._scales[some], self._languages[some]

    def rows(self, numbers: NDArray[np.int64]) -> FloatArray:
        """Return the unit vectors of some rows as they are compared, shape (len(numbers), dimension)."""
        found = decoded(self._values[numbers], self._scales[numbers])
        if self.centres is not None and self._languages is not None:
            found += self.centres.shifts[self._languages[numbers]]
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        found /= np.where(lengths > 0, lengths, 1)
        return found

    def raw(self, numbers: NDArray[np.int64]) -> FloatArray:
        """Return some rows as the embedder gave them, shape (len(numbers), dimension); only where they lie so."""
        assert self.centres is not None
        assert self._languages is not None
        found = decoded(self._values[numbers], self._scales[numbers])
        found += self.centres.rows[self._languages[numbers]].astype(np.float32)
        return found
