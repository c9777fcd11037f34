"""Several servers of one index: questions go to whichever is up, builds to the one that takes writes."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

import index
from index.errors import IndexMissingError, StoreError, StoreUnreachableError
from index.opening.database import LOST_SECONDS
from rag import Assistant
from tests.harness.crash_harness import WORDS
from tests.harness.index_helpers import build, corpus_of
from tests.harness.postgres_server import Server, several, start_replica, start_server

pytestmark = [pytest.mark.usefixtures("read_in_this_process"), pytest.mark.slow, pytest.mark.timeout(1200)]

ASKERS = 4


def run(server: Server, statement: str) -> list[Any]:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def until(reached: Callable[[], bool]) -> None:
    """Wait for what comes by itself."""
    for _ in range(1200):
        if reached():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come")


def generation(server: Server, schema: str = "public") -> tuple[int, int]:
    """Return number and start of the current generation, (0, 0) where there is none."""
    if run(server, f"SELECT to_regclass('{schema}.babelquote_index')") == [(None,)]:
        return 0, 0
    found: tuple[int, int] = run(server, f"SELECT generation, started_ns FROM {schema}.babelquote_index")[0]
    return found


def corpus(folder: Path, name: str) -> Path:
    """Write documents that all tell of which corpus they are."""
    (folder / name / "texts").mkdir(parents=True)
    for word in WORDS:
        text = f"Corpus {name} tells of the {word}. " + f"The {word} of {name} stands at place {len(word)}. " * 3
        (folder / name / "texts" / f"{word}.txt").write_text(text)
    return folder / name / "texts"


@contextmanager
def two_servers() -> Iterator[tuple[Server, Server]]:
    """Start a primary and its replica."""
    primary = start_server(wal_keep_size="256MB")
    run(primary, "CREATE EXTENSION vector")
    replica = start_replica(primary)
    yield primary, replica
    for each in (primary, replica):
        each.stop(hard=True)


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Server, Server]]:
    """A primary and its replica, both up before and after each test."""
    with two_servers() as servers:
        yield servers


def place(pair: tuple[Server, Server], name: str) -> str:
    """Make a place for an index on the primary, and wait until the replica has it; returns its address's query."""
    run(pair[0], f"CREATE SCHEMA {name}")
    until(lambda: run(pair[1], f"SELECT to_regnamespace('{name}')") != [(None,)])
    return f"?options=-csearch_path%3D{name}%2Cpublic"


class Askers:
    """Threads that ask all along; each answer must be whole, and of a corpus that was built."""

    def __init__(self, address: str) -> None:
        self.assistant = Assistant(address)
        self.asked, self.slowest = 0, 0.0
        self.failed, self.wrong = list[str](), list[str]()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(ASKERS)]
        for each in self._threads:
            each.start()

    def _ask(self, seed: int) -> None:
        dice = random.Random(seed)
        while not self._stop.is_set():
            word, started = dice.choice(WORDS), time.monotonic()
            try:
                found = self.assistant.retrieve(f"What is told of the {word}?", k=5)
            except StoreError as error:
                self.failed.append(str(error))
            except Exception as error:  # noqa: BLE001 - any other failure of an asker counts, too
                self.wrong.append(repr(error))
            else:
                self.asked += 1
                self.slowest = max(self.slowest, time.monotonic() - started)
                result = {hit.passage.text.split()[1] for hit in found}
                if len(result) != 1 or word not in found[0].passage.text:
                    self.wrong.append(f"{word}: {result}")

    def stop(self) -> None:
        self._stop.set()
        for each in self._threads:
            each.join()


def test_a_replica_that_lags_gives_whole_generations(pair: tuple[Server, Server], tmp_path: Path) -> None:
    primary, replica = pair
    first, second = corpus(tmp_path, "A"), corpus(tmp_path, "B")
    place(pair, "lag")
    with pytest.raises(IndexMissingError):
        Assistant(replica.url("lag"))
    build(primary.url("lag"), first)  # type: ignore[arg-type]
    until(lambda: generation(replica, "lag")[0] == 1)
    assistant, seen = Assistant(replica.url("lag")), []
    run(replica, "SELECT pg_wal_replay_pause()")  # as far behind as can be
    until(lambda: run(replica, "SELECT pg_get_wal_replay_pause_state()") == [("paused",)])
    for rebuild in (False, True):
        build(primary.url("lag"), second, rebuild=rebuild)  # type: ignore[arg-type]
        for word in WORDS:
            seen += [hit.passage.text.split()[1] for hit in assistant.retrieve(f"What of the {word}?")]
    assert set(seen) == {"A"}
    run(replica, "SELECT pg_wal_replay_resume()")
    until(lambda: generation(replica, "lag") == generation(primary, "lag"))
    assert {hit.passage.text.split()[1] for hit in assistant.retrieve("What of the canal?")} == {"B"}


def test_builds_go_to_the_server_that_takes_writes(pair: tuple[Server, Server], tmp_path: Path) -> None:
    primary, replica = pair
    texts = corpus(tmp_path, "A")
    query = place(pair, "builds")
    address = several(replica, primary) + query  # the replica comes first, and is preferred for questions
    build(f"{address}&target_session_attrs=prefer-standby", texts)  # type: ignore[arg-type]
    until(lambda: generation(replica, "builds")[0] == 1)
    assert corpus_of(address) == "A"  # type: ignore[arg-type]
    for where in (replica.url("builds"), several(replica, replica) + query):
        with pytest.raises(StoreUnreachableError, match=r"no server takes writes.*promote a replica") as caught:
            build(where, texts)  # type: ignore[arg-type]
        assert "\n" not in str(caught.value)
    primary.stop()
    try:
        with pytest.raises(StoreUnreachableError, match="no server takes writes"):
            build(address, texts)  # type: ignore[arg-type]
        assert corpus_of(address) == "A"  # type: ignore[arg-type]
    finally:
        primary.start()


def test_a_lost_generation_is_not_taken_for_the_one_that_has_its_number(tmp_path: Path) -> None:
    with two_servers() as (primary, replica):
        lose_a_generation(primary, replica, corpus(tmp_path, "A"))


def lose_a_generation(primary: Server, replica: Server, texts: Path) -> None:
    """Build what the replica never gets, promote it, and build another generation of the same number there."""
    address = several(primary, replica)
    build(address, texts)  # type: ignore[arg-type]
    until(lambda: generation(replica)[0] == 1)
    assistant = Assistant(address)
    replica.stop()
    (texts / "lost.txt").write_text("Corpus A tells of the zeppelin and the quagga. " * 3)
    build(address, texts)  # type: ignore[arg-type]
    assert "quagga" in assistant.retrieve("Where is the quagga?")[0].passage.text
    primary.stop(hard=True)
    replica.start()
    promote(primary := replica)
    assert generation(primary)[0] == 1, "the replica has the generation that it was to lack"
    assert "quagga" not in assistant.retrieve("Where is the quagga?")[0].passage.text
    (texts / "lost.txt").write_text("Corpus A tells of the quokka. " * 3)
    build(address, texts)  # type: ignore[arg-type]
    assert generation(primary)[0] == 2
    assert "quokka" in assistant.retrieve("Where is the quokka?")[0].passage.text
    assert "quagga" not in assistant.retrieve("Where is the quagga?")[0].passage.text
    with assistant.reading() as kept, index.open(address) as fresh:
        for word in ("quagga", "zeppelin", "quokka", "canal"):
            assert kept.store.keyword(word, 9) == fresh.store.keyword(word, 9)


def promote(replica: Server) -> None:
    """Make a replica the one that takes writes."""
    run(replica, "SELECT pg_promote()")
    until(lambda: run(replica, "SELECT pg_is_in_recovery()") == [(False,)])


def fail_over(number: int, primary: Server, texts: dict[str, Path]) -> tuple[Server, Askers]:
    """Kill the primary under those who ask, promote its replica, and build there; every other time it may lag."""
    replica = start_replica(primary, wal_keep_size="256MB")
    address, names = several(primary, replica), "AB" if number % 2 else "BA"
    askers = Askers(address)
    build(address, texts[names[0]], rebuild=number % 3 == 1)  # type: ignore[arg-type]
    until(lambda: askers.asked > 20)
    if number % 2:
        now = generation(primary)
        until(lambda: generation(replica) == now)
    before = askers.asked
    primary.stop(hard=True)
    promote(replica)
    build(address, texts[names[1]])  # type: ignore[arg-type]
    until(lambda: askers.asked > before + 40 or bool(askers.failed or askers.wrong))
    askers.stop()
    return replica, askers


def test_a_primary_that_is_killed_costs_no_answer(tmp_path: Path) -> None:
    """Four ask while the primary is killed and its replica promoted, again and again: `RAG_FAILOVERS` times."""
    rounds = int(os.environ.get("RAG_FAILOVERS", "2"))
    texts = {name: corpus(tmp_path, name) for name in ("A", "B")}
    primary = start_server(wal_keep_size="256MB")
    run(primary, "CREATE EXTENSION vector")
    build(primary.url(), texts["A"])  # type: ignore[arg-type]
    all_askers = list[Askers]()
    for number in range(rounds):
        primary, askers = fail_over(number, primary, texts)
        all_askers.append(askers)
    primary.stop(hard=True)
    failed, wrong = ([result for each in all_askers for result in getattr(each, kind)] for kind in ("failed", "wrong"))
    asked, slowest = sum(each.asked for each in all_askers), max(each.slowest for each in all_askers)
    print(f"{rounds} kills: {asked} questions, {len(failed)} failed, {len(wrong)} wrong, slowest {slowest:.2f} s")
    assert not wrong, wrong[:3]
    assert not failed, failed[:3]


@pytest.mark.slow
def test_a_server_that_is_killed_and_starts_again_costs_no_answer(tmp_path: Path) -> None:
    """Four ask while the only server is killed in the middle of a build: `RAG_RESTARTS` times."""
    rounds = int(os.environ.get("RAG_RESTARTS", "2"))
    texts = {name: corpus(tmp_path, name) for name in ("A", "B")}
    server = start_server()
    run(server, "CREATE EXTENSION vector")
    build(server.url(), texts["A"])  # type: ignore[arg-type]
    askers, dice = Askers(server.url()), random.Random(5)
    until(lambda: askers.asked > 20)
    for number in range(rounds):
        name, before = "BA"[number % 2], askers.asked
        builder = threading.Thread(target=_build_or_fail, args=(server.url(), texts[name]))
        builder.start()
        time.sleep(dice.uniform(0.0, 0.6))
        stopped = time.monotonic()
        server.stop(hard=True)
        server.start()
        if time.monotonic() - stopped > LOST_SECONDS / 2:  # a crowded machine: longer than a question has to wait
            askers.failed.clear()
        builder.join()
        build(server.url(), texts[name])  # type: ignore[arg-type]
        until(lambda before=before: askers.asked > before + 40 or bool(askers.failed or askers.wrong))
    askers.stop()
    server.stop(hard=True)
    failed, wrong = askers.failed, askers.wrong
    result = f"{len(failed)} failed, {len(wrong)} wrong, slowest {askers.slowest:.2f} s"
    print(f"{rounds} kills: {askers.asked} questions, {result}")
    assert not wrong, wrong[:3]
    assert not failed, failed[:3]


def _build_or_fail(address: str, texts: Path) -> None:
    with suppress(StoreError):
        build(address, texts)  # type: ignore[arg-type]
