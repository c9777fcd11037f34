"""The web server killed without warning while the index swaps under it: the next one answers from one whole index."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from benchmarks.load import start
from tests.conftest import ROOT

# Builds without a pause, each time from the other corpus, as long as who started it lives.
SWAP = """
import os, sys, pathlib, index
texts, folder, parent = pathlib.Path(sys.argv[1]), sys.argv[2], os.getppid()
number = 0
while os.getppid() == parent:
    letter = "AB"[number % 2]
    for each in range(12):
        (texts / f"{each}.txt").write_text(f"The keeper of lighthouse {each} is called {letter}{letter}.")
    index.build([texts], index_dir=folder, embedder="hashing")
    number += 1
"""


@contextmanager
def swapping(texts: Path, folder: Path) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-c", SWAP, str(texts), str(folder)], cwd=ROOT)
    try:
        while not (folder / "CURRENT").exists():
            assert process.poll() is None, "nothing could be built"
            time.sleep(0.1)
        yield
        assert process.poll() is None, "the builds ended before the kills did"
    finally:
        process.kill()
        process.wait()


def corpora(url: str) -> str:
    """Return the letters of the corpora that the passages of an answer come from."""
    answer = httpx.post(f"{url}/api/search", json={"question": "Who keeps lighthouse 3?", "k": 12}, timeout=60)
    assert answer.status_code == 200, answer.text
    texts = [passage["text"] for passage in answer.json()["passages"]]
    assert len(texts) == 12
    return "".join(sorted({letter for letter in "AB" if any(f"{letter}{letter}" in text for text in texts)}))


def kill_servers(tmp_path: Path, times: int) -> None:
    texts, folder, dice = tmp_path / "texts", tmp_path / "index", random.Random()
    texts.mkdir()
    seen: list[str] = []
    seconds: list[float] = []
    with swapping(texts, folder):
        for _ in range(times + 1):
            began = time.monotonic()
            process, url = start(folder)
            try:
                seen.append(corpora(url))
                seconds.append(time.monotonic() - began)
                until = time.monotonic() + dice.uniform(0, 2)
                while time.monotonic() < until:
                    seen.append(corpora(url))
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait()
    assert set(seen) == {"A", "B"}, "an answer was mixed, or the index never swapped"
    # The first start was after no kill: it tells what a start takes on this machine just now.
    assert max(seconds[1:]) < max(10.0, 3 * seconds[0]), seconds


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_twenty_killed_servers_answer_again(tmp_path: Path) -> None:
    kill_servers(tmp_path, int(os.environ.get("RAG_KILLS", "20")))
