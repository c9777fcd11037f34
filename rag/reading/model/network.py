"""The reader's layers as an OpenVINO graph: sequences in, the last state of each token out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.embedders.bundled.batching import batched
from index.embedders.bundled.graphs.graph import GraphBuilder
from index.embedders.bundled.graphs.kept_graphs import KeptGraph, compile_kept
from index.embedders.bundled.packed import weights_digest
from index.embedders.bundled.requests import Runner
from index.embedders.bundled.rows import InputRows
from rag.reading.model.weights import ReaderWeights
from rag.reading.model.windows import Window

if TYPE_CHECKING:
    from openvino import Model

__all__ = ["Network"]

_BATCH_TOKENS = 1024
"""Tokens of a batch, padding included: three passages, for the cores wait for each other once a batch."""
_PASSAGE = 1
"""Segment of title and text; that of the question is 0, that of a claim 2."""

_CODE = Path(__file__)
"""What puts the graph together: a graph of other code is another one."""

States = NDArray[np.float32]


class Network:
    """Runs the layers.

    Args:
        weights: the reader's weights.
        precision: `"int8"`, `"bf16"` or `"f32"`.

    Raises:
        EmbedderError: OpenVINO is not installed or can't run here.
    """

    def __init__(self, weights: ReaderWeights, precision: str) -> None:
        self._rows = InputRows(weights.lower)
        self._weights = weights
        self._precision = precision
        self._runner = Runner(self._graph)

    def states(self, windows: Sequence[Window], segment: int) -> list[States]:
        """Return the last states of each window, shape (tokens, hidden), in the order of the windows.

        Args:
            windows: any number.
            segment: number of what stands before the passage: 0 a question, 2 a claim.
        """
        found: dict[int, States] = {}
        with self._runner.now() as requests:
            for places in batched([len(window.ids) for window in windows], _BATCH_TOKENS):
                batch = [windows[place] for place in places]
                rows, mask = self._rows.padded([window.ids for window in batch])
                states = requests.infer([rows, mask, _segments(batch, mask.shape, segment)])
                for row, place in enumerate(places):
                    found[place] = states[row, : len(windows[place].ids)]
        return [found[place] for place in range(len(windows))]

    def _graph(self, streams: int) -> KeptGraph:
        weights = self._weights
        model_key = (
            f"{weights.digest} {weights_digest(weights.lower.path)} {hashlib.sha256(_CODE.read_bytes()).hexdigest()}"
        )
        return compile_kept(lambda: _graph(weights), self._precision, model_key, streams)


def _segments(batch: Sequence[Window], shape: tuple[int, ...], first: int) -> NDArray[np.int32]:
    """Return the segment of each token: `first` for what stands before the passage."""
    segments = np.full(shape, _PASSAGE, np.int32)
    for row, window in enumerate(batch):
        segments[row, : window.head] = first
    return segments


def _graph(weights: ReaderWeights) -> Model:
    """The encoder, with a learned vector for each segment where the trained layers begin."""
    build = GraphBuilder(weights)
    import openvino
    import openvino.opset13 as ops

    embedded = ops.parameter([-1, -1, weights.sizes.hidden], np.float32, name="embedded")
    mask = ops.parameter([-1, -1], np.float32, name="mask")
    segments = ops.parameter([-1, -1], np.int32, name="segments")
    shut = build.shut(mask)
    hidden = build.normalised(embedded, "emb.ln")
    for layer in range(weights.sizes.layers):
        if layer == weights.first:
            vectors = ops.gather(ops.constant(weights.head("segment")), segments, build.axes(0))
            hidden = ops.add(hidden, vectors)
        hidden = build.layer(hidden, shut, f"l{layer}")
    return openvino.Model([hidden], [embedded, mask, segments], "reader")
