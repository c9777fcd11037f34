"""Vectors that come with documents, kept on disk until a store is written from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from index.errors import StoreError
from index.stores.base import DocumentWriter
from index.stores.rows import DIGEST_SIZE
from index.stores.vector_cache import VectorCache
from index.types import Document, FloatArray, Passage, Sentence

__all__ = ["Spool", "SpooledWriter"]


class Spool:
    """Numbers vectors as they come; the number takes the place of a digest.

    Args:
        path: of a file that is made, and gone after `close`.
        dimension: length of every vector.
    """

    def __init__(self, path: Path, dimension: int) -> None:
        self._path = path
        self._dimension = dimension
        self._kept = VectorCache(path, "spool", dimension)
        self._count = 0

    def take(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: FloatArray,
        sentences: Sequence[Sentence],
        sentence_vectors: FloatArray | None,
    ) -> tuple[list[bytes], list[bytes]]:
        """Keep the vectors of a document's passages and sentences; returns what each is known by.

        Raises:
            StoreError: a shape does not fit.
        """
        rows = np.empty((0, self._dimension), np.float32) if sentence_vectors is None else sentence_vectors
        for name, found, count in (("passages", vectors, len(passages)), ("sentences", rows, len(sentences))):
            if found.shape != (count, self._dimension):
                raise StoreError(f"{document.source}: vectors of shape {found.shape} for {count} {name}")
        return self._keep(vectors), self._keep(rows)

    def get(self, digests: Sequence[bytes], _: object = None) -> FloatArray:
        """Return vectors, shape (len(digests), dimension)."""
        return self._kept.get(digests)[0]

    def close(self) -> None:
        """Remove the file; twice is no error."""
        self._kept.close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _keep(self, rows: FloatArray) -> list[bytes]:
        digests = [(self._count + at).to_bytes(DIGEST_SIZE, "big") for at in range(len(rows))]
        self._count += len(rows)
        self._kept.put(digests, rows)
        return digests


_W = TypeVar("_W", bound=DocumentWriter)


class SpooledWriter(Generic[_W]):
    """The part of a `GenerationWriter` that every engine has: vectors go to a spool, until all of them are there.

    Attributes:
        _writer: writes the documents.
        _spool: keeps the vectors.
    """

    _writer: _W
    _spool: Spool

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: FloatArray,
        sentences: Sequence[Sentence] = (),
        sentence_vectors: FloatArray | None = None,
    ) -> None:
        """Put a document with its passages in place of what was stored under its id; see `GenerationWriter`."""
        digests, sentence_digests = self._spool.take(document, passages, vectors, sentences, sentence_vectors)
        self._writer.put(document, passages, digests, sentences, sentence_digests)

    def delete(self, document_id: str) -> None:
        """Remove a document with everything of it; an unknown id is no error."""
        self._writer.delete(document_id)
