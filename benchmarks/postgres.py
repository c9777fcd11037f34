"""A folder and a PostgreSQL database side by side, same texts, same questions: `python -m benchmarks.postgres URL`.

Texts of a mixed pool (each paragraph in one of several languages) are indexed in both by the default model; questions
in all of these languages are asked of both in turn. Told are how often the five best passages, and the first of them,
are the same, and how long finding them takes; first with a look at every vector in the database, then with a vector
index, however few they are. What the address names is overwritten.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import index
from index.embedders import load
from index.embedders.base import Embedder, Progress
from index.stores.postgres import methods
from index.types import FloatArray
from rag import Assistant

LANGUAGES = ("en", "ar", "de", "es", "ru", "zh")


class Remembering:
    """An embedder that embeds no text twice: both builds get the same vectors at the cost of one."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, FloatArray] = {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the embedder has
        """Return what the embedder has by that name."""
        return getattr(self._embedder, name)

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> FloatArray:
        """See `index.embedders.base.Embedder.embed_passages`."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
        if fresh:
            self._known |= dict(zip(fresh, self._embedder.embed_passages(fresh, progress=progress), strict=True))
        return np.array([self._known[text] for text in texts])


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def write_pool(data: Path, folder: Path, dice: random.Random) -> None:
    """Write each paragraph in one of the languages, drawn at random."""
    corpora = {language: rows_of(data / language / "corpus.jsonl") for language in LANGUAGES}
    with (folder / "pool.jsonl").open("w", encoding="utf-8") as file:
        for versions in zip(*corpora.values(), strict=True):
            file.write(json.dumps(dice.choice(versions)) + "\n")


def questions_of(data: Path, count: int, dice: random.Random) -> list[str]:
    """Return questions, as many of each language."""
    each = -(-count // len(LANGUAGES))
    return [
        row["text"] for language in LANGUAGES for row in dice.sample(rows_of(data / language / "queries.jsonl"), each)
    ][:count]


def compare(folder: Path, database: str, questions: Sequence[str]) -> dict[str, object]:
    """Ask both, in turn, and return how they agree and how long each took."""
    places = {"folder": Assistant(index_dir=folder), "database": Assistant(index_dir=database)}
    spent: dict[str, list[float]] = {name: [] for name in places}
    same = first = 0
    for place in places.values():
        place.retrieve(questions[0])
    for number, question in enumerate(questions):
        found = {}
        for name in sorted(places, reverse=bool(number % 2)):
            started = time.perf_counter()
            found[name] = [hit.passage.id for hit in places[name].retrieve(question)]
            spent[name].append(1000 * (time.perf_counter() - started))
        same += found["folder"] == found["database"]
        first += found["folder"][:1] == found["database"][:1]
    times = {f"{name}_p50_ms": round(median(values), 2) for name, values in spent.items()}
    ratio = round(times["database_p50_ms"] / times["folder_p50_ms"], 2)
    return {"questions": len(questions), "same_five": same, "same_first": first, **times, "ratio": ratio}


def main() -> None:
    """Build both, ask both, print a JSON object for each way of searching."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", help="address of the database")
    parser.add_argument("--data", type=Path, required=True, help="folder of XQuAD, a folder a language")
    parser.add_argument("--questions", type=int, default=300)
    options = parser.parse_args()
    dice, embedder = random.Random(1), Remembering(load("bundled"))
    questions = questions_of(options.data, options.questions, dice)
    with tempfile.TemporaryDirectory() as place:
        texts = Path(place) / "texts"
        texts.mkdir()
        write_pool(options.data, texts, dice)
        index.build([texts], index_dir=Path(place) / "index", embedder=embedder)
        for name, few in (("exact", methods.EXACT_UPTO), ("index", 0)):
            methods.EXACT_UPTO = few
            index.build([texts], index_dir=options.database, embedder=embedder, rebuild=True)
            state = index.status(options.database)
            told = compare(Path(place) / "index", options.database, questions)
            print(
                json.dumps({"search": name, "vectors": state.vectors, "passages": state.passages, **told}), flush=True
            )


if __name__ == "__main__":
    main()
