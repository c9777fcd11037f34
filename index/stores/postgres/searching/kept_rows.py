"""Rows that questions fetched, kept for further ones: what a key stands for never changes within a generation."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, TypeVar

__all__ = ["KeptRows"]

_Key = TypeVar("_Key", bound=Hashable)
_Row = TypeVar("_Row")


class KeptRows(Generic[_Key, _Row]):
    """Rows by key, those longest unasked for are dropped; for many threads.

    Args:
        most: bytes.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._rows: OrderedDict[_Key, tuple[_Row, int]] = OrderedDict()
        self._guard = threading.Lock()

    def known(self, keys: Sequence[_Key]) -> dict[_Key, _Row]:
        """Return those of these rows that are kept."""
        found: dict[_Key, _Row] = {}
        with self._guard:
            for key in keys:
                row = self._rows.get(key)
                if row is not None:
                    self._rows.move_to_end(key)
                    found[key] = row[0]
        return found

    def keep(self, rows: Mapping[_Key, _Row], sizes: Mapping[_Key, int]) -> None:
        """Keep rows of which each takes about so many bytes."""
        with self._guard:
            for key, row in rows.items():
                if key not in self._rows:
                    self._rows[key] = row, sizes[key]
                    self._size += sizes[key]
            while self._size > self._most:
                _, (_, size) = self._rows.popitem(last=False)
                self._size -= size
