"""What a small local model is good for: `python -m benchmarks.local_model --index DIR [--llm SPEC] [--most N]`.

The sample questions of one language are asked (`--lang`), or those of a folder with `corpus.jsonl` and `queries.jsonl`
(`--data`). Told is who wrote each answer in the end: the model, where a source carries its sentence, else the sources.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

import index
from benchmarks.tables import show
from rag import Answer, Assistant

_QUESTIONS = Path(__file__).resolve().parent.parent / "seeds" / "questions.jsonl"


def judged(answers: Sequence[Answer], golds: Sequence[Sequence[str]]) -> list[object]:
    """Return how many there are, are shown, hold the gold answer in text and quotes, and have a marked sentence."""
    pairs = list(zip(answers, golds, strict=True))
    return [
        len(answers),
        sum(not answer.refused for answer in answers),
        sum(any(word.lower() in answer.text.lower() for word in gold) for answer, gold in pairs),
        sum(any(word in each.quote for word in gold for each in answer.citations) for answer, gold in pairs),
        sum("⚠" in answer.text for answer in answers),
    ]


def main() -> None:
    """Ask the questions and print the answers and a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--index", type=Path, required=True, help="index to ask; built if absent")
    options.add_argument("--llm", default="local")
    options.add_argument("--lang", default="en")
    options.add_argument(
        "--data", type=Path, help="folder with corpus.jsonl and queries.jsonl; else the sample articles"
    )
    options.add_argument("--most", type=int, default=10, help="questions")
    given = options.parse_args()
    index.build([str(given.data / "corpus.jsonl" if given.data else _QUESTIONS.parent)], index_dir=given.index)
    file = given.data / "queries.jsonl" if given.data else _QUESTIONS
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["lang"] == given.lang and row.get("answerable", True)]
    rows = rows[:: max(1, len(rows) // given.most)][: given.most]
    assistant = Assistant(given.index, llm=given.llm, k=3)
    began = time.perf_counter()
    answers = [assistant.answer(row["text"]) for row in rows]
    seconds = (time.perf_counter() - began) / len(rows)
    for row, answer in zip(rows, answers, strict=True):
        print(f"{row['id']} [{answer.llm}] {row['text']}\n    -> {' '.join(answer.text.split())}")
    groups = {"all": {answer.llm for answer in answers}, **{llm: {llm} for llm in sorted({a.llm for a in answers})}}
    table = []
    for name, speakers in groups.items():
        chosen = [(a, row["answers"]) for a, row in zip(answers, rows, strict=True) if a.llm in speakers]
        table.append([name, *judged([a for a, _ in chosen], [gold for _, gold in chosen])])
    columns = ["written by", "questions", "shown", "gold in text", "gold in quotes", "with a marked sentence"]
    show(f"{given.llm}: {seconds:.1f} s a question", columns, table)


if __name__ == "__main__":
    main()
