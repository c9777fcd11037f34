"""What the reader makes of the last states: does it answer, which sentence, which words, and is a claim supported.

A few small products over states that are there already, in float32 with NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.reading.model.weights import ReaderWeights
from rag.reading.model.windows import Window

__all__ = ["Heads", "Seen"]

_Array = NDArray[np.float32]

_USUAL_COSINE = 0.8  # of the best sentence and the question, as the head was trained


@dataclass(frozen=True, slots=True)
class Seen:
    """Raw outputs for one window.

    Attributes:
        answers: log-odds that it answers.
        sentences: numbers of the sentences that have tokens in it, shape (n,).
        scores: logit of each of them, shape (n,).
        starts: logit of each token of the text that the answer begins there, shape (tokens,).
        ends: … that it ends there.
    """

    answers: float
    sentences: NDArray[np.int64]
    scores: _Array
    starts: _Array
    ends: _Array


class Heads:
    """The reader's heads.

    Args:
        weights: the reader's weights.
    """

    def __init__(self, weights: ReaderWeights) -> None:
        self._answers = [weights.head(f"{name}.{part}") for name in ("answers_pool", "answers") for part in _PARTS]
        self._verdict = [weights.head(f"{name}.{part}") for name in ("verdict_pool", "verdict") for part in _PARTS]
        self._sentence = [weights.head(f"sentence.{part}") for part in _PARTS]
        self._span = [weights.head(f"span.{part}") for part in _PARTS]
        self._scale = weights.head("scale")

    def question(self, window: Window, states: _Array) -> Seen:
        """Return what is seen in a window that begins with a question.

        Args:
            window: what was read.
            states: the last states, shape (tokens, hidden).
        """
        body = states[window.body : window.body + len(window.spans)]
        asked = states[: window.head].mean(0)
        numbers, means = _sentence_means(window, body)
        cosines = _cosines(means, asked)
        weight, bias = self._sentence
        scores = means @ weight[0] + bias[0] + self._scale[0] * cosines
        best = cosines.max(initial=-1.0)
        answers = _pooled(self._answers, states[0], asked)[0] + self._scale[1] * (best - _USUAL_COSINE)
        weight, bias = self._span
        starts, ends = (body @ weight.T + bias).T
        return Seen(float(answers), numbers, scores, starts, ends)

    def verdict(self, window: Window, states: _Array) -> _Array:
        """Return three logits for a window that begins with a claim: supported, contradicted, silent."""
        return _pooled(self._verdict, states[0], states[: window.head].mean(0))


_PARTS = ("weight", "bias")


def _pooled(head: list[_Array], first: _Array, mean: _Array) -> _Array:
    pool_weight, pool_bias, weight, bias = head
    hidden = np.tanh(pool_weight @ np.concatenate([first, mean]) + pool_bias)
    result: _Array = weight @ hidden + bias
    return result


def _sentence_means(window: Window, body: _Array) -> tuple[NDArray[np.int64], _Array]:
    """Return the numbers of the sentences in the window, and the mean state of each one's tokens."""
    if not len(body):
        return np.zeros(0, np.int64), np.zeros((0, body.shape[1]), np.float32)
    numbers, first, counts = np.unique(np.array(window.sentences), return_index=True, return_counts=True)
    sums = np.add.reduceat(body, first, axis=0)
    means: _Array = (sums / counts[:, None]).astype(np.float32)
    return numbers, means


def _cosines(rows: _Array, vector: _Array) -> _Array:
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
    result: _Array = (rows @ vector / np.maximum(lengths, 1e-12)).astype(np.float32)
    return result
