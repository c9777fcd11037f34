"""The best passages by BM25, without looking at every posting of every term; the result is that of looking at all.

This is MaxScore (Turtle and Flood 1995, "Query evaluation: strategies and optimizations"). Terms are taken by their
weight, the rarest first. At some point enough rows have a higher score than all remaining terms together can give; a
row that none of the terms so far found can't overtake them. From there on the remaining terms, the frequent ones, are
only looked up for the rows that may still be among the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.types import FloatArray

__all__ = ["K1", "B", "Posted", "best", "top"]

K1, B = 1.2, 0.75
_FREQUENT = 20_000  # postings from which on a term is worth the question whether it has to be read whole
_ASKED = 0.5  # it is asked after so many postings a row
_WORTH = 4  # a row that is looked up costs so many times a posting that is read
_SLACK = 1e-4  # of a score: what the order of additions may change


@dataclass(frozen=True, slots=True)
class Posted:
    """The postings of one term of a question.

    Attributes:
        weight: its inverse document frequency.
        rows: ascending.
        counts: how often each row holds it.
        holders: how many rows hold it where these are only a part of all; 0: as many as are here.
    """

    weight: float
    rows: NDArray[np.uint32]
    counts: NDArray[np.uint8]
    holders: int = 0

    def scores(self, norms: FloatArray, places: NDArray[np.intp] | slice, rows: NDArray[np.intp]) -> FloatArray:
        """Return what the term gives to the postings at some places, whose rows are given."""
        counts = self.counts[places].astype(np.float32)
        lengths = np.take(norms, rows)
        lengths += counts
        counts *= np.float32(self.weight * (K1 + 1))
        counts /= lengths
        return counts

    def most(self, shortest: float) -> float:
        """Return what the term gives at most, where the shortest passage has this norm."""
        count = float(self.counts.max(initial=0)) if len(self.rows) > _FREQUENT else 255.0
        return self.weight * (K1 + 1) * count / (count + shortest)

    def within(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return which of some rows hold the term, and where among its postings; both ascending."""
        places = np.searchsorted(self.rows, rows.astype(np.uint32))
        places[places == len(self.rows)] = 0
        held = np.flatnonzero(self.rows[places] == rows)
        return held, places[held]


def best(
    terms: Sequence[Posted], norms: FloatArray, k: int, allowed: NDArray[np.int64] | None
) -> tuple[NDArray[np.intp], FloatArray]:
    """Return the `k` rows with the highest scores above 0 and these, in no order, and all that tie with the last one.

    Args:
        terms: each has one posting at least.
        norms: of the length of each row: `K1 * (1 - B + B * length / mean)`.
        k: how many.
        allowed: the only rows that may be found, ascending; `None` means all.
    """
    # Stable, and the same in every part of an index, so that the order of additions is always the same.
    terms = sorted(terms, key=lambda term: term.holders or len(term.rows))
    shortest = float(norms.min(initial=K1))
    rest = np.append(np.cumsum([term.most(shortest) for term in reversed(terms)])[::-1], 0.0)
    if allowed is not None and _WORTH * len(allowed) < max((len(term.rows) for term in terms), default=0):
        rows, scores, number = allowed, np.zeros(len(allowed), np.float32), 0
    else:
        rows, scores, number = _read_whole(terms, norms, k, allowed, rest)
    for term, more in zip(terms[number:], rest[number + 1 :], strict=True):
        held, places = term.within(rows)
        scores[held] += term.scores(norms, places, rows[held])
        kept = _in_reach(scores, k, float(more))
        rows, scores = rows[kept], scores[kept]
    return top(rows, scores, k)


def _read_whole(
    terms: Sequence[Posted], norms: FloatArray, k: int, allowed: NDArray[np.int64] | None, rest: NDArray[np.float64]
) -> tuple[NDArray[np.intp], FloatArray, int]:
    """Read terms whole until looking up costs less; return the rows in reach, their scores and how many terms."""
    total = np.zeros(len(norms), np.float32)
    if allowed is not None:
        total[:] = -np.inf
        total[allowed] = 0
    last, unasked = 0.0, len(norms)
    for number, term in enumerate(terms):
        if len(term.rows) > _FREQUENT and unasked >= _ASKED * len(norms):
            last, reach = _reach(total, k, float(rest[number]), last)
            unasked = 0
            if _WORTH * np.count_nonzero(total >= reach) < len(term.rows):
                found = np.flatnonzero(total >= reach)
                return found, total[found], number
        rows = term.rows.astype(np.intp)
        np.add.at(total, rows, term.scores(norms, slice(None), rows))
        unasked += len(rows)
    found = np.flatnonzero(total > 0)
    return found, total[found], len(terms)


def _reach(total: FloatArray, k: int, more: float, last: float) -> tuple[float, float]:
    """Return the score of the k-th best so far, and what a row must have that may still be among the best.

    Args:
        total: the scores so far.
        k: how many rows are wanted.
        more: what all terms to come can give.
        last: the score of the k-th best when that was asked before; it can only have grown.
    """
    ahead = total[total >= max(more, last)]
    if len(ahead) < k:
        return last, 0.0
    last = float(np.partition(ahead, len(ahead) - k)[len(ahead) - k])
    return last, max(0.0, last - more - _SLACK * last)


def _in_reach(scores: FloatArray, k: int, more: float) -> NDArray[np.bool_] | slice:
    """Tell which of some rows may still be among the best."""
    if len(scores) <= k:
        return slice(None)
    last = float(np.partition(scores, len(scores) - k)[len(scores) - k])
    return scores >= last - more - _SLACK * last


def top(rows: NDArray[np.intp], scores: FloatArray, k: int) -> tuple[NDArray[np.intp], FloatArray]:
    """Return the `k` rows with the highest scores above 0 and these, in no order, and all that tie with the last."""
    above = scores > 0
    rows, scores = rows[above], scores[above]
    if len(rows) > k:
        chosen = scores >= np.partition(scores, len(rows) - k)[len(rows) - k]
        rows, scores = rows[chosen], scores[chosen]
    return rows, scores
