"""What is kept of an index is kept for those who see the same of it."""

from __future__ import annotations

from collections.abc import Hashable

from rag.retrieval.retrieve import Readable

__all__ = ["view_of"]


def view_of(index: Readable) -> tuple[int, Hashable]:
    """Return what two readers were given, to compare: the generation, and the documents that are shown of it."""
    return index.generation, getattr(index, "seen", None)
