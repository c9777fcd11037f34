"""The store by size: build time, peak memory, disk, search times and recall.

    python -m benchmarks.scale [--passages 10000 100000] [--dimension 384] [--queries 200]

Vectors are synthetic: clusters of passages around random centres, as topics are in a corpus; each text has some words
of a Zipf-like vocabulary. Each size runs in a process of its own, so that its peak memory is its own, and prints one
JSON object. Recall is against an exact scan of the vectors that were given.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from index.stores.base import Filter
from index.stores.embedded import EmbeddedStore
from index.stores.vectors import kind_for
from index.stores.writing import GenerationWriter
from index.types import Document, FloatArray, Passage, Sentence

PER_DOCUMENT, TOPICS, VOCABULARY = 10, 2000, 50_000


class Corpus:
    """Passages that are made again from their number whenever they are needed."""

    def __init__(self, count: int, dimension: int, words: int) -> None:
        self.count, self.dimension, self.words_each = count, dimension, words
        random = np.random.default_rng(1)
        self.centres = random.normal(size=(TOPICS, dimension)).astype(np.float32) / np.sqrt(dimension)
        syllables = np.array([a + b for a in "bcdfglmnprstv" for b in "aeiou"])
        self.words = ["".join(random.choice(syllables, random.integers(2, 5))) for _ in range(VOCABULARY)]
        chances = 1 / np.arange(1, VOCABULARY + 1)
        self.edges = np.cumsum(chances / chances.sum())

    def vectors(self, numbers: Sequence[int]) -> FloatArray:
        """Return unit rows, shape (len(numbers), dimension)."""
        rows = np.empty((len(numbers), self.dimension), np.float32)
        for place, number in enumerate(numbers):
            random = np.random.default_rng(number)
            noise = random.standard_normal(self.dimension, np.float32) / np.sqrt(self.dimension)
            rows[place] = self.centres[random.integers(TOPICS)] + 0.8 * noise
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def fetch(self, digests: Sequence[bytes], _: Sequence[str]) -> FloatArray:
        """Give the store the vectors that it asks for."""
        return self.vectors([int.from_bytes(digest, "big") for digest in digests])

    def document(self, number: int) -> tuple[Document, list[Passage]]:
        """Return a document and its passages."""
        drawn = np.searchsorted(
            self.edges, np.random.default_rng(10**9 + number).random(self.words_each * PER_DOCUMENT)
        )
        size = self.words_each
        pieces = [" ".join(self.words[word] for word in drawn[at : at + size]) for at in range(0, len(drawn), size)]
        text, passages, start = "\n".join(pieces), list[Passage](), 0
        for at, piece in enumerate(pieces):
            language = "ar" if number % 50 == 0 else "en"  # a filter that keeps 2 %
            passages.append(Passage(f"d{number}:{at}", f"d{number}", start, start + len(piece), piece, language, ""))
            start += len(piece) + 1
        return Document(f"d{number}", f"Title {number}", f"all/{number}.txt", "en", text), passages


def build(folder: Path, corpus: Corpus) -> float:
    started = time.perf_counter()
    writer = GenerationWriter(folder)
    for number in range(corpus.count // PER_DOCUMENT):
        document, passages = corpus.document(number)
        keys = [(number * PER_DOCUMENT + at).to_bytes(16, "big") for at in range(PER_DOCUMENT)]
        sentences = [Sentence(passage.start, passage.end) for passage in passages]
        writer.put(document, passages, keys, sentences, keys)
    writer.finish(corpus.fetch, corpus.dimension)
    return time.perf_counter() - started


def times(work: Callable[[int], object], count: int) -> dict[str, float]:
    found, cpu = [], time.process_time()
    for number in range(count):
        started = time.perf_counter()
        work(number)
        found.append(1000 * (time.perf_counter() - started))
    cpu = 1000 * (time.process_time() - cpu) / count
    return {
        "cpu_ms": round(cpu, 2),
        "p50_ms": round(float(np.percentile(found, 50)), 2),
        "p95_ms": round(float(np.percentile(found, 95)), 2),
    }


def exact(corpus: Corpus, queries: FloatArray, k: int) -> list[set[int]]:
    """Return the numbers of the best passages of each query, by a scan over all."""
    best_scores = np.full((len(queries), k), -2, np.float32)
    best = np.zeros((len(queries), k), np.int64)
    for start in range(0, corpus.count, 20_000):
        numbers = range(start, min(start + 20_000, corpus.count))
        scores = np.concatenate([best_scores, queries @ corpus.vectors(numbers).T], axis=1)
        ids = np.concatenate([best, np.tile(np.array(numbers), (len(queries), 1))], axis=1)
        chosen = np.argpartition(-scores, k, axis=1)[:, :k]
        best_scores, best = np.take_along_axis(scores, chosen, 1), np.take_along_axis(ids, chosen, 1)
    return [set(row.tolist()) for row in best]


def measure(count: int, dimension: int, queries: int, words: int) -> dict[str, object]:
    corpus = Corpus(count, dimension, words)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        cpu = time.process_time()
        seconds = build(folder, corpus)
        cpu = time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        started = time.perf_counter()
        store = EmbeddedStore(folder)
        opening = time.perf_counter() - started
        asked = corpus.vectors(range(10**8, 10**8 + queries))
        truth = exact(corpus, asked, 10)
        found = [{hit.key - 1 for hit in store.dense(query, 10)} for query in asked]
        few = Filter(languages=("ar",))
        store.dense(asked[0], 10, few)
        text = [" ".join(corpus.document(number)[1][3].text.split()[5:13]) for number in range(50)]
        return {
            "passages": count,
            "kind": kind_for(count),
            "build_seconds": round(seconds, 1),
            "build_cpu_seconds": round(cpu, 1),
            "build_peak_mb": peak,
            "disk_mb": size >> 20,
            "files_mb": {path.name: path.stat().st_size >> 20 for path in sorted(folder.rglob("*")) if path.is_file()},
            "open_ms": round(1000 * opening, 1),
            "recall_at_10": round(float(np.mean([len(a & b) / 10 for a, b in zip(truth, found, strict=True)])), 4),
            "dense": times(lambda at: store.dense(asked[at % queries], 10), queries),
            "dense_filtered_2_percent": times(lambda at: store.dense(asked[at % queries], 10, few), queries),
            "keyword_8_words": times(lambda at: store.keyword(text[at % 50], 50), queries),
            "passages_10": times(lambda at: store.passages(range(at + 1, at + 11)), queries),
            "dense_8_threads_per_second": threaded(store, asked),
        }


def threaded(store: EmbeddedStore, asked: FloatArray) -> int:
    def work() -> None:
        for query in asked[:50]:
            store.dense(query, 10)

    threads = [threading.Thread(target=work) for _ in range(8)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return round(8 * min(50, len(asked)) / (time.perf_counter() - started))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--words", type=int, default=100, help="of a passage")
    options = parser.parse_args()
    if len(options.passages) == 1:
        print(json.dumps(measure(options.passages[0], options.dimension, options.queries, options.words)))
        return
    for count in options.passages:
        fixed = [
            "--dimension",
            str(options.dimension),
            "--queries",
            str(options.queries),
            "--words",
            str(options.words),
        ]
        subprocess.run([sys.executable, "-m", "benchmarks.scale", "--passages", str(count), *fixed], check=True)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
