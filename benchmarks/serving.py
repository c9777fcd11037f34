"""Many people ask while the index is rebuilt: `python -m benchmarks.serving [--by command|page]`.

Starts `rag chat` and CLIENTS threads that ask it over HTTP, each its next question PAUSE seconds after its last answer.
First nothing else happens (idle); then every text is replaced by its next edition and the index built anew, BUILDS
times, either by the command `rag index` in a process beside the server or by the server's own page. A passage tells of
what edition it is: all of an answer must tell the same. One run prints one JSON object with both 95th percentiles and
their ratio. With `--processes` the clients are processes that read the index themselves, without a server.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx
import numpy as np
import psutil

from benchmarks import prose
from benchmarks.chat_server import chat_server

if TYPE_CHECKING:
    from rag import Assistant

YEAR = re.compile(r"\b19\d\d\b")
_TRIES = 10
Ask = Callable[[str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: when it was asked and how long it took in seconds, the generation, and what was wrong or `""`."""

    at: float
    seconds: float
    generation: int = 0
    wrong: str = ""


def check(answer: dict[str, Any]) -> str:
    years = {year for passage in answer["passages"] for year in YEAR.findall(passage["text"])}
    return "" if len(years) == 1 else f"passages of {sorted(years)}"


def keep_asking(ask: Ask, stop: Event | threading.Event, pause: float, seed: int) -> list[Asked]:
    dice, rows = random.Random(seed), list[Asked]()
    time.sleep(dice.random() * pause)
    while not (rows and stop.is_set()):
        began = time.monotonic()
        try:
            answer = ask(prose.ask(dice))
            took = time.monotonic() - began
            rows.append(Asked(began, took, answer["generation"], check(answer)))
        except Exception as error:  # noqa: BLE001 - any failure counts
            rows.append(Asked(began, time.monotonic() - began, 0, f"{type(error).__name__}: {error}"[:200]))
        time.sleep(2 * pause * dice.random())
    return rows


def over_http(url: str) -> Ask:
    """Return what asks a server; where it has too many questions, again when it says so, which counts as waiting."""
    client = httpx.Client(base_url=url, timeout=120)

    def ask(question: str) -> dict[str, Any]:
        response = client.post("/api/answer", json={"question": question})
        for _ in range(_TRIES):
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or "retry-after" not in response.headers:
                break
            time.sleep(float(response.headers["retry-after"]))
            response = client.post("/api/answer", json={"question": question})
        response.raise_for_status()
        found: dict[str, Any] = response.json()
        return found

    return ask


def by_ourselves(folder: str, stop: Event, pause: float, seed: int) -> list[Asked]:
    """Ask in a process that reads the index itself."""
    assistant = _assistant(folder)
    return keep_asking(lambda question: assistant.answer(question).to_dict(), stop, pause, seed)


@cache
def _assistant(folder: str) -> Assistant:
    from rag import Assistant

    return Assistant(index_dir=folder)


class Crowd:
    """Clients that ask: threads over HTTP, or processes that read the index themselves."""

    def __init__(self, folder: Path, url: str, clients: int, pause: float) -> None:
        self._folder, self._url, self._clients, self._pause = folder, url, clients, pause
        self._opened = ExitStack()
        self._processes: Any = None

    def __enter__(self) -> Self:
        if not self._url:
            context = multiprocessing.get_context("spawn")
            self._manager = self._opened.enter_context(context.Manager())
            self._processes = self._opened.enter_context(context.Pool(self._clients))
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    @contextmanager
    def asking(self, rows: list[Asked]) -> Iterator[None]:
        """Ask until the block ends, at least once each, then add what became of the questions."""
        numbers = range(self._clients)
        if self._processes is not None:
            ended: Any = self._manager.Event()
            fixed = (str(self._folder), ended, self._pause)
            results = [self._processes.apply_async(by_ourselves, (*fixed, number)) for number in numbers]
            yield
            ended.set()
            rows += [row for result in results for row in result.get()]
            return
        stop = threading.Event()
        with ThreadPoolExecutor(self._clients) as pool:
            futures = [pool.submit(keep_asking, over_http(self._url), stop, self._pause, n) for n in numbers]
            yield
            stop.set()
            rows += [row for future in futures for row in future.result()]


def by_command(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "ui.cli", "index", "--index", folder], check=True, capture_output=True)


def by_page(url: str) -> None:
    with httpx.Client(base_url=url, timeout=120) as client:
        state = client.get("/library/state").json()
        headers = {"x-babelquote-token": state["token"]}
        client.post("/library/update", json={}, headers=headers).raise_for_status()
        while (build := client.get("/library/state").json()["build"])["running"]:
            time.sleep(0.2)
        assert build["report"], build["problem"]


def rebuild(work: Callable[[], None], texts: Path, files: int, editions: range, seconds: float) -> list[float]:
    """Build each edition, and wait until so many seconds have passed; returns what each build took."""
    began, took = time.monotonic(), list[float]()
    for year in editions:
        prose.write_articles(texts, files, year)
        started = time.monotonic()
        work()
        took.append(round(time.monotonic() - started, 1))
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    return took


def summary(idle: list[Asked], busy: list[Asked]) -> dict[str, object]:
    wrong = [row.wrong for row in idle + busy if row.wrong]
    mixed = sum(problem.startswith("passages of") for problem in wrong)
    found: dict[str, object] = {
        "questions_idle": len(idle),
        "questions_building": len(busy),
        "failed": len(wrong) - mixed,
        "mixed": mixed,
        "first_problems": wrong[:3],
        "generations": len({row.generation for row in busy}),
    }
    for percent in (50, 95, 99):
        numbers = [float(np.percentile([1000 * row.seconds for row in rows], percent)) for rows in (idle, busy)]
        found[f"p{percent}_ms"] = [round(number, 1) for number in numbers]
        found[f"p{percent}_ratio"] = round(numbers[1] / numbers[0], 2)
    return found


def measure(options: argparse.Namespace, place: Path) -> dict[str, object]:
    texts, folder = place / "texts", place / "index"
    prose.write_articles(texts, options.files, 1900)
    command = [sys.executable, "-m", "ui.cli", "index", texts, "--index", folder, "--embedder", options.embedder]
    subprocess.run(command, check=True, capture_output=True)
    with nullcontext(("", 0)) if options.processes else chat_server(folder) as (url, pid):
        return compare(options, texts, folder, url, pid)


def compare(options: argparse.Namespace, texts: Path, folder: Path, url: str, pid: int) -> dict[str, object]:
    work = (lambda: by_page(url)) if options.by == "page" else (lambda: by_command(folder))
    alone = rebuild(work, texts, options.files, range(1901, 1902), 0)
    warm, idle, busy = list[Asked](), list[Asked](), list[Asked]()
    with Crowd(folder, url, options.clients, options.pause) as crowd:
        with crowd.asking(warm):
            time.sleep(5)
        with crowd.asking(idle):
            time.sleep(options.seconds / 2)
        before = psutil.Process(pid).memory_info().rss if pid else 0
        with crowd.asking(busy):
            took = rebuild(work, texts, options.files, range(1902, 1902 + options.builds), options.seconds)
        after = psutil.Process(pid).memory_info().rss if pid else 0
    return {
        "clients": options.clients,
        "pause_s": options.pause,
        "built_by": options.by,
        "files": options.files,
        **summary(idle, busy),
        "build_alone_s": alone[0],
        "builds_s": took,
        "server_mb": [before >> 20, after >> 20],
        "warm": len(warm),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60, help="of asking while builds run, at least; half as idle")
    parser.add_argument("--builds", type=int, default=5)
    parser.add_argument("--by", choices=("command", "page"), default="command", help="what builds")
    parser.add_argument("--pause", type=float, default=0.0, help="mean seconds from an answer to the next question")
    parser.add_argument("--files", type=int, default=300, help="articles of 12 sentences")
    parser.add_argument("--embedder", default="bundled")
    parser.add_argument("--processes", action="store_true", help="clients are processes that read the index themselves")
    options = parser.parse_args()
    if options.processes and options.by == "page":
        parser.error("--processes goes without a server, so there is no page that could build")
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(measure(options, Path(place))))


if __name__ == "__main__":
    main()
