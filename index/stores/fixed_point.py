"""Numbers in steps that are powers of two: what half precision and 12 bits both hold exactly.

A vector is rounded so once, before it is kept anywhere. Whatever form it is kept in then, a file of half-precision
values or one of 12 bits, gives the same numbers, and sums of them don't depend on their order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index.types import FloatArray

__all__ = ["LARGEST", "rounded", "steps_of"]

LARGEST = 2039
"""The largest whole number of steps: 12 bits with a sign, whose upper eight, rounded, fit into one byte."""

_LEAST, _MOST = -24, 4  # exponents of the steps: beyond these half precision doesn't hold every number of steps


def steps_of(rows: FloatArray) -> NDArray[np.int8]:
    """Return the exponent of the step of each row, shape (n,): the least power of two that is coarse enough for it."""
    parts, exponents = np.frexp(np.abs(rows).max(axis=1, initial=0.0).astype(np.float32) / np.float32(LARGEST))
    found: NDArray[np.int8] = np.clip(exponents - (parts == 0.5), _LEAST, _MOST).astype(np.int8)
    return found


def rounded(rows: FloatArray) -> FloatArray:
    """Return rows, shape (n, dimension), in whole numbers of their steps; rows that are so already stay as they are."""
    steps = np.ldexp(np.float32(1), steps_of(rows).astype(np.int32))[:, None]
    found: FloatArray = np.clip(np.rint(rows / steps), -LARGEST, LARGEST) * steps
    return found
