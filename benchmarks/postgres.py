"""A folder and a PostgreSQL database side by side, same texts, same questions: `python -m benchmarks.postgres URL`.

Texts of a mixed pool (each paragraph in one of several languages) are indexed in both by the default model; questions
in all of these languages are asked of both in turn. Told are how often the five best passages, and the first of them,
are the same, how long finding them takes, and how many questions a second several clients get answered; first with a
look at every vector in the database, then with a vector index, however few they are. `--shards 'URL URL …'` asks the
same of several databases that hold one index, and compares them, too. What the addresses name is overwritten.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any, cast

import numpy as np

import index
from index.embedders import load
from index.embedders.base import Embedder, Progress
from index.stores.postgres.tables import methods
from index.types import FloatArray
from rag import Assistant

_ROUNDS = 2  # of many clients; the better one is told
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


def compare(places: Mapping[str, Assistant], questions: Sequence[str]) -> dict[str, object]:
    """Ask all, in turn, and return how they agree with the first and how long each took."""
    names = list(places)
    spent: dict[str, list[float]] = {name: [] for name in names}
    same, first = Counter[str](), Counter[str]()
    for place in places.values():
        place.retrieve(questions[0])
    for number, question in enumerate(questions):
        found = {}
        for name in names[number % len(names) :] + names[: number % len(names)]:
            started = time.perf_counter()
            found[name] = [hit.passage.id for hit in places[name].retrieve(question)]
            spent[name].append(1000 * (time.perf_counter() - started))
        same.update(name for name in names if found[name] == found[names[0]])
        first.update(name for name in names if found[name][:1] == found[names[0]][:1])
    result: dict[str, object] = {"questions": len(questions)}
    for name in names:
        middle = median(spent[name])
        ratio = round(middle / median(spent[names[0]]), 2)
        about = {"same_five": same[name], "same_first": first[name], "p50_ms": round(middle, 2), "ratio": ratio}
        result[name] = {**about, "per_second": None}
    return result


def rate(place: Assistant, questions: Sequence[str], clients: int) -> float:
    """Return how many questions a second are answered while so many clients ask at once."""
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(place.retrieve, questions))
    return len(questions) / (time.perf_counter() - started)


def measured(places: Mapping[str, str | Path], questions: Sequence[str], clients: int) -> dict[str, object]:
    """Return what `compare` tells of these places, and their rates."""
    asked = {name: Assistant(index_dir=place) for name, place in places.items()}
    result = compare(asked, questions)
    rates = {name: [rate(place, questions, clients) for _ in range(_ROUNDS)] for name, place in asked.items()}
    for name, found in rates.items():
        result[name] = {**cast("dict[str, object]", result[name]), "per_second": round(max(found), 1)}
    return {"clients": clients, **result}


def main() -> None:
    """Build all, ask all, print a JSON object for each way of searching."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", help="address of the database")
    parser.add_argument("--data", type=Path, required=True, help="folder of XQuAD, a folder a language")
    parser.add_argument("--questions", type=int, default=600)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--shards", default="", help="addresses of several databases, with blanks between")
    options = parser.parse_args()
    dice, embedder = random.Random(1), Remembering(load("bundled"))
    questions = questions_of(options.data, options.questions, dice)
    with tempfile.TemporaryDirectory() as place:
        texts = Path(place) / "texts"
        texts.mkdir()
        write_pool(options.data, texts, dice)
        folder = Path(place) / "index"
        index.build([texts], index_dir=folder, embedder=embedder)
        databases = {"database": options.database, **({"shards": options.shards} if options.shards else {})}
        for name, few in (("exact", methods.EXACT_UPTO), ("index", 0)):
            methods.EXACT_UPTO = few
            for address in databases.values():
                index.build([texts], index_dir=address, embedder=embedder, rebuild=True)
            about = {"search": name, "passages": index.status(options.database).passages}
            result = measured({"folder": folder, **databases}, questions, options.clients)
            print(json.dumps({**about, **result}), flush=True)


if __name__ == "__main__":
    main()
