"""The postings of frequent terms as they are compared, kept while there is room: most questions have some of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ready"]

_LEAST = 1_000  # postings of a term that are worth keeping: fewer are read in some microseconds

_Read: TypeAlias = tuple[NDArray[np.uint32], NDArray[np.uint8]]
"""The rows of the postings of a term, and how often each holds it."""


class Stored(Protocol):
    """Postings as they lie."""

    def rows(self, start: int, end: int) -> NDArray[np.uint32]:
        """Return the rows of the postings of a term, which are those from `start` up to `end`."""
        ...

    def counts(self, start: int, end: int) -> NDArray[np.uint8]:
        """Return how often these rows hold the term."""
        ...


class Ready:
    """Reads postings, and keeps those of frequent terms; safe to use from many threads.

    Args:
        stored: has all of them.
        most: how many are kept.
    """

    def __init__(self, stored: Stored, most: int) -> None:
        self._stored = stored
        self._most = most
        self._kept: OrderedDict[int, _Read] = OrderedDict()
        self._size = 0
        self._guard = threading.Lock()

    def read(self, start: int, end: int) -> _Read:
        """Return the postings of a term, which are those from `start` up to `end`."""
        if end - start < _LEAST:
            return self._stored.rows(start, end), self._stored.counts(start, end)
        with self._guard:
            if start in self._kept:
                self._kept.move_to_end(start)
                return self._kept[start]
        found = self._stored.rows(start, end), self._stored.counts(start, end)
        with self._guard:
            if start not in self._kept:
                self._kept[start] = found
                self._size += end - start
            while self._size > self._most:
                _, (rows, _) = self._kept.popitem(last=False)
                self._size -= len(rows)
        return found
