"""The index by size: build time, peak memory, disk, search times and recall: `python -m benchmarks.scale`.

Articles from a grammar, ten passages and some sixty sentences each, in files of a hundred, are read, cut, embedded,
indexed and searched by the whole of `index.build` and `index.open`. Only the model is replaced: a text's vector is the
mean of random vectors of its words, which costs little, so the times are those of everything but the model. Recall is
against an exact scan of the vectors that the embedder gave. Each size runs in a process of its own, so that its peak
memory is its own, and prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from unittest.mock import patch

import numpy as np

import index
from benchmarks import prose
from benchmarks.data import LANGUAGES
from index.building import finishing
from index.building.passages.chunking import embedding_text
from index.embedders.alignment.language_table import LanguageTable
from index.embedders.base import Progress, unit_rows
from index.language.codes import UNKNOWN
from index.stores.base import Filter
from index.types import FloatArray
from rag.retrieval.retrieve import retrieve

PER_FILE, SENTENCES, DIMENSION = 100, 56, 384
_WORD = re.compile(r"\w{3,}")
_COMMON = frozenset(("the", "near", "when", "that", "year", "wrote", "counted", "cost", "crowns", "for", "had", "been"))


class WordMeans:
    """Vectors that cost little: the mean of random vectors of a text's words, the common ones left out."""

    spec, fingerprint = "word-means", f"word-means/{DIMENSION}/1"
    dimension, max_tokens = DIMENSION, 512

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> FloatArray:
        """See `index.embedders.base.Embedder.embed_passages`."""
        rows = np.zeros((len(texts), DIMENSION), np.float32)
        for place, text in enumerate(texts):
            for word in _WORD.findall(text.lower()):
                if word not in _COMMON:
                    rows[place] += _vector(word)
        if progress and texts:
            progress(len(texts))
        return unit_rows(rows)

    def embed_query(self, text: str) -> FloatArray:
        """See `index.embedders.base.Embedder.embed_query`."""
        found: FloatArray = self.embed_passages([text])[0]
        return found

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """See `index.embedders.base.Embedder.embed_queries`."""
        return self.embed_passages(texts)

    def count_tokens(self, text: str) -> int:
        """About four thirds of the words, as English has it with the default model."""
        return 4 * (text.count(" ") + 1) // 3


@lru_cache(maxsize=100_000)
def _vector(word: str) -> FloatArray:
    seed = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")
    return np.random.default_rng(seed).standard_normal(DIMENSION, np.float32)


def as_bundled() -> None:
    """Store vectors of sentences as those of the bundled model are, in 4 bits: as if languages were known here, too."""
    names = (UNKNOWN, *LANGUAGES)
    nothing, pairs = np.zeros((len(names), DIMENSION), np.float32), np.ones((len(names), len(names)), np.float32)
    table = LanguageTable(names, nothing, nothing, pairs, nothing, nothing[:, 0])
    patch.object(finishing, "bundled_table", lambda _: table).start()  # until the process ends


def write_rows(folder: Path, documents: int) -> None:
    """Write articles as JSON lines; every fiftieth is of 2021, for a filter that keeps 2 %."""
    folder.mkdir()
    for first in range(0, documents, PER_FILE):
        with (folder / f"{first:07}.jsonl").open("w", encoding="utf-8") as file:
            for number in range(first, min(first + PER_FILE, documents)):
                text = prose.body(number, 1900 + number % 120, SENTENCES)
                date = "2020-05-17" if number % 50 else "2021-05-17"
                row = {"id": str(number), "title": prose.title(number), "date": date, "text": text}
                file.write(json.dumps(row) + "\n")


def cpu_seconds() -> float:
    """Return the processor time of this process and its ended children."""
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in found)


def size_of(folder: Path, pattern: str) -> int:
    """Return the megabytes of some files of a folder."""
    return sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file()) >> 20


def bytes_a_passage(folder: Path, passages: int) -> dict[str, int]:
    """Return what each file of an index costs a passage, folders of a generation as one, from a byte on."""
    sizes = Counter[str]()
    for path in folder.rglob("*"):
        if path.is_file():
            parts = path.relative_to(folder).parts
            sizes[parts[1] if len(parts) > 1 else parts[0]] += path.stat().st_size
    return {name: round(size / passages) for name, size in sizes.most_common() if size >= passages}


def build(texts: Path, folder: Path) -> dict[str, object]:
    """Build, and return what it took."""
    cpu = cpu_seconds()
    report = index.build([texts], index_dir=folder, embedder=WordMeans(), progress=Reporting())
    peaks = [resource.getrusage(who).ru_maxrss >> 10 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "passages": report.passages,
        "build_seconds": round(report.seconds, 1),
        "build_cpu_seconds": round(cpu_seconds() - cpu, 1),
        "peak_mb": peaks[0],
        "peak_of_a_reader_mb": peaks[1],
        "generation_mb": size_of(folder, "gen-*/**/*"),
        "kept_vectors_mb": size_of(folder, "embeddings.sqlite*"),
        "bytes_a_passage": bytes_a_passage(folder, report.passages),
    }


def update(texts: Path, folder: Path) -> dict[str, object]:
    """Add one article, change it, take it away, each in an update of its own, and return what each took."""
    path, found = texts / "added.jsonl", dict[str, object]()
    for name, year in (("added", 1950), ("changed", 1951), ("removed", 0)):
        if year:
            row = {"id": "added", "title": "Added", "text": prose.body(10**9, year, SENTENCES)}
            path.write_text(json.dumps(row) + "\n", encoding="utf-8")
        else:
            path.unlink()
        cpu = cpu_seconds()
        report = index.build([texts], index_dir=folder, embedder=WordMeans())
        found[f"one_{name}_seconds"] = round(report.seconds, 2)
        found[f"one_{name}_cpu_seconds"] = round(cpu_seconds() - cpu, 2)
    return found


class Reporting:
    """Reports on standard error when a stage begins and how far it is, once a minute at most."""

    def __init__(self) -> None:
        self._reported_at = 0.0
        self._began = time.monotonic()

    def __call__(self, step: index.Progress) -> None:
        """Take a step."""
        if time.monotonic() - self._reported_at > 60:
            self._reported_at = time.monotonic()
            at = round(self._reported_at - self._began)
            print(f"{at} s: {step.stage} {step.done} of {step.total}", file=sys.stderr, flush=True)


def times(work: Callable[[int], object], count: int) -> dict[str, float]:
    """Return milliseconds of `count` calls: processor time of one, median and 95th percentile of the clock."""
    found, cpu = [], time.process_time()
    for number in range(count):
        started = time.perf_counter()
        work(number)
        found.append(1000 * (time.perf_counter() - started))
    cpu = 1000 * (time.process_time() - cpu) / count
    p50, p95 = np.percentile(found, (50, 95))
    return {"cpu_ms": round(cpu, 2), "p50_ms": round(float(p50), 2), "p95_ms": round(float(p95), 2)}


def slabs(opened: index.Index, size: int = 5_000) -> Iterator[tuple[list[int], FloatArray]]:
    """Go through all passages: their keys, and the vectors that they should have, embedded anew and aligned."""
    embedder, keys = WordMeans(), list[int]()
    names = opened.store.document_ids()
    more = True
    while more:
        name = next(names, None)
        keys += [] if name is None else opened.store.keys(name)
        more = name is not None
        if keys and (len(keys) >= size or not more):
            passages = opened.store.passages(keys)
            texts = [embedding_text(prose.title(int(each.document_id)), each) for each in passages]
            vectors = np.asarray(embedder.embed_passages(texts), np.float16).astype(np.float32)
            yield keys, opened.alignment.align_passages(vectors, [each.language for each in passages])
            keys = []


def exact(opened: index.Index, queries: FloatArray, k: int) -> list[set[int]]:
    """Return the keys of the best passages of each query, by a scan over all."""
    best_scores = np.full((len(queries), k), -2, np.float32)
    best = np.zeros((len(queries), k), np.int64)
    for keys, vectors in slabs(opened):
        scores = np.concatenate([best_scores, queries @ vectors.T], axis=1)
        ids = np.concatenate([best, np.tile(np.array(keys), (len(queries), 1))], axis=1)
        chosen = np.argpartition(-scores, k, axis=1)[:, :k]
        best_scores, best = np.take_along_axis(scores, chosen, 1), np.take_along_axis(ids, chosen, 1)
    return [set(row.tolist()) for row in best]


def search(folder: Path, queries: int) -> dict[str, object]:
    """Open an index, and return how well and how fast it is searched."""
    started = time.perf_counter()
    opened = index.open(folder, embedder=WordMeans())
    opening = time.perf_counter() - started
    dice = random.Random(1)
    questions = [prose.ask(dice) for _ in range(queries)]
    vectors = np.stack([opened.embed_query(question)[0] for question in questions])
    truth = exact(opened, vectors, 10)
    found = [{hit.key for hit in opened.store.dense(vector, 10)} for vector in vectors]
    few = Filter(date_from="2021")
    opened.store.dense(vectors[0], 10, few)
    store = opened.store
    return {
        "kind": opened.manifest.vectors,
        "open_ms": round(1000 * opening, 1),
        "recall_at_10": round(float(np.mean([len(a & b) / 10 for a, b in zip(truth, found, strict=True)])), 4),
        "dense": times(lambda at: store.dense(vectors[at], 10), queries),
        "dense_filtered_2_percent": times(lambda at: store.dense(vectors[at], 10, few), queries),
        "keyword": times(lambda at: store.keyword(questions[at], 50), queries),
        "whole_search": times(lambda at: retrieve(opened, questions[at], 10), queries),
        "search_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def measure(count: int, queries: int, place: Path, *, eight_bits: bool) -> dict[str, object]:
    """Build an index of about so many passages and search it, each in a process of its own."""
    texts, folder = place / "texts", place / "index"
    write_rows(texts, count // 10)
    command = [sys.executable, "-m", "benchmarks.scale", "--queries", str(queries)]
    command += ["--eight-bits"] if eight_bits else []
    steps = (["--build", str(texts), str(folder)], ["--search", str(folder)], ["--update", str(texts), str(folder)])
    found: dict[str, object] = {}
    for step in steps:
        done = subprocess.run([*command, *step], stdout=subprocess.PIPE, check=True)
        found |= json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, nargs="+", default=[10_000, 100_000], help="about; a table row each")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--place", type=Path, help="work in this folder")
    parser.add_argument("--build", type=Path, nargs=2, metavar=("TEXTS", "INDEX"), help="only build")
    parser.add_argument("--update", type=Path, nargs=2, metavar=("TEXTS", "INDEX"), help="only update what was built")
    parser.add_argument("--search", type=Path, metavar="INDEX", help="only search what was built")
    parser.add_argument("--eight-bits", action="store_true", help="vectors of sentences as those of unknown models")
    options = parser.parse_args()
    if not options.eight_bits:
        as_bundled()
    if options.build:
        print(json.dumps(build(*options.build)))
    elif options.update:
        print(json.dumps(update(*options.update)))
    elif options.search:
        print(json.dumps(search(options.search, options.queries)))
    else:
        for count in options.passages:
            with tempfile.TemporaryDirectory(dir=options.place) as place:
                found = measure(count, options.queries, Path(place), eight_bits=options.eight_bits)
                print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
