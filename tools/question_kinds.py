"""What the tools share that fit a classifier of questions over the embedder's vectors. Needs scikit-learn."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from index.embedders.alignment.vectors import Alignment
from index.embedders.base import Embedder
from index.types import FloatArray

__all__ = ["aligned", "save"]


def aligned(embedder: Embedder, texts: Sequence[str], language: str) -> FloatArray:
    """Return the vectors of questions without their language, shape (n, dimension)."""
    alignment = Alignment.fit(embedder.fingerprint, np.zeros((0, embedder.dimension), np.float32), [])
    return np.stack([alignment.align_query(row, language)[0] for row in embedder.embed_queries(list(texts))])


def save(path: Path, model: LogisticRegression, embedder: Embedder, learned_from: str) -> None:
    """Write a classifier as the product reads it, with where it comes from."""
    provenance = {
        "fingerprint": embedder.fingerprint,
        "made": dt.datetime.now(dt.UTC).date().isoformat(),
        "from": learned_from,
    }
    np.savez(
        path,
        provenance=np.array(json.dumps(provenance, sort_keys=True)),
        classes=np.array(model.classes_),
        weights=model.coef_.astype(np.float32),
        bias=model.intercept_.astype(np.float32),
    )
