"""The published tables: `python -m benchmarks --data DIR [names …]`.

Every table builds real indexes and asks them through `rag.Assistant`. Other benchmarks have commands of their own.
"""

from __future__ import annotations

import argparse
import ast
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import answers, corpora, costs, memerag, overviews, peers, quotes, refusal, retrieval, suggested
from benchmarks.pools import Bench

TABLES: dict[str, Callable[[Bench], None]] = {
    "mixed": retrieval.mixed_pool,
    "translations": retrieval.translations,
    "large": retrieval.large,
    "within": retrieval.within,
    "pairs": retrieval.pairs,
    "news-pairs": partial(retrieval.pairs, name="ntrex-news"),
    "news-mixed": partial(retrieval.mixed_pool, name="ntrex-news"),
    "news-within": partial(retrieval.within, name="ntrex-news"),
    "refusal": refusal.refusal,
    "refusal-elsewhere": refusal.elsewhere,
    "near-misses": refusal.near_misses,
    "skewed": corpora.skewed,
    "rare": corpora.rare,
    "unlisted": corpora.unlisted,
    "quotes": quotes.quotes,
    "answers": answers.answers,
    "overviews": overviews.overviews,
    "library-questions": overviews.library_questions,
    "topics": suggested.topics,
    "suggestions": suggested.suggestions,
    "peers": peers.peers,
    "lareqa": peers.lareqa,
    "memerag": memerag.memerag,
    "costs": costs.costs,
}


def _others() -> str:
    """Return the commands of the other benchmarks, each with the first line of its own description."""
    lines = ["other benchmarks, each with --help:"]
    for path in sorted(Path(__file__).parent.glob("*.py")):
        code = path.read_text(encoding="utf-8")
        if path.stem != "__main__" and "\ndef main" in code:
            first_line = (ast.get_docstring(ast.parse(code)) or "").partition("\n")[0].partition(": `")[0]
            lines.append(f"  python -m benchmarks.{path.stem:<12} {first_line}")
    return "\n".join(lines)


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m benchmarks", description=__doc__, epilog=_others(), formatter_class=shape
    )
    parser.add_argument("names", nargs="*", help=f"tables, all when none is named: {', '.join(TABLES)}")
    parser.add_argument("--data", default=os.environ.get("RAG_BENCH_DATA", ""), help="folder of the benchmark data")
    parser.add_argument("--work", type=Path, help="keep vectors in this folder from run to run")
    parser.add_argument("--questions", type=int, default=0, help="at most so many questions a language (0: all)")
    parser.add_argument("--plots", type=Path, help="draw the heat map of language pairs into this folder")
    parser.add_argument("--reader", default="bundled", help="who reads the passages; none: retrieval alone decides")
    options = parser.parse_args()
    if not options.data or not (Path(options.data) / "xquad").is_dir():
        parser.error(f"no benchmark data in {options.data or 'no folder at all'}: name it by --data or RAG_BENCH_DATA")
    if unknown := [name for name in options.names if name not in TABLES]:
        parser.error(f"no table {unknown[0]}; there are {', '.join(TABLES)}")
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        bench = Bench(Path(options.data), work, options.questions, options.plots, options.reader)
        for name in options.names or TABLES:
            started = time.monotonic()
            TABLES[name](bench)
            print(f"({name}: {time.monotonic() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
