"""Whatever stops a build, the index before it answers, whole; whatever happens to its files, no answer is wrong."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import index
from index.errors import IndexBusyError, RagError
from tests.harness.crash_harness import WORDS
from tests.harness.index_helpers import build, corpus_of
from tests.harness.partly_slow import partly_slow

HARNESS = Path(__file__).parents[2] / "harness" / "crash_harness.py"
posix = pytest.mark.skipif(os.name != "posix", reason="needs fork, SIGKILL and flock")
pytestmark = pytest.mark.usefixtures("read_in_this_process")


def harness(subject: str, kills: int, seed: int = 1) -> dict[str, Any]:
    """Run the harness in memory where that is offered: what a killed process wrote is there in any case."""
    shared = Path("/dev/shm")
    place = shared if shared.is_dir() and os.access(shared, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        options = ["--subject", subject, "--kills", str(kills), "--seed", str(seed)]
        done = subprocess.run(
            [sys.executable, HARNESS, folder, *options], capture_output=True, text=True, timeout=3600, check=False
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    found["errors"] = done.stderr
    return found


@pytest.mark.slow
@posix
def test_killed_builds_lose_nothing() -> None:
    _expect_no_loss(harness("ours", 20, random.randrange(10**6)))


@pytest.mark.slow
@posix
def test_killed_updates_that_take_files_over_lose_nothing() -> None:
    _expect_no_loss(harness("parts", int(os.environ.get("RAG_KILLS", "12")), random.randrange(10**6)))


@posix
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_killed_builds_lose_nothing() -> None:
    """A hundred; as many as `RAG_KILLS` says when it is set."""
    _expect_no_loss(harness("ours", int(os.environ.get("RAG_KILLS", "100")), random.randrange(10**6)))


def _expect_no_loss(found: dict[str, Any], kills: int = 10, questions: int = 100) -> None:
    assert found["kills"] >= kills, found
    assert found["questions_asked"] > questions, found
    for name in ("lost", "unfinished", "questions_failed", "leftovers"):
        assert found[name] == 0, found


@posix
def test_the_harness_catches_a_writer_in_place() -> None:
    found = harness("naive", 20)
    assert found["lost"] > 0
    assert found["questions_failed"] > 0


@posix
@pytest.mark.parametrize("signal_number", partly_slow([signal.SIGTERM, signal.SIGINT]))
def test_a_build_that_is_told_to_stop_stops_soon_and_loses_nothing(
    signal_number: int, folder: Path, corpora: dict[str, Path]
) -> None:
    build(folder, corpora["A"])
    for delay in (0.3, 0.8, 1.2):
        code = f"import index; index.build([{str(corpora['B'])!r}], index_dir={str(folder)!r}, rebuild=True)"
        child = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL, cwd=HARNESS.parents[2])
        time.sleep(delay)
        child.send_signal(signal_number)
        started = time.monotonic()
        child.wait(60)
        assert time.monotonic() - started < 30
        assert corpus_of(folder) in "AB"
    build(folder, corpora["B"])
    assert corpus_of(folder) == "B"


def test_a_second_build_is_told_who_is_building(folder: Path, corpora: dict[str, Path]) -> None:
    started, go_on = threading.Event(), threading.Event()

    def wait(progress: index.Progress) -> None:
        started.set()
        assert go_on.wait(20)

    first = threading.Thread(target=lambda: build(folder, corpora["A"], progress=wait))
    first.start()
    assert started.wait(20)
    begun = time.monotonic()
    try:
        with pytest.raises(IndexBusyError, match=str(os.getpid())):
            build(folder, corpora["B"])
        assert time.monotonic() - begun < 15
    finally:
        go_on.set()
        first.join()
    assert corpus_of(folder) == "A"
    build(folder, corpora["B"])


@posix
def test_a_killed_build_leaves_no_lock(folder: Path, corpora: dict[str, Path]) -> None:
    build(folder, corpora["A"])
    code = (
        "import os, sys, time, index\n"
        f"index.build([{str(corpora['B'])!r}], index_dir={str(folder)!r},"
        " progress=lambda p: (print('at work', flush=True), time.sleep(60)))"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=HARNESS.parents[2])
    assert child.stdout is not None
    child.stdout.readline()
    with pytest.raises(IndexBusyError, match=f"process {child.pid} since"):
        build(folder, corpora["B"])
    child.kill()
    child.wait()
    child.stdout.close()
    build(folder, corpora["B"])
    assert corpus_of(folder) == "B"


@pytest.mark.slow
def test_a_reader_across_ten_builds_sees_one_generation_each_time(folder: Path, corpora: dict[str, Path]) -> None:
    build(folder, corpora["A"])
    live, failures, stop = index.LiveIndex(folder), [], threading.Event()
    seen = set[int]()

    def ask() -> None:
        while not stop.is_set():
            try:
                with live.reading() as opened:
                    seen.add(opened.generation)
                    texts = [opened.store.document(name).text for name in opened.store.document_ids()]
                    assert len({" A " in text for text in texts}) == 1
                    assert len(texts) == len(WORDS)
            except (AssertionError, RagError) as error:
                failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(10):
        build(folder, corpora["BA"[number % 2]])
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(seen) > 3
    with live.reading() as opened:
        assert opened.generation == max(seen | {opened.generation})
    build(folder, corpora["B"])
    with live.reading() as opened:
        assert opened.generation == 12
    assert len([each for each in folder.iterdir() if each.name.startswith("gen-")]) <= 2
    live.close()


def test_a_reader_keeps_the_old_when_the_new_is_damaged_and_says_so(folder: Path, corpora: dict[str, Path]) -> None:
    build(folder, corpora["A"])
    live = index.LiveIndex(folder)
    build(folder, corpora["B"])
    (newest,) = folder.glob("gen-000002")
    (newest / "keys.npy").write_bytes(b"nonsense")
    with live.reading() as opened:
        assert opened.generation == 1
        assert opened.store.keyword("harbour", 1).hits
    assert live.problem is not None
    assert "keys.npy" in live.problem
    build(folder, corpora["B"])
    with live.reading() as opened:
        assert opened.generation == 3
    assert live.problem is None
    live.close()
