"""The bundled model for the one question of a short process: NumPy alone, without OpenVINO and its compiled graphs.

Loading those takes four times as long as reading a question with them. Here each matrix is decoded from its 4 bits when
its turn comes and forgotten after the product, so that nothing has to be loaded and a few megabytes are enough. That
costs 20 ms for each call, however many texts it has, and ten times as much for each token as the graph.

Everything is in float32, without rounding states, so that texts that run together get the vectors that they get alone.
NumPy's own threads wait for each other longer than such small products take: a process that embeds like this should
start with `OPENBLAS_NUM_THREADS=1`, as `rag ask` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embedders.bundled.packed import PackedModel, decode
from index.embedders.bundled.rows import InputRows
from index.embedders.bundled.tokens.unigram import open_unigram

__all__ = ["BriefEncoder"]

_BEGIN, _END = 0, 2
_Array = NDArray[np.float32]

_ERF = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
_ERF_P = np.float32(0.3275911)
_SQRT_HALF = np.float32(0.5**0.5)


class BriefEncoder:
    """Embeds prefixed, cleaned texts, as `index.embedders.bundled.single.SingleEncoder` does, to a cosine of 0.998.

    Several threads may use one.

    Args:
        path: the packed model.

    Raises:
        EmbedderError: it can't be read.
    """

    def __init__(self, path: Path) -> None:
        self._model, self._unigram = open_unigram(path)
        self._rows = InputRows(self._model)
        self._window = self._model.sizes.positions - 2

    def tokens(self, texts: Sequence[str]) -> int:
        """Return how many tokens texts have."""
        return sum(len(self._unigram.ids(text)) for text in texts)

    def embed_many(self, texts: Sequence[str]) -> _Array:
        """Means of the last states of texts, shape (len(texts), hidden), not normalised.

        A text longer than the model reads at once is cut into windows, whose means are averaged by their lengths.
        """
        size = self._window
        windows = [
            (number, ids[start : start + size])
            for number, ids in enumerate(map(self._unigram.ids, texts))
            for start in range(0, max(len(ids), 1), size)
        ]
        rows, read = np.zeros((len(texts), self._model.sizes.hidden), np.float32), np.zeros(len(texts), np.float32)
        means = self._means([[_BEGIN, *ids, _END] for _, ids in windows])
        for (number, ids), mean in zip(windows, means, strict=True):
            rows[number] += max(len(ids), 1) * mean
            read[number] += max(len(ids), 1)
        self._model.release()  # all layers were read from the file, for once
        return rows / read[:, None]

    def _means(self, sequences: Sequence[Sequence[int]]) -> Iterator[_Array]:
        """Yield the mean state of each sequence; all run together, one behind the other, without padding."""
        if not sequences:
            return
        ends = [0, *accumulate(map(len, sequences))]
        parts = [slice(start, end) for start, end in pairwise(ends)]
        hidden = np.concatenate([self._rows.padded([one])[0][0] for one in sequences])
        states = _Pass(self._model, parts).states(hidden)
        yield from (states[part].mean(0) for part in parts)


class _Pass:
    """One way through the layers.

    Args:
        model: the packed weights.
        parts: where each sequence stands among the rows.
    """

    def __init__(self, model: PackedModel, parts: Sequence[slice]) -> None:
        self._model = model
        self._parts = parts
        # One place for all matrices in turn: memory that is asked for anew costs twice what decoding does.
        self._matrix = np.empty(model.sizes.hidden * model.sizes.feed_forward, np.float32)

    def states(self, rows: _Array) -> _Array:
        """Return the last states, shape (tokens, hidden), of what the first LayerNorm gets."""
        hidden = self._normalised(rows, "emb.ln")
        for layer in range(self._model.sizes.layers):
            hidden = self._layer(hidden, f"l{layer}")
        return hidden

    def _layer(self, hidden: _Array, name: str) -> _Array:
        query, key, value = (self._dense(hidden, f"{name}.{part}") for part in "qkv")
        joined = np.concatenate([self._attended(query[part], key[part], value[part]) for part in self._parts])
        hidden = self._normalised(hidden + self._dense(joined, f"{name}.ao"), f"{name}.aln")
        wide = _gelu(self._dense(hidden, f"{name}.fi"))
        return self._normalised(hidden + self._dense(wide, f"{name}.fo"), f"{name}.oln")

    def _attended(self, query: _Array, key: _Array, value: _Array) -> _Array:
        """Return what the tokens of one sequence, shape (tokens, hidden) each, take from each other."""
        heads = self._model.sizes.heads
        size = query.shape[1] // heads
        query, key, value = (rows.reshape(-1, heads, size).swapaxes(0, 1) for rows in (query, key, value))
        shares = query @ key.swapaxes(1, 2) * np.float32(size**-0.5)
        shares = np.exp(shares - shares.max(2, keepdims=True))
        shares /= shares.sum(2, keepdims=True)
        mixed: _Array = (shares @ value).swapaxes(0, 1).reshape(-1, heads * size)
        return mixed

    def _dense(self, rows: _Array, name: str) -> _Array:
        columns = rows.shape[1]
        if self._model.is_quantised(f"{name}.w"):
            blocks = self._model.blocks(f"{name}.w", columns)
            matrix = decode(blocks, self._matrix[: len(blocks) * columns])
        else:
            matrix = self._model.matrix(f"{name}.w", columns)
        product: _Array = rows @ matrix.T
        product += self._model.vector(f"{name}.b")
        return product

    def _normalised(self, rows: _Array, name: str) -> _Array:
        centred: _Array = rows - rows.mean(1, keepdims=True)
        variance: _Array = np.square(centred).mean(1, keepdims=True)
        variance += np.float32(self._model.sizes.epsilon)
        normal: _Array = np.divide(centred, np.sqrt(variance))
        normal *= self._model.vector(f"{name}.w")
        normal += self._model.vector(f"{name}.b")
        return normal


def _gelu(rows: _Array) -> _Array:
    """GELU by the error function, which NumPy lacks: Abramowitz & Stegun 1964, 7.1.26, wrong by 1.5e-7 at most."""
    size = np.abs(rows) * _SQRT_HALF
    share = 1 / (1 + _ERF_P * size)
    total = np.zeros_like(size)
    for factor in reversed(_ERF):
        total += factor
        total *= share
    erf = np.copysign(1 - total * np.exp(-np.square(size)), rows)
    half: _Array = np.float32(0.5) * rows * (1 + erf)
    return half
