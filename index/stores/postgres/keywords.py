"""BM25 over our own terms in a table: the formula of `index.stores.embedded.postings`, to the last bit.

A row of the table holds a term with the passages of one generation that hold it: their keys, how many terms each has,
and how often each has this one. Scored in the server such rows cost some 300 ns a passage (98 ms a question at 21,522
passages, where the embedded store takes 1.2 ms), so they are added up here. Rows never change within one writing of the
index: what was fetched once is kept, and a question asks only for terms it does not know and for what later updates
added. Of a passage that is gone the postings stay until everything is written anew; its key stands in `dead`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.stores.base import Hit, KeywordHits
from index.stores.embedded.postings import digest
from index.stores.embedded.ranking import K1, B
from index.stores.postgres.snapshot import Snapshot
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


def pack(keys: NDArray[np.uint32], lengths: NDArray[np.uint32], counts: NDArray[np.uint8]) -> bytes:
    """Return postings as a row holds them."""
    return keys.astype("<u4").tobytes() + lengths.astype("<u4").tobytes() + counts.astype(np.uint8).tobytes()


def signed(term: str) -> int:
    """Return the 64 bits of a term as PostgreSQL's bigint."""
    found = digest(term)
    return found - (1 << 64) if found >> 63 else found


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is known of a term: all of it up to the generation `upto`."""

    upto: int
    pieces: tuple[Postings, ...] = ()

    @property
    def size(self) -> int:
        return 200 + sum(_ENTRY * len(each.keys) + 200 for each in self.pieces)


class KeptTerms:
    """Postings that were fetched from one writing of an index; for many threads and all its generations."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._size = 0
        self._guard = threading.Lock()

    def get(self, snapshot: Snapshot, asked: Sequence[int]) -> list[tuple[Postings, ...]]:
        """Return the postings of each term as a snapshot has them."""
        generation = snapshot.pointer.generation
        with self._guard:
            known = {term: self._kept.get(term, _Kept(0)) for term in asked}
        behind = [term for term, kept in known.items() if kept.upto < generation]
        if behind:
            known |= self._fetched(snapshot, {term: known[term] for term in behind})
        return [tuple(each for each in known[term].pieces if each.segment <= generation) for term in asked]

    def _fetched(self, snapshot: Snapshot, known: dict[int, _Kept]) -> dict[int, _Kept]:
        pointer, added = snapshot.pointer, dict[int, list[Postings]]()
        after = [kept.upto for kept in known.values()]
        for term, segment, packed in snapshot.rows(pointer.tables.fill(_FETCH), (list(known), after)):
            added.setdefault(term, []).append(Postings.of(segment, packed))
        found = {term: _Kept(pointer.generation, (*kept.pieces, *added.get(term, ()))) for term, kept in known.items()}
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
        gone: which keys are of passages that are gone, shape (highest key + 1,).
        statistics: of the database that they are from.
    """

    pieces: Sequence[tuple[Postings, ...]]
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
    return FoundTerms(found, gone, Statistics(pointer.passages, pointer.terms, tuple(holders)))


def rank_keywords(found: FoundTerms, statistics: Statistics, k: int, keys: NDArray[np.int64] | None) -> KeywordHits:
    """Return the `k` passages with the highest BM25 score, best first, and the ceiling of such scores.

    Args:
        found: the postings of what is asked for.
        statistics: what weighs its terms.
        k: how many passages at most.
        keys: of the only passages that may be found, ascending; `None` means all.
    """
    scores, ceiling = _scores(found, statistics)
    rows = np.flatnonzero(scores) if keys is None else keys[scores[keys] > 0]
    best = scores[rows]
    if len(rows) > k > 0:  # keep all that tie with the k-th, so that ties are decided by key
        kept = best >= np.partition(best, len(best) - k)[len(best) - k]
        rows, best = rows[kept], best[kept]
    order = np.lexsort((rows, -best))[: max(k, 0)]
    pairs: Iterator[tuple[int, float]] = zip(rows[order].tolist(), best[order].tolist(), strict=True)
    return KeywordHits(tuple(Hit(key, score) for key, score in pairs), ceiling)


def _scores(found: FoundTerms, statistics: Statistics) -> tuple[FloatArray, float]:
    """Return the score of every key, shape (highest key + 1,), and the ceiling; see `embedded.postings.Postings`."""
    passages = statistics.passages
    mean = max(statistics.terms / passages if passages else 1.0, 1.0)
    total = np.zeros(len(found.gone), np.float32)
    ceiling, weighed = 0.0, []
    for pieces, holders in zip(found.pieces, statistics.holders, strict=True):
        weight = float(np.log1p((passages - holders + 0.5) / (holders + 0.5)))
        ceiling += weight
        weighed.append((holders, weight, pieces))
    for _, weight, pieces in sorted(weighed, key=lambda term: term[0]):  # the rarest first, as the other store adds
        for each in pieces:
            norms = (K1 * (1 - B + B * each.lengths / mean)).astype(np.float32)
            counts = each.counts.astype(np.float32)
            total[each.keys] += np.float32(weight * (K1 + 1)) * counts / (counts + norms)
    total[found.gone] = 0
    return total, ceiling if any(statistics.holders) else 0.0
