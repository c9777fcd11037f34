"""Compares the ways of running the bundled model, in one run on one machine.

    python benchmarks/embedders.py --data DATA [--torch]

Prints the cold start of a question, milliseconds a question, tokens per second (wall, and per second of processor
time) of each way, how well each agrees with the engine, and from how much text on bulk embedding pays. ``--torch`` adds
torch through sentence-transformers in float32 and bfloat16. Ratios within a run count; absolute
figures vary with what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.embedders.bundled.bulk import BulkEncoder
from index.embedders.bundled.embedder import BundledEmbedder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
Made = TypeVar("Made")
_COLD = """
import time; begun = time.perf_counter()
from index.embedders import load
load("bundled").embed_query("Who opened the harbour?")
print(time.perf_counter() - begun)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One way on the same texts: seconds of wall and processor time to start and to embed."""

    name: str
    start: float
    wall: float
    processor: float
    cosine: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("RAG_BENCH_DATA"), help="folder holding xquad/")
    parser.add_argument("--texts", type=int, default=40, help="paragraphs of each language")
    parser.add_argument("--torch", action="store_true", help="also torch float32 and bfloat16 (slow)")
    options = parser.parse_args()
    if options.data is None or not (Path(options.data) / "xquad").is_dir():
        parser.error("name the benchmark data by --data or RAG_BENCH_DATA: a folder holding xquad/")
    passages, questions = read(Path(options.data), options.texts)
    engine = BundledEmbedder()
    print(f"cold start to the first vector of a question, best of 3: {min(cold() for _ in range(3)):.2f} s")
    report_questions(engine, questions)
    tokens = sum(engine.count_tokens(text) + 4 for text in passages)
    counting = timed(lambda: [engine.count_tokens(text) for text in passages])[1]
    print(f"counting tokens: {tokens / counting:,.0f} a second; {len(passages)} passages, {tokens:,} tokens\n")
    runs = list(ways(engine, passages, torch=options.torch))
    table(runs, tokens)
    crossover(runs, tokens, sum(map(len, passages)))


def read(data: Path, count: int) -> tuple[list[str], list[str]]:
    def texts(name: str, most: int) -> list[str]:
        files = sorted(data.glob(f"xquad/*/{name}.jsonl"))
        lines = [line for file in files for line in file.read_text("utf-8").splitlines()[:most]]
        return [json.loads(line)["text"] for line in lines]

    return texts("corpus", count), texts("queries", 20)


def cold() -> float:
    done = subprocess.run([sys.executable, "-c", _COLD], capture_output=True, text=True, check=True)
    return float(done.stdout)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def report_questions(engine: BundledEmbedder, questions: list[str]) -> None:
    wall, processor = timed(lambda: [engine.embed_query(question) for question in questions])
    each = 1000 / len(questions)
    print(f"a question by the engine: {wall * each:.1f} ms, processor {processor * each:.1f} ms")


def ways(engine: BundledEmbedder, passages: list[str], *, torch: bool) -> Iterator[Run]:
    rows: Vectors = np.empty((0, 0), np.float32)

    def by_engine() -> None:
        nonlocal rows
        rows = engine._by_engine(passages, "passage", None)

    wall, processor = timed(by_engine)
    yield Run("engine, 4 bits", 0.0, wall, processor, 1.0)
    prefixed = ["passage: " + text for text in passages]
    for precision in ("int8", "bf16", "f32"):
        started, encoder = starting(partial(BulkEncoder, precision=precision))
        yield measured(f"OpenVINO {precision}", started, partial(encoder.embed, prefixed), rows)
        del encoder
    if torch:
        yield from torch_ways(prefixed, rows)


def torch_ways(prefixed: list[str], rows: Vectors) -> Iterator[Run]:
    from tools.export_encoder import export_sentence_transformers

    with tempfile.TemporaryDirectory() as folder:
        exported = str(export_sentence_transformers(Path(folder) / "e5"))

        def load(kind: str) -> SentenceTransformer:
            from sentence_transformers import SentenceTransformer

            return SentenceTransformer(exported, device="cpu", model_kwargs={"dtype": kind})

        for kind in ("float32", "bfloat16"):
            started, model = starting(partial(load, kind))
            encode = partial(model.encode, prefixed, batch_size=32, normalize_embeddings=True)
            yield measured(f"torch {kind}", started, encode, rows)


def starting(make: Callable[[], Made]) -> tuple[float, Made]:
    wall, made = time.perf_counter(), make()
    return time.perf_counter() - wall, made


def measured(name: str, started: float, embed: Callable[[], Vectors], rows: Vectors) -> Run:
    embed()  # shapes are compiled in the first pass
    found: list[Vectors] = []
    wall, processor = timed(lambda: found.append(embed()))
    return Run(name, started, wall, processor, float(np.sum(found[0] * rows, axis=1).min()))


def table(runs: list[Run], tokens: int) -> None:
    print(f"{'':18}{'start s':>9}{'tokens/s':>10}{'per CPU s':>11}{'ratio':>7}{'least cosine':>14}")
    for run in runs:
        ratio = runs[0].processor / run.processor
        print(
            f"{run.name:18}{run.start:9.2f}{tokens / run.wall:10,.0f}{tokens / run.processor:11,.0f}"
            f"{ratio:7.2f}{run.cosine:14.5f}"
        )


def crossover(runs: list[Run], tokens: int, characters: int) -> None:
    engine, bulk = runs[0].wall / tokens, runs[1].wall / tokens
    even = runs[1].start / (engine - bulk)
    print(f"\nstarting {runs[1].name} pays from {even:,.0f} tokens, {even * characters / tokens:,.0f} characters, on")


if __name__ == "__main__":
    main()
