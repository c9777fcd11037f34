"""Vectors to measure a search with: those of passages, and those of sentences, which are like questions."""

from __future__ import annotations

import numpy as np

from index.stores.postgres.searching.records import Rows
from index.stores.postgres.tables.copying import read_halves
from index.stores.postgres.tables.pointer import Pointer
from index.types import FloatArray

__all__ = ["own_vectors", "sentence_vectors", "unit"]


def own_vectors(rows: Rows, pointer: Pointer, most: int) -> FloatArray:
    """Return the vectors of some passages, shape (at most `most`, dimension), in no order."""
    statement = f"SELECT embedding FROM {pointer.tables['embeddings']} ORDER BY hashint4(key) LIMIT {most}"
    return read_halves((value for (value,) in rows(statement)), pointer.dimension)


def sentence_vectors(rows: Rows, pointer: Pointer, most: int) -> FloatArray:
    """Return a sentence's vector from the middle of some documents, shape (at most `most`, dimension)."""
    middle = "length(vectors) / %(width)s / 2 * %(width)s"
    statement = (
        f"SELECT substr(vectors, {middle} + 1, %(width)s) FROM {pointer.tables['sentences']} "
        f"WHERE length(vectors) > 0 ORDER BY hashint4(document) LIMIT {most}"
    )
    found = rows(statement, {"width": pointer.dimension})
    values = np.frombuffer(b"".join(value for (value,) in found), np.int8).reshape(-1, pointer.dimension)
    return unit(values.astype(np.float32))


def unit(rows: FloatArray) -> FloatArray:
    """Return rows of length 1, as the server takes them: in half precision."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    found: FloatArray = (rows / np.where(lengths > 0, lengths, 1)).astype(np.float16).astype(np.float32)
    return found
