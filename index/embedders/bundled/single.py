"""The bundled model for a question or a few texts: soon ready, since its graph is kept between starts.

Weights and states are rounded to eight bits where they meet, which takes a third of the processor time of the
engine in the wheel; the vectors agree with the engine's to a cosine of 0.999.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.embedders.bundled import encoder
from index.embedders.bundled.bulk import batches
from index.embedders.bundled.graphs.graph import WholeRows, in_whole_numbers
from index.embedders.bundled.graphs.kept_graphs import compile_kept
from index.embedders.bundled.packed import PackedModel, Sizes, weights_digest
from index.embedders.bundled.requests import Runner
from index.embedders.bundled.rows import InputRows
from index.embedders.bundled.tokens.unigram import open_unigram

if TYPE_CHECKING:
    from openvino import Model

__all__ = ["SingleEncoder"]

_BEGIN, _END = 0, 2
_BATCH_TOKENS = 256
"""Tokens of texts that run together, padding included: eight sentences; with more it takes longer again."""
_CODE = Path(encoder.__file__)
"""What puts the graph together: a graph of other code is another one."""


class SingleEncoder:
    """Embeds one prefixed, cleaned text at a time; several threads may use it.

    A text longer than the model reads at once is cut into windows, whose means are averaged by their lengths, as
    `index.embedders.bundled.bulk.BulkEncoder` does.

    Args:
        path: The packed model.

    Raises:
        EmbedderError: The model or OpenVINO is missing or unusable.
    """

    def __init__(self, path: Path) -> None:
        model, self._unigram = open_unigram(path)
        self._rows = InputRows(model)
        self._window = model.sizes.positions - 2
        self._hidden = model.sizes.hidden
        self._identity = f"encoder {weights_digest(path)} {hashlib.sha256(_CODE.read_bytes()).hexdigest()}"
        self._runner = Runner(lambda streams: compile_kept(lambda: _graph(model), "int8", self._identity, streams))

    def embed(self, text: str) -> NDArray[np.float32]:
        """Mean of the last states of a text, shape (hidden,), not normalised."""
        ids = self._unigram.ids(text)
        size = self._window
        windows = [ids[start : start + size] for start in range(0, max(len(ids), 1), size)]
        means = np.stack([self._mean(window) for window in windows])
        mean: NDArray[np.float32] = np.average(means, 0, [max(len(window), 1) for window in windows])
        return mean

    def embed_many(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Means of many texts, shape (len(texts), hidden), not normalised: some run together, half the time of each.

        Where texts of several lengths run together, rounding tells their vectors from those of `embed`.
        """
        size = self._window
        windows = [
            (number, ids[start : start + size])
            for number, ids in enumerate(map(self._unigram.ids, texts))
            for start in range(0, max(len(ids), 1), size)
        ]
        rows, read = np.zeros((len(texts), self._hidden), np.float32), np.zeros(len(texts), np.float32)
        for batch in batches(windows, _BATCH_TOKENS):
            with self._runner.now() as requests:
                means = requests.infer(list(self._rows.padded([[_BEGIN, *ids, _END] for _, ids in batch])))
            for (number, ids), mean in zip(batch, means, strict=True):
                rows[number] += max(len(ids), 1) * mean
                read[number] += max(len(ids), 1)
        return rows / read[:, None]

    def _mean(self, ids: list[int]) -> NDArray[np.float32]:
        with self._runner.now() as requests:
            mean: NDArray[np.float32] = requests.infer(list(self._rows.padded([[_BEGIN, *ids, _END]])))[0]
        return mean


class _Whole:
    """A packed model whose matrices are given in whole numbers."""

    def __init__(self, model: PackedModel) -> None:
        self._model = model

    @property
    def sizes(self) -> Sizes:
        return self._model.sizes

    def vector(self, name: str) -> NDArray[np.float32]:
        return self._model.vector(name)

    def matrix(self, name: str, columns: int) -> WholeRows:
        return in_whole_numbers(self._model.matrix(name, columns))


def _graph(model: PackedModel) -> Model:
    return encoder.encoder_graph(_Whole(model))
