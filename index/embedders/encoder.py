"""The packed encoder as an OpenVINO graph, for embedding many texts.

The graph is put together here from the packed weights, so neither torch nor a converted copy
of the model on disk is needed. Word embeddings stay in their 4-bit form and are looked
up outside the graph; the 21 million weights of the layers are decoded when the graph is compiled. Matrix products run
in bfloat16 where the processor has it, else in float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.embedders.packed import PackedModel, decode
from index.errors import EmbedderError

if TYPE_CHECKING:
    from openvino import Model, Node


class OpenVinoEncoder:
    """Token ids in, mean-pooled hidden states out.

    Args:
        model: The packed weights.
        precision: ``"bf16"``, ``"f32"``, or ``None`` for bfloat16 where the processor has it.

    Raises:
        EmbedderError: OpenVINO is not installed or cannot compile the graph here.
    """

    def __init__(self, model: PackedModel, precision: str | None = None) -> None:
        try:
            import openvino
        except ImportError as error:
            raise EmbedderError("embedding in bulk needs OpenVINO: install it with 'pip install openvino'") from error
        self._words = model.blocks("emb.word", model.sizes.hidden)
        self._places = model.matrix("emb.pos", model.sizes.hidden) + model.matrix("emb.type", model.sizes.hidden)[0]
        core = openvino.Core()
        if precision is None:
            precision = "bf16" if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"
        self.precision = precision
        options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
        try:
            self._request = core.compile_model(_graph(model), "CPU", options).create_infer_request()
        except RuntimeError as error:
            raise EmbedderError(f"OpenVINO cannot run the bundled model here: {error}") from error

    def encode(self, batch: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Mean of the last hidden states of each token sequence, shape (len(batch), hidden), not normalised."""
        length = max(map(len, batch))
        ids = np.zeros((len(batch), length), np.int32)
        mask = np.zeros((len(batch), length), np.float32)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1.0
        embedded = decode(self._words[ids]) + self._places[:length]
        result: NDArray[np.float32] = self._request.infer([embedded, mask])[0]
        return result.copy()


def _graph(model: PackedModel) -> Model:
    """BERT's encoder (Devlin et al. 2019) with mean pooling over the unmasked places."""
    import openvino
    import openvino.opset13 as ops

    build = _Builder(model)
    embedded = ops.parameter([-1, -1, model.sizes.hidden], np.float32, name="embedded")
    mask = ops.parameter([-1, -1], np.float32, name="mask")
    # 0 for a real place, a large negative number for padding, as (batch, 1, 1, place).
    shut = ops.multiply(ops.subtract(mask, build.number(1.0)), build.number(1e4))
    shut = ops.unsqueeze(ops.unsqueeze(shut, build.axes(1)), build.axes(1))
    hidden = build.normalised(embedded, "emb.ln")
    for layer in range(model.sizes.layers):
        hidden = build.layer(hidden, shut, f"l{layer}")
    real = ops.unsqueeze(mask, build.axes(2))
    total = ops.reduce_sum(ops.multiply(hidden, real), build.axes(1))
    pooled = ops.divide(total, ops.reduce_sum(real, build.axes(1)))
    return openvino.Model([pooled], [embedded, mask], "encoder")


class _Builder:
    """Adds the parts of the encoder to a graph."""

    def __init__(self, model: PackedModel) -> None:
        import openvino.opset13 as ops

        self._ops = ops
        self._model = model

    def number(self, value: float) -> Node:
        return self._ops.constant(np.float32(value))

    def axes(self, *values: int) -> Node:
        return self._ops.constant(np.array(values, np.int64))

    def layer(self, hidden: Node, shut: Node, name: str) -> Node:
        ops = self._ops
        query, key, value = (self._heads(self._dense(hidden, f"{name}.{part}")) for part in "qkv")
        mixed = ops.scaled_dot_product_attention(query, key, value, shut)
        together = self.axes(0, 0, self._model.sizes.hidden)
        joined = ops.reshape(ops.transpose(mixed, self.axes(0, 2, 1, 3)), together, True)
        hidden = self.normalised(ops.add(hidden, self._dense(joined, f"{name}.ao")), f"{name}.aln")
        wide = ops.gelu(self._dense(hidden, f"{name}.fi"), "erf")
        return self.normalised(ops.add(hidden, self._dense(wide, f"{name}.fo")), f"{name}.oln")

    def normalised(self, hidden: Node, name: str) -> Node:
        ops = self._ops
        centred = ops.mvn(hidden, self.axes(2), True, self._model.sizes.epsilon, "inside_sqrt")
        scaled = ops.multiply(centred, ops.constant(self._model.vector(f"{name}.w")))
        return ops.add(scaled, ops.constant(self._model.vector(f"{name}.b")))

    def _heads(self, hidden: Node) -> Node:
        heads = self._model.sizes.heads
        split = self._ops.reshape(hidden, self.axes(0, 0, heads, self._model.sizes.hidden // heads), True)
        return self._ops.transpose(split, self.axes(0, 2, 1, 3))

    def _dense(self, hidden: Node, name: str) -> Node:
        sizes = self._model.sizes
        weight = self._model.matrix(f"{name}.w", sizes.feed_forward if name.endswith("fo") else sizes.hidden)
        product = self._ops.matmul(hidden, self._ops.constant(weight), False, True)
        return self._ops.add(product, self._ops.constant(self._model.vector(f"{name}.b")))
