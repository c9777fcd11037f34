"""Which of several classes a question is of, by its vector: multinomial logistic regression.

The weights come with the package for one embedder; for any other nothing is known.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.types import FloatArray

__all__ = ["class_shares"]


def class_shares(weights: Path, fingerprint: str, vector: FloatArray) -> dict[str, float] | None:
    """Return the probability of each class, adding up to 1; `None` when no weights are known for the model.

    Args:
        weights: file with `classes`, `weights` (classes, dimension), `bias` (classes,) and `provenance`.
        fingerprint: of the embedder.
        vector: of the question, aligned, shape (dimension,).
    """
    known = _weights(weights, fingerprint)
    if known is None or known[1].shape[1] != len(vector):
        return None
    classes, matrix, bias = known
    scores = np.exp((logits := matrix @ vector + bias) - logits.max())
    return dict(zip(classes, (scores / scores.sum()).tolist(), strict=True))


@lru_cache(maxsize=4)
def _weights(path: Path, fingerprint: str) -> tuple[tuple[str, ...], FloatArray, FloatArray] | None:
    with np.load(path, allow_pickle=False) as stored:
        if json.loads(str(stored["provenance"]))["fingerprint"] != fingerprint:
            return None
        return tuple(str(name) for name in stored["classes"]), stored["weights"], stored["bias"]
