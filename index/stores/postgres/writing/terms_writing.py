"""Gathers the terms of passages into rows of postings: a term with all the passages of a batch that hold it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.stores.postgres.searching.keywords import pack, signed
from index.stores.terms import terms

__all__ = ["TermsGathered"]

_MOST = 2_000_000  # postings in memory at once
_ENTRY = np.dtype([("term", "<i8"), ("key", "<u4"), ("length", "<u4"), ("count", "u1")])


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
        """Take in a passage and return how many terms it has, repetitions included."""
        counted = Counter(map(signed, terms(text)))
        length = sum(counted.values())
        entries = np.empty(len(counted), _ENTRY)
        entries["term"] = np.fromiter(counted.keys(), np.int64, len(counted))
        entries["count"] = np.minimum(np.fromiter(counted.values(), np.int64, len(counted)), 255)
        entries["key"], entries["length"] = key, length
        self._waiting.append(entries)
        self._size += len(entries)
        return length

    def rows(self, segment: int) -> Iterator[tuple[int, int, bytes]]:
        """Give all that waits as rows (term, segment, postings), by term, and forget it."""
        waiting, self._waiting, self._size = self._waiting, [], 0
        entries = np.concatenate([np.empty(0, _ENTRY), *waiting])
        entries = entries[np.argsort(entries["term"], kind="stable")]
        columns = [np.ascontiguousarray(entries[name]) for name in ("key", "length", "count")]
        edges = np.flatnonzero(np.diff(entries["term"])) + 1
        bounds = [0, *edges.tolist(), len(entries)] if len(entries) else []
        for start, end in pairwise(bounds):
            keys, lengths, counts = (column[start:end] for column in columns)
            yield int(entries["term"][start]), segment, pack(keys, lengths, counts)
