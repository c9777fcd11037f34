"""Reading processes beside builds; run as a script, it prints what happened as JSON.

    python tests/harness/serve_harness.py FOLDER kill-server --times 20 --seed 1
    python tests/harness/serve_harness.py FOLDER ask --askers 4 --builds 5
    python tests/harness/serve_harness.py FOLDER reader --builds 10

`kill-server`: one process builds without a pause, so that the index swaps between two corpora all the time; a second
one serves it and is killed with SIGKILL at random moments. Each time the next one must answer, from one corpus.
`ask`: processes ask by the assistant, first while nothing is built, then while the index is rebuilt; all passages of
an answer must come from one corpus.
`reader`: one process keeps the index open across builds of ever new texts; its memory after each is told.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import psutil

import index
import rag
from benchmarks import prose
from tests.harness.crash_harness import WORDS, Ours, fork, make_corpora, read_in_processes_that_build, well


def build_on(subject: Ours) -> None:
    number, parent = 0, os.getppid()
    while os.getppid() == parent:
        number += 1
        subject.build("AB"[number % 2])


def serve(subject: Ours, questions: int, answers: int) -> None:
    """Answer each byte that comes by the corpus that the index holds: A, B, or x for a failure."""
    ask = subject.reader()
    while os.read(questions, 1):
        try:
            found = ask()
        except Exception as error:  # noqa: BLE001 - any failure counts
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            found = "x"
        os.write(answers, found.encode())


class Server:
    def __init__(self, subject: Ours) -> None:
        questions, self.ask_at = os.pipe()
        self.answer_at, answers = os.pipe()
        self.pid = fork(lambda: serve(subject, questions, answers))
        os.close(questions)
        os.close(answers)

    def ask(self) -> str:
        os.write(self.ask_at, b"?")
        return os.read(self.answer_at, 1).decode()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.ask_at)
        os.close(self.answer_at)


def kill_servers(folder: Path, times: int, seed: int) -> dict[str, Any]:
    subject, dice = Ours(folder, make_corpora(folder)), random.Random(seed)
    assert well(lambda: subject.build("A"))
    builder = fork(lambda: build_on(subject))
    counts = {"kills": 0, "lost": 0, "questions": 0, "slowest_restart": 0.0}
    seen = set[str]()
    for _ in range(times):
        started = time.monotonic()
        server = Server(subject)
        answers = [server.ask()]
        counts["slowest_restart"] = max(counts["slowest_restart"], round(time.monotonic() - started, 2))
        until = time.monotonic() + dice.uniform(0, 0.3)
        while time.monotonic() < until:
            answers.append(server.ask())
        os.write(server.ask_at, b"?")  # killed with a question at work
        time.sleep(dice.uniform(0, 0.02))
        server.kill()
        counts["kills"] += 1
        counts["questions"] += len(answers)
        counts["lost"] += sum(answer not in ("A", "B") for answer in answers)
        seen.update(answers)
    os.kill(builder, signal.SIGKILL)
    os.waitpid(builder, 0)
    assert well(lambda: subject.build("A"))
    assert well(lambda: subject.build("B"))
    return {**counts, "corpora": sorted(seen), "leftovers": subject.leftovers()}


def ask_assistant(subject: Ours, log: Path, stop: Path) -> None:
    """Ask until told to stop; writes (seconds, corpora of the passages, generation) of each answer."""
    rows, number, parent = [], os.getpid(), os.getppid()
    assistant = rag.Assistant(index_dir=subject.folder, llm="extractive")
    while not stop.exists() and os.getppid() == parent:
        number += 1
        started = time.monotonic()
        word = WORDS[number % len(WORDS)]
        try:
            answer = assistant.answer(f"What is told of the {word}?")
            found = sorted({"A" if " A " in f" {hit.passage.text} " else "B" for hit in answer.passages})
            rows.append([time.monotonic() - started, "".join(found), answer.generation])
        except Exception as error:  # noqa: BLE001 - any failure counts
            rows.append([time.monotonic() - started, f"{type(error).__name__}: {error}", 0])
        time.sleep(0.02)
    log.write_text(json.dumps(rows))


def ask_meanwhile(subject: Ours, folder: Path, askers: int, builds: int) -> list[Any]:
    stop = folder / "stop"
    logs = [folder / f"asker{number}.json" for number in range(askers)]
    children = [fork(lambda log=log: ask_assistant(subject, log, stop)) for log in logs]
    time.sleep(1.0 if not builds else 0.2)
    for number in range(builds):
        assert well(lambda n=number: subject.build("BA"[n % 2], rebuild=n % 2 == 1))
    time.sleep(0.2)
    stop.touch()
    assert all(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 for child in children)
    stop.unlink()
    return [row for log in logs for row in json.loads(log.read_text())]


def ask(folder: Path, askers: int, builds: int) -> dict[str, Any]:
    subject = Ours(folder, make_corpora(folder))
    assert well(lambda: subject.build("A"))
    idle, busy = ask_meanwhile(subject, folder, askers, 0), ask_meanwhile(subject, folder, askers, builds)
    wrong = [row[1] for row in idle + busy if row[1] not in ("A", "B")]
    p95 = [round(1000 * sorted(row[0] for row in rows)[int(0.95 * len(rows))], 1) for rows in (idle, busy)]
    return {
        "questions": len(idle) + len(busy),
        "during_builds": len(busy),
        "wrong": len(wrong),
        "first": wrong[:3],
        "generations": len({row[2] for row in busy}),
        "p95_idle_ms": p95[0],
        "p95_building_ms": p95[1],
    }


def stay_open(folder: Path, builds: int) -> dict[str, Any]:
    texts, at = folder / "texts", folder / "index"

    def build(year: int) -> None:
        prose.write_articles(texts, 60, year, sentences=60)
        index.build([texts], index_dir=at, embedder="hashing")

    assert well(lambda: build(1900))
    live, dice, sizes, seen = index.LiveIndex(at), random.Random(1), list[float](), set[int]()
    for number in range(builds):
        assert well(lambda n=number: build(1901 + n))
        for _ in range(20):
            with live.reading() as opened:
                vector, _ = opened.embed_query(prose.ask(dice))
                for hit in opened.store.dense(vector, 10):
                    opened.store.sentences([hit.key])
                opened.store.keyword(prose.ask(dice), 10)
                seen.add(opened.generation)
        sizes.append(round(psutil.Process().memory_info().rss / 1e6, 1))
    disk = sum(path.stat().st_size for path in max(at.glob("gen-*")).rglob("*") if path.is_file())
    growth = round(max(sizes[-3:]) - max(sizes[1:4]), 1)
    return {"memory_mb": sizes, "growth_mb": growth, "generation_mb": disk / 1e6, "generations": len(seen)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("mode", choices=("kill-server", "ask", "reader"))
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--askers", type=int, default=4)
    parser.add_argument("--builds", type=int, default=5)
    options = parser.parse_args()
    read_in_processes_that_build()
    place = options.folder / "serving"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    if options.mode == "ask":
        result = ask(place, options.askers, options.builds)
    elif options.mode == "reader":
        result = stay_open(place, options.builds)
    else:
        result = kill_servers(place, options.times, options.seed)
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
