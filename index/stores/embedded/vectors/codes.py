"""Rows of numbers in whole steps of a scale of their own: 8 bits a number, or 4 bits, two to a byte.

What was read from codes gives the same codes again, so a row may be read and written any number of times. Scales are
kept in half precision for that: seven or 127 steps of one are exact in single precision.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index.types import FloatArray

__all__ = ["Codes", "coded", "decoded", "kind_of", "width_of"]

Codes = NDArray[np.int8] | NDArray[np.uint8]
"""Shape (n, dimension), int8, for 8 bits; (n, dimension / 2), uint8, for 4 bits."""

_STEPS = {8: 127, 4: 7}
_HALF = 8  # added to a step of 4 bits, so that it is stored without a sign
# A few large numbers would make the steps of all others coarse: in 4 bits they may be cut off, where that is nearer.
_SHARES = {8: (1.0,), 4: (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)}


def kind_of(bits: int) -> type[np.int8] | type[np.uint8]:
    """Return the type that codes of so many bits are stored in."""
    return np.int8 if bits == 8 else np.uint8


def width_of(bits: int, dimension: int) -> int:
    """Return how many bytes a row takes."""
    return dimension * bits // 8


def coded(rows: FloatArray, bits: int) -> tuple[Codes, NDArray[np.float16]]:
    """Return rows, shape (n, dimension), as codes, and what each is to be multiplied by, shape (n,).

    Args:
        rows: any numbers; the dimension is even for 4 bits.
        bits: 8 or 4.
    """
    steps, largest = _STEPS[bits], np.abs(rows).max(axis=1, initial=0.0)
    best, scales = np.zeros(rows.shape, np.float32), np.ones(len(rows), np.float16)
    least = np.full(len(rows), np.inf, np.float32)
    for share in _SHARES[bits]:
        scale = _positive((largest * np.float32(share / steps)).astype(np.float16))
        found = np.clip(np.rint(rows / scale[:, None].astype(np.float32)), -steps, steps)
        off = np.square(found * scale[:, None].astype(np.float32) - rows).sum(axis=1)
        nearer = off < least
        best[nearer], scales[nearer], least[nearer] = found[nearer], scale[nearer], off[nearer]
    return (best.astype(np.int8) if bits == 8 else _paired(best)), scales


def _positive(scales: NDArray[np.float16]) -> NDArray[np.float16]:
    """Return scales, those of rows of zeros, or of next to zeros, as ones."""
    return np.where(scales > 0, scales, np.float16(1))


def _paired(steps: FloatArray) -> NDArray[np.uint8]:
    """Put the second half of each row into the upper bits of the first."""
    small = (steps + _HALF).astype(np.uint8)
    middle = small.shape[1] // 2
    paired: NDArray[np.uint8] = small[:, :middle] | (small[:, middle:] << np.uint8(4))
    return paired


def decoded(codes: Codes, scales: NDArray[np.floating]) -> FloatArray:
    """Return the rows of some codes, shape (n, dimension), float32."""
    if codes.dtype == np.uint8:
        middle = codes.shape[1]
        rows = np.empty((len(codes), 2 * middle), np.float32)
        np.subtract(codes & 15, _HALF, out=rows[:, :middle], dtype=np.float32)
        np.subtract(codes >> 4, _HALF, out=rows[:, middle:], dtype=np.float32)
    else:
        rows = codes.astype(np.float32)
    rows *= scales[:, None].astype(np.float32)
    return rows
