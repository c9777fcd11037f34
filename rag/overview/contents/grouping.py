"""Groups of vectors that lie together: spherical k-means, with as many groups as keep best apart.

How far groups keep apart is measured by the silhouette of Rousseeuw (1987,
https://doi.org/10.1016/0377-0427(87)90125-7), with the distance to a group's mean.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from index.types import FloatArray

__all__ = ["groups"]

Labels: TypeAlias = npt.NDArray[np.intp]

_MOST = 8
_TURNS = 20


def groups(rows: FloatArray, apart: float) -> list[list[int]]:
    """Return the places of the vectors of each group; one group where they don't fall into several.

    Args:
        rows: unit vectors, shape (n, dimension).
        apart: groups that keep less apart than this (-1 to 1) are one.
    """
    centred = rows - rows.mean(axis=0)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    best, labels = apart, np.zeros(len(rows), np.intp)
    for count in range(2, min(_MOST, len(rows) // 2) + 1):
        found = _grouped(centred, count)
        between = _silhouette(centred, found)
        if between > best:
            best, labels = between, found
    return [np.flatnonzero(labels == one).tolist() for one in np.unique(labels)]


def _grouped(rows: FloatArray, count: int) -> Labels:
    """Return the number of each vector's group; the first means are vectors that lie far from one another."""
    first = int((rows @ rows.sum(axis=0)).argmax())
    chosen = [first]
    for _ in range(count - 1):
        chosen.append(int((rows @ rows[chosen].T).max(axis=1).argmin()))
    means = rows[chosen]
    labels: Labels = (rows @ means.T).argmax(axis=1)
    for _ in range(_TURNS):
        sums = np.stack([rows[labels == one].sum(axis=0) for one in range(count)])
        means = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        found = (rows @ means.T).argmax(axis=1)
        if (found == labels).all():
            break
        labels = found
    return labels


def _silhouette(rows: FloatArray, labels: Labels) -> float:
    """Return how much nearer the vectors lie to their own group than to the nearest other one, -1 to 1."""
    kinds = np.unique(labels)
    if len(kinds) < 2:
        return 0.0
    near = rows @ rows.T
    np.fill_diagonal(near, 0.0)
    sizes = np.array([(labels == one).sum() for one in kinds])
    sums = np.stack([near[:, labels == one].sum(axis=1) for one in kinds], axis=1)
    own = np.searchsorted(kinds, labels)
    lone = sizes[own] < 2
    inside = sums[np.arange(len(rows)), own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[np.arange(len(rows)), own] = -np.inf
    far, close = 1 - means.max(axis=1), 1 - inside
    scores = np.where(lone, 0.0, (far - close) / np.maximum(np.maximum(far, close), 1e-9))
    return float(scores.mean())
