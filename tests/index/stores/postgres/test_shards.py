"""An index in several databases: it ranks as one, switches as one, and is never asked in part."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

import index
from index.building.homes import shards as homes
from index.errors import ConfigError, IndexBusyError, IndexIncompatibleError, StoreError, StoreUnreachableError
from index.locations import is_database, location_of
from index.opening import database, shards
from index.opening.listing import list_documents
from index.stores.embedded.store import EmbeddedStore, EmbeddedStoreWriter
from index.stores.postgres.shards.agreeing import shard_of
from index.stores.postgres.shards.sharded import ShardedStore
from index.stores.postgres.writing.making import PostgresStoreWriter, open_store
from index.testing.store_contract import DIMENSION, StoreContract, document, put, unit
from rag import Assistant
from tests.harness.crash_harness import WORDS
from tests.harness.index_helpers import CountingEmbedder, build, corpus_of
from tests.harness.postgres_server import fresh_schema, start_server
from tests.index.disk.test_crash import _expect_no_loss, harness, posix
from tests.index.stores.postgres.test_postgres_build import run, same_answers, tables
from tests.index.stores.postgres.test_postgres_store import WHERE, same
from tests.index.stores.postgres.test_postgres_store import WORDS as POOL

pytestmark = pytest.mark.usefixtures("read_in_this_process")


class StoresWriter:
    """Writes ready vectors into the shards, as a build would."""

    def __init__(self, count: int) -> None:
        self.writers = [PostgresStoreWriter(location_of(fresh_schema()), DIMENSION) for _ in range(count)]  # type: ignore[arg-type]
        self.last = (0, 0)

    def put(self, document: Any, *args: Any, **more: Any) -> None:
        writer = self.writers[shard_of(document.id, len(self.writers))]
        writer._writer.number_from(*self.last)
        writer.put(document, *args, **more)
        self.last = writer._writer.pointer.last_document, writer._writer.pointer.last_passage

    def delete(self, document_id: str) -> None:
        self.writers[shard_of(document_id, len(self.writers))].delete(document_id)

    def finish(self) -> ShardedStore:
        for each in self.writers:
            each._writer.number_from(*self.last)
            each.finish()
        return ShardedStore([open_store(each._location) for each in self.writers], ThreadPoolExecutor(16))


@pytest.mark.slow
class TestShards(StoreContract):
    def writer(self, folder: Path) -> Any:
        return StoresWriter(2)

    def reader(self, writer: Any) -> Any:
        return writer.finish()


def test_three_shards_rank_as_one_folder(tmp_path: Path) -> None:
    dice, embedded, sharded = random.Random(7), EmbeddedStoreWriter(tmp_path, DIMENSION), StoresWriter(3)
    for number in range(200):
        about: dict[str, Any] = {"date": f"20{number % 25:02}", "topics": dice.sample(POOL, 2), "number": number}
        text = " ".join(dice.choices(POOL, k=dice.randint(5, 60)))
        for writer in (embedded, sharded):
            put(writer, document(f"d{number}", text, source=f"shelf {number % 7}/d.txt", **about), 90, seed=number)
    for number in range(0, 200, 9):
        embedded.delete(f"d{number}")
        sharded.delete(f"d{number}")
    embedded.finish()
    here, there = EmbeddedStore(tmp_path), sharded.finish()
    assert min(len(store) for store in there._stores) > 50
    assert list(there.document_ids()) == list(here.document_ids())
    for number, where in enumerate(WHERE):
        for query in unit(10, 1000 + number):
            same(here.dense(query, 20, where), there.dense(query, 20, where), 1e-5)
        for asked in ("ships in the harbour", "northern WINDS, river boat", "stone 12", "anew shelf", "xylophone"):
            one, other = here.keyword(asked, 30, where), there.keyword(asked, 30, where)
            same(one.hits, other.hits, 0)
            assert other.ceiling == one.ceiling


# Built


@pytest.fixture
def places() -> str:
    """The addresses of two empty places for one index."""
    return f"{fresh_schema()} {fresh_schema()}"


def test_a_folder_and_shards_answer_alike_after_every_update(
    folder: Path, places: str, corpora: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.building.aligning.TOLERANCE", 10.0)  # vectors stay where that is possible at all
    texts = corpora["A"]

    def both(**options: Any) -> index.BuildReport:
        reports = [build(place, texts, **options) for place in (folder, places)]  # type: ignore[arg-type]
        for name in ("added", "changed", "renamed", "removed", "unchanged", "passages", "embedded", "generation"):
            assert getattr(reports[0], name) == getattr(reports[1], name), name
        same_answers(folder, places)
        return reports[1]

    both()
    first = [tables(each) for each in places.split()]
    counts = [run(each, f"SELECT count(*) FROM {name}") for each, (name,) in zip(places.split(), first, strict=True)]
    assert all(found[0][0] for found in counts), f"one shard holds nothing: {counts}"
    (texts / "harbour.txt").write_text("Corpus A: the harbour was moved to the east. " * 30)
    assert both().changed == ("texts/harbour.txt",)
    (texts / "canal.txt").rename(texts / "waterway.txt")
    (texts / "pepper.txt").unlink()
    (texts / "more.txt").write_text("Corpus A tells of the pepper again. " * 12)
    both()
    assert [tables(each) for each in places.split()] == first, "an update wrote all of a shard"
    both(rebuild=True)
    assert list_documents(folder).documents == list_documents(places).documents
    assert index.verify(places) == ()
    state, here = index.status(places), index.status(folder)
    assert (state.documents, state.passages, state.languages) == (here.documents, here.passages, here.languages)
    assert state.vectors == "2 shards, exact: every vector is looked at"
    assert index.sources_of(places) == (str(texts),)


def test_nothing_is_embedded_again_for_another_number_of_shards(places: str, corpora: dict[str, Path]) -> None:
    first, second = CountingEmbedder(), CountingEmbedder()
    index.build([corpora["A"]], index_dir=places, embedder=first)
    index.build([corpora["A"]], index_dir=places, embedder=second, rebuild=False, by_content=True)
    assert first.texts
    assert not second.texts
    three = f"{places} {fresh_schema()}"
    with pytest.raises(IndexIncompatibleError, match=r"shard 1 of 2, and was named as 1 of 3"):
        index.open(three)
    report = build(three, corpora["A"])  # type: ignore[arg-type]
    assert "do not fit together" in " ".join(report.reasons)
    assert corpus_of(three) == "A"  # type: ignore[arg-type]
    assert report.generation == 2


def test_a_shard_alone_or_in_another_place_is_refused(places: str, corpora: dict[str, Path]) -> None:
    build(places, corpora["A"])  # type: ignore[arg-type]
    one, other = places.split()
    for wrong, expected in ((one, "is shard 1 of 2, and was named as 1 of 1"), (f"{other} {one}", "is shard 2 of 2")):
        for look in (index.open, index.LiveIndex, Assistant):
            with pytest.raises(IndexIncompatibleError, match=expected):
                look(wrong)
    with pytest.raises(IndexIncompatibleError, match="name all shards"):
        build(one, corpora["B"])  # type: ignore[arg-type]
    assert corpus_of(places) == "A"  # type: ignore[arg-type]


def test_a_second_build_of_any_of_the_shards_is_told_so(places: str, corpora: dict[str, Path]) -> None:
    home = homes.ShardsHome(location_of(places))  # type: ignore[arg-type]
    with home.claimed():
        for address in (places, *places.split()):
            with pytest.raises(IndexBusyError, match="already being built by process"):
                build(address, corpora["A"])  # type: ignore[arg-type]


def stopped(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let the next build stop dead after so many of its commits."""
    commit, done = homes.commit_prepared, list[object]()

    def commit_some(*args: Any) -> None:
        if len(done) == after:
            raise KeyboardInterrupt
        done.append(args)
        commit(*args)

    monkeypatch.setattr(homes, "commit_prepared", commit_some)


@pytest.mark.parametrize(("after", "left"), [(0, "A"), (1, "B")])
@pytest.mark.parametrize("next_is", ["a reader", "a build"])
def test_a_build_that_is_stopped_at_its_last_step_is_settled_by_whoever_comes_next(
    places: str, corpora: dict[str, Path], monkeypatch: pytest.MonkeyPatch, after: int, left: str, next_is: str
) -> None:
    build(places, corpora["A"])  # type: ignore[arg-type]
    with monkeypatch.context() as patch:
        stopped(patch, after)
        with pytest.raises(KeyboardInterrupt):
            build(places, corpora["B"])  # type: ignore[arg-type]
    monkeypatch.setattr(shards, "_STUCK_SECONDS", 0.1)
    if next_is == "a reader":
        assert corpus_of(places) == left  # type: ignore[arg-type]
    report = build(places, corpora["B"])  # type: ignore[arg-type]
    assert report.generation == 2
    assert corpus_of(places) == "B"  # type: ignore[arg-type]
    assert not run(places.split(maxsplit=1)[0], "SELECT FROM pg_prepared_xacts")


@posix
@pytest.mark.slow
def test_killed_builders_of_shards_lose_nothing() -> None:
    _expect_no_loss(harness("shards", 10, random.randrange(10**6)))


@pytest.fixture
def another_server() -> Iterator[Any]:
    server = start_server(max_prepared_transactions="0")
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector")
    yield server
    server.stop(hard=True)


@pytest.mark.slow
def test_a_shard_that_is_down_is_said_and_never_left_out(
    another_server: Any, corpora: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    places = f"{fresh_schema()} {another_server.url()}"
    with pytest.raises(StoreError, match=f":{another_server.port}/postgres: .*max_prepared_transactions = 10"):
        build(places, corpora["A"])  # type: ignore[arg-type]
    another_server.stop()
    another_server.settings.clear()
    another_server.start()
    build(places, corpora["A"])  # type: ignore[arg-type]
    assistant = Assistant(places)
    expected = assistant.retrieve("What is told of the canal?")
    monkeypatch.setattr(database, "LOST_SECONDS", 0.5)
    another_server.stop(hard=True)
    for look in (
        lambda: [assistant.retrieve(f"What of the {word}?") for word in WORDS],
        lambda: Assistant(places),
        lambda: index.open(places),
        lambda: index.status(places),
        lambda: build(places, corpora["B"]),  # type: ignore[arg-type]
    ):
        with pytest.raises(StoreUnreachableError, match=f":{another_server.port}/postgres: ") as caught:
            look()  # type: ignore[no-untyped-call]
        assert "\n" not in str(caught.value)
    another_server.start()
    assert assistant.retrieve("What is told of the canal?") == expected


# Named


def test_addresses_with_blanks_between_are_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = "postgresql://me:one@h1/db  postgres://h2/db?password=two&sslmode=require"
    assert is_database(addresses)
    where: Any = location_of(addresses)
    assert str(where) == "postgresql://me@h1/db postgresql://h2/db?sslmode=require"
    assert where.scheme == "shards"
    assert [str(each) for each in where.parts] == ["postgresql://me@h1/db", "postgresql://h2/db?sslmode=require"]
    assert "one" not in repr(where) + repr(where.parts)
    single: Any = location_of("postgresql://h1,h2/db?options=-c%20search_path%3Dx")
    assert (single.scheme, len(single.parts)) == ("postgresql", 1)
    assert location_of(tmp_path / "a folder") == tmp_path / "a folder"
    for wrong in ("postgresql://h/db postgresql://h/db", "postgresql://h/db other://h/db"):
        with pytest.raises(ConfigError):
            location_of(wrong)
