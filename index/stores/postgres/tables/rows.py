"""Documents and passages as rows of the tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import StoreError
from index.types import Document, Passage, Sentence

__all__ = ["passage_row", "row_of", "utf8"]


def utf8(text: str) -> bytes:
    """Return a text as it is stored."""
    return text.encode("utf-8", "surrogatepass")


def row_of(document: Document, sentences: Sequence[Sentence], digests: Sequence[bytes]) -> tuple[Any, ...]:
    """Return what is stored of a document, without its key."""
    date = document.metadata.get("date")
    metadata = json.dumps(dict(document.metadata), ensure_ascii=False)
    about = (document.id, document.title, document.source, document.language, document.text, metadata, document.digest)
    spans = np.array([(each.start, each.end) for each in sentences], "<u4").tobytes()
    try:
        texts = [each.encode() for each in about]
        when = date.encode() if isinstance(date, str) else None
    except UnicodeEncodeError as error:
        problem = f"{document.source!r}: holds half a character (a lone surrogate); can't be stored"
        raise StoreError(problem) from error
    return (*texts, when, spans, b"".join(digests))


def passage_row(passage: Passage, digest: bytes, places: NDArray[np.int64]) -> tuple[Any, ...]:
    """Return what is stored of a passage beside its keys, with which of its document's sentences lie within it."""
    inside = np.flatnonzero((places[:, 0] >= passage.start) & (places[:, 1] <= passage.end))
    first, count = (int(inside[0]), int(inside[-1] - inside[0] + 1)) if len(inside) else (0, 0)
    texts = [utf8(each) for each in (passage.language, passage.heading, passage.text)]
    return (utf8(passage.id), passage.start, passage.end, *texts, digest, first, count)
