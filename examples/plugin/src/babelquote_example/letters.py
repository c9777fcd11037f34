"""An embedder: texts are counts of their letters, `letters:64` in 64 dimensions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.embedders.base import Progress, unit_rows
from index.errors import EmbedderError

__all__ = ["create"]


class LettersEmbedder:
    """Counts letters by their code point."""

    max_tokens = 512

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.spec = f"letters:{dimension}"
        self.fingerprint = f"babelquote-example/letters/{dimension}/1"

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Return unit rows, shape (len(texts), dimension)."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text.casefold():
                row[ord(letter) % self.dimension] += letter.isalnum()
        if progress and texts:
            progress(len(texts))
        return unit_rows(rows)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a question, shape (dimension,)."""
        vector: NDArray[np.float32] = self.embed_passages([text])[0]
        return vector

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return those of many."""
        return self.embed_passages(texts)

    def count_tokens(self, text: str) -> int:
        """Count a word as a token."""
        return len(text.split())


def create(argument: str) -> LettersEmbedder:
    """Make the embedder; raises `EmbedderError` for a dimension that is none."""
    if argument and not (argument.isascii() and argument.isdigit() and 8 <= int(argument) <= 4096):
        raise EmbedderError(f"letters:{argument[:50]}: write a number of dimensions from 8 to 4096, or nothing")
    return LettersEmbedder(int(argument or 64))
