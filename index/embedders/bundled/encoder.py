"""The packed encoder run by OpenVINO, for embedding many texts.

Word embeddings stay in their 4-bit form and are looked up outside the graph; the 21 million weights of the layers are
decoded when the graph is compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.embedders.bundled.eight_bits import EightBitBuilder, multiplies_integers
from index.embedders.bundled.graphs.graph import GraphBuilder, Weights, compile_graph
from index.embedders.bundled.packed import PackedModel, weights_digest
from index.embedders.bundled.rows import InputRows
from index.embedders.bundled.state_ranges import read_ranges

if TYPE_CHECKING:
    from openvino import CompiledModel, Model, Node

__all__ = ["OpenVinoEncoder", "add_states", "encoder_graph"]


class OpenVinoEncoder:
    """Token ids in, mean-pooled hidden states out.

    Args:
        model: The packed weights.
        precision: `"int8"` (products in 8-bit integers), `"bf16"`, `"f32"`, or `None` for what the processor
            is quickest at: integers where it multiplies them, else bfloat16 where it has it.

    Raises:
        EmbedderError: OpenVINO is not installed or cannot compile the graph here.
    """

    def __init__(self, model: PackedModel, precision: str | None = None) -> None:
        self._rows = InputRows(model)
        compiled, self.precision = _compiled(model, precision)
        self._request = compiled.create_infer_request()

    def encode(self, batch: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Mean of the last hidden states of each token sequence, shape (len(batch), hidden), not normalised."""
        result: NDArray[np.float32] = self._request.infer(list(self._rows.padded(batch)))[0]
        return result.copy()


def _compiled(model: PackedModel, precision: str | None) -> tuple[CompiledModel, str]:
    """Compile the encoder, in integers where these are wanted and the states of these weights were measured."""
    ranges = read_ranges(weights_digest(model.path)) if precision in (None, "int8") else None
    if ranges is None or (precision is None and not multiplies_integers()):
        return compile_graph(encoder_graph(model), None if precision == "int8" else precision)
    return compile_graph(encoder_graph(model, EightBitBuilder(model, ranges)))[0], "int8"


def encoder_graph(weights: Weights, build: GraphBuilder | None = None) -> Model:
    """The encoder with mean pooling over the unmasked places.

    Args:
        weights: where the numbers come from.
        build: adds the parts; `None` for products in floating point, or as the weights are given.
    """
    build = build or GraphBuilder(weights)
    import openvino
    import openvino.opset13 as ops

    embedded, mask, hidden = add_states(build, weights)
    real = ops.unsqueeze(mask, build.axes(2))
    total = ops.reduce_sum(ops.multiply(hidden, real), build.axes(1))
    pooled = ops.divide(total, ops.reduce_sum(real, build.axes(1)))
    return openvino.Model([pooled], [embedded, mask], "encoder")


def add_states(build: GraphBuilder, weights: Weights) -> tuple[Node, Node, Node]:
    """Add the encoder without a head.

    Returns:
        The parameters for rows (batch, length, hidden) and mask (batch, length), and the last states, shaped as the
        rows.
    """
    import openvino.opset13 as ops

    embedded = ops.parameter([-1, -1, weights.sizes.hidden], np.float32, name="embedded")
    mask = ops.parameter([-1, -1], np.float32, name="mask")
    shut = build.shut(mask)
    hidden = build.normalised(embedded, "emb.ln")
    for layer in range(weights.sizes.layers):
        hidden = build.layer(hidden, shut, f"l{layer}")
    return embedded, mask, hidden
