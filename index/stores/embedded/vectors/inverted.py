"""Vectors of many passages: short codes in an inverted file propose, 12-bit values decide.

Each vector has a product code, four bits for every two dimensions (Jégou, Douze and Schmid 2011), and a row of values
beside it (`twelve_bits`). A search scans the codes of some lists by table look-ups in registers (André, Kermarrec and
Le Scouarnec 2015, "Cache locality is not enough"), and compares the best of them by their values.
On the disk the codes lie plainly, so that an update can take them over; they are packed for the registers at opening.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.disk.files import FileStamp
from index.disk.manifest import VectorSearch
from index.errors import IndexDamagedError
from index.stores.embedded.vectors.flat import all_threads, load, one_thread, save
from index.stores.embedded.vectors.shifts import Shifts, Slab
from index.stores.embedded.vectors.twelve_bits import Piece, Rows, pieces_of, write_rows
from index.types import FloatArray

__all__ = ["Inverted", "extend_inverted", "kind_of", "sample", "some_of", "trained", "write_inverted"]

_GROUP = 2  # dimensions that share four bits
_TRAINED_ON = 50  # vectors a list
_EXACT_UPTO, _EXACT_SHARE = 20_000, 0.05  # rows that a filter keeps, up to which every one is compared
_AGAIN = 5  # times as many rows as are wanted are compared at least
_MOST = 10_000  # rows compared where nothing was measured


def sample(slabs: Iterable[FloatArray], count: int, dimension: int) -> FloatArray:
    """Return an even sample of rows to train with."""
    share = _TRAINED_ON * _lists(count) / count
    random = np.random.default_rng(0)  # a regular step could fall in with a rhythm of the corpus
    chosen = [slab[random.random(len(slab)) < share] for slab in slabs]
    return np.concatenate([np.empty((0, dimension), np.float32), *chosen])


def _lists(count: int) -> int:
    return max(1, round(math.sqrt(count)))


def trained(rows: FloatArray, count: int) -> Any:  # noqa: ANN401 - FAISS has no types
    """Return an empty index for about `count` vectors like these rows."""
    import faiss

    all_threads()
    width = -(-rows.shape[1] // _GROUP) * _GROUP
    lists = min(_lists(count), max(1, len(rows)))
    kind = f"IVF{lists},PQ{width // _GROUP}x4np"  # np: codes stay in the order of training; another takes a minute
    index: Any = faiss.index_factory(width, kind, faiss.METRIC_INNER_PRODUCT)
    index.by_residual = False  # tells evenly spread vectors apart better, and clustered ones as well
    index.train(_padded(rows, width))
    return index


def _padded(rows: FloatArray, width: int) -> FloatArray:
    """Return rows with zeros at their ends, which no inner product sees."""
    if rows.shape[1] == width:
        return np.ascontiguousarray(rows, np.float32)
    return np.pad(np.asarray(rows, np.float32), ((0, 0), (0, width - rows.shape[1])))


def write_inverted(
    path: Path,
    index: Any,  # noqa: ANN401 - FAISS has no types
    slabs: Iterable[Slab],
    count: int,
    shifts: Shifts,
    watch: Callable[[FloatArray], None],
) -> dict[str, FileStamp]:
    """Add vectors to an index that was trained, write its files and return their stamps by name.

    Args:
        path: the file of codes.
        index: as `trained` gave it.
        slabs: the rows in order.
        count: how many rows all pieces have together.
        shifts: what is subtracted from the rows of each language.
        watch: is shown the rows as they are compared.
    """
    return _write(path, index, pieces_of(_added(index, slabs, shifts, watch), shifts), count, shifts)


def extend_inverted(
    path: Path, previous: Path, places: NDArray[np.int64], slabs: Iterable[Slab], count: int, shifts: Shifts
) -> dict[str, FileStamp]:
    """Write files that keep rows of earlier ones and add others; see `vectors.extend_vectors`."""
    import faiss

    index: Any = faiss.deserialize_index(np.frombuffer(previous.read_bytes(), np.uint8))
    _renumber(index, places)
    added = pieces_of(_added(index, slabs, shifts, lambda _: None), shifts)
    return _write(path, index, chain(Rows(previous).pieces(places >= 0), added), count, shifts)


def _renumber(index: Any, places: NDArray[np.int64]) -> None:  # noqa: ANN401 - FAISS has no types
    """Give the entries of an inverted file their new row numbers and leave out those that have none."""
    faiss: Any = import_module("faiss")
    lists, size = index.invlists, index.code_size
    fresh = faiss.ArrayInvertedLists(index.nlist, size)
    for number in range(index.nlist):
        length = lists.list_size(number)
        if length:
            moved = places[faiss.rev_swig_ptr(lists.get_ids(number), length)]
            codes = faiss.rev_swig_ptr(lists.get_codes(number), length * size).reshape(length, size)
            moved, codes = moved[moved >= 0], codes[moved >= 0]  # held by a name: FAISS is given bare addresses
            fresh.add_entries(number, len(moved), faiss.swig_ptr(moved), faiss.swig_ptr(codes))
    _replace_lists(index, fresh)
    index.ntotal = int((places >= 0).sum())


def _replace_lists(index: Any, fresh: Any) -> None:  # noqa: ANN401 - FAISS has no types
    index.replace_invlists(fresh, True)
    fresh.this.disown()  # the index frees it


def _write(
    path: Path,
    index: Any,  # noqa: ANN401 - FAISS has no types
    pieces: Iterable[Piece],
    count: int,
    shifts: Shifts,
) -> dict[str, FileStamp]:
    stamps = write_rows(path, pieces, count, shifts)
    return stamps | {path.name: save(path, index, count)}


def _added(
    index: Any,  # noqa: ANN401 - FAISS has no types
    slabs: Iterable[Slab],
    shifts: Shifts,
    watch: Callable[[FloatArray], None],
) -> Iterator[Slab]:
    """Add rows to an index as they are compared, and pass them on as they came."""
    all_threads()
    for slab in slabs:
        if len(slab.vectors):
            rows = shifts.aligned(slab)
            watch(rows)
            index.add(_padded(rows, index.d))
        yield slab


def kind_of(path: Path) -> str:
    """Return FAISS's factory string of a file of codes."""
    index = load(path)
    return f"IVF{index.nlist},PQ{index.pq.M}x4"


def some_of(path: Path, most: int = 1000) -> FloatArray:
    """Return some of the stored vectors, drawn evenly."""
    rows = Rows(path)
    return rows.fine(np.sort(np.random.default_rng(0).choice(len(rows), min(most, len(rows)), replace=False)))


class Inverted:
    """Verified files of an inverted index; safe to search from many threads.

    Args:
        path: the file of codes.
        search: how much to look at; `None`: every list, and as many rows as ever.
        without: rows that are never found.

    Raises:
        IndexDamagedError: the files can't be read, or do not fit each other.
    """

    def __init__(
        self, path: Path, search: VectorSearch | None = None, without: NDArray[np.int64] | None = None
    ) -> None:
        faiss: Any = import_module("faiss")
        index = load(path)
        self.kind = f"IVF{index.nlist},PQ{index.pq.M}x4"
        self.lists = int(index.nlist)
        self._codes = faiss.IndexIVFPQFastScan(index)
        _replace_lists(index, faiss.ArrayInvertedLists(index.nlist, index.code_size))  # needed no more
        self._rows = Rows(path)
        self.search_by = search or VectorSearch(self.lists, _MOST)
        self._gone = 0 if without is None else len(without)
        self._bits = None if without is None else _bits(np.delete(np.arange(len(self._rows)), without), len(self._rows))
        if len(self._rows) != self._codes.ntotal:
            raise IndexDamagedError(f"{path}: its files do not fit each other", "rebuild with `rag index --rebuild`")

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
        """See `index.stores.embedded.vectors.passage_vectors.Vectors.search`."""
        wanted = min(k, len(self) - self._gone if rows is None else len(rows))
        if wanted <= 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        few = rows is not None and len(rows) <= max(_EXACT_UPTO, len(self) * _EXACT_SHARE, wanted)
        found = rows if few and rows is not None else self._proposed(vector, wanted, rows)
        return self._rows.nearest(vector, found, wanted)

    def _proposed(self, vector: FloatArray, wanted: int, rows: NDArray[np.int64] | None) -> NDArray[np.int64]:
        """Return rows whose codes are like the vector; with a filter, lists are looked into until enough were seen."""
        probes, depth = self.search_by.probes, max(self.search_by.depth, _AGAIN * wanted)
        if rows is not None:
            probes = min(self.lists, math.ceil(probes * len(self) / len(rows)))
        found = self._scanned(vector, depth, probes, rows)
        if len(found) < wanted and probes < self.lists:
            found = self._scanned(vector, depth, self.lists, rows)
        return found

    def _scanned(
        self, vector: FloatArray, depth: int, probes: int, rows: NDArray[np.int64] | None
    ) -> NDArray[np.int64]:
        faiss: Any = import_module("faiss")  # its stubs don't know the keyword arguments
        one_thread()
        params = faiss.SearchParametersIVF(nprobe=probes)
        bits = self._bits if rows is None else _bits(rows, len(self))
        if bits is not None:
            selector = faiss.IDSelectorBitmap(bits)
            params = faiss.SearchParametersIVF(nprobe=probes, sel=selector)
        _, found = self._codes.search(_padded(vector[None, :], self._codes.d), min(depth, len(self)), params=params)
        kept: NDArray[np.int64] = found[0][found[0] >= 0]
        return kept

    def rows(self, rows: NDArray[np.int64]) -> FloatArray:
        """See `index.stores.embedded.vectors.passage_vectors.Vectors.rows`."""
        return self._rows.fine(rows)


def _bits(rows: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """Return a bit for each of so many rows: whether it is one of these."""
    allowed = np.zeros(count, bool)
    allowed[rows] = True
    return np.packbits(allowed, bitorder="little")
