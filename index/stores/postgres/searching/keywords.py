"""BM25 over our own terms in a table: the formula of `index.stores.embedded.keywords.postings`, to the last bit.

A row of the table holds a term with the passages of one generation that hold it: their keys, how many terms each has,
and how often each has this one. Scored in the server such rows cost some 300 ns a passage (98 ms a question at 21,522
passages, where the embedded store takes 1.2 ms), so they are added up here. Rows never change within one writing of the
index: what was fetched once is kept, and a question asks only for terms it does not know and for what later updates
added. Of a passage that is gone the postings stay until everything is written anew; its key stands in `dead`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.stores.base import Hit, KeywordHits
from index.stores.embedded.keywords.postings import digest, norms
from index.stores.embedded.keywords.ranking import Posted, best
from index.stores.postgres.searching.snapshot import Snapshot
from index.stores.terms import terms
from index.types import FloatArray

__all__ = ["FoundTerms", "KeptTerms", "Statistics", "find_terms", "pack", "rank_keywords", "signed"]

_KEPT_BYTES = 128 << 20
_ENTRY = 9  # bytes of a posting
_FETCH = """
SELECT a.term, p.segment, p.packed FROM unnest(%s::bigint[], %s::integer[]) a(term, after)
JOIN {postings} p ON p.term = a.term AND p.segment > a.after
"""


@dataclass(frozen=True, slots=True)
class Postings:
    """The passages of one generation that hold a term.

    Attributes:
        segment: number of the generation that wrote them.
        keys: of the passages.
        lengths: how many terms each has, repetitions included.
        counts: how often each has this one.
    """

    segment: int
    keys: NDArray[np.uint32]
    lengths: NDArray[np.uint32]
    counts: NDArray[np.uint8]

    @classmethod
    def of(cls, segment: int, packed: bytes) -> Postings:
        """Read what `pack` gave."""
        count = len(packed) // _ENTRY
        numbers = np.frombuffer(packed, "<u4", 2 * count)
        return cls(segment, numbers[:count], numbers[count:], np.frombuffer(packed, np.uint8, count, 8 * count))


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of the passages of one generation that hold a term; their lengths are kept once for all terms.

    Attributes:
        segment: number of that generation.
        keys: of the passages, ascending.
        counts: how often each has the term.
    """

    segment: int
    keys: NDArray[np.uint32]
    counts: NDArray[np.uint8]

    @classmethod
    def of(cls, rows: Sequence[Postings]) -> Iterator[Held]:
        """Go through what some rows of one term hold, a piece for each generation; rows come in any order."""
        for segment, some in groupby(
            sorted(rows, key=lambda row: (row.segment, *row.keys[:1])), lambda row: row.segment
        ):
            pieces = list(some)
            keys, counts = [each.keys for each in pieces], [each.counts for each in pieces]
            yield cls(segment, np.concatenate(keys), np.concatenate(counts))


def pack(keys: NDArray[np.uint32], lengths: NDArray[np.uint32], counts: NDArray[np.uint8]) -> bytes:
    """Return postings as a row holds them."""
    return keys.astype("<u4").tobytes() + lengths.astype("<u4").tobytes() + counts.astype(np.uint8).tobytes()


def signed(term: str) -> int:
    """Return the 64 bits of a term as PostgreSQL's bigint."""
    found = digest(term)
    return found - (1 << 64) if found >> 63 else found


class Lengths:
    """How many terms the passages have that were met among postings; for many threads and all generations."""

    def __init__(self) -> None:
        self._lengths = np.empty(0, np.uint32)
        self._norms: tuple[float, FloatArray] = 1.0, np.empty(0, np.float32)
        self._guard = threading.Lock()

    def note(self, pieces: Iterable[Postings]) -> None:
        """Take in those of some postings."""
        with self._guard:
            for each in pieces:
                self._grow(int(each.keys[-1]) + 1 if len(each.keys) else 0)
                self._lengths[each.keys] = each.lengths
                mean, known = self._norms
                known[each.keys] = norms(each.lengths, mean)

    def norms(self, mean: float, count: int) -> FloatArray:
        """Return what BM25 makes of the length of each key below `count`, where passages have this one on average."""
        with self._guard:
            self._grow(count)
            if self._norms[0] != mean:
                known = norms(self._lengths, mean)
                known[self._lengths == 0] = np.inf  # met nowhere yet
                self._norms = mean, known
            return self._norms[1][:count].copy()

    def _grow(self, count: int) -> None:
        more = count - len(self._lengths)
        if more > 0:
            mean, known = self._norms
            added = max(more, len(self._lengths) // 2)
            self._lengths = np.concatenate([self._lengths, np.zeros(added, np.uint32)])
            self._norms = mean, np.concatenate([known, np.full(added, np.inf, np.float32)])


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is known of a term: all of it up to the generation `upto`."""

    upto: int
    pieces: tuple[Held, ...] = ()

    @property
    def size(self) -> int:
        return 200 + sum(each.keys.nbytes + each.counts.nbytes + 200 for each in self.pieces)


class KeptTerms:
    """Postings that were fetched from one writing of an index; for many threads and all its generations.

    Terms that were not asked for the longest go first where there are too many.

    Attributes:
        lengths: of the passages among them.
    """

    def __init__(self) -> None:
        self.lengths = Lengths()
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._size = 0
        self._guard = threading.Lock()

    def get(self, snapshot: Snapshot, asked: Sequence[int]) -> list[tuple[Held, ...]]:
        """Return the postings of each term as a snapshot has them."""
        generation = snapshot.pointer.generation
        with self._guard:
            known = {term: self._kept.get(term, _Kept(0)) for term in asked}
            for term in known.keys() & self._kept.keys():
                self._kept.move_to_end(term)
        behind = [term for term, kept in known.items() if kept.upto < generation]
        if behind:
            known |= self._fetched(snapshot, {term: known[term] for term in behind})
        return [tuple(each for each in known[term].pieces if each.segment <= generation) for term in asked]

    def _fetched(self, snapshot: Snapshot, known: dict[int, _Kept]) -> dict[int, _Kept]:
        pointer, added = snapshot.pointer, dict[int, list[Postings]]()
        after = [kept.upto for kept in known.values()]
        for term, segment, packed in snapshot.rows(pointer.tables.fill(_FETCH), (list(known), after)):
            added.setdefault(term, []).append(Postings.of(segment, packed))
        self.lengths.note(chain.from_iterable(added.values()))
        found = {
            term: _Kept(pointer.generation, (*kept.pieces, *Held.of(added.get(term, ()))))
            for term, kept in known.items()
        }
        with self._guard:
            for term, kept in found.items():
                self._keep(term, kept)
        return found

    def _keep(self, term: int, kept: _Kept) -> None:
        former = self._kept.get(term)
        if former is not None and former.upto >= kept.upto:
            return
        self._size += kept.size - (former.size if former else 0)
        self._kept[term] = kept
        self._kept.move_to_end(term)
        while self._size > _KEPT_BYTES:
            self._size -= self._kept.popitem(last=False)[1].size


@dataclass(frozen=True, slots=True)
class Statistics:
    """What weighs terms: counted over all shards of an index, so that each ranks as one server would.

    Attributes:
        passages: how many there are.
        terms: of all passages together, repetitions included.
        holders: how many passages hold each of the terms that are asked for.
    """

    passages: int
    terms: int
    holders: tuple[int, ...]

    def __add__(self, other: Statistics) -> Statistics:
        """Return those of both together."""
        holders = tuple(one + more for one, more in zip(self.holders, other.holders, strict=True))
        return Statistics(self.passages + other.passages, self.terms + other.terms, holders)


@dataclass(frozen=True, slots=True)
class FoundTerms:
    """The postings of what is asked for.

    Attributes:
        pieces: of each term.
        lengths: of the passages.
        gone: which keys are of passages that are gone, shape (highest key + 1,).
        statistics: of the database that they are from.
    """

    pieces: Sequence[tuple[Held, ...]]
    lengths: Lengths
    gone: NDArray[np.bool_]
    statistics: Statistics


def find_terms(snapshot: Snapshot, kept: KeptTerms, text: str, dead: NDArray[np.int64]) -> FoundTerms:
    """Return the postings of the terms of a text.

    Args:
        snapshot: of the index.
        kept: postings that were fetched before.
        text: the question.
        dead: keys of passages that are gone and still among the postings.
    """
    pointer = snapshot.pointer
    asked = [signed(term) for term in dict.fromkeys(terms(text))]
    found = kept.get(snapshot, asked) if asked else []
    gone = np.zeros(pointer.last_passage + 1, bool)
    gone[dead] = True
    holders = [
        sum(len(each.keys) - int(gone[each.keys].sum() if len(dead) else 0) for each in pieces) for pieces in found
    ]
    return FoundTerms(found, kept.lengths, gone, Statistics(pointer.passages, pointer.terms, tuple(holders)))


def rank_keywords(found: FoundTerms, statistics: Statistics, k: int, keys: NDArray[np.int64] | None) -> KeywordHits:
    """Return the `k` passages with the highest BM25 score, best first, and the ceiling of such scores.

    Args:
        found: the postings of what is asked for.
        statistics: what weighs its terms.
        k: how many passages at most.
        keys: of the only passages that may be found, ascending; `None` means all.
    """
    count, ceiling, posted = statistics.passages, 0.0, list[Posted]()
    for pieces, holders in zip(found.pieces, statistics.holders, strict=True):
        weight = float(np.log1p((count - holders + 0.5) / (holders + 0.5)))
        ceiling += weight
        if pieces:
            posted.append(
                Posted(
                    weight, _joined([each.keys for each in pieces]), _joined([each.counts for each in pieces]), holders
                )
            )
    if not posted or k <= 0:
        return KeywordHits((), ceiling if any(statistics.holders) else 0.0)
    by_key = found.lengths.norms(statistics.terms / count if count else 1.0, len(found.gone))
    by_key[found.gone] = np.inf  # a passage without end gets nothing for any term
    rows, scores = best(posted, by_key, k, keys)
    order = np.lexsort((rows, -scores))[:k]
    pairs: Iterator[tuple[int, float]] = zip(rows[order].tolist(), scores[order].tolist(), strict=True)
    return KeywordHits(tuple(Hit(key, score) for key, score in pairs), ceiling if any(statistics.holders) else 0.0)


def _joined(pieces: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return arrays one behind the other: keys of a later generation are higher than those of all before."""
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
