"""Embedders: text to vectors. Open one with :func:`load`."""

from __future__ import annotations

from index.embedders.base import Embedder
from index.errors import EmbedderError

__all__ = ["DEFAULT", "Embedder", "load"]

DEFAULT = "bundled"
"""The spec of the embedder that needs no download."""


def load(spec: str = DEFAULT) -> Embedder:
    """Open the embedder that a spec names. Models are loaded when first needed.

    Args:
        spec: ``"bundled"``, ``"sentence-transformers:NAME_OR_FOLDER"``, or ``"hashing"`` (for tests).

    Raises:
        EmbedderError: The spec is unknown, or what it names is missing.
    """
    kind, _, model = spec.partition(":")
    if spec == "bundled":
        from index.embedders.bundled import BundledEmbedder

        return BundledEmbedder()
    if spec == "hashing":
        from index.embedders.hashing import HashingEmbedder

        return HashingEmbedder()
    if kind == "sentence-transformers" and model:
        from index.embedders.sentence_transformers import SentenceTransformersEmbedder

        return SentenceTransformersEmbedder(model)
    valid = "bundled, sentence-transformers:NAME_OR_FOLDER, hashing"
    raise EmbedderError(f"no embedder is called {spec!r}: use one of {valid}")
