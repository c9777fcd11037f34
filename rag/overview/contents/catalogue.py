"""The headers of an index's documents, so many of them as are looked through for a question."""

from __future__ import annotations

from itertools import islice

from index.stores.base import DocumentHeader, Filter, PassageStore
from index.stores.filtering import allows

__all__ = ["headers_of"]

# Documents whose titles are looked at; of a larger library only these can be named, and the counts stay whole.
_MOST = 20_000
_GROUP = 500  # headers asked for at once


def headers_of(store: PassageStore, where: Filter | None = None) -> list[DocumentHeader]:
    """Return the headers of the documents that a filter allows.

    Args:
        store: the open index.
        where: which documents count; `None` means all.
    """
    names = islice(store.document_ids(), _MOST)
    kept: list[DocumentHeader] = []
    while some := list(islice(names, _GROUP)):
        found = store.headers(some)
        kept += (found[name] for name in some if allows(where, found[name]))
    return kept
