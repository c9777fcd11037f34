"""How large the states grow that each matrix product of the bundled encoder reads, made by `tools/state_ranges.py`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.types import FloatArray

__all__ = ["PRODUCTS", "StateRanges", "read_ranges"]

PRODUCTS = ("q", "ao", "fi", "fo")
"""Products whose states are measured; `k` and `v` read the same ones as `q`."""
_FILE = Path(__file__).with_name("state_ranges.npz")
_NAME = re.compile(r"l(\d+)\.(q|k|v|ao|fi|fo)")


@dataclass(frozen=True)
class StateRanges:
    """Largest absolute values of the states.

    Attributes:
        largest: for each of `PRODUCTS`, shape (layers, columns).
    """

    largest: dict[str, FloatArray]

    def of(self, name: str) -> FloatArray:
        """Return those that a product reads, shape (columns,), by its name in the packed model (`l0.fo`).

        Raises:
            KeyError: no product has that name.
        """
        match = _NAME.fullmatch(name)
        if match is None:
            raise KeyError(name)
        found: FloatArray = self.largest["q" if match[2] in "qkv" else match[2]][int(match[1])]
        return found


@lru_cache(maxsize=2)
def read_ranges(digest: str, path: Path = _FILE) -> StateRanges | None:
    """Return the ranges of a model, `None` if those in the file are of another one.

    Args:
        digest: of the weights, by `index.embedders.bundled.packed.weights_digest`.
        path: what `tools/state_ranges.py` wrote.
    """
    with np.load(path, allow_pickle=False) as stored:
        if json.loads(str(stored["provenance"]))["weights"] != digest:
            return None
        return StateRanges({name: np.asarray(stored[name], np.float32) for name in PRODUCTS})
