"""Vectors of a passage and of each of its sentences from one pass of the encoder.

A sentence's vector is the mean of its tokens' states in the whole passage ("late chunking", Günther and others 2024,
arXiv:2409.04701), so no sentence is read a second time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.embedders.bundled.encoder import add_states
from index.embedders.bundled.graphs.graph import GraphBuilder, Weights, compile_graph
from index.embedders.bundled.packed import PackedModel, Sizes
from index.embedders.bundled.rows import InputRows
from index.errors import EmbedderError

if TYPE_CHECKING:
    from openvino import Model

__all__ = ["OnePassEncoder", "TrainedLayers", "tokens_within"]

Places = tuple[int, int]
"""First token of a sentence, and one past its last."""
_LAYER = re.compile(r"l(\d+)\.(\w+)\.([wb])")
_KINDS = {"w": "weight", "b": "bias"}


class OnePassEncoder:
    """Token ids in, the means of all states and of each sentence's states out.

    Args:
        model: the packed model, for words and places.
        weights: of the layers; `None` takes the packed model's own.
        precision: as for `index.embedders.bundled.encoder.OpenVinoEncoder`.

    Raises:
        EmbedderError: OpenVINO is not installed or cannot compile the graph here.
    """

    def __init__(self, model: PackedModel, weights: Weights | None = None, precision: str | None = None) -> None:
        self._rows = InputRows(model)
        compiled, self.precision = compile_graph(_graph(weights or model), precision)
        self._request = compiled.create_infer_request()

    def encode(
        self, batch: Sequence[Sequence[int]], sentences: Sequence[Sequence[Places]]
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        """Encode texts with their sentences.

        Args:
            batch: the token ids of each text, special ones included.
            sentences: the places of each text's sentences among its tokens. One without a token, as behind the end
                of a text that was cut, gets the mean of the whole text.

        Returns:
            Passage means, shape (len(batch), hidden), and for each text its sentence means, shape (sentences, hidden).
            Neither is normalised.
        """
        rows, mask = self._rows.padded(batch)
        shares = _shares(batch, sentences)
        means: NDArray[np.float32] = self._request.infer([rows, mask, shares])[0]
        return means[:, 0].copy(), [means[row, 1 : 1 + len(some)].copy() for row, some in enumerate(sentences)]


def _shares(batch: Sequence[Sequence[int]], sentences: Sequence[Sequence[Places]]) -> NDArray[np.float32]:
    """Return what each token counts in each mean: the whole text's first, then each sentence's; each sums to 1."""
    most = 1 + max(map(len, sentences), default=0)
    shares = np.zeros((len(batch), most, max(map(len, batch))), np.float32)
    for row, (tokens, some) in enumerate(zip(batch, sentences, strict=True)):
        for place, (start, end) in enumerate([(0, len(tokens)), *some]):
            last = min(end, len(tokens))
            first, last = (start, last) if start < last else (0, len(tokens))
            shares[row, place, first:last] = 1.0 / (last - first)
    return shares


def _graph(weights: Weights) -> Model:
    """Return the encoder with one product for all means: shares (batch, means, length) by states."""
    build = GraphBuilder(weights)
    import openvino
    import openvino.opset13 as ops

    embedded, mask, hidden = add_states(build, weights)
    shares = ops.parameter([-1, -1, -1], np.float32, name="shares")
    means = ops.matmul(shares, hidden, False, False)
    return openvino.Model([means], [embedded, mask, shares], "one pass")


def tokens_within(spans: Sequence[tuple[int, int]], start: int, end: int) -> Places:
    """Return the places of the tokens that end within these code points of the text.

    Args:
        spans: the code points of each token, as `index.embedders.bundled.tokens.unigram.Tokens` has them.
        start: first code point.
        end: one past the last.
    """
    inside = [place for place, (_, last) in enumerate(spans) if start < last <= end]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


class TrainedLayers:
    """A packed model with some of its layers taken from a file of trained ones.

    Args:
        model: the packed model.
        path: a safetensors file of `layers.N.{qkv,ao,fi,fo,aln,oln}.{weight,bias}`, as the training tools write it.

    Raises:
        EmbedderError: the file cannot be read.
    """

    def __init__(self, model: PackedModel, path: Path) -> None:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        self._model = model
        try:
            self._tensors = load_file(path)
        except (OSError, SafetensorError) as error:
            raise EmbedderError(f"{path}: the trained layers cannot be read ({error})") from error

    @property
    def sizes(self) -> Sizes:
        """The shape of the encoder."""
        return self._model.sizes

    def vector(self, name: str) -> NDArray[np.float32]:
        """See `index.embedders.bundled.graphs.graph.Weights.vector`."""
        found = self._trained(name)
        return self._model.vector(name) if found is None else found

    def matrix(self, name: str, columns: int) -> NDArray[np.float32]:
        """See `index.embedders.bundled.graphs.graph.Weights.matrix`."""
        found = self._trained(name)
        return self._model.matrix(name, columns) if found is None else found.reshape(-1, columns)

    def _trained(self, name: str) -> NDArray[np.float32] | None:
        """Return a tensor of the file by its name in the packed model; query, key and value lie one below the other."""
        match = _LAYER.fullmatch(name)
        if match is None:
            return None
        layer, part, kind = match[1], match[2], _KINDS[match[3]]
        stored = self._tensors.get(f"layers.{layer}.{'qkv' if part in ('q', 'k', 'v') else part}.{kind}")
        if stored is None:
            return None
        rows = np.split(stored, 3)["qkv".index(part)] if part in ("q", "k", "v") else stored
        return np.asarray(rows, np.float32)
