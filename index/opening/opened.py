"""Opens an index for reading: verified as a whole, then searched by many threads until it is closed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from index.building.versions import check_readable
from index.disk.generations import Current, hold, read_current
from index.disk.locks import unlock
from index.disk.manifest import ALIGNMENT, Manifest, read_manifest
from index.disk.verifying import verify
from index.embedders import load
from index.embedders.alignment.vectors import Alignment
from index.embedders.base import Brief, Embedder, beginning
from index.errors import IndexDamagedError, IndexIncompatibleError
from index.locations import Location, LocationLike, location_of
from index.stores.base import PassageStore
from index.stores.embedded.updated import open_store
from index.types import FloatArray

__all__ = ["Index", "Loaded", "check_embedder", "open", "open_folder"]

_ONE_BY_ONE = 48
"""Texts of a usual answer, whose vectors stay those of single questions."""
_TRIES, _PAUSE = 50, 0.02  # a generation that goes while it is opened has a successor at once


class Loaded:
    """The embedder of an index, loaded when first asked for and shared by all who read with it."""

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder
        self._guard = threading.Lock()
        self.is_brief = False

    def be_brief(self) -> None:
        """Let the embedder be brief, if it can."""
        self.is_brief = True

    def get(self, place: object, manifest: Manifest) -> Embedder:
        """Return it, checked against what the index was made with."""
        with self._guard:
            if self._embedder is None:
                self._embedder = load(manifest.embedder.spec)
            check_embedder(place, manifest, self._embedder)
            if self.is_brief and isinstance(self._embedder, Brief):
                self._embedder.be_brief()
            return self._embedder

    def fits(self, manifest: Manifest) -> bool:
        """Tell whether one is loaded that an index was made with."""
        with self._guard:
            return self._embedder is not None and self._embedder.fingerprint == manifest.embedder.fingerprint


class Index:
    """One generation of an index, as it will stay until it is closed.

    Args:
        place: the folder of the generation, or the database.
        manifest: what it is.
        alignment: brings the vectors of its languages together.
        store: its documents, passages and vectors.
        loaded: its embedder.
        beside: folder for what belongs to the index on this machine.
        release: called once when it is closed.

    Attributes:
        folder: the folder of the generation, or the database.
        beside: folder for what belongs to the index on this machine: uploads, keys, judgements.
        manifest: what it is.
        store: its documents, passages and vectors.
        alignment: brings the vectors of its languages together.
    """

    def __init__(
        self,
        place: Location,
        manifest: Manifest,
        alignment: Alignment,
        store: PassageStore,
        loaded: Loaded,
        beside: Path,
        release: Callable[[], object],
    ) -> None:
        self.folder = place
        self.beside = beside
        self.manifest = manifest
        self.alignment = alignment
        self.store = store
        self._loaded = loaded
        self._release: Callable[[], object] | None = release
        self._guard = threading.Lock()
        if len(self.store) != manifest.passages or self.store.dimension != manifest.embedder.dimension:
            raise IndexDamagedError(f"{place}: its files do not fit its manifest", "rebuild with `rag index --rebuild`")

    @property
    def generation(self) -> int:
        """Number of the generation."""
        return self.manifest.generation

    @property
    def embedder(self) -> Embedder:
        """The embedder that made the vectors, loaded when first asked for.

        Raises:
            EmbedderError: it can't be loaded.
            IndexIncompatibleError: what its spec opens today gives other vectors.
        """
        return self._loaded.get(self.folder, self.manifest)

    @property
    def fingerprint(self) -> str:
        """Names the model whose vectors the index holds."""
        return self.manifest.embedder.fingerprint

    def adopt(self, former: Index) -> None:
        """Use the embedder that another generation has loaded, if it is the same."""
        if former._loaded.fits(self.manifest):
            self._loaded = former._loaded

    def be_brief(self) -> None:
        """See `index.embedders.base.Brief.be_brief`; nothing changes where the embedder has no such way."""
        self._loaded.be_brief()

    def embed_query(self, text: str) -> tuple[FloatArray, str]:
        """Return the vector of a question, shape (dimension,), aligned as the passages are, and its language."""
        text = beginning(self.embedder, text)
        raw = self.embedder.embed_query(text)
        return self.alignment.align_query(raw, self.alignment.language_of(text, raw))

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Return the vectors of many texts, shape (len(texts), dimension).

        More than an answer has are embedded together, in half the time: rounding tells such vectors from those of
        `embed_query` (cosine 0.9997 and more; 0.998 on average where there are thousands, which go by the way of
        passages). Where it is brief, those of an answer are embedded together too, which changes nothing then.
        """
        embedder, alignment = self.embedder, self.alignment
        brief = self._loaded.is_brief and isinstance(embedder, Brief)
        if len(texts) <= _ONE_BY_ONE and not brief:
            return np.stack([self.embed_query(text)[0] for text in texts])
        texts = [beginning(embedder, text) for text in texts]
        rows = zip(texts, embedder.embed_queries(texts), strict=True)
        return np.stack([alignment.align_query(row, alignment.language_of(text, row))[0] for text, row in rows])

    def close(self) -> None:
        """Let go of the generation; twice is no error."""
        self.store.close()
        with self._guard:
            release, self._release = self._release, None
        if release is not None:
            release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open(index_dir: LocationLike = None, *, embedder: Embedder | None = None) -> Index:  # noqa: A001 - called `index.open`
    """Open the current generation of an index.

    Args:
        index_dir: folder or `postgresql://` address of the index; `None`: `RAG_INDEX`, else the default place.
        embedder: one that is loaded already; `None` loads the index's own when it is first needed.

    Raises:
        IndexMissingError: nothing was built there yet.
        IndexDamagedError: a file is not what was written; nothing of it is searched.
        IndexIncompatibleError: another format or version, or `embedder` gives other vectors than the index has.
    """
    from index.opening.engine import reading_engine

    location = location_of(index_dir)
    return reading_engine(location).open(location, embedder)


def open_folder(folder: Path, embedder: Embedder | None = None) -> Index:
    """Open the current generation of an index in a folder; errors are those of `open`."""
    for attempt in range(_TRIES):
        current = read_current(folder)
        held = hold(current.folder)
        if held is not None:
            return _open_held(current, held, embedder)
        if not _may_be_going(current, attempt):
            break
        time.sleep(_PAUSE)
    raise IndexDamagedError(f"{current.folder}: can't be opened", "rebuild with `rag index`")


def _may_be_going(current: Current, attempt: int) -> bool:
    return attempt < 2 or current.folder.exists() or read_current(current.folder.parent) != current


def _open_held(current: Current, held: int, embedder: Embedder | None) -> Index:
    try:
        manifest = read_manifest(current.folder, current.digest)
        verify(current.folder, manifest)
        check_readable(current.folder, manifest)
        if embedder is not None:
            check_embedder(current.folder, manifest, embedder)
        alignment = Alignment.load(current.folder / ALIGNMENT, manifest.embedder.fingerprint)
        store, loaded = open_store(current.folder, manifest.search), Loaded(embedder)
        beside = current.folder.parent
        return Index(current.folder, manifest, alignment, store, loaded, beside, lambda: unlock(held))
    except BaseException:
        os.close(held)
        raise


def check_embedder(place: object, manifest: Manifest, embedder: Embedder) -> None:
    """Refuse an embedder that gives other vectors than an index has."""
    wanted = manifest.embedder
    if (embedder.fingerprint, embedder.dimension) != (wanted.fingerprint, wanted.dimension):
        raise IndexIncompatibleError(
            f"{place}: was built with the embedder {wanted.spec} ({wanted.fingerprint}), but {embedder.spec} is "
            f"{embedder.fingerprint} now",
            "run `rag index` to embed again",
        )
