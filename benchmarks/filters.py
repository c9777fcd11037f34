"""What a database finds with filters, at size: `python -m benchmarks.filters ADDRESS --passages 100000`.

Texts of a grammar are indexed in a folder and in a database, which the vector index makes search by HNSW from 20,001
passages on. For no filter and for such that let 0.1, 2, 10 and 50 % of the documents through, it tells the share of the
100 nearest passages that each finds, against a look at all its stored vectors, how many rows it gives and how many
there are, and how long that takes; then how long all of finding takes in both, asked in turn, how often the five best
passages and the first are the same, how often the five scores are, whatever passages have them, and how many bytes a
question reads. From 30,001 passages on the folder, too, does not look at every vector. The first questions of a process
are answered by the database's vector index, later ones with the codes that it keeps. What the address names is
overwritten.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np

import index
from benchmarks import prose
from benchmarks.scale import SENTENCES, Reporting, WordMeans, times
from index.stores.base import Filter
from index.stores.postgres.searching.snapshot import Snapshot
from index.types import FloatArray
from rag.retrieval.retrieve import retrieve
from rag.types import ScoredPassage

SHARES = {0.001: "2024", 0.02: "2023", 0.1: "2022", 0.5: "2021", 1.0: "2020"}
"""Share of the documents that are of a date or a later one."""
_K, _SLAB, _PER_FILE = 100, 2000, 100
_TIED = 1e-3  # scores that differ less are the same: what rounding vectors may do


def write_rows(folder: Path, documents: int) -> None:
    """Write articles as JSON lines, with dates that filters ask for."""
    folder.mkdir()
    dice = random.Random(2)
    for first in range(0, documents, _PER_FILE):
        with (folder / f"{first:07}.jsonl").open("w", encoding="utf-8") as file:
            for number in range(first, min(first + _PER_FILE, documents)):
                drawn = dice.random()
                date = next(day for share, day in SHARES.items() if drawn < share)
                text = prose.body(number, 1900 + number % 120, SENTENCES)
                row = {"id": str(number), "title": prose.title(number), "date": date, "text": text}
                file.write(json.dumps(row) + "\n")


def stored(opened: index.Index, where: Filter | None) -> tuple[np.ndarray[Any, Any], FloatArray]:
    """Return the keys that a filter lets through, and their vectors.

    Raises:
        SystemExit: it lets nothing through.
    """
    keys = [key for name in _documents(opened, where) for key in opened.store.keys(name)]
    if not keys:
        raise SystemExit(
            "the smallest filter lets no document through; ask for more with --passages (20,000 are enough)"
        )
    rows = [opened.store.vectors(keys[at : at + _SLAB]) for at in range(0, len(keys), _SLAB)]
    return np.array(keys), np.concatenate(rows)


def _documents(opened: index.Index, where: Filter | None) -> Iterator[str]:
    names = list(opened.store.document_ids())
    headers = opened.store.headers(names)
    return (name for name in names if where is None or str(headers[name].metadata["date"]) >= str(where.date_from))


def recall(opened: index.Index, vectors: FloatArray, where: Filter | None) -> dict[str, object]:
    """Return what is found of the nearest passages that a filter lets through."""
    keys, rows = stored(opened, where)
    order = np.argsort(keys)
    keys, rows = keys[order], rows[order]
    wanted = min(_K, len(keys))
    shares, given = list[float](), list[int]()
    for vector in vectors:
        scores = rows @ vector
        last = float(np.partition(scores, -wanted)[-wanted])
        hits = opened.store.dense(vector, _K, where)
        found = scores[np.searchsorted(keys, [hit.key for hit in hits])]
        shares.append(float((found >= last - 1e-5).sum()) / wanted)
        given.append(len(hits))
    spent = times(lambda at: opened.store.dense(vectors[at], _K, where), len(vectors))
    return {
        "of": len(keys),
        "recall": round(float(np.mean(shares)), 4),
        "fewest": min(given),
        "wanted": wanted,
        **spent,
    }


def in_turn(places: dict[str, index.Index], questions: Sequence[str]) -> dict[str, float]:
    """Return the medians of all of finding, in milliseconds, and for what share of the questions both find the same."""
    spent: dict[str, list[float]] = {name: [] for name in places}
    same = {"five": 0, "first": 0, "scores": 0}
    for number, question in enumerate(questions):
        found = list[tuple[ScoredPassage, ...]]()
        for name in sorted(places, reverse=bool(number % 2)):
            started = time.perf_counter()
            found.append(retrieve(places[name], question, 5).passages)
            spent[name].append(1000 * (time.perf_counter() - started))
        pairs = list(zip(*found, strict=True))
        equal = [one.passage.id == other.passage.id for one, other in pairs]
        same["five"] += all(equal)
        same["first"] += all(equal[:1])
        same["scores"] += all(abs(one.score - other.score) < _TIED for one, other in pairs)
    middle = {f"{name}_p50_ms": round(median(values), 2) for name, values in spent.items()}
    ratio = round(median(spent["database"]) / median(spent["folder"]), 2)
    shares = {f"same_{name}": round(count / len(questions), 3) for name, count in same.items()}
    return {**middle, "ratio": ratio, **shares}


def bytes_read(opened: index.Index, questions: Sequence[str]) -> int:
    """Return the bytes of values that a question reads of the database, on average."""
    total, rows = [0], Snapshot.rows

    def counted(self: Snapshot, *args: Any, **more: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - passed on
        found = rows(self, *args, **more)
        total[0] += sum(len(each) if isinstance(each, bytes | str) else 8 for row in found for each in row)
        return found

    with patch.object(Snapshot, "rows", counted):
        for question in questions:
            retrieve(opened, question, 5)
    return total[0] // len(questions)


def main() -> None:
    """Build both, ask both, print a JSON object for each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", help="address of the database")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--place", type=Path, help="work in this folder")
    options = parser.parse_args()
    if options.place is not None:
        options.place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.place) as place:
        texts, folder = Path(place) / "texts", Path(place) / "index"
        write_rows(texts, options.passages // 10)
        for name, where in (("folder", str(folder)), ("database", options.database)):
            started = time.process_time()
            report = index.build([texts], index_dir=where, embedder=WordMeans(), rebuild=True, progress=Reporting())
            spent = {"seconds": round(report.seconds, 1), "cpu_seconds": round(time.process_time() - started, 1)}
            print(json.dumps({"built": name, "passages": report.passages, **spent}), flush=True)
        places = {"folder": index.open(folder, embedder=WordMeans())}
        places["database"] = opened = index.open(options.database, embedder=WordMeans())
        state = index.status(options.database)
        print(json.dumps({"vectors": state.vectors, "bytes_a_passage": state.size_bytes // state.passages}), flush=True)
        dice = random.Random(1)
        questions = [prose.ask(dice) for _ in range(options.queries)]
        vectors = np.stack([opened.embed_query(question)[0] for question in questions])
        for share, date in SHARES.items():
            filtered = None if share == 1 else Filter(date_from=date)
            for name, place_of in places.items():
                print(json.dumps({"in": name, "share": share, **recall(place_of, vectors, filtered)}), flush=True)
        print(json.dumps({**in_turn(places, questions), "load": round(os.getloadavg()[0], 1)}), flush=True)
        print(json.dumps({"bytes_a_question": bytes_read(opened, questions)}), flush=True)


if __name__ == "__main__":
    main()
