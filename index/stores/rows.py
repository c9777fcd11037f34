"""What stores share that keep documents in rows: digests of vectors, checks, and what a passage is found by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.errors import StoreError
from index.folders import folders_of
from index.types import Document, Passage

__all__ = ["DIGEST_SIZE", "check_passages", "found_by", "parted", "sentence_languages"]

DIGEST_SIZE = 16
"""Bytes of the digest that a vector is known by."""


def parted(joined: bytes) -> list[bytes]:
    """Return the digests that were put one behind the other."""
    return [joined[at : at + DIGEST_SIZE] for at in range(0, len(joined), DIGEST_SIZE)]


def sentence_languages(spans: bytes, starts: Sequence[int], languages: Sequence[str]) -> list[str]:
    """Return the language of each sentence: that of the last passage that starts at or before it.

    Args:
        spans: (start, end) of the sentences, as they are stored.
        starts: of the passages, ascending.
        languages: of the passages.
    """
    first = np.frombuffer(spans, np.uint32).reshape(-1, 2)[:, 0]
    places = np.maximum(np.searchsorted(np.array(starts, np.int64), first, side="right") - 1, 0)
    return [languages[place] for place in places]


def found_by(text: str, source: str) -> str:
    """Return what a passage is found by: its own text with the names of the folders that its file lies in."""
    folders = folders_of(source)
    return f"{text}\n{folders}" if folders else text


def check_passages(document: Document, passages: Sequence[Passage]) -> None:
    """Refuse passages that are not what their document has at their places."""
    for each in passages:
        if each.document_id != document.id or document.text[each.start : each.end] != each.text:
            raise StoreError(f"{document.source}: passage {each.id} is not what the document has at its place")
