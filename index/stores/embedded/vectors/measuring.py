"""Measures what an inverted index finds, and how much a search has to look at, before anybody searches by it.

Its own vectors are searched by it and by looking at all of them, and so are vectors between two of them and those of
sentences. Sentences stand for questions: both are short, lie far from every passage, and their nearest are the hardest
to find. They are asked for once more among every other row only, as filters do. What a search may cost is raised until
it finds enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.disk.manifest import VectorSearch
from index.embedders.base import unit_rows
from index.stores.embedded.vectors.inverted import Inverted
from index.types import FloatArray

__all__ = ["NEAREST", "Truth", "drawn", "drawn_rows", "tuned"]

NEAREST = 100
"""How many of the nearest a search has to find: as many as answering asks for."""

_QUERIES = 100
_AIM = 0.99
_SAME = 1e-4  # what rounding may do to a score; rows no farther than the last of the nearest are as good as it
_LEAST, _DEEPEST = 500, 32_000  # rows compared
_FILTERED = 3  # the last kind of queries
_SCANNED, _COMPARED = 12, 250  # nanoseconds for a code and for a row of values, about


def drawn(sample: FloatArray) -> FloatArray:
    """Return `_QUERIES` of some vectors at most."""
    return sample[np.random.default_rng(1).permutation(len(sample))[:_QUERIES]]


def drawn_rows(count: int) -> NDArray[np.int64]:
    """Return which of so many rows are asked for, ascending: `_QUERIES` at most."""
    return np.unique(np.random.default_rng(1).integers(0, count, _QUERIES)) if count else np.empty(0, np.int64)


@dataclass(slots=True)
class Truth:
    """How near the nearest rows of some vectors are, by looking at all.

    Attributes:
        queries: shape (queries, dimension).
        kinds: of each query, ascending, shape (queries,): own vectors, those between two, those of sentences, and last
            the hardest of these again for every other row only.
        scores: of the nearest rows, in no order, -2 where there are none, shape (queries, `NEAREST`).
        seen: how many rows were looked at.
    """

    queries: FloatArray
    kinds: NDArray[np.int64]
    scores: FloatArray
    seen: int = 0

    @classmethod
    def of(cls, own: FloatArray, sentences: FloatArray) -> Truth:
        """Begin with nothing seen.

        Args:
            own: vectors of passages, shape (n, dimension).
            sentences: of sentences, shape (any, dimension); there may be none.
        """
        between = own + np.roll(own, 1, axis=0)
        each = [own, between, sentences, sentences if len(sentences) else between]
        queries = unit_rows(np.concatenate(each))
        kinds = np.repeat(np.arange(len(each)), [len(rows) for rows in each])
        return cls(queries, kinds, np.full((len(queries), NEAREST), -2, np.float32))

    @property
    def filtered(self) -> NDArray[np.bool_]:
        """Whether a query is for every other row only, shape (queries,)."""
        return np.asarray(self.kinds == _FILTERED)

    def watch(self, slab: FloatArray) -> None:
        """Look at the next rows, and note those that are near."""
        scores = self.queries @ slab.T
        scores[np.ix_(self.filtered, np.arange(self.seen, self.seen + len(slab)) % 2 == 1)] = -2
        scores = np.concatenate([self.scores, scores], axis=1)
        self.scores = np.partition(scores, -NEAREST, axis=1)[:, -NEAREST:].copy()
        self.seen += len(slab)


def tuned(index: Inverted, truth: Truth) -> VectorSearch:
    """Return the least search that finds enough, and what it finds; at the most effort, whatever it finds."""
    found = _found(index, truth, VectorSearch(-(-index.lists // 32), _LEAST))
    while found.recall < _AIM:
        raised = [_found(index, truth, each) for each in _raised(found, index.lists)]
        if not raised:
            break
        gains = [(each.recall - found.recall) / (_cost(each, index) - _cost(found, index)) for each in raised]
        found = raised[int(np.argmax(gains))] if max(gains) > 0 else raised[-1]
    return found


def _cost(search: VectorSearch, index: Inverted) -> float:
    """Return about how many nanoseconds a search takes."""
    return search.probes / index.lists * len(index) * _SCANNED + search.depth * _COMPARED


def _raised(search: VectorSearch, lists: int) -> list[VectorSearch]:
    """Return searches that look at more: into more lists, at more rows of these, and both."""
    probes, depth = min(lists, 2 * search.probes), min(_DEEPEST, 2 * search.depth)
    further = [
        replace(search, probes=probes),
        replace(search, depth=depth),
        replace(search, probes=probes, depth=depth),
    ]
    return [each for each in dict.fromkeys(further) if each != search]


def _found(index: Inverted, truth: Truth, search: VectorSearch) -> VectorSearch:
    """Return a search with what it finds, on average over the kind of queries that it finds least of."""
    index.search_by = search
    every_other = np.arange(0, len(index), 2)
    shares = []
    for query, filtered, exact in zip(truth.queries, truth.filtered, truth.scores, strict=True):
        _, scores = index.search(query, NEAREST, every_other if filtered else None)
        near = exact[exact > -2]
        right = int((scores >= near.min(initial=2.0) - _SAME).sum())
        shares.append(min(right / len(near), 1.0) if len(near) else 1.0)
    recall = min(float(np.mean(np.array(shares)[truth.kinds == kind])) for kind in np.unique(truth.kinds))
    return replace(search, recall=round(recall, 4), measured=len(index))
