"""BERT's encoder as an OpenVINO graph, put together from whatever holds the weights (Devlin and others 2019).

Neither torch nor a converted copy of a model on disk is needed. The encoder for vectors and the reader that is
trained on top of it are both built here. Matrix products run in bfloat16 where the processor has it, else in float32.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index.embedders.bundled.packed import Sizes
from index.errors import EmbedderError

if TYPE_CHECKING:
    from openvino import CompiledModel, Core, Model, Node

__all__ = [
    "GraphBuilder",
    "Weights",
    "WholeRows",
    "compile_graph",
    "core",
    "cores",
    "import_openvino",
    "in_whole_numbers",
    "options_of",
]

_MOST = 127  # the same distance below and above zero
_TOGETHER = 128
"""Values of a state that share one scale while they are whole numbers."""
_CONVERTER = "openvino.tools.ovc"
_SHAPES = "64"
"""Sizes of input whose kernels are kept, here and in oneDNN.

By themselves they keep those of thousands, and nearly every text has another size: memory grew by half a gigabyte in
5,000 questions. Making them again costs next to nothing.
"""


@dataclass(frozen=True, slots=True)
class WholeRows:
    """A matrix in whole numbers.

    Attributes:
        rows: int8, shape (outputs, columns).
        scales: by what each row is multiplied, float32, shape (outputs,).
    """

    rows: NDArray[np.int8]
    scales: NDArray[np.float32]


def in_whole_numbers(matrix: NDArray[np.float32]) -> WholeRows:
    """Round a matrix to numbers from -127 to 127, each row with a scale of its own."""
    scales = np.abs(matrix).max(1) / _MOST
    scales[scales == 0] = 1.0
    return WholeRows(np.rint(matrix / scales[:, None]).astype(np.int8), scales.astype(np.float32))


class Weights(Protocol):
    """Where a graph takes its numbers from, by the names of the packed model (`l0.q.w`, `l0.aln.b` …)."""

    @property
    def sizes(self) -> Sizes:
        """The shape of the encoder."""
        ...

    def vector(self, name: str) -> NDArray[np.float32]:
        """A bias or a scale, shape (size,)."""
        ...

    def matrix(self, name: str, columns: int) -> NDArray[np.float32] | WholeRows:
        """A matrix, shape (size / columns, columns): one row for each output."""
        ...


class GraphBuilder:
    """Adds the parts of the encoder to a graph.

    Args:
        weights: where the numbers come from.

    Raises:
        EmbedderError: OpenVINO is not installed.
    """

    def __init__(self, weights: Weights) -> None:
        try:
            import_openvino()
            import openvino.opset13 as ops
        except ImportError as error:
            raise EmbedderError("embedding in bulk needs OpenVINO", "install it with 'pip install openvino'") from error
        self._ops = ops
        self._weights = weights

    def number(self, value: float) -> Node:
        """Return a constant of one number."""
        return self._ops.constant(np.float32(value))

    def axes(self, *values: int) -> Node:
        """Return a constant of whole numbers: axes or a shape."""
        return self._ops.constant(np.array(values, np.int64))

    def shut(self, mask: Node) -> Node:
        """Turn a mask, 1 for a real place, into what attention adds: 0, or much below it, as (batch, 1, 1, place)."""
        ops = self._ops
        closed = ops.multiply(ops.subtract(mask, self.number(1.0)), self.number(1e4))
        return ops.unsqueeze(ops.unsqueeze(closed, self.axes(1)), self.axes(1))

    def layer(self, hidden: Node, shut: Node, name: str) -> Node:
        """Add one layer: attention and the feed-forward part, each with its residual and its LayerNorm."""
        ops = self._ops
        query, key, value = (self._heads(self.dense(hidden, f"{name}.{part}")) for part in "qkv")
        mixed = ops.scaled_dot_product_attention(query, key, value, shut)
        together = self.axes(0, 0, self._weights.sizes.hidden)
        joined = ops.reshape(ops.transpose(mixed, self.axes(0, 2, 1, 3)), together, True)
        hidden = self.normalised(ops.add(hidden, self.dense(joined, f"{name}.ao")), f"{name}.aln")
        wide = ops.gelu(self.dense(hidden, f"{name}.fi"), "erf")
        return self.normalised(ops.add(hidden, self.dense(wide, f"{name}.fo")), f"{name}.oln")

    def normalised(self, hidden: Node, name: str) -> Node:
        """Add a LayerNorm."""
        ops = self._ops
        centred = ops.mvn(hidden, self.axes(2), True, self._weights.sizes.epsilon, "inside_sqrt")
        scaled = ops.multiply(centred, ops.constant(self._weights.vector(f"{name}.w")))
        return ops.add(scaled, ops.constant(self._weights.vector(f"{name}.b")))

    def _heads(self, hidden: Node) -> Node:
        sizes = self._weights.sizes
        split = self._ops.reshape(hidden, self.axes(0, 0, sizes.heads, sizes.hidden // sizes.heads), True)
        return self._ops.transpose(split, self.axes(0, 2, 1, 3))

    def columns(self, name: str) -> int:
        """Return how many values of each state a product reads."""
        return self._weights.sizes.feed_forward if name.endswith("fo") else self._weights.sizes.hidden

    def dense(self, hidden: Node, name: str) -> Node:
        """Add the product with a matrix, and its bias."""
        weight = self._weights.matrix(f"{name}.w", self.columns(name))
        return self.product(hidden, weight, name)

    def product(self, hidden: Node, weight: NDArray[np.float32] | WholeRows, name: str) -> Node:
        """Add the product with these numbers, and the bias of that name."""
        product = self._ops.matmul(hidden, self._constant(weight), False, True)
        return self._ops.add(product, self._ops.constant(self._weights.vector(f"{name}.b")))

    def _constant(self, weight: NDArray[np.float32] | WholeRows) -> Node:
        """Return a matrix as a constant; OpenVINO keeps whole numbers as they are where its kernels take them."""
        ops = self._ops
        if not isinstance(weight, WholeRows):
            return ops.constant(weight)
        rows = ops.constant(weight.rows, shared_memory=True)  # not copied: compiling lays them out anew anyway
        return ops.multiply(ops.convert(rows, np.float32), ops.constant(weight.scales[:, None]))


def compile_graph(graph: Model, precision: str | None = None, streams: int = 0) -> tuple[CompiledModel, str]:
    """Make a graph ready to run on the processor.

    Args:
        graph: what to run.
        precision: `"bf16"`, `"f32"`, `"int8"` (states are rounded to whole numbers where they meet `WholeRows`),
            or `None` for bfloat16 where the processor has it.
        streams: as for `options_of`.

    Returns:
        The graph and the precision in which it runs.

    Raises:
        EmbedderError: OpenVINO cannot run it here.
    """
    if precision is None:
        precision = "bf16" if "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"
    try:
        return core().compile_model(graph, "CPU", options_of(precision, streams)), precision
    except RuntimeError as error:
        raise EmbedderError(f"OpenVINO cannot run the bundled model here: {error}") from error


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def core() -> Core:
    """Return OpenVINO's core, one for the process: making it loads the plug-in for the processor."""
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", _SHAPES)  # its library reads it when it first runs
    import_openvino()
    import openvino

    return openvino.Core()


def import_openvino() -> None:
    """Import OpenVINO without its converter of models, half of the time that it takes.

    The converter is there for whoever imports `openvino.tools.ovc`. It brings a package that reports to its maker
    by the network how it is used.

    Raises:
        ImportError: OpenVINO is not installed.
    """
    if "openvino" in sys.modules or _CONVERTER in sys.modules:
        return
    sys.modules[_CONVERTER] = None  # type: ignore[assignment] # importing it fails, which OpenVINO expects
    try:
        import openvino  # noqa: F401 - imported while its converter is hidden, for all who import it later
    finally:
        del sys.modules[_CONVERTER]


def options_of(precision: str, streams: int = 0) -> dict[str, str]:
    """Return the options that OpenVINO is given.

    Args:
        precision: how numbers are multiplied.
        streams: so many requests run side by side, the cores shared out among them; 0: one at a time, on all cores.
    """
    share = {"NUM_STREAMS": str(streams), "INFERENCE_NUM_THREADS": str(cores())} if streams else {}
    return {
        **share,
        "PERFORMANCE_HINT": "LATENCY",
        "CPU_RUNTIME_CACHE_CAPACITY": _SHAPES,
        "INFERENCE_PRECISION_HINT": "f32" if precision == "int8" else precision,
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": str(_TOGETHER) if precision == "int8" else "0",
    }
