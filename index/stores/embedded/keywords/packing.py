"""Postings in few bytes: how far each row is from the one before it, and how often it holds the term.

Most gaps are below 256 and most counts are 1, so a gap has one byte and a count none. What is larger is marked by a
bit, and its rest stands in a list of such rests (as in patched coding: Zukowski et al. 2006, "Super-scalar RAM-CPU
cache compression"). How many marks stand before every 1,024th posting is noted, so any postings are found at once.
Everything is read and written by whole arrays.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from index.disk.files import DurableFile, FileStamp
from index.stores.embedded.arrays import read_array, read_plain
from index.stores.embedded.keywords.merging import Piece

__all__ = ["PackedPostings", "PackedWriter", "PlainPostings"]

_GAPS, _FAR, _OFTEN = "gaps.bin", "far", "often"
_BLOCK = 1024  # postings between two notes of how many marks stand before
_BYTE = 8  # bits


def _far_kind(rows: int) -> DTypeLike:
    """Return what holds all but the lowest byte of a gap between so many rows."""
    return "<u2" if rows <= 1 << 24 else "<u4"


class _Marks:
    """Writes a number for some of many entries: a bit for each entry, the numbers, and notes on where they stand.

    Args:
        stack: closes the files.
        folder: where they go.
        name: how they begin.
        kind: of a number.
    """

    def __init__(self, stack: ExitStack, folder: Path, name: str, kind: DTypeLike) -> None:
        names = (f"{name}_{part}.bin" for part in ("bits", "places", "values"))
        self.files = [stack.enter_context(DurableFile(folder / each)) for each in names]
        self._kind = kind
        self._waiting = np.empty(0, bool)
        self._count = 0

    def append(self, numbers: NDArray[np.unsignedinteger]) -> None:
        """Add entries; those with the number 0 get none."""
        marked = numbers != 0
        _write(self.files[2], numbers[marked].astype(self._kind))
        self._waiting = np.concatenate([self._waiting, marked])
        self._write_bits(len(self._waiting) // _BLOCK * _BLOCK)

    def _write_bits(self, most: int) -> None:
        some, self._waiting = self._waiting[:most], self._waiting[most:]
        _write(self.files[0], np.packbits(some))
        before = np.add.reduceat(some, np.arange(0, len(some), _BLOCK), dtype=np.int64) if len(some) else some
        places = self._count + np.cumsum(before, dtype=np.int64) - before
        _write(self.files[1], places.astype("<u8"))
        self._count += int(before.sum())

    def finish(self) -> None:
        """Write what waits for a block to be full, and a number that none has: what is empty can't be mapped."""
        self._write_bits(len(self._waiting))
        _write(self.files[2], np.zeros(1, self._kind))


class PackedWriter:
    """Writes the postings of an index, piece by piece, in the order of their terms.

    Args:
        folder: where the files go.
        rows: how many rows the index has.
    """

    def __init__(self, folder: Path, rows: int) -> None:
        self._stack = ExitStack()
        self._gaps = self._stack.enter_context(DurableFile(folder / _GAPS))
        self._far = _Marks(self._stack, folder, _FAR, _far_kind(rows))
        self._often = _Marks(self._stack, folder, _OFTEN, "u1")

    def append(self, piece: Piece) -> None:
        """Write the postings of the next terms."""
        firsts = (np.cumsum(piece.holders) - piece.holders)[piece.holders > 0]
        gaps = piece.rows.copy()
        gaps[1:] -= piece.rows[:-1]
        gaps[firsts] = piece.rows[firsts]
        _write(self._gaps, gaps.astype(np.uint8))  # the lowest byte
        self._far.append(gaps >> np.uint32(_BYTE))
        self._often.append(piece.counts - np.uint8(1))

    def stamps(self) -> dict[str, FileStamp]:
        """Return the stamps of the files by name, once all is written."""
        return {file.path.name: file.stamp() for file in (self._gaps, *self._far.files, *self._often.files)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._far.finish()
            self._often.finish()
        self._stack.__exit__(kind, error, at)


class _Marked:
    """Reads what `_Marks` wrote."""

    def __init__(self, folder: Path, name: str, kind: DTypeLike) -> None:
        kinds = {"bits": "u1", "places": "<u8", "values": kind}
        self._bits, self._places, self._values = (
            read_plain(folder / f"{name}_{part}.bin", each) for part, each in kinds.items()
        )

    def read(self, start: int, end: int) -> tuple[NDArray[np.intp], NDArray[Any]]:
        """Return which of the entries from `start` up to `end` have a number, and these."""
        first = start // _BYTE
        bits = np.unpackbits(self._bits[first : -(-end // _BYTE)])
        marked = np.flatnonzero(bits[start - first * _BYTE : end - first * _BYTE])
        before = self._before(start) if len(marked) else 0
        return marked, self._values[before : before + len(marked)]

    def _before(self, place: int) -> int:
        """Return how many entries before a place have a number."""
        block, within = divmod(place, _BLOCK)
        at = block * _BLOCK // _BYTE
        bits = int.from_bytes(self._bits[at : at + -(-within // _BYTE)].tobytes(), "big")
        return int(self._places[block]) + (bits >> (-within % _BYTE)).bit_count()


class PackedPostings:
    """Reads the postings that `PackedWriter` wrote, by memory map; safe to use from many threads.

    Args:
        folder: with the files.
        rows: how many rows the index has.
    """

    def __init__(self, folder: Path, rows: int) -> None:
        self._gaps = read_plain(folder / _GAPS, "u1")
        self._far = _Marked(folder, _FAR, _far_kind(rows))
        self._often = _Marked(folder, _OFTEN, "u1")

    def rows(self, start: int, end: int) -> NDArray[np.uint32]:
        """Return the rows of the postings of one term, which are those from `start` up to `end`."""
        return np.cumsum(self._read_gaps(start, end), dtype=np.uint32)

    def _read_gaps(self, start: int, end: int) -> NDArray[np.uint32]:
        gaps = self._gaps[start:end].astype(np.uint32)
        places, numbers = self._far.read(start, end)
        gaps[places] += numbers.astype(np.uint32) << _BYTE
        return gaps

    def counts(self, start: int, end: int) -> NDArray[np.uint8]:
        """Return how often the rows of some postings hold their terms."""
        counts = np.ones(end - start, np.uint8)
        places, numbers = self._often.read(start, end)
        counts[places] += numbers
        return counts

    def rows_of_many(self, start: int, end: int, holders: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Return the rows of the postings of many terms, one after the other.

        Args:
            start: of the first.
            end: of the last.
            holders: how many postings each term has.
        """
        rows = np.cumsum(self._read_gaps(start, end), dtype=np.int64)
        before = np.concatenate([[0], rows])[np.cumsum(holders) - holders]
        found: NDArray[np.uint32] = (rows - np.repeat(before, holders)).astype(np.uint32)
        return found


class PlainPostings:
    """Reads postings as they lay up to layout 5: a number for each row, and one for each count."""

    def __init__(self, folder: Path) -> None:
        self._rows, self._counts = (np.asarray(read_array(folder / name)) for name in ("rows.npy", "counts.npy"))

    def rows(self, start: int, end: int) -> NDArray[np.uint32]:
        """See `PackedPostings.rows`."""
        return self._rows[start:end]

    def counts(self, start: int, end: int) -> NDArray[np.uint8]:
        """See `PackedPostings.counts`."""
        return self._counts[start:end]

    def rows_of_many(self, start: int, end: int, holders: NDArray[np.int64]) -> NDArray[np.uint32]:  # noqa: ARG002 - as there
        """See `PackedPostings.rows_of_many`."""
        return self._rows[start:end]


def _write(file: DurableFile, array: NDArray[Any]) -> None:
    if array.size:
        file.write(np.ascontiguousarray(array).data)
