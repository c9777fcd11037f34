"""Searching many vectors: cost, what is found, size: `python -m benchmarks.dense --vectors 100000 1000000`.

Vectors of 384 dimensions in clusters of a hundred, and vectors that are spread evenly over the sphere, which no index
can sort. What is found is compared with an exact scan of the same vectors. Times are processor time of one thread.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embedders.base import unit_rows
from index.stores.embedded.vectors import passage_vectors as vectors
from index.stores.embedded.vectors.shifts import Shifts, Slab
from index.stores.fixed_point import rounded
from index.types import FloatArray

DIMENSION, SLAB, CLUSTER = 384, 5_000, 100
KINDS = ("clustered", "even")


def _noise(seed: int, count: int) -> FloatArray:
    return unit_rows(np.random.default_rng(seed).standard_normal((count, DIMENSION), np.float32))


class Corpus:
    """Vectors without end, the same each time.

    Args:
        kind: one of `KINDS`.
        count: how many.
    """

    def __init__(self, kind: str, count: int) -> None:
        self.count = count
        self._centres = _noise(1, max(1, count // CLUSTER)) if kind == "clustered" else None

    def slabs(self) -> Iterator[FloatArray]:
        """Go through the vectors."""
        for number in range(0, self.count, SLAB):
            yield self._some(10 + number, min(SLAB, self.count - number))

    def plain(self) -> Iterator[Slab]:
        """Go through them as a store takes them: there is nothing to subtract."""
        return (Slab(rounded(rows), np.zeros(len(rows), np.uint8)) for rows in self.slabs())

    def queries(self, count: int) -> FloatArray:
        """Return vectors that are not among them."""
        return self._some(2, count)

    def _some(self, seed: int, count: int) -> FloatArray:
        noise = _noise(seed, count)
        if self._centres is None:
            return noise
        chosen = np.random.default_rng(seed).integers(0, len(self._centres), count)
        return unit_rows(self._centres[chosen] + 0.9 * noise)


def nearest(corpus: Corpus, queries: FloatArray, k: int = 100) -> NDArray[np.int64]:
    """Return the nearest rows of each query, best first, by a scan over all."""
    scores, rows, first = np.full((len(queries), k), -2, np.float32), np.zeros((len(queries), k), np.int64), 0
    for slab in corpus.slabs():
        numbers = np.tile(np.arange(first, first + len(slab)), (len(queries), 1))
        scores, rows = np.hstack([scores, queries @ slab.T]), np.hstack([rows, numbers])
        best = np.argpartition(-scores, k, axis=1)[:, :k]
        scores, rows = np.take_along_axis(scores, best, 1), np.take_along_axis(rows, best, 1)
        first += len(slab)
    return np.take_along_axis(rows, np.argsort(-scores, axis=1), 1)


def recall(truth: NDArray[np.int64], found: NDArray[np.int64], k: int) -> float:
    """Return which share of the `k` nearest was found."""
    shares = [len(set(a[:k].tolist()) & set(b[:k].tolist())) / k for a, b in zip(truth, found, strict=True)]
    return round(float(np.mean(shares)), 4)


def measure(kind: str, count: int, queries: int, folder: Path) -> dict[str, object]:
    """Write so many vectors and search them."""
    corpus, path = Corpus(kind, count), folder / "v"
    started = time.process_time()
    written = vectors.write_vectors(path, corpus.plain, count, Shifts.none(DIMENSION))
    spent, asked = time.process_time() - started, corpus.queries(queries)
    truth = nearest(corpus, asked)
    started = time.process_time()
    index = vectors.open_vectors(path, written.search)
    opening = time.process_time() - started
    index.search(asked[0], 100)
    found, times = [], []
    for query in asked:
        started = time.process_time()
        found.append(index.search(query, 100)[0])
        times.append(1000 * (time.process_time() - started))
    return {
        "vectors": f"{count} {kind}",
        "kind": written.kind,
        "search": str(written.search),
        "build_cpu_s": round(spent, 1),
        "bytes_a_vector": sum(stamp.size for stamp in written.stamps.values()) // count,
        "opening_cpu_ms": round(1000 * opening),
        "recall_at_10": recall(truth, np.array(found), 10),
        "recall_at_100": recall(truth, np.array(found), 100),
        "cpu_ms_p50_p95": np.percentile(times, (50, 95)).round(2).tolist(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m benchmarks.dense", description=__doc__)
    parser.add_argument("--vectors", type=int, nargs="+", default=[100_000, 200_000])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--queries", type=int, default=200)
    options = parser.parse_args()
    for count in options.vectors:
        for kind in options.kinds:
            with tempfile.TemporaryDirectory() as folder:
                print(json.dumps(measure(kind, count, options.queries, Path(folder))), flush=True)


if __name__ == "__main__":
    main()
