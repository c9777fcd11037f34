"""Holds an embedder of another package to what it promises, before its vectors reach an index."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.embedders.base import Embedder, Progress, unit_rows
from index.errors import EmbedderError
from index.plugins import blaming

__all__ = ["CheckedEmbedder"]


class CheckedEmbedder:
    """Passes on what an embedder gives as float32 unit rows of the shape that was asked for.

    Args:
        embedder: of another package.
        who: names it in messages.

    Raises:
        EmbedderError: its name, fingerprint or sizes are none.
    """

    def __init__(self, embedder: Embedder, who: str) -> None:
        self._embedder = embedder
        self._who = who
        with blaming(who, EmbedderError):
            self.spec = embedder.spec
            self.fingerprint = embedder.fingerprint
            self.dimension = int(embedder.dimension)
            self.max_tokens = int(embedder.max_tokens)
        if not all(isinstance(text, str) and text for text in (self.spec, self.fingerprint)):
            raise self._wrong("gives no text as its spec or its fingerprint")
        if min(self.dimension, self.max_tokens) < 1:
            raise self._wrong(f"has {self.dimension} dimensions and reads {self.max_tokens} tokens")

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """See `Embedder.embed_passages`."""
        return self._rows(lambda: self._embedder.embed_passages(texts, progress=progress), len(texts))

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """See `Embedder.embed_query`."""
        vector: NDArray[np.float32] = self._rows(lambda: [self._embedder.embed_query(text)], 1)[0]
        return vector

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.embed_queries`."""
        return self._rows(lambda: self._embedder.embed_queries(texts), len(texts))

    def count_tokens(self, text: str) -> int:
        """See `Embedder.count_tokens`."""
        with blaming(self._who, EmbedderError):
            return max(0, int(self._embedder.count_tokens(text)))

    def _rows(self, embed: Callable[[], object], count: int) -> NDArray[np.float32]:
        """Return what was embedded, shape (count, dimension)."""
        with blaming(self._who, EmbedderError):
            rows = np.asarray(embed(), np.float32)
            if not rows.size and not count:
                return np.zeros((0, self.dimension), np.float32)
            if rows.shape != (count, self.dimension):
                shape = "gave vectors of shape ({}) where ({}) were asked for"
                raise self._wrong(shape.format(_written(rows.shape), _written((count, self.dimension))))
            if not np.isfinite(rows).all():
                raise self._wrong("gave values that are not finite numbers")
            return unit_rows(rows)

    def _wrong(self, what: str) -> EmbedderError:
        return EmbedderError(f"{self._who} {what}", "report it to those who made it")


def _written(shape: tuple[int, ...]) -> str:
    return ", ".join(map(str, shape))
