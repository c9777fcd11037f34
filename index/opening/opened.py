"""Opens an index for reading: verified as a whole, then searched by many threads until it is closed."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Self

from index.building.versions import check_readable
from index.config import default_index_dir
from index.disk.generations import Current, hold, read_current
from index.disk.locks import unlock
from index.disk.manifest import ALIGNMENT, Manifest, read_manifest
from index.disk.verifying import verify
from index.embedders import load
from index.embedders.alignment import Alignment
from index.embedders.base import Embedder, beginning
from index.errors import IndexDamagedError, IndexIncompatibleError
from index.stores.base import PassageStore
from index.stores.embedded.store import EmbeddedStore
from index.types import FloatArray

__all__ = ["Index", "open"]

_TRIES, _PAUSE = 50, 0.02  # a generation that goes while it is opened has a successor at once


class Index:
    """One generation of an index, as it will stay until it is closed.

    Attributes:
        folder: the folder of the generation.
        manifest: what it is.
        store: its documents, passages and vectors.
        alignment: brings the vectors of its languages together.
    """

    def __init__(self, folder: Path, manifest: Manifest, held: int, embedder: Embedder | None = None) -> None:
        self.folder = folder
        self.manifest = manifest
        self.alignment: Alignment = Alignment.load(folder / ALIGNMENT, self.manifest.embedder.fingerprint)
        self.store: PassageStore = EmbeddedStore(folder)
        self._held = held
        self._embedder = embedder
        self._guard = threading.Lock()
        if len(self.store) != manifest.passages or self.store.dimension != manifest.embedder.dimension:
            raise IndexDamagedError(f"{folder}: its files do not fit its manifest; rebuild with `rag index --rebuild`")

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
        with self._guard:
            if self._embedder is None:
                self._embedder = load(self.manifest.embedder.spec)
            _check_embedder(self.folder, self.manifest, self._embedder)
            return self._embedder

    @property
    def fingerprint(self) -> str:
        """Names the model whose vectors the index holds."""
        return self.manifest.embedder.fingerprint

    def adopt(self, former: Index) -> None:
        """Use the embedder that another generation has loaded, if it is the same."""
        with former._guard:
            embedder = former._embedder
        if embedder is not None and embedder.fingerprint == self.manifest.embedder.fingerprint:
            with self._guard:
                self._embedder = embedder

    def embed_query(self, text: str) -> tuple[FloatArray, str]:
        """Return the vector of a question, shape (dimension,), aligned as the passages are, and its language."""
        text = beginning(self.embedder, text)
        raw = self.embedder.embed_query(text)
        return self.alignment.align_query(raw, self.alignment.language_of(text, raw))

    def close(self) -> None:
        """Let go of the generation; twice is no error."""
        self.store.close()
        with self._guard:
            held, self._held = self._held, -1
        if held >= 0:
            unlock(held)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open(index_dir: str | Path | None = None, *, embedder: Embedder | None = None) -> Index:  # noqa: A001
    """Open the current generation of an index.

    Args:
        index_dir: folder of the index; `None` means `RAG_INDEX`, else the default place.
        embedder: one that is loaded already; `None` loads the index's own when it is first needed.

    Raises:
        IndexMissingError: nothing was built there yet.
        IndexDamagedError: a file is not what was written; nothing of it is searched.
        IndexIncompatibleError: another format or version, or `embedder` gives other vectors than the index has.
    """
    folder = default_index_dir() if index_dir is None else Path(index_dir)
    for attempt in range(_TRIES):
        current = read_current(folder)
        held = hold(current.folder)
        if held is not None:
            return _open_held(current, held, embedder)
        if not _may_be_going(current, attempt):
            break
        time.sleep(_PAUSE)
    raise IndexDamagedError(f"{current.folder}: can't be opened; rebuild with `rag index`")


def _may_be_going(current: Current, attempt: int) -> bool:
    return attempt < 2 or current.folder.exists() or read_current(current.folder.parent) != current


def _open_held(current: Current, held: int, embedder: Embedder | None) -> Index:
    try:
        manifest = read_manifest(current.folder, current.digest)
        verify(current.folder, manifest)
        check_readable(current.folder, manifest)
        if embedder is not None:
            _check_embedder(current.folder, manifest, embedder)
        return Index(current.folder, manifest, held, embedder)
    except BaseException:
        os.close(held)
        raise


def _check_embedder(folder: Path, manifest: Manifest, embedder: Embedder) -> None:
    wanted = manifest.embedder
    if (embedder.fingerprint, embedder.dimension) != (wanted.fingerprint, wanted.dimension):
        raise IndexIncompatibleError(
            f"{folder}: was built with the embedder {wanted.spec} ({wanted.fingerprint}), but {embedder.spec} is "
            f"{embedder.fingerprint} now; run `rag index` to embed again"
        )
