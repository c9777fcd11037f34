"""The bundled embedder with a memory on disk: pools share most of their texts, and each text is embedded once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index import embedders
from index.embedders.base import Progress
from index.stores.vector_cache import VectorCache, text_digest
from index.types import FloatArray

_PIECE = 2_000


class Kept:
    """An embedder that asks another one only for texts it has never seen; vectors are kept in half precision.

    Questions are embedded in bulk (cosine to the one-by-one engine 0.999).
    """

    def __init__(self, spec: str, path: Path) -> None:
        self._inner = embedders.load(spec)
        self.spec, self.fingerprint = self._inner.spec, self._inner.fingerprint
        self.dimension, self.max_tokens = self._inner.dimension, self._inner.max_tokens
        self._cache = VectorCache(path, self.fingerprint, self.dimension)
        self._asked: dict[str, FloatArray] = {}

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> FloatArray:
        """See `index.embedders.base.Embedder`."""
        vectors = self._vectors("passage: ", texts)
        if progress:
            progress(len(texts))
        return vectors

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """See `index.embedders.base.Embedder`."""
        vectors = self._vectors("query: ", texts)
        self._asked.update(zip(texts, vectors, strict=True))
        return vectors

    def embed_query(self, text: str) -> FloatArray:
        """See `index.embedders.base.Embedder`."""
        if text not in self._asked:
            self._asked[text] = self._vectors("query: ", [text])[0]
        return self._asked[text]

    def count_tokens(self, text: str) -> int:
        """See `index.embedders.base.Embedder`."""
        return self._inner.count_tokens(text)

    def _vectors(self, kind: str, texts: Sequence[str]) -> FloatArray:
        digests = [text_digest(kind + text) for text in texts]
        missing = self._cache.missing(digests)
        for start in range(0, len(missing), _PIECE):
            places = missing[start : start + _PIECE]
            some = [texts[place] for place in places]
            rows = self._inner.embed_queries(some) if kind == "query: " else self._inner.embed_passages(some)
            self._cache.put([digests[place] for place in places], rows)
        rows, gone = self._cache.get(digests)
        if gone:
            self._cache.drop_unsound()
            return self._vectors(kind, texts)
        unit: FloatArray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit
