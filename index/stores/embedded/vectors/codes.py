"""Rows of numbers in steps of a scale of their own: 8 bits a number, or 4 bits, two to a byte.

The 16 steps of 4 bits lie where numbers that are spread like a bell lose least (Max 1960,
https://doi.org/10.1109/TIT.1960.1057548). What was read from codes gives the same codes again, so a row may be read
and written any number of times: steps are whole numbers, and scales are kept in half precision, so that the product of
both is exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index.types import FloatArray

__all__ = ["Codes", "coded", "decoded", "kind_of", "width_of"]

Codes = NDArray[np.int8] | NDArray[np.uint8]
"""Shape (n, dimension), int8, for 8 bits; (n, dimension / 2), uint8, for 4 bits."""

_LARGEST = 127
_UPPER = np.array([6, 18, 31, 44, 58, 75, 96, _LARGEST], np.float32)
_STEPS = np.concatenate([-_UPPER[::-1], _UPPER])
# Which step each whole number from -127 on is nearest to: looked up, which is quicker than to be searched for.
_NEAREST = np.searchsorted((_STEPS[1:] + _STEPS[:-1]) / 2, np.arange(-_LARGEST, _LARGEST + 1)).astype(np.int8)
# The two steps of each byte, as one number of eight bytes: taking these is several times as fast as taking pairs.
_PAIRS = np.stack([np.tile(_STEPS, 16), np.repeat(_STEPS, 16)], axis=1).astype(np.float32).view(np.uint64)[:, 0]
# A few large numbers would make the steps of all others coarse: in 4 bits they may be cut off, where that is nearer.
_SHARES = {8: (1.0,), 4: (1.0, 0.9, 0.8, 0.7, 0.6)}


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
    largest = np.abs(rows).max(axis=1, initial=0.0)
    best, scales = np.zeros(rows.shape, np.int8), np.zeros(len(rows), np.float16)
    least = np.full(len(rows), np.inf, np.float32)
    for share in _SHARES[bits]:
        scale = (largest * np.float32(share / _LARGEST)).astype(np.float16)
        one = np.where(scale > 0, scale, 1).astype(np.float32)[:, None]
        whole = np.clip(np.rint(rows / one), -_LARGEST, _LARGEST).astype(np.int8)
        steps = whole if bits == 8 else _NEAREST.take(whole.astype(np.intp) + _LARGEST)
        values = whole if bits == 8 else _STEPS.take(steps)
        off = np.square(values * scale[:, None].astype(np.float32) - rows).sum(axis=1)
        nearer = off < least
        best[nearer], scales[nearer], least[nearer] = steps[nearer], scale[nearer], off[nearer]
    return (best if bits == 8 else _paired(best)), scales


def _paired(steps: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Put every second number of each row into the upper bits of the one before."""
    small = steps.astype(np.uint8)
    paired: NDArray[np.uint8] = small[:, ::2] | (small[:, 1::2] << np.uint8(4))
    return paired


def decoded(codes: Codes, scales: NDArray[np.floating]) -> FloatArray:
    """Return the rows of some codes, shape (n, dimension), float32."""
    rows = _PAIRS.take(codes).view(np.float32) if codes.dtype == np.uint8 else codes.astype(np.float32)
    rows *= scales[:, None].astype(np.float32)
    return rows
