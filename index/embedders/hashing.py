"""Hashed character n-grams: an embedder without a model, for tests.

The hashing trick with signs (Weinberger et al. 2009, "Feature hashing for large scale multitask
learning"), over the words of a text and the n-grams inside them. Texts that share words come
out close, others nearly orthogonal, in any script, and equally on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from index.caching import kept
from index.embedders.base import Progress, tokenizable, unit_rows

__all__ = ["HashingEmbedder"]

_DIMENSION = 256
_MAX_TOKENS = 512
_SIZES = (3, 4, 5)
_KEPT = 1 << 14  # words, with their slots; some 300 bytes each
_SIGNS = np.array([-1.0, 1.0], np.float32)


class HashingEmbedder:
    """Signed hashed n-grams of 3 to 5 characters; questions and passages are embedded alike."""

    spec = "hashing"
    fingerprint = f"hashing/blake2b/{_DIMENSION}/1"
    dimension = _DIMENSION
    max_tokens = _MAX_TOKENS

    @cached_property
    def _kept_slots(self) -> Callable[[str], bytes]:
        """Slots of words, which come again and again in a corpus: more of them are kept than of questions."""
        return kept(_KEPT, longest=32)(_slots)

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """See `index.embedders.base.Embedder.embed_passages`."""
        rows = _rows(texts, self._kept_slots)
        if progress and texts:
            progress(len(texts))
        return rows

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """See `index.embedders.base.Embedder.embed_query`."""
        vector: NDArray[np.float32] = self.embed_queries([text])[0]
        return vector

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `index.embedders.base.Embedder.embed_queries`."""
        return _rows(texts, _slots)

    def count_tokens(self, text: str) -> int:
        """One token for each word and each further six letters of it; scripts without spaces count alike."""
        return sum(1 + len(word) // 6 for word in text.split())


def _rows(texts: Sequence[str], slots_of: Callable[[str], bytes]) -> NDArray[np.float32]:
    rows = np.zeros((len(texts), _DIMENSION), np.float32)
    for number, text in enumerate(texts):
        slots = np.frombuffer(b"".join(map(slots_of, tokenizable(text).casefold().split())), np.uint16)
        rows[number] = np.bincount(slots, minlength=2 * _DIMENSION).reshape(_DIMENSION, 2) @ _SIGNS
    return unit_rows(rows)


def _slots(word: str) -> bytes:
    """Return two bytes for each n-gram of a word: twice its place, and one more where its sign is plus."""
    numbers = (int.from_bytes(blake2b(gram.encode(), digest_size=4).digest(), "little") for gram in _grams(word))
    return np.fromiter((2 * (one % _DIMENSION) + (one >> 31) for one in numbers), np.uint16).tobytes()


def _grams(word: str) -> Iterator[str]:
    bounded = f" {word} "
    yield bounded
    for size in _SIZES:
        for start in range(len(bounded) - size + 1):
            yield bounded[start : start + size]
