"""Passage vectors of a generation, in a form that is chosen by how many there are.

They lie in 12 bits as the embedder gave them (`twelve_bits`), and nowhere else. Up to `FLAT_LIMIT` rows a search looks
at every one in half precision, made ready at opening (`flat`, a few without FAISS: `small`). Above, an inverted file of
short codes proposes and the 12-bit values decide (`inverted`); how much a search looks at is measured (`measuring`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.disk.files import FileStamp
from index.disk.manifest import VectorSearch
from index.stores.embedded.vectors import flat, inverted, measuring, small
from index.stores.embedded.vectors.shifts import Shifts, Slab
from index.stores.embedded.vectors.twelve_bits import Rows, pieces_of, values_of, write_rows
from index.types import FloatArray

__all__ = [
    "FLAT_LIMIT",
    "Asked",
    "Listed",
    "Slabs",
    "Vectors",
    "Written",
    "extend_vectors",
    "is_kept_form",
    "open_vectors",
    "write_listed",
    "write_vectors",
]

FLAT_LIMIT = 30_000
_GROWN = 1.1  # an index that has so many times the passages it was measured with is measured again

Slabs: TypeAlias = Callable[[], Iterator[Slab]]
"""Gives rows in order, in pieces."""

Asked: TypeAlias = Callable[[], FloatArray]
"""Gives vectors of sentences, some hundred, which questions are like; shape (any, dimension)."""


class Vectors(Protocol):
    """Verified vectors; safe to search from many threads."""

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        ...

    def __len__(self) -> int:
        """Return the number of rows."""
        ...

    def search(
        self, vector: FloatArray, k: int, rows: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], FloatArray]:
        """Return the rows with the highest inner product and these, best first, ties by row.

        Args:
            vector: shape (dimension,).
            k: how many at most.
            rows: the only rows that may be found, ascending; `None` means all.
        """
        ...

    def rows(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return the stored vectors of these rows, shape (len(rows), dimension)."""
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """Vectors that were written.

    Attributes:
        stamps: of the files, by name.
        kind: FAISS's factory string.
        search: how much of them is looked at, and what that finds; `None`: all of them.
    """

    stamps: dict[str, FileStamp]
    kind: str
    search: VectorSearch | None = None


def is_kept_form(path: Path, count: int) -> bool:
    """Tell whether an earlier file has the form that so many rows are to have."""
    return path.exists() == (count > FLAT_LIMIT) and values_of(path).exists()


def write_vectors(path: Path, slabs: Slabs, count: int, shifts: Shifts, *, asked: Asked | None = None) -> Written:
    """Write `count` vectors.

    Args:
        path: the file of codes, for so many that they have one; what belongs to it lies beside it.
        slabs: called once, and a second time where something is trained first.
        count: how many rows all pieces have together.
        shifts: what is subtracted from the rows of each language.
        asked: gives what is searched for, to measure what the index finds; `None`: only vectors of its own are.
    """
    if count <= FLAT_LIMIT:
        return Written(write_rows(path, pieces_of(slabs(), shifts), count, shifts), flat.KIND)
    sample = inverted.sample(map(shifts.aligned, slabs()), count, shifts.rows.shape[1])
    truth = _truth(sample, asked)
    index = inverted.trained(sample, count)
    return _measured(path, inverted.write_inverted(path, index, slabs(), count, shifts, truth.watch), truth)


def extend_vectors(
    path: Path,
    previous: Path,
    places: NDArray[np.int64],
    slabs: Iterator[Slab],
    count: int,
    shifts: Shifts,
    *,
    every: Slabs,
    search: VectorSearch | None = None,
    asked: Asked | None = None,
) -> Written:
    """Write vectors that keep rows of an earlier file of the same form, in their order, and add others after them.

    An inverted file keeps the lists it was trained with: how far a corpus may grow before it is trained anew is for
    the caller to say.

    Args:
        path: as in `write_vectors`.
        previous: the earlier file; whoever gives it has verified its checksum.
        places: the new row of each earlier one, -1 for those that leave.
        slabs: the rows to add.
        count: how many rows there are in the end.
        shifts: those of the earlier file, further languages behind them.
        every: gives all rows, for measuring what the index finds.
        search: what was measured before.
        asked: see `write_vectors`.
    """
    if count <= FLAT_LIMIT:
        return Written(_extended(path, previous, places, slabs, count, shifts), flat.KIND)
    stamps = inverted.extend_inverted(path, previous, places, slabs, count, shifts)
    if search is not None and search.recall > 0 and count <= search.measured * _GROWN:
        return Written(stamps, inverted.kind_of(path), search)
    truth = _truth(inverted.some_of(path), asked)
    for slab in every():
        truth.watch(shifts.aligned(slab))
    return _measured(path, stamps, truth)


def _truth(sample: FloatArray, asked: Asked | None) -> measuring.Truth:
    return measuring.Truth.of(measuring.drawn(sample), sample[:0] if asked is None else asked())


def _extended(
    path: Path, former: Path | None, places: NDArray[np.int64], slabs: Iterator[Slab], count: int, shifts: Shifts
) -> dict[str, FileStamp]:
    """Write rows of an earlier file that are kept, as they lie there, and others after them."""
    kept = iter(()) if former is None else Rows(former).pieces(places >= 0)
    return write_rows(path, chain(kept, pieces_of(slabs, shifts)), count, shifts)


def _measured(path: Path, stamps: dict[str, FileStamp], truth: measuring.Truth) -> Written:
    index = inverted.Inverted(path)
    return Written(stamps, index.kind, measuring.tuned(index, truth))


def open_vectors(
    path: Path, search: VectorSearch | None = None, without: NDArray[np.int64] | None = None, *, listed: bool = False
) -> Vectors:
    """Open vectors whose checksums were verified.

    Args:
        path: as in `write_vectors`.
        search: how much is to be looked at; `None`: as much as ever.
        without: rows that are never found.
        listed: whether they are a few beside many, and are compared as those are.
    """
    if listed and not path.exists():
        return Listed(path)
    if not values_of(path).exists():  # up to layout 5
        few = small.read_small(path, without)
        return flat.Flat(flat.load(path), without) if few is None else few
    if path.exists():
        return inverted.Inverted(path, search, without)
    rows = Rows(path)
    return small.Small.of(rows, without) if len(rows) <= small.MOST else flat.Flat(flat.made_of(rows), without)


class Listed:
    """A few vectors beside an inverted file, in the same 12 bits, all of which a search looks at.

    Args:
        path: the file that an inverted index would have.
    """

    def __init__(self, path: Path) -> None:
        self._rows = Rows(path)

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self._rows.dimension

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def search(
        self, vector: FloatArray, k: int, rows: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], FloatArray]:
        """See `Vectors.search`."""
        among = np.arange(len(self)) if rows is None else rows
        return self._rows.nearest(vector, among, max(0, min(k, len(among))))

    def rows(self, rows: NDArray[np.int64]) -> FloatArray:
        """See `Vectors.rows`."""
        return self._rows.fine(rows)


def write_listed(
    path: Path, former: Path | None, places: NDArray[np.int64], slabs: Iterator[Slab], count: int, shifts: Shifts
) -> Written:
    """Write vectors that `Listed` reads: rows of an earlier file that are kept, and others after them.

    Args:
        path: the file that an inverted index would have.
        former: the earlier one; `None`: there is none.
        places: the new row of each earlier one, -1 for those that leave.
        slabs: the rows to add.
        count: how many rows there are in the end.
        shifts: those of the earlier file, further languages behind them.
    """
    return Written(_extended(path, former, places, slabs, count, shifts), "")
