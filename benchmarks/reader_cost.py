"""What the reader of passages costs: `python -m benchmarks.reader_cost [--rounds N]`.

Cold start (with the compiled graph kept from before, and without), memory, milliseconds for one to three passages of
288 tokens by precision, and how many questions a second several people get who ask at once. Compare the lines of one
run with each other: other work on the machine changes them all.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from benchmarks.tables import show
from index.config import seeds_dir
from index.types import Passage
from rag.reading.model.bundled import BundledReader
from rag.types import ScoredPassage

QUESTION = "When was the plant founded, and who heads it now?"
_CHARACTERS = 1_240  # of English: 288 tokens with the question and the markers
_COLD = """
import sys, time, resource
import rag
from benchmarks.reader_cost import QUESTION, passages
hits = passages(1)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
wall, processor = time.perf_counter(), time.process_time()
from rag.reading import load_reader
load_reader().read(QUESTION, hits)
wall, processor = time.perf_counter() - wall, time.process_time() - processor
print(wall, processor, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.reader_cost", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9, help="how often each thing is measured")
    rounds = parser.parse_args().rounds
    cold_start()
    readers = {precision: BundledReader(precision=precision) for precision in ("int8", "f32", "bf16")}
    reading(readers, rounds)
    crowd(readers["int8"], rounds)


def passages(count: int) -> list[ScoredPassage]:
    """Return different cuts of the sample articles, all as long."""
    text = " ".join(path.read_text(encoding="utf-8") for path in sorted(seeds_dir().rglob("*.md")))
    text = " ".join(text.split())
    cuts = [text[start : start + _CHARACTERS] for start in range(0, count * _CHARACTERS, _CHARACTERS)]
    return [
        ScoredPassage(Passage(f"d:{n}", "d", 0, len(cut), cut, "en", ""), "Industry", "d", 1.0)
        for n, cut in enumerate(cuts)
    ]


def cold_start() -> None:
    """Start a process that reads one passage: first with an empty cache, then with what the first one left there."""
    rows = []
    with tempfile.TemporaryDirectory() as cache:
        for name in ("nothing kept", "graph kept", "graph kept, again"):
            environment = {**os.environ, "RAG_CACHE": cache}
            command = [sys.executable, "-c", _COLD]
            output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
            wall, processor, megabytes = map(float, output.split())
            rows.append([name, f"{wall:.2f}", f"{processor:.2f}", f"{megabytes:.0f}"])
    show("loading and reading one passage", ["start", "seconds", "of processor", "MiB more"], rows)


def reading(readers: dict[str, BundledReader], rounds: int) -> None:
    """Read one to three passages; the precisions take turns, so that other work hits them alike."""
    rows = []
    for count in (1, 2, 3):
        hits = passages(count)
        times: dict[str, list[float]] = {precision: [] for precision in readers}
        for reader in readers.values():
            reader.read(QUESTION, hits)
        for _ in range(rounds):
            for precision, reader in readers.items():
                since = time.perf_counter()
                reader.read(QUESTION, hits)
                times[precision].append(time.perf_counter() - since)
        rows.append([str(count), *(f"{1e3 * min(some):.0f} / {1e3 * median(some):.0f}" for some in times.values())])
    show("milliseconds for passages of 288 tokens, best / median", ["passages", *readers], rows)


def crowd(reader: BundledReader, rounds: int) -> None:
    """Let several threads ask about three passages each."""
    rows = []
    hits = passages(3)
    for people in (1, 2, 4, 8):
        asked = people * max(2, rounds // 2)
        with ThreadPoolExecutor(people) as pool:
            since = time.perf_counter()
            waiting = [pool.submit(reader.read, QUESTION, hits) for _ in range(asked)]
            for one in waiting:
                one.result()
            took = time.perf_counter() - since
        rows.append([str(people), f"{asked / took:.1f}"])
    show("questions a second with three passages each", ["people", "questions"], rows)


if __name__ == "__main__":
    main()
