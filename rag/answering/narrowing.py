"""Which passages a question may use: its own filter within the assistant's, collections looked up by their names."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias, runtime_checkable

from index.locations import LocationLike
from index.stores.base import Filter
from index.stores.narrowing import narrowed
from rag.retrieval.retrieve import Readable

__all__ = ["Live", "Where", "open_live", "within"]

Where: TypeAlias = Filter | Mapping[str, str] | None
"""Which passages may be used; a mapping is a filter by metadata, such as `{"author": "Mei"}`."""


class Live(Protocol):
    """An index that may be rebuilt while it is read."""

    def reading(self) -> AbstractContextManager[Readable]:
        """Hold the newest complete generation for one question."""
        ...


def open_live(index_dir: LocationLike) -> Live:
    """Return the index in a folder or database; `None`: the default one.

    Raises:
        StoreError: there is no usable index.
    """
    import index

    live: Live = index.LiveIndex(index_dir)
    return live


@runtime_checkable
class _Collecting(Protocol):
    def resolved(self, where: Filter | None) -> Filter | None: ...


def within(live: object, own: Filter | None, where: Filter | None) -> Filter | None:
    """Return what both filters let through; `None` lets everything through.

    Args:
        live: the index that is asked, and knows its collections.
        own: the assistant's.
        where: the question's.

    Raises:
        ConfigError: no passage could pass both, or there is no collection of such a name.
        StoreError: the collections can't be read.
    """
    if isinstance(live, _Collecting):
        own, where = live.resolved(own), live.resolved(where)
    return narrowed(own, where)
