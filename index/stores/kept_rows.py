"""Kept vectors as bytes: in half precision, or in 8 bits with a scale of their own; the length shows which.

Passages are kept in half precision, rounded to what 12 bits hold as well (`fixed_point`): what is stored of them for
searching is made of these values. Sentences, six times as many, are stored in 8 bits or fewer anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from index.stores.fixed_point import rounded
from index.types import FloatArray

__all__ = ["halved", "is_whole", "packed", "unpacked"]

_SCALE = 4  # bytes
_LEAST = 8  # dimensions; the lengths of both forms could be the same below


def packed(digests: Sequence[bytes], vectors: FloatArray, rough: Collection[bytes]) -> list[bytes]:
    """Return the rows as bytes, those whose digest is in `rough` in 8 bits a dimension."""
    fixed = rounded(np.asarray(vectors, "<f2").astype(np.float32))  # as those of earlier versions come out
    halves = [row.tobytes() for row in fixed.astype("<f2")]
    if not rough or vectors.shape[1] < _LEAST:
        return halves
    return [halved(row) if digest in rough else row for digest, row in zip(digests, halves, strict=True)]


def halved(row: bytes) -> bytes:
    """Return a row in half precision in 8 bits; any other as it is."""
    values = np.frombuffer(row, "<f2").astype(np.float32)
    largest = float(np.abs(values).max(initial=0.0))
    scale = np.array([(largest or 1.0) / 127], "<f4")
    small: bytes = np.rint(values / scale).astype(np.int8).tobytes()
    return bytes(scale.tobytes()) + small


def is_whole(row: object, dimension: int) -> bool:
    """Tell whether a value has the length of one of the forms."""
    return isinstance(row, bytes) and len(row) in (2 * dimension, _SCALE + dimension)


def unpacked(rows: Sequence[bytes | None], dimension: int) -> FloatArray:
    """Return the vectors, shape (len(rows), dimension); zeros for `None`."""
    found = np.zeros((len(rows), dimension), np.float32)
    rough = [at for at, row in enumerate(rows) if row is not None and len(row) != 2 * dimension]
    fine = [at for at, row in enumerate(rows) if row is not None and len(row) == 2 * dimension]
    halves = np.frombuffer(b"".join(rows[at] or b"" for at in fine), "<f2").reshape(-1, dimension)
    found[fine] = rounded(halves.astype(np.float32))  # those of earlier versions weren't yet
    kind = np.dtype([("scale", "<f4"), ("values", np.int8, (dimension,))])
    records = np.frombuffer(b"".join(rows[at] or b"" for at in rough), kind)
    found[rough] = records["values"] * records["scale"][:, None]
    return found
