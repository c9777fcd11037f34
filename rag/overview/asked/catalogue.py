"""The headers of an index's documents, so many of them as are looked through for a question, and what they are called.

Both are gathered once for each generation: of 20,000 documents that takes seconds, which no question should.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from weakref import WeakKeyDictionary

from index.opening.scoped import ScopedStore
from index.stores.base import DocumentHeader, Filter, PassageStore
from index.stores.filtering import allows
from rag.overview.asked.called import by_beginnings, name_of
from rag.overview.asked.naming import Titles

__all__ = ["Catalogue", "catalogue_of", "headers_of"]

# Documents whose titles are looked at; of a larger library only these can be named, and the counts stay whole.
_MOST = 20_000
_GROUP = 500  # headers asked for at once


class Catalogue:
    """Documents with what they are called.

    Args:
        headers: of the documents.
        passages: how many passages the store held; a store in memory may grow.
    """

    def __init__(self, headers: Sequence[DocumentHeader], passages: int = 0) -> None:
        self.headers = tuple(headers)
        self.passages = passages

    @cached_property
    def called(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """The documents by the words of their names, these by how they begin."""
        return by_beginnings({header.id: name_of(header) for header in self.headers})

    @cached_property
    def titles(self) -> Titles:
        """What their titles and file names have in common with a question."""
        return Titles(self.headers)


_kept: WeakKeyDictionary[PassageStore, Catalogue] = WeakKeyDictionary()
_guard = threading.Lock()


def catalogue_of(store: PassageStore) -> Catalogue:
    """Return the documents of a store, kept as long as the store is; of one that shows a part to somebody, the whole's.

    Only what a question's own documents are called may be shown of it.
    """
    whole = store.whole if isinstance(store, ScopedStore) else store
    with _guard:
        found, passages = _kept.get(whole), len(whole)
        if found is None or found.passages != passages:
            found = _kept[whole] = Catalogue(list(_headers(whole)), passages)
    if whole is not store and len(found.headers) >= _MOST:  # what may be seen may lie behind the last one
        return Catalogue(list(_headers(store)))
    return found


def headers_of(store: PassageStore, where: Filter | None = None) -> list[DocumentHeader]:
    """Return the headers of the documents that a filter allows.

    Args:
        store: the open index.
        where: which documents count; `None` means all.
    """
    known = _headers(store) if isinstance(store, ScopedStore) else catalogue_of(store).headers
    return [header for header in known if allows(where, header)]


def _headers(store: PassageStore) -> Iterator[DocumentHeader]:
    names = islice(store.document_ids(), _MOST)
    while some := list(islice(names, _GROUP)):
        found = store.headers(some)
        yield from (found[name] for name in some)
