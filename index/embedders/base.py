"""What an embedder is, and what all of them do to texts and vectors."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from index.errors import EmbedderError

__all__ = ["MAX_CHARACTERS", "Brief", "Embedder", "Progress", "beginning", "tokenizable", "unit_rows"]

Progress = Callable[[int], None]
"""Called now and then with the number of texts embedded so far."""

MAX_CHARACTERS = 16_384
"""Longer texts are embedded by their beginning: a bound on memory and time, far above any passage."""


@runtime_checkable
class Embedder(Protocol):
    """Text to vectors. Every vector is float32 of length 1, so a dot product is a cosine.

    All methods may be called by several threads at once, with any text: empty, very long,
    with NUL or lone surrogates.
    """

    @property
    def spec(self) -> str:
        """What `index.embedders.load` takes to open the same embedder again."""
        ...

    @property
    def fingerprint(self) -> str:
        """Names the vectors: two embedders of one fingerprint give interchangeable ones, today or next year."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Longest text, as counted by `count_tokens`, that the model reads in one piece."""
        ...

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Embed texts to be found.

        Args:
            texts: Any number, also none.
            progress: Called with the number of texts done so far; the last call gives their total.

        Returns:
            Shape (len(texts), dimension), unit rows, in the order of the texts.

        Raises:
            EmbedderError: The model cannot be loaded or gave unusable vectors.
        """
        ...

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed one question: a unit vector of shape (dimension,)."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed many questions, for evaluation: unit rows, shape (len(texts), dimension)."""
        ...

    def count_tokens(self, text: str) -> int:
        """How many of `max_tokens` a text takes; prefixes and special tokens are already deducted there."""
        ...


@runtime_checkable
class Brief(Protocol):
    """What may get ready sooner where a process embeds one question and ends; not every embedder has such a way."""

    def be_brief(self) -> None:
        """Embed questions from now on by what is ready soonest, at the price of more time for each."""
        ...


def tokenizable(text: str) -> str:
    """Make any Python string safe for a tokenizer, and equal for equal-looking input.

    Lone surrogates become U+FFFD and NUL a space; canonically equivalent spellings become one (NFC).
    """
    text = text[:MAX_CHARACTERS]
    if text.isascii():
        return text.replace("\0", " ")
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", " ")
    return unicodedata.normalize("NFC", text)


def beginning(embedder: Embedder, text: str) -> str:
    """Return as much of a question as the model reads in one piece, by its own tokens.

    Few characters may normalise to many tokens, and models that read a longer text in several pieces take many times as
    long. The beginning grows until it is too long, so that no more than twice as much is ever counted.
    """
    most = embedder.max_tokens
    low, high = 0, most  # nearly every token is a character or more
    while high < len(text) and embedder.count_tokens(text[:high]) <= most:
        low, high = high, 2 * high
    high = min(high, len(text))
    if embedder.count_tokens(text[:high]) <= most:
        return text[:high]
    while high - low > 1:
        middle = (low + high) // 2
        if embedder.count_tokens(text[:middle]) <= most:
            low = middle
        else:
            high = middle
    return text[:low]


def unit_rows(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Scale each row to length 1; a row of zeros becomes the first axis, so that every text has a direction.

    Args:
        vectors: Shape (n, dimension).

    Raises:
        EmbedderError: A value is not finite.
    """
    rows = np.array(vectors, dtype=np.float32)
    if not np.isfinite(rows).all():
        raise EmbedderError("the embedding model gave values that are not finite numbers", "use another model")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not lengths.all():
        rows[lengths[:, 0] == 0, 0] = 1.0
        lengths[lengths == 0] = 1.0
    return np.asarray(rows / lengths, dtype=np.float32)
