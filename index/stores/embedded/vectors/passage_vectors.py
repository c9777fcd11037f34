"""Passage vectors of a generation, in a form that is chosen by how many there are.

Up to `FLAT_LIMIT` rows every one is looked at in half precision (`flat`, a few without FAISS: `small`); above, an
inverted file of short codes proposes and 12-bit values decide (`inverted`), and how much a search looks at is measured
(`measuring`).
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
from index.stores.embedded.vectors import flat, inverted, measuring
from index.stores.embedded.vectors.small import read_small
from index.stores.embedded.vectors.twelve_bits import Rows, piece_of, values_of, write_rows
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

Slabs: TypeAlias = Callable[[], Iterator[FloatArray]]
"""Gives rows in order, in pieces of shape (some, dimension), float32."""

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


def is_kept_form(path: Path, before: int, count: int) -> bool:
    """Tell whether an earlier file has the form that so many rows are to have.

    Args:
        path: the earlier file.
        before: how many rows it has.
        count: how many there are to be.
    """
    if count > FLAT_LIMIT:
        return values_of(path).exists()
    return before <= FLAT_LIMIT and not values_of(path).exists()


def write_vectors(path: Path, slabs: Slabs, count: int, dimension: int, *, asked: Asked | None = None) -> Written:
    """Write `count` unit vectors.

    Args:
        path: the file; what belongs to it lies beside it.
        slabs: called once, and a second time where something is trained first.
        count: how many rows all pieces have together.
        dimension: length of a vector.
        asked: gives what is searched for, to measure what the index finds; `None`: only vectors of its own are.
    """
    if count <= FLAT_LIMIT:
        return Written({path.name: flat.write_flat(path, slabs(), count, dimension)}, flat.KIND)
    sample = inverted.sample(slabs(), count, dimension)
    truth = _truth(sample, asked)
    stamps = inverted.write_inverted(path, inverted.trained(sample, count), truth.watching(slabs()), count, dimension)
    return _measured(path, stamps, truth)


def extend_vectors(
    path: Path,
    previous: Path,
    places: NDArray[np.int64],
    slabs: Iterator[FloatArray],
    count: int,
    *,
    every: Slabs,
    search: VectorSearch | None = None,
    asked: Asked | None = None,
) -> Written:
    """Write vectors that keep rows of an earlier file of the same form, in their order, and add others after them.

    An inverted file keeps the lists it was trained with: how far a corpus may grow before it is trained anew is for
    the caller to say.

    Args:
        path: the file.
        previous: the earlier file; whoever gives it has verified its checksum.
        places: the new row of each earlier one, -1 for those that leave.
        slabs: the rows to add, in pieces of shape (some, dimension), float32.
        count: how many rows there are in the end.
        every: gives all rows, for measuring what the index finds.
        search: what was measured before.
        asked: see `write_vectors`.
    """
    if count <= FLAT_LIMIT:
        return Written({path.name: flat.extend_flat(path, previous, places, slabs, count)}, flat.KIND)
    stamps = inverted.extend_inverted(path, previous, places, slabs, count)
    if search is not None and search.recall > 0 and count <= search.measured * _GROWN:
        return Written(stamps, inverted.kind_of(path), search)
    truth = _truth(inverted.some_of(path), asked)
    for _ in truth.watching(every()):
        pass
    return _measured(path, stamps, truth)


def _truth(sample: FloatArray, asked: Asked | None) -> measuring.Truth:
    return measuring.Truth.of(measuring.drawn(sample), sample[:0] if asked is None else asked())


def _measured(path: Path, stamps: dict[str, FileStamp], truth: measuring.Truth) -> Written:
    index = inverted.Inverted(path)
    return Written(stamps, index.kind, measuring.tuned(index, truth))


def open_vectors(path: Path, search: VectorSearch | None = None, without: NDArray[np.int64] | None = None) -> Vectors:
    """Open vectors whose checksums were verified.

    Args:
        path: the file.
        search: how much is to be looked at; `None`: as much as ever.
        without: rows that are never found.
    """
    if not path.exists():
        return Listed(path)
    if values_of(path).exists():
        return inverted.Inverted(path, search, without)
    few = read_small(path, without)
    return flat.Flat(flat.load(path), without) if few is None else few


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
    path: Path, former: Path | None, places: NDArray[np.int64], slabs: Iterator[FloatArray], count: int, dimension: int
) -> Written:
    """Write vectors that `Listed` reads: rows of an earlier file that are kept, and others after them.

    Args:
        path: the file that an inverted index would have.
        former: the earlier one; `None`: there is none.
        places: the new row of each earlier one, -1 for those that leave.
        slabs: the rows to add, in pieces of shape (some, dimension), float32.
        count: how many rows there are in the end.
        dimension: length of a row.
    """
    kept = iter(()) if former is None else Rows(former).pieces(places >= 0)
    return Written(write_rows(path, chain(kept, map(piece_of, slabs)), count, dimension), "")
