"""Gathers the terms of passages into rows of postings: a term with all the passages of a batch that hold it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.stores.postgres.keywords import signed
from index.stores.terms import terms

__all__ = ["TermsGathered", "counted_terms"]

_MOST = 2_000_000  # postings in memory at once
_ENTRY = np.dtype([("term", "<i8"), ("key", "<i4"), ("count", "<i2"), ("length", "<i4")])


def counted_terms(text: str) -> tuple[Counter[int], int]:
    """Return how often each term stands in a text, and how many terms it has, repetitions included."""
    counted = Counter(map(signed, terms(text)))
    return counted, sum(counted.values())


class TermsGathered:
    """Postings that wait to be written."""

    def __init__(self) -> None:
        self._waiting: list[NDArray[np.void]] = []
        self._size = 0

    @property
    def full(self) -> bool:
        """Whether they should be written now."""
        return self._size >= _MOST

    def add(self, key: int, text: str) -> int:
        """Take in a passage and return how many terms it has."""
        counted, length = counted_terms(text)
        entries = np.empty(len(counted), _ENTRY)
        entries["term"] = np.fromiter(counted.keys(), np.int64, len(counted))
        entries["count"] = np.minimum(np.fromiter(counted.values(), np.int64, len(counted)), 255)
        entries["key"], entries["length"] = key, length
        self._waiting.append(entries)
        self._size += len(entries)
        return length

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Give all that waits as rows (term, holders, keys, counts, lengths), by term, and forget it."""
        waiting, self._waiting, self._size = self._waiting, [], 0
        entries = np.concatenate([np.empty(0, _ENTRY), *waiting])
        entries = entries[np.argsort(entries["term"], kind="stable")]
        edges = np.flatnonzero(np.diff(entries["term"])) + 1
        bounds = [0, *edges.tolist(), len(entries)] if len(entries) else []
        columns = [entries[name].tolist() for name in ("key", "count", "length")]
        for start, end in pairwise(bounds):
            arrays = (f"{{{str(column[start:end])[1:-1]}}}" for column in columns)
            yield (int(entries["term"][start]), end - start, *arrays)
