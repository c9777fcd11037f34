"""Which passages a question may use: its own filter within the assistant's, collections looked up by their names."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from index.stores.base import Filter
from index.stores.narrowing import narrowed

__all__ = ["within"]


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
