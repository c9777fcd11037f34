"""The keyword index: which passages hold a term, and how often, with BM25 scores.

Arrays on disk, sorted by term (a 64-bit BLAKE2b digest of it) and within a term by row (`packing`); a row is a
passage's place in the order of keys. Scores are Okapi BM25 (Robertson and Zaragoza 2009) with the always positive
inverse document frequency ln(1 + (N - n + 0.5) / (n + 0.5)). Frequencies are kept, not scores: an update merges in what
is new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.caching import kept
from index.disk.files import FileStamp
from index.stores.embedded.arrays import read_array, write_array
from index.stores.embedded.keywords.merging import Piece, grouped, merged
from index.stores.embedded.keywords.packing import PackedPostings, PackedWriter, PlainPostings
from index.stores.embedded.keywords.ranking import K1, B, Posted, best
from index.stores.embedded.keywords.ready import Ready
from index.stores.terms import runs, terms, terms_of_run
from index.types import FloatArray

__all__ = ["Postings", "PostingsWriter", "Weighed", "digest", "norms", "weigh"]

_SPILL = 4_000_000  # postings in memory at once, 13 bytes each; more go to files by the first bits of their term
_BUCKET_BITS = 6
_KEPT_TERMS, _KEPT_WORDS = 1 << 16, 1 << 14
_RECORD = np.dtype([("term", "<u8"), ("row", "<u4"), ("count", "u1")])
_NAMES = ("terms.npy", "starts.npy", "lengths.npy")
_READY = 16_000_000  # postings that are kept as they are compared, 5 bytes each: of terms that many questions have


def digest(term: str) -> int:
    """Return the 64 bits that a term is known by."""
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class PostingsWriter:
    """Gathers the terms of passages and writes them as sorted arrays, in bounded memory.

    Args:
        folder: where the arrays go; also holds what doesn't fit in memory while gathering.
        count: how many rows there will be.
    """

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._waiting: list[NDArray[np.void]] = []
        self._size = 0
        self._spilled = False
        self._lengths = np.zeros(count, np.uint32)
        self._old: Postings | None = None
        self._places = np.empty(0, np.int32)
        # Words come again and again in a corpus: more of them are kept than for questions, as long as it is written.
        self._digest = kept(_KEPT_TERMS, longest=64)(digest)
        self._digests = kept(_KEPT_WORDS, longest=64)(self._digests_of)

    def add(self, row: int, text: str) -> None:
        """Add a passage's text under its row."""
        words, codes = runs(text)
        counted = Counter(chain.from_iterable(map(self._digests, words)))
        counted.update(map(self._digest, codes))
        records = np.empty(len(counted), _RECORD)
        records["term"] = np.fromiter(counted.keys(), np.uint64, len(counted))
        records["row"] = row
        records["count"] = np.minimum(np.fromiter(counted.values(), np.int64, len(counted)), 255)
        self._lengths[row] = sum(counted.values())
        self._take(records)

    def _digests_of(self, run: str) -> tuple[int, ...]:
        return tuple(map(self._digest, terms_of_run(run)))

    def keep(self, old: Postings, rows: NDArray[np.int64]) -> None:
        """Take over an earlier index: its rows stay in their order, and come before all that are added.

        Args:
            old: the earlier index.
            rows: the new row of each earlier one, -1 for a passage that is gone.
        """
        kept = rows >= 0
        self._lengths[rows[kept]] = old.lengths[kept]
        self._old, self._places = old, rows.astype(np.int32)

    def _take(self, records: NDArray[np.void]) -> None:
        self._waiting.append(records)
        self._size += len(records)
        if self._size > _SPILL:
            self._spill()

    def _spill(self) -> None:
        records = self._gathered()
        buckets = (records["term"] >> np.uint64(64 - _BUCKET_BITS)).astype(np.uint8)
        order = np.argsort(buckets, kind="stable")
        bounds = np.searchsorted(buckets[order], np.arange((1 << _BUCKET_BITS) + 1))
        for number, (start, end) in enumerate(pairwise(bounds.tolist())):
            with self._bucket(number).open("ab") as file:
                file.write(records[order[start:end]].tobytes())
        self._spilled = True

    def _gathered(self) -> NDArray[np.void]:
        waiting, self._waiting, self._size = self._waiting, [], 0
        return np.concatenate([np.empty(0, _RECORD), *waiting])

    def _bucket(self, number: int) -> Path:
        return self._folder / f"bucket{number:03}"

    def finish(self) -> dict[str, FileStamp]:
        """Sort, write the arrays and return their stamps by name."""
        paths = self._sorted_buckets()
        try:
            return self._write(paths)
        finally:
            for path in paths:
                path.unlink()

    def _sorted_buckets(self) -> list[Path]:
        """Bring everything into files, sorted within each and from one to the next."""
        if not self._spilled:
            self._bucket(0).write_bytes(_sorted(self._gathered()).tobytes())
            return [self._bucket(0)]
        self._spill()
        paths = [self._bucket(number) for number in range(1 << _BUCKET_BITS)]
        for path in paths:
            path.write_bytes(_sorted(np.fromfile(path, _RECORD)).tobytes())
        return paths

    def _write(self, paths: list[Path]) -> dict[str, FileStamp]:
        terms, holders = [np.empty(0, np.uint64)], [np.zeros(1, np.int64)]
        with PackedWriter(self._folder, len(self._lengths)) as packed:
            for piece in self._pieces(paths):
                terms.append(piece.terms)
                holders.append(piece.holders)
                packed.append(piece)
        starts = np.cumsum(np.concatenate(holders))
        arrays = (np.concatenate(terms), _narrowed(starts), _narrowed(self._lengths))
        named = zip(_NAMES, arrays, strict=True)
        return packed.stamps() | {name: write_array(self._folder / name, array) for name, array in named}

    def _pieces(self, paths: list[Path]) -> Iterator[Piece]:
        """Go through all postings in order, those that were added among those taken over."""
        if self._old is None:
            yield from (grouped(np.fromfile(path, _RECORD)) for path in paths)
            return
        whole = np.fromfile(paths[0], _RECORD) if len(paths) == 1 else None
        for number in range(1 << _BUCKET_BITS):
            first = number << (64 - _BUCKET_BITS)
            last = first + (1 << (64 - _BUCKET_BITS)) - 1
            added = np.fromfile(paths[number], _RECORD) if whole is None else whole[_within(whole["term"], first, last)]
            yield merged(self._old.piece(first, last), self._places, added)


def _narrowed(numbers: NDArray[Any]) -> NDArray[Any]:
    """Return numbers in as few bytes each as hold the largest."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def _within(terms: NDArray[np.uint64], first: int, last: int) -> slice:
    """Return where the terms from `first` to `last` stand among ascending ones."""
    start = int(np.searchsorted(terms, np.uint64(first)))
    return slice(start, int(np.searchsorted(terms, np.uint64(last), side="right")))


def _sorted(records: NDArray[np.void]) -> NDArray[np.void]:
    """Sort by term and row; what an earlier index gave is in order already, which a stable sort makes use of."""
    found = records[np.argsort(records["term"], kind="stable")]
    same = found["term"][1:] == found["term"][:-1]
    if (same & (found["row"][1:] < found["row"][:-1])).any():
        return records[np.lexsort((records["row"], records["term"]))]
    return found


class Postings:
    """The keyword index, read by memory map; safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        self._terms, self._starts, self.lengths = (np.asarray(read_array(folder / name)) for name in _NAMES)
        old = (folder / "rows.npy").exists()
        self._stored = PlainPostings(folder) if old else PackedPostings(folder, len(self.lengths))
        self._norms = norms(self.lengths, float(self.lengths.mean()) if len(self.lengths) else 1.0)
        self._ready = Ready(self._stored, _READY)

    def best(
        self, text: str, k: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.intp], FloatArray, float]:
        """Return the rows with the highest BM25 scores for a text, these, and the ceiling of such scores.

        The ceiling is what a passage of average length would get that holds each term once, terms that no passage
        holds included: they are what tells a question in a foreign language from one in the passages' own. It is 0
        when none of the terms is known.

        Args:
            text: what is asked.
            k: how many rows, in no order; all that tie with the last one come along.
            allowed: the only rows that may be found, ascending; `None` means all.
        """
        weighed, ceiling = weigh(text, self.holders, len(self.lengths))
        return *self.ranked(weighed, self._norms, k, allowed), ceiling

    def ranked(
        self, weighed: Sequence[Weighed], norms: FloatArray, k: int, allowed: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.intp], FloatArray]:
        """Return the rows with the highest scores and these, by weights and norms that may be those of a whole.

        Args:
            weighed: the terms of what is asked.
            norms: of the length of each row here.
            k: see `best`.
            allowed: see `best`.
        """
        found = list[Posted]()
        for term in weighed:
            start, end = self._find(term.digest)
            if end > start:
                found.append(Posted(term.weight, *self._ready.read(start, end), term.holders))
        if not found or k <= 0:
            return np.empty(0, np.intp), np.empty(0, np.float32)
        return best(found, norms, k, allowed)

    def holders(self, term: int) -> int:
        """Return how many rows hold a term, whose digest is given."""
        start, end = self._find(term)
        return end - start

    def piece(self, first: int, last: int) -> Piece:
        """Return everything stored of the terms from `first` to `last`."""
        found = _within(self._terms, first, last)
        start, end = int(self._starts[found.start]), int(self._starts[found.stop])
        starts: NDArray[np.int64] = self._starts[found.start : found.stop + 1].astype(np.int64)
        holders = starts[1:] - starts[:-1]
        rows = self._stored.rows_of_many(start, end, holders)
        return Piece(self._terms[found], holders, rows, self._stored.counts(start, end))

    def _find(self, wanted: int) -> tuple[int, int]:
        place = int(np.searchsorted(self._terms, np.uint64(wanted)))
        if place == len(self._terms) or int(self._terms[place]) != wanted:
            return 0, 0
        return int(self._starts[place]), int(self._starts[place + 1])


@dataclass(frozen=True, slots=True)
class Weighed:
    """A term of what is asked.

    Attributes:
        digest: of the term.
        holders: how many rows hold it.
        weight: its inverse document frequency.
    """

    digest: int
    holders: int
    weight: float


def weigh(text: str, holders_of: Callable[[int], int], count: int) -> tuple[list[Weighed], float]:
    """Return the terms of a text, and the ceiling of its scores (see `Postings.best`).

    Args:
        text: what is asked.
        holders_of: returns how many rows hold a term, by its digest.
        count: how many rows there are.
    """
    found, ceiling = list[Weighed](), 0.0
    for term in dict.fromkeys(terms(text)):
        holders = holders_of(digest(term))
        weight = float(np.log1p((count - holders + 0.5) / (holders + 0.5)))
        ceiling += weight
        if holders:
            found.append(Weighed(digest(term), holders, weight))
    return found, ceiling if found else 0.0


def norms(lengths: NDArray[np.uint32], mean: float) -> FloatArray:
    """Return what BM25 makes of the length of each row, where they have this length on average."""
    found: FloatArray = (K1 * (1 - B + B * lengths / max(mean, 1.0))).astype(np.float32)
    return found
