"""What a small local model is good for: `python -m benchmarks.local_model --index DIR [--llm SPEC] [--most N]`.

The English sample questions are asked once; each reply is then cited twice, with the model's own markers alone, and
with sources found for the sentences that name none.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path

import index
from benchmarks.tables import show
from rag import Answer, AnswerConfig, Assistant
from rag.testing import FakeLLM

_QUESTIONS = Path(__file__).resolve().parent.parent / "seeds" / "questions.jsonl"


def judged(answers: list[Answer], golds: list[list[str]]) -> list[object]:
    """Return how many are shown, cited, hold the gold answer in text and quotes, and how many sentences are marked."""
    shown = [answer for answer in answers if not answer.refused]
    pairs = [(a, gold) for a, gold in zip(answers, golds, strict=True) if not a.refused]
    in_text = sum(any(word.lower() in a.text.lower() for word in gold) for a, gold in pairs)
    in_quotes = sum(any(word in c.quote for word in gold for c in a.citations) for a, gold in pairs)
    citations = [citation.support for answer in shown for citation in answer.citations]
    return [
        f"{len(shown)} of {len(answers)}",
        f"{citations.count('supported')} of {len(citations)}",
        sum(answer.text.count("⚠") for answer in shown),
        in_text,
        in_quotes,
    ]


def main() -> None:
    """Ask, and print what the reader sees of it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--index", type=Path, required=True, help="an index of the sample articles; built if absent")
    options.add_argument("--llm", default="local")
    options.add_argument("--most", type=int, default=10, help="questions")
    given = options.parse_args()
    index.build([str(_QUESTIONS.parent)], index_dir=given.index)
    rows = [json.loads(line) for line in _QUESTIONS.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["lang"] == "en" and row["answerable"]][: given.most]
    golds = [row["answers"] for row in rows]
    assistant = Assistant(given.index, llm=given.llm, k=3)
    began = time.perf_counter()
    replies = [assistant.answer(row["text"]) for row in rows]
    seconds = (time.perf_counter() - began) / len(rows)
    for row, reply in zip(rows, replies, strict=True):
        print(f"{row['id']} [{reply.llm}] {' '.join(reply.raw_text.split())}\n    -> {' '.join(reply.text.split())}")
    again: dict[str, list[Answer]] = {}
    for name, attribute in (("its own markers alone", False), ("sources found afterwards", True)):
        config = AnswerConfig(k=3, attribute=attribute)
        again[name] = [
            Assistant(given.index, llm=FakeLLM(reply.raw_text or " "), config=config).answer(row["text"])
            for row, reply in zip(rows, replies, strict=True)
        ]
    marked = sum(bool(re.search(r"\[\d+\]", reply.raw_text)) for reply in replies)
    show(
        f"{given.llm}: {len(rows)} questions, {marked} replies with a marker, {seconds:.0f} s each",
        ["citations", "answers shown", "supported citations", "sentences marked", "gold in text", "gold in quotes"],
        [[name, *judged(answers, golds)] for name, answers in again.items()],
    )


if __name__ == "__main__":
    main()
