"""Processes that ask while others build: killed servers lose nothing, answers are of one piece, one build wins."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import index
from index.disk.locks import try_lock, unlock
from tests.harness.index_helpers import make_texts

ROOT = Path(__file__).resolve().parents[3]
HARNESS = Path(__file__).parents[2] / "harness" / "serve_harness.py"
posix = pytest.mark.skipif(os.name != "posix", reason="needs fork, SIGKILL and flock")


def harness(*arguments: str) -> dict[str, Any]:
    """Run the harness in memory where that is offered."""
    shared = Path("/dev/shm")
    place = shared if shared.is_dir() and os.access(shared, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        done = subprocess.run(
            [sys.executable, HARNESS, folder, *arguments], capture_output=True, text=True, timeout=900
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    found["errors"] = done.stderr
    return found


def expect_servers_that_come_back(times: int) -> None:
    found = harness("kill-server", "--times", str(times), "--seed", str(random.randrange(10**6)))
    assert found["kills"] == times
    assert (found["lost"], found["leftovers"]) == (0, 0), found
    assert found["slowest_restart"] < 10, found
    assert found["corpora"] == ["A", "B"], "the index never swapped, nothing was tested"


@posix
def test_a_killed_server_answers_again_from_one_corpus() -> None:
    expect_servers_that_come_back(20)


@posix
@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_two_hundred_killed_servers_answer_again() -> None:
    expect_servers_that_come_back(200)


def expect_answers_of_one_piece(builds: int) -> None:
    found = harness("ask", "--askers", "4", "--builds", str(builds))
    assert found["wrong"] == 0, found
    assert found["during_builds"] >= 20, found
    assert found["generations"] > 1, found


@posix
@pytest.mark.slow
def test_four_processes_ask_while_the_index_is_rebuilt() -> None:
    expect_answers_of_one_piece(5)


@posix
@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_four_processes_ask_through_many_builds() -> None:
    expect_answers_of_one_piece(60)


def gone(folder: Path) -> bool:
    """Wait some seconds for a folder to be deletable by a build: no reader holds it."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        descriptor = os.open(folder / "in-use", os.O_RDWR)
        free = try_lock(descriptor)
        unlock(descriptor)
        if free:
            return True
        time.sleep(0.1)
    return False


@posix
@pytest.mark.slow
def test_a_reader_that_nobody_asks_lets_go_of_the_old_generation(tmp_path: Path) -> None:
    texts, folder = make_texts(tmp_path / "texts"), tmp_path / "index"
    index.build([texts], index_dir=folder, embedder="hashing")
    live = index.LiveIndex(folder)
    for number in range(3):
        (texts / "one.txt").write_text(f"Edition {number}.")
        index.build(index_dir=folder)
        assert gone(folder / f"gen-{number + 1:06}")
    with live.reading() as opened:
        assert opened.generation == 4
    assert len(list(folder.glob("gen-*"))) <= 2
    live.close()
    assert gone(folder / "gen-000004")


@posix
@pytest.mark.slow
def test_a_question_right_after_a_build_is_answered_from_it(tmp_path: Path) -> None:
    texts, folder = make_texts(tmp_path / "texts"), tmp_path / "index"
    index.build([texts], index_dir=folder, embedder="hashing")
    live, dice = index.LiveIndex(folder), random.Random(1)
    for number in range(4):
        (texts / "one.txt").write_text(f"Edition {number}.")
        time.sleep(1.2)  # so that nobody has asked for a while
        built = index.build(index_dir=folder).generation
        time.sleep(dice.uniform(0, 0.01))
        with live.reading() as opened:
            assert opened.generation == built
    live.close()


@posix
def test_a_forgotten_reader_ends_its_thread(tmp_path: Path) -> None:
    index.build([make_texts(tmp_path / "texts")], index_dir=tmp_path / "index", embedder="hashing")
    before = threading.active_count()
    readers = [index.LiveIndex(tmp_path / "index") for _ in range(3)]
    assert threading.active_count() == before + 3
    for reader in readers[:2]:
        reader.close()
    del readers, reader
    until = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.1)
    assert threading.active_count() == before


@pytest.mark.slow
@posix
def test_memory_stays_flat_over_ten_rebuilds() -> None:
    found = harness("reader", "--builds", "10")
    assert found["generations"] == 10, found
    assert found["growth_mb"] <= 2 * found["generation_mb"], found  # one kept each time would be six
    assert found["generation_mb"] > 1.5, "a generation that was kept would not be seen"


@posix
@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_the_disk_does_not_fill_up() -> None:
    """A twentieth of what `python -m benchmarks.disk` does when nothing else is said."""
    command = [sys.executable, "-m", "benchmarks.disk", "--questions", "500", "--uploads", "20", "--rebuilds", "5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["failed"], found["most_at_work"]) == (0, 1), found
    assert found["most_generations"] <= 2, found
    assert found["most_kb"]["index"] < 2.5 * found["first_kb"]["index"], found
    assert found["last_kb"]["index-files/incoming"] == 0, found
    assert found["most_kb"]["temporary"] < 1_000, found
    assert found["temporary_files_at_the_end"] < 20, found
    assert found["most_kb"]["log"] < 100, found


def rag(*arguments: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ui.cli", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def build_twice_at_once(texts: Path, folder: Path) -> None:
    for number, path in enumerate(sorted(texts.iterdir())):
        path.write_text(f"Text {number} of {time.time_ns()}. " + "It tells of ships and mills and lighthouses. " * 40)
    both = [rag("index", texts, "--index", folder, "--embedder", "hashing") for _ in range(2)]
    ended = dict[int, float]()
    while len(ended) < 2:
        ended |= {each.pid: time.monotonic() for each in both if each.pid not in ended and each.poll() is not None}
        time.sleep(0.01)
    result = {each.pid: (each.returncode, each.communicate()) for each in both}
    winner, loser = sorted(result, key=lambda pid: result[pid][0])
    assert [result[winner][0], result[loser][0]] == [0, 1], result
    output, errors = result[loser][1]
    assert output == ""
    assert f"process {winner} since" in errors
    assert len(errors.splitlines()) == 1
    assert ended[loser] < ended[winner]


def expect_one_winner(tmp_path: Path, pairs: int) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    for number in range(800):
        (texts / f"{number:03}.txt").touch()
    for _ in range(pairs):
        build_twice_at_once(texts, tmp_path / "index")


@pytest.mark.slow
@posix
def test_of_two_builds_at_once_one_wins_and_the_other_says_so(tmp_path: Path) -> None:
    expect_one_winner(tmp_path, 2)


@posix
@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_many_pairs_of_builds(tmp_path: Path) -> None:
    """Fifteen; as many as `RAG_PAIRS` says when it is set."""
    expect_one_winner(tmp_path, int(os.environ.get("RAG_PAIRS", "15")))


@posix
def test_the_second_build_gives_up_at_once(tmp_path: Path) -> None:
    from index.disk.locks import BuildLock
    from index.errors import IndexBusyError

    (tmp_path / "texts").mkdir()
    (tmp_path / "index").mkdir()
    (tmp_path / "texts" / "one.txt").write_text("One text.")
    with BuildLock(tmp_path / "index"):
        child = rag("index", tmp_path / "texts", "--index", tmp_path / "index", "--embedder", "hashing")
        _, errors = child.communicate(timeout=60)
        with pytest.raises(IndexBusyError):
            BuildLock(tmp_path / "index").__enter__()
    assert (child.returncode, f"process {os.getpid()} since" in errors) == (1, True)
