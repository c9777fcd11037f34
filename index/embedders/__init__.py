"""Embedders: text to vectors. Open one with `load`.

In: passages and questions. Out: float32 rows of length one, with each language's own direction taken out where an index
fitted it. Imported by stores, building and opening.

Packages may bring more by the entry point group `babelquote.embedders`, each entry naming a factory that takes what
stands behind the colon of the spec and returns an `index.embedders.base.Embedder`.
"""

from __future__ import annotations

from types import MappingProxyType

from index.embedders.base import Embedder
from index.embedders.brought import CheckedEmbedder
from index.errors import EmbedderError
from index.plugins import Kind, Plug

__all__ = ["DEFAULT", "Embedder", "load"]

DEFAULT = "bundled"
"""The spec of the embedder that needs no download."""

_PLUG = Plug[Embedder](
    "babelquote.embedders",
    "embedder",
    MappingProxyType(
        {
            "bundled": Kind("index.embedders.bundled.embedder:BundledEmbedder"),
            "sentence-transformers": Kind(
                "index.embedders.sentence_transformers:SentenceTransformersEmbedder", "NAME_OR_FOLDER"
            ),
            "hashing": Kind("index.embedders.hashing:HashingEmbedder"),
        }
    ),
    EmbedderError,
    protocol=Embedder,
    checked=CheckedEmbedder,
)


def load(spec: str = DEFAULT) -> Embedder:
    """Open the embedder that a spec names. Models are loaded when first needed.

    Args:
        spec: `"bundled"`, `"sentence-transformers:NAME_OR_FOLDER"`, `"hashing"` (for tests), or what another
            package brings.

    Raises:
        EmbedderError: The spec is unknown, or what it names is missing.
    """
    return _PLUG.make(spec)
