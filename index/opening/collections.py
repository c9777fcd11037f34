"""The collections of an opened index as they are now, and filters that name them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from index.locations import Location
from index.stores.base import Filter
from index.stores.collections import SEES_ALL, Collections, Viewer
from index.stores.keeping import looks_of, read_collections
from index.stores.sets import DocumentSet

__all__ = ["KeptCollections", "named"]


class KeptCollections:
    """The collections as they are now, read anew when they have changed; for many threads.

    Args:
        location: of the index.
    """

    def __init__(self, location: Location) -> None:
        self._location = location
        self._read: tuple[object, int, Collections] | None = None
        self._guard = threading.Lock()

    def now(self, generation: int = 0) -> Collections:
        """Return them.

        Args:
            generation: of the index that they are to hold for. A build changes them before it makes its generation
                current, so what was read for an earlier one does not count.

        Raises:
            StoreError: they can't be read; what was read before does not count any more.
        """
        look = looks_of(self._location)
        with self._guard:
            if self._read is None or self._read[0] != look or self._read[1] < generation:
                self._read = None
                self._read = (look, generation, read_collections(self._location))
            return self._read[2]


def named(where: Filter | None, collections: Callable[[], Collections], viewer: Viewer = SEES_ALL) -> Filter | None:
    """Return a filter with what its collections hold in place of their names.

    Raises:
        ConfigError: the person knows of no collection of that name.
        StoreError: they can't be read.
    """
    if where is None or not where.collections:
        return where
    held: DocumentSet = collections().named(where.collections, viewer)
    return replace(where, collections=(), among=(*where.among, held))
