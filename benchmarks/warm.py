"""What a question costs a program that runs: `python -m benchmarks.warm --index DIR`.

In turn for each question: its embedding alone, finding passages, and the whole answer with the reader; then as many
answers by one thread and by eight, which have to be the same. Prints one JSON object, times in milliseconds. Compare
figures of one run: other work on the machine changes them all.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from benchmarks.cold import index_of
from rag import Assistant

QUESTIONS = (
    "Where is Factory 200 located?",
    "Who heads the AOI?",
    "Which defense ministers met in Cairo?",
    "Wer empfing den irakischen Verteidigungsminister?",
    "What did Iranian officers suggest to Iraq?",
    "من التقى وزير الدفاع العراقي؟",
)
_THREADS = 8


def in_turn(ways: dict[str, Callable[[str], object]], questions: Sequence[str]) -> dict[str, float]:
    """Return the median milliseconds of each way, asked in turn."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for question in questions:
        for name, way in ways.items():
            started = time.perf_counter()
            way(question)
            spent[name].append(1000 * (time.perf_counter() - started))
    return {name: round(median(found), 2) for name, found in spent.items()}


def side_by_side(assistant: Assistant, questions: Sequence[str]) -> dict[str, object]:
    """Return how much faster several threads answer than one, and how many of their answers differ."""
    rates, answers = list[float](), list[list[str]]()
    for threads in (1, _THREADS):
        started = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            answers.append([str(answer) for answer in pool.map(assistant.answer, questions)])
        rates.append(len(questions) / (time.perf_counter() - started))
    other = sum(one != many for one, many in zip(*answers, strict=True))
    return {"threads": _THREADS, "speed_up": round(rates[1] / rates[0], 2), "other_answers": other}


def measure(folder: Path, rounds: int) -> dict[str, object]:
    """Ask each question once in vain, then so often in earnest."""
    assistant = Assistant(index_dir=folder)
    with assistant.reading() as opened:
        embed = opened.embed_query
        ways: dict[str, Callable[[str], object]] = {
            "embedding_ms": embed, "retrieve_ms": assistant.retrieve, "answer_ms": assistant.answer
        }  # fmt: skip
        in_turn(ways, QUESTIONS)
        result = in_turn(ways, QUESTIONS * rounds)
    side_by_side(assistant, QUESTIONS * 2)
    return {**result, **side_by_side(assistant, QUESTIONS * rounds)}


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, help="folder of an index; one of the sample articles is built without it")
    parser.add_argument("--rounds", type=int, default=10, help="how often each question is asked")
    options = parser.parse_args()
    with index_of(options.index) as folder:
        print(json.dumps(measure(folder, options.rounds)))


if __name__ == "__main__":
    main()
