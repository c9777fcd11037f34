"""What a server leaves on the disk over time: `python -m benchmarks.disk`.

Starts `rag chat` with a temporary folder and a log of its own. In as many rounds as there are rebuilds it is asked over
HTTP, files are uploaded to its page, all texts are replaced by their next edition and the command `rag index` builds
everything anew. After each round all folders are measured. Prints one JSON object: sizes in kilobytes and numbers of
files after the first round, after the last, and the most that was seen; the index grows by what was uploaded.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks import prose
from benchmarks.chat_server import chat_server

FOLDERS = ("index", "index-files/uploads", "index-files/incoming", "temporary", "log")


def size(folder: Path) -> tuple[int, int]:
    """Return kilobytes and files of a folder that may change meanwhile."""
    total = count = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).stat().st_size
                count += 1
            except FileNotFoundError:
                continue
    return total >> 10, count


@dataclass(slots=True)
class Watch:
    """Looks at the index folder all the time: how many finished generations lie there at most, and how many at work."""

    folder: Path
    finished: int = 0
    at_work: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look until the block ends."""
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield
        finally:
            self.over.set()
            thread.join()

    def _look(self) -> None:
        while not self.over.wait(0.02):
            names = [path.name for path in self.folder.glob("gen-*")]
            self.finished = max(self.finished, sum("." not in name for name in names))
            self.at_work = max(self.at_work, sum("." in name for name in names))


@dataclass(slots=True)
class Server:
    """The chat server under test, and what it leaves behind."""

    place: Path
    url: str
    failed: int = 0

    def ask(self, count: int, seed: int) -> None:
        """Ask so many questions, four at a time."""
        dice = random.Random(seed)
        questions = [prose.ask(dice) for _ in range(count)]
        with httpx.Client(base_url=self.url, timeout=120) as client, ThreadPoolExecutor(4) as pool:
            for code in pool.map(lambda q: client.post("/api/answer", json={"question": q}).status_code, questions):
                self.failed += code != 200

    def upload(self, count: int, seed: int) -> None:
        """Upload so many files and wait until they are indexed."""
        with httpx.Client(base_url=self.url, timeout=120) as client:
            headers = {"x-babelquote-token": client.get("/library/state").json()["token"]}
            for number in range(count):
                text = prose.article(10_000 * (seed + 1) + number, 1800)
                sent = client.post("/library/upload", params={"name": "a.txt"}, content=text, headers=headers)
                self.failed += sent.status_code != 202
            while (build := client.get("/library/state").json()["build"])["running"]:
                time.sleep(0.1)
            self.failed += not build["report"]

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Return kilobytes and files of every folder."""
        return {name: size(self.place / name) for name in FOLDERS}


def rounds(server: Server, texts: Path, options: argparse.Namespace) -> list[dict[str, tuple[int, int]]]:
    """Return the sizes after each round."""
    command = [sys.executable, "-m", "ui.cli", "index", "--index", str(server.place / "index"), "--rebuild"]
    share, found = options.rebuilds, list[dict[str, tuple[int, int]]]()
    for number in range(share):
        server.ask(options.questions // share, number)
        server.upload(options.uploads // share, number)
        prose.write_articles(texts, options.files, 1901 + number)
        server.failed += subprocess.run(command, capture_output=True, check=False).returncode != 0
        server.ask(1, number)  # the server goes over to the new generation
        found.append(server.sizes())
        print(number + 1, found[-1], file=sys.stderr, flush=True)
    return found


def measure(options: argparse.Namespace, place: Path) -> dict[str, object]:
    texts, folder = place / "texts", place / "index"
    prose.write_articles(texts, options.files, 1900)
    command = [sys.executable, "-m", "ui.cli", "index", str(texts), "--index", str(folder)]
    subprocess.run([*command, "--embedder", options.embedder], check=True, capture_output=True)
    for name in ("temporary", "log"):
        (place / name).mkdir()
    os.environ["TMPDIR"] = str(place / "temporary")
    watch = Watch(folder)
    with (place / "log" / "stderr.txt").open("wb") as log, chat_server(folder, log) as (url, _), watch.watching():
        server = Server(place, url)
        found = rounds(server, texts, options)
    left = size(place / "temporary")[1]
    return {
        **{name: getattr(options, name) for name in ("questions", "uploads", "rebuilds")},
        "failed": server.failed,
        "most_generations": watch.finished,
        "most_at_work": watch.at_work,
        "first_kb": {name: found[0][name][0] for name in FOLDERS},
        "last_kb": {name: found[-1][name][0] for name in FOLDERS},
        "most_kb": {name: max(row[name][0] for row in found) for name in FOLDERS},
        "last_files": {name: found[-1][name][1] for name in FOLDERS},
        "temporary_files_at_the_end": left,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--rebuilds", type=int, default=20)
    parser.add_argument("--files", type=int, default=200, help="articles of 12 sentences besides the uploaded ones")
    parser.add_argument("--embedder", default="hashing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(measure(options, Path(place))))


if __name__ == "__main__":
    main()
