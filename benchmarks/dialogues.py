"""Follow-up questions with and without rewriting: `python -m benchmarks.dialogues [--distract DIR] [--data DIR]`.

Forty conversations of two turns in five languages (`dialogues.jsonl`) over the sample articles. The second question is
asked as it stands, with the rule of `rag.question.followups`, and for comparison with the whole first question before
it. The rule was meant to be developed on the odd ones, but the even ones were read too: neither half is
held out. Five articles are a small pool, so that the articles of `--distract` (XQuAD's folder of a language, any
number of times) can be added to it.

With `--data` (the folder with `xquad/en`), 25 conversations in five other languages are asked of XQuAD's English
paragraphs instead. They were written, and committed, before the rule was tried on them; in five of them the second
question stands alone, and the rule must leave it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import index
from benchmarks.tables import show
from rag import Answer, AnswerConfig, Assistant
from rag.question.followups import standalone_question
from rag.types import Turn

_HERE = Path(__file__).resolve().parent
_SEEDS = _HERE.parent / "seeds"

Row = dict[str, list[str]]


def glued(question: str, history: list[Turn]) -> str | None:
    """Return the first question with the second behind it."""
    return f"{history[-1].question} {question}"


# Asked with its history: the rule, and the quotes ranked by the new question.
_CONVERSATION = "conversation"
WAYS: dict[str, Callable[[str, list[Turn]], str | None]] = {
    "as it stands": lambda *_: None,
    "rule": standalone_question,
    _CONVERSATION: lambda *_: None,
    "first question before it": glued,
}


def measure(answer: Answer, row: Row) -> dict[str, float]:
    """Return what counts of one answer."""
    quotes = " ".join(" ".join(citation.quote.split()) for citation in answer.citations)
    found = [hit.passage.document_id for hit in answer.passages]
    texts = " ".join(" ".join(hit.passage.text.split()) for hit in answer.passages).lower()
    return {
        "hit@1": float(bool(found) and found[0] in row["relevant"]),
        "hit@5": float(any(gold.lower() in texts for gold in row["answers"])),
        "gold in quotes": float(any(gold.lower() in quotes.lower() for gold in row["answers"])),
        "refused": float(answer.refused),
    }


def run(assistant: Assistant, rows: list[Row], verbose: bool) -> None:
    """Ask every second question in every way and print a table: all, each part, each language."""
    sums: dict[tuple[str, str], list[dict[str, float]]] = defaultdict(list)
    for row in rows:
        first, question = str(row["first"]), str(row["text"])
        history = [Turn(first, str(row["reply"]))]
        for way, rewrite in WAYS.items():
            asked = rewrite(question, history) or question
            talk = history if way == _CONVERSATION else []
            found = measure(assistant.answer(asked, talk), row)
            for group in (str(row["part"]), str(row["lang"]), "all"):
                sums[group, way].append(found)
            if verbose and way != "first question before it":
                print(row["id"], row["part"], way, asked, {k: int(v) for k, v in found.items()})
    columns = ["hit@1", "hit@5", "gold in quotes", "refused"]
    table = [
        [f"{group}, {way}", *(sum(f[c] for f in sums[group, way]) / len(sums[group, way]) for c in columns)]
        for group in dict.fromkeys(["all", *(str(row["part"]) for row in rows), *(str(row["lang"]) for row in rows)])
        for way in WAYS
    ]
    show("the second question of a conversation", ["questions", *columns], table)


def main() -> None:
    """Build an index over the sample articles and ask."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--distract", type=Path, action="append", default=[], help="further texts to index")
    options.add_argument("--verbose", action="store_true", help="print every question")
    options.add_argument("--data", type=Path, help="ask the held-out ones, of this folder's xquad/en")
    given = options.parse_args()
    name = "dialogues_held_out.jsonl" if given.data else "dialogues.jsonl"
    lines = (_HERE / name).read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        pool = given.data / "xquad" / "en" / "corpus.jsonl" if given.data else _SEEDS
        sources = [pool, *(each / "corpus.jsonl" for each in given.distract)]
        index.build([str(source) for source in sources], index_dir=folder)
        assistant = Assistant(folder, config=AnswerConfig())
        run(assistant, [json.loads(line) for line in lines], given.verbose)


if __name__ == "__main__":
    main()
