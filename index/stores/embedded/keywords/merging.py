"""Brings new postings into an earlier keyword index: merged in, so that what was sorted is not sorted again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Piece", "grouped", "merged"]


@dataclass(frozen=True, slots=True)
class Piece:
    """The postings of some terms.

    Attributes:
        terms: digests, ascending.
        holders: how many postings each term has, one after the other in the arrays that follow.
        rows: ascending within a term.
        counts: how often the row holds the term.
    """

    terms: NDArray[np.uint64]
    holders: NDArray[np.int64]
    rows: NDArray[np.uint32]
    counts: NDArray[np.uint8]


def grouped(records: NDArray[Any]) -> Piece:
    """Return records of `term`, `row` and `count`, sorted by term and row, as a piece."""
    terms = records["term"]
    firsts = np.flatnonzero(np.concatenate([[True], terms[1:] != terms[:-1]])[: len(terms)])
    holders = np.diff(np.append(firsts, len(terms)))
    return Piece(terms[firsts], holders, records["row"], records["count"])


def merged(old: Piece, places: NDArray[np.int32], records: NDArray[Any]) -> Piece:
    """Return the old postings under their new rows together with new ones.

    Args:
        old: what there was of some terms.
        places: the new row of each old one, in the same order; -1 for a row that is gone.
        records: new postings of these terms, sorted by term and row; their rows come after all that are kept.
    """
    rows = places[old.rows]
    kept = rows >= 0
    edges = np.concatenate([[0], np.cumsum(old.holders)])
    ends = np.concatenate([[0], np.cumsum(kept)])[edges]  # where each term's postings end among those that stay
    added = grouped(records)
    at = np.repeat(ends[np.searchsorted(old.terms, added.terms, side="right")], added.holders)
    remaining = np.diff(ends)
    terms = np.union1d(old.terms[remaining > 0], added.terms)
    holders = np.zeros(len(terms), np.int64)
    holders[np.searchsorted(terms, old.terms[remaining > 0])] = remaining[remaining > 0]
    holders[np.searchsorted(terms, added.terms)] += added.holders
    return Piece(
        terms,
        holders,
        np.insert(rows[kept].astype(np.uint32), at, added.rows),
        np.insert(old.counts[kept], at, added.counts),
    )
