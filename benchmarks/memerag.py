"""Table 15: verdicts on sentences that models wrote and people judged (MEMERAG, arXiv:2502.17163).

Reads `memerag/LANGUAGE.jsonl` below the data folder, in the form in which its authors publish it: a line has
`context` (passages) and `answer` (sentences with `factuality`). Each sentence is cited by the product's own path from
all passages of its line; it is told true where the verdict is "supported". "Challenging to determine" is left out.
MEMERAG judges: nothing of the product was or may be fitted to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.data import Text, thinned
from benchmarks.pools import Bench, Pool
from benchmarks.tables import show
from benchmarks.verdicts import Check, checker
from index.types import FloatArray
from rag.evaluation.metrics import mean, roc_auc
from rag.reading import load_claim_reader

__all__ = ["balanced_accuracy", "judged", "memerag"]

_LABELS = {"Supported": True, "Not Supported": False}
_PUBLISHED = "published: LLM judges 60 (no guidelines) to 71 (guidelines and reasoning), arXiv:2502.17163"


@dataclass(frozen=True)
class Judged:
    """A sentence, the passages that it was written from, and whether people found it supported."""

    sentence: str
    passages: tuple[str, ...]
    supported: bool


def memerag(bench: Bench) -> None:
    """Judge all sentences of each language, with the reader and without."""
    files = sorted((bench.data / "memerag").glob("*.jsonl"))
    if not files:
        print(f"\n### MEMERAG\n\nnot measured: the data has no folder memerag. {_PUBLISHED}\n", flush=True)
        return
    rows: list[list[object]] = []
    read = {path.stem: thinned(list(judged(path)), bench.most) for path in files}
    for reader in ("none", "bundled"):
        with bench.pool(list(_texts(read))) as pool:
            check = checker(partial(_vector, pool), load_claim_reader(reader))
            found = {code: _verdicts(check, some, code) for code, some in read.items()}
        rows += [[f"{code}, reader {reader}", len(some), balanced_accuracy(some)] for code, some in found.items()]
        each = [value for some in found.values() if (value := balanced_accuracy(some)) is not None]
        rows.append([f"mean, reader {reader}", sum(map(len, found.values())), mean(each)])
    show("MEMERAG", ["language", "sentences", "balanced accuracy"], rows, _PUBLISHED)


def judged(path: Path) -> Iterator[Judged]:
    """Read the sentences of a language that people found supported or not."""
    for line in path.read_text(encoding="utf-8").split("\n"):  # texts may hold the other signs of a line's end
        row = json.loads(line) if line.strip() else {"answer": []}
        passages = tuple(str(one["text"]) for one in row.get("context", ()))
        for one in row["answer"]:
            if one["factuality"] in _LABELS:
                yield Judged(str(one["sentence"]), passages, _LABELS[one["factuality"]])


def balanced_accuracy(found: Sequence[tuple[bool, bool]]) -> float | None:
    """Return the mean of the shares of each class that were told (truth, verdict); `None` where a class is missing.

    The area under the ROC curve of a yes or no is that mean.
    """
    said = {truth: [float(verdict) for true, verdict in found if true is truth] for truth in (True, False)}
    return roc_auc(said[True], said[False])


def _texts(read: Mapping[str, Sequence[Judged]]) -> Iterator[Text]:
    """Yield each passage once, for the index that tells the languages of vectors."""
    for code, some in read.items():
        for number, passage in enumerate(dict.fromkeys(passage for one in some for passage in one.passages)):
            yield Text(str(number), code, "", passage)


def _vector(pool: Pool, text: str) -> FloatArray:
    return pool.index.embed_query(text)[0]


def _verdicts(check: Check, some: Sequence[Judged], language: str) -> list[tuple[bool, bool]]:
    return [(one.supported, check(one.sentence, language, one.passages, language)[0] == "supported") for one in some]
