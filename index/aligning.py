"""Fits the language alignment of an index to its own vectors."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from index.embedders.alignment import Alignment
from index.vector_cache import VectorCache

__all__ = ["fit_alignment"]

_MOST = 100_000  # vectors that are looked at; the means of the languages need no more


def fit_alignment(fingerprint: str, cache: VectorCache, rows: Iterable[tuple[bytes, str]], count: int) -> Alignment:
    """Fit the alignment to an even sample of the passages.

    Args:
        fingerprint: of the embedder.
        cache: holds the raw vectors.
        rows: (digest, language) of every passage.
        count: how many there are.
    """
    step = -(-count // _MOST) or 1
    chosen = [row for at, row in enumerate(rows) if at % step == 0]
    vectors, missing = cache.get([digest for digest, _ in chosen])
    gone = set(missing)
    kept = np.array([at not in gone for at in range(len(chosen))], bool)
    languages = [language for at, (_, language) in enumerate(chosen) if at not in gone]
    return Alignment.fit(fingerprint, vectors[kept], languages)
