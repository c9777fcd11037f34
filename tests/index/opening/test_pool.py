"""Threads that come, ask and go leave nothing behind: no connection, no memory, no open file."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

import index
from index.stores.embedded import database
from tests.harness.crash_harness import WORDS, make_corpora
from tests.harness.index_helpers import build


@pytest.fixture
def opened(tmp_path: Path) -> index.Index:
    build(tmp_path / "index", make_corpora(tmp_path)["A"])
    found = index.open(tmp_path / "index")
    found.embedder.embed_query("first")
    return found


def ask(opened: index.Index, number: int) -> None:
    word = WORDS[number % len(WORDS)]
    vector, _ = opened.embed_query(f"What is told of the {word}?")
    keys = [hit.key for hit in opened.store.dense(vector, 3)]
    assert word in opened.store.passages(keys)[0].text
    opened.store.sentences(keys[:1])


def files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors by /proc")
@pytest.mark.slow
def test_two_thousand_threads_leave_nothing_behind(opened: index.Index) -> None:
    def run(count: int) -> None:
        for number in range(count):
            thread = threading.Thread(target=ask, args=(opened, number))
            thread.start()
            thread.join()

    run(100)
    process, open_before = psutil.Process(), files()
    before = process.memory_info().rss
    run(2000)
    assert process.memory_info().rss - before < 5_000_000
    assert files() <= open_before + 1
    opened.close()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors by /proc")
def test_many_threads_at_once_share_a_few_files(opened: index.Index) -> None:
    before, most = files(), 0
    with ThreadPoolExecutor(100) as pool:
        for done in [pool.submit(ask, opened, number) for number in range(1000)]:
            done.result()
            most = max(most, files())
    assert most <= before + database._ASKING
    assert files() <= before + database._KEPT
    opened.close()
    assert files() < before


def test_closing_waits_for_nobody_and_closes_what_comes_back(opened: index.Index) -> None:
    ids = opened.store.document_ids()
    first = next(ids)
    opened.close()
    assert len([first, *ids]) == len(WORDS)  # who is reading reads on
