"""A store: `remembered:///a/folder` is an index in that folder which is searched in memory, exactly.

An engine is one object that builds, opens, follows, lists and describes the indexes of its scheme. This one leaves the
folder's files to the engine of folders and gives readers a store of its own.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np

from index import Index, PassageStore
from index.embedders.base import Embedder
from index.locations import Database, Location
from index.opening.folders import FolderEngine
from index.opening.opened import Loaded
from index.stores.memory import MemoryStore

__all__ = ["RememberedEngine", "RememberedStore", "create"]


class RememberedStore(MemoryStore):
    """Everything of another store, in memory."""

    @classmethod
    def of(cls, store: PassageStore) -> RememberedStore:
        """Copy a store, document by document."""
        made = cls(store.dimension)
        for name in store.document_ids():
            keys = store.keys(name)
            pairs = [pair for found, rows in store.sentences(keys) for pair in zip(found, rows, strict=True)]
            sentences = dict(pairs)  # passages overlap
            order = sorted(sentences, key=lambda each: (each.start, each.end))
            rows = np.array([sentences[each] for each in order], np.float32).reshape(-1, store.dimension)
            made.put(store.document(name), store.passages(keys), store.vectors(keys), order, rows)
        return made


class RememberedEngine(FolderEngine):
    """Indexes in folders, read from memory."""

    def folder(self, location: Location) -> Path:
        """Return the folder that an address names."""
        assert isinstance(location, Database)
        return Path(unquote(urlsplit(location.conninfo).path))

    def open(self, location: Location, embedder: Embedder | None = None) -> Index:
        """Open the current generation, and copy it."""
        kept = super().open(location, embedder)
        store = RememberedStore.of(kept.store)
        return Index(location, kept.manifest, kept.alignment, store, Loaded(embedder), kept.beside, kept.close)


def create(argument: str = "") -> RememberedEngine:  # noqa: ARG001 - an engine takes none
    """Make the engine."""
    return RememberedEngine()
