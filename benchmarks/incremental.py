"""What an update costs: nothing changed, one file changed, all renamed, one killed half-way.

    python -m benchmarks.incremental [--files 10000] [--renamed 1000] [--embedder hashing]

Prints one JSON object: seconds, files per second and passages embedded of each step.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import index

HEADS, TAILS = (
    ("ba", "be", "du", "ka", "ki", "lo", "lu", "mi", "no", "ra", "se", "ti"),
    ("ren", "rit", "tus", "mor", "nil"),
)
WORDS = [first + second + last for first in HEADS for second in HEADS for last in TAILS]


def write_texts(folder: Path, count: int, dice: random.Random) -> None:
    """Write articles of about 150 words, 100 in a folder."""
    for number in range(count):
        path = folder / f"{number // 100:04}" / f"{number:06}.txt"
        path.parent.mkdir(exist_ok=True)
        sentences = [" ".join(dice.choices(WORDS, k=12)).capitalize() + "." for _ in range(12)]
        path.write_text(f"Article {number}\n\n" + " ".join(sentences), encoding="utf-8")


def _cpu() -> float:
    """Return the processor seconds of this process and its ended children."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def step(name: str, build: Callable[[], index.BuildReport], count: int) -> None:
    before = _cpu()
    report = build()
    cpu = _cpu() - before
    numbers = {each: len(getattr(report, each)) for each in ("added", "changed", "renamed", "removed", "unchanged")}
    print(
        json.dumps(
            {
                "step": name,
                "seconds": round(report.seconds, 2),
                "cpu_seconds": round(cpu, 2),
                "files_per_second": round(count / report.seconds),
                "embedded": report.embedded,
                "passages": report.passages,
                **numbers,
                "failed": len(report.failed),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--renamed", type=int, default=1_000)
    parser.add_argument("--embedder", default="hashing")
    options = parser.parse_args()
    dice = random.Random(1)
    with tempfile.TemporaryDirectory() as place:
        texts, folder = Path(place) / "texts", Path(place) / "index"
        texts.mkdir()
        write_texts(texts, options.files, dice)
        build = partial(index.build, [texts], index_dir=folder, embedder=options.embedder)
        step("first build", build, options.files)
        step("nothing changed", build, options.files)
        path = texts / "0000" / "000042.txt"
        path.write_text(path.read_text("utf-8") + " A sentence that is new.", "utf-8")
        step("one file changed", build, options.files)
        for each in sorted(texts.rglob("*.txt"))[: options.renamed]:
            each.rename(each.with_name(f"renamed-{each.name}"))
        step(f"{options.renamed} renamed", build, options.files)
        for each in sorted(texts.rglob("*.txt"))[: options.renamed]:
            each.unlink()
        step(f"{options.renamed} deleted", build, options.files)


if __name__ == "__main__":
    main()
