"""The encoder with its matrix products in 8-bit integers, of which a processor multiplies twice as many as bfloat16.

Each product's states are rounded to 255 steps of a range that was measured once (`state_ranges`), its matrix to 8 bits
with a scale for each row. Some columns of the states are far larger than the rest and would leave these a few steps
only. So each column is divided by a number of its own and the matrix multiplied by it, which moves a part of the
difference into the matrix: SmoothQuant (Xiao and others 2023, arXiv:2211.10438). OpenVINO makes integer kernels of it
("low precision transformations"); all between the products stays as it is, and so do the few products that lose most.
"""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.embedders.bundled.graphs.graph import GraphBuilder, Weights, WholeRows, core, in_whole_numbers
from index.embedders.bundled.state_ranges import StateRanges

if TYPE_CHECKING:
    from openvino import Node

__all__ = ["EightBitBuilder", "multiplies_integers"]

_SHARE = {"fo": 0.8, "fi": 0.6}
"""How much of the difference between columns the matrix takes; behind GELU single columns are 30 times the others."""
_USUAL_SHARE = 0.5
_EXACT = frozenset(("l0.fo", "l1.fo", "l4.fo", "l5.fo", "l6.fo"))
"""Products that stay in floating point: half of the change in the vectors, and the loss in ranking, was theirs."""
_STEPS = 256
_LOW = np.float32(-128 / 127)
_TINY = np.float32(1e-4)
_FLAGS = Path("/proc/cpuinfo")
_X86 = ("x86_64", "amd64")


class EightBitBuilder(GraphBuilder):
    """Adds the parts of the encoder to a graph, products in 8-bit integers.

    Args:
        weights: where the numbers come from; in float32.
        ranges: of the states of the same weights.

    Raises:
        EmbedderError: OpenVINO is not installed.
    """

    def __init__(self, weights: Weights, ranges: StateRanges) -> None:
        super().__init__(weights)
        self._ranges = ranges
        self._rounded: dict[tuple[str, ...], Node] = {}

    def dense(self, hidden: Node, name: str) -> Node:
        """See `GraphBuilder.dense`."""
        if name in _EXACT:
            return super().dense(hidden, name)
        readers = self._readers(name)
        scales = self._scales(readers)
        if readers not in self._rounded:
            self._rounded[readers] = self._rounding(hidden, scales, self._largest(name))
        return self.product(self._rounded[readers], in_whole_numbers(self._floats(name) * scales), name)

    def _rounding(self, hidden: Node, scales: NDArray[np.float32], largest: NDArray[np.float32]) -> Node:
        """Divide the columns by their scales and round them."""
        ops = self._ops
        even = ops.multiply(hidden, ops.constant(1 / scales))
        most = (largest / scales).max()
        low, high = ops.constant(_LOW * most), ops.constant(most)
        return ops.fake_quantize(even, low, high, low, high, _STEPS)

    def _scales(self, readers: tuple[str, ...]) -> NDArray[np.float32]:
        """Return what each column is divided by, shape (columns,)."""
        share = _SHARE.get(readers[0].rpartition(".")[2], _USUAL_SHARE)
        states = self._largest(readers[0])
        rows = np.max([np.abs(self._floats(name)).max(0) for name in readers], 0)
        return np.asarray(states**share / np.maximum(rows, _TINY) ** (1 - share), np.float32)

    def _largest(self, name: str) -> NDArray[np.float32]:
        """Return the largest values allowed for: a column that was seldom excited gets as much as most have."""
        measured = self._ranges.of(name)
        return np.maximum(measured, np.median(measured))

    def _floats(self, name: str) -> NDArray[np.float32]:
        matrix = self._weights.matrix(f"{name}.w", self.columns(name))
        return matrix.rows * matrix.scales[:, None] if isinstance(matrix, WholeRows) else matrix

    @staticmethod
    def _readers(name: str) -> tuple[str, ...]:
        """Return the products that read the same states: they share the rounded ones."""
        layer, _, part = name.rpartition(".")
        return tuple(f"{layer}.{each}" for each in ("qkv" if part in ("q", "k", "v") else (part,)))


def multiplies_integers() -> bool:
    """Return whether the processor has an instruction for products of 8-bit integers (VNNI): else they gain nothing.

    Where the system doesn't tell, as all x86 processors with bfloat16 have it, that decides.
    """
    if platform.machine().lower() not in _X86:
        return False
    try:
        return "vnni" in _FLAGS.read_text("utf-8", "replace")
    except OSError:
        return "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
