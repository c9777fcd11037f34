"""An index in PostgreSQL: built, updated, read while it is built, and never half."""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

import index
from index.embedders.hashing import HashingEmbedder
from index.errors import IndexBusyError, IndexIncompatibleError, IndexMissingError
from index.locations import location_of
from index.opening.listing import list_documents
from index.stores.postgres import connection as connections
from index.watching import watch
from rag import Assistant
from tests.harness.crash_harness import WORDS
from tests.harness.index_helpers import CountingEmbedder, answers, build, corpus_of
from tests.harness.postgres_server import fresh_schema, shared_server
from tests.index.disk.test_crash import _expect_no_loss, harness, posix

pytestmark = pytest.mark.usefixtures("read_in_this_process")


@pytest.fixture
def database() -> str:
    """The address of an empty place for an index."""
    return fresh_schema()


def run(url: str, statement: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def tables(url: str) -> list[str]:
    query = "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
    return sorted(name for (name,) in run(url, query) if name.startswith("babelquote_documents_"))


def same_answers(folder: Path, database: str) -> None:
    here, there = answers(folder), answers(database)  # type: ignore[arg-type]
    assert len(here) == len(there)
    for one, other in zip(here, there, strict=True):
        if isinstance(one, list) and one and isinstance(one[0], index.Hit):
            assert [hit.key for hit in one] == [hit.key for hit in other]
            assert [hit.score for hit in one] == pytest.approx([hit.score for hit in other], abs=1e-5)
        elif isinstance(one, index.KeywordHits):
            assert [hit.key for hit in one.hits] == [hit.key for hit in other.hits]
            assert [hit.score for hit in one.hits] == pytest.approx([hit.score for hit in other.hits], rel=1e-5)
        elif isinstance(one, list) and one and isinstance(one[0], tuple):
            same_sentences(one, other)
        else:
            assert one == other


def same_sentences(here: list[tuple[Any, list[Any]]], there: list[tuple[Any, list[Any]]]) -> None:
    """A folder keeps their vectors as the embedder gave them, a database as they are compared: each rounds its own."""
    assert [spans for spans, _ in here] == [spans for spans, _ in there]
    for (_, rows), (_, others) in zip(here, there, strict=True):
        assert np.allclose(rows, others, atol=5e-3)


def test_a_folder_and_a_database_answer_alike_after_every_update(
    folder: Path, database: str, corpora: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.building.aligning.TOLERANCE", 10.0)  # vectors stay where that is possible at all
    texts = corpora["A"]

    def both(**options: Any) -> index.BuildReport:
        reports = [build(place, texts, **options) for place in (folder, database)]  # type: ignore[arg-type]
        for name in (
            "added",
            "changed",
            "renamed",
            "removed",
            "unchanged",
            "skipped",
            "failed",
            "passages",
            "embedded",
        ):
            assert getattr(reports[0], name) == getattr(reports[1], name), name
        same_answers(folder, database)
        return reports[1]

    assert both().generation == 1
    assert both().generation == 1
    first = tables(database)
    (texts / "harbour.txt").write_text("Corpus A: the harbour was moved to the east. " * 30)
    assert both().changed == ("texts/harbour.txt",)
    (texts / "canal.txt").rename(texts / "waterway.txt")
    assert both().renamed == ("texts/waterway.txt",)
    (texts / "pepper.txt").unlink()
    (texts / "more.txt").write_text("Corpus A tells of the pepper again. " * 12)
    both()
    assert tables(database) == first, "an update changed one document and wrote all of them"
    both(rebuild=True)
    assert tables(database) != first
    assert len(tables(database)) == 1
    assert list_documents(folder).documents == list_documents(database).documents
    assert index.sources_of(database) == (str(texts),)


def test_an_alignment_that_moved_writes_every_vector_again(
    folder: Path, database: str, corpora: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.building.aligning.TOLERANCE", 0.0)
    for text in ("The harbour, moved. " * 40, "Der Hafen wurde verlegt. " * 40):
        (corpora["A"] / "harbour.txt").write_text(text)
        for place in (folder, database):
            build(place, corpora["A"])  # type: ignore[arg-type]
    here = [index.open(place) for place in (folder, database)]
    keys = [key for name in here[0].store.document_ids() for key in here[0].store.keys(name)]
    assert (here[0].store.vectors(keys) == here[1].store.vectors(keys)).all()
    here[0].close()
    here[1].close()


def test_nothing_is_embedded_twice_whatever_machine_builds(database: str, corpora: dict[str, Path]) -> None:
    first, second = CountingEmbedder(), CountingEmbedder()
    index.build([corpora["A"]], index_dir=database, embedder=first)
    index.build([corpora["A"]], index_dir=database, embedder=second, rebuild=False, by_content=True)
    run(database, "DROP TABLE babelquote_index")  # only the kept vectors are left
    index.build([corpora["A"]], index_dir=database, embedder=second)
    assert first.texts
    assert not second.texts


@pytest.mark.slow
def test_readers_see_whole_generations_while_they_are_built(database: str, corpora: dict[str, Path]) -> None:
    build(database, corpora["A"])  # type: ignore[arg-type]
    live, wrong, seen, stop = index.LiveIndex(database), list[str](), set[str](), threading.Event()

    def ask() -> None:
        try:
            while not stop.is_set():
                with live.reading() as opened:
                    texts = [opened.store.document(name).text for name in opened.store.document_ids()]
                    vector, _ = opened.embed_query("the harbour")
                    keys = [opened.store.dense(vector, 1)[0].key, opened.store.keyword("harbour", 1).hits[0].key]
                    texts += [passage.text for passage in opened.store.passages(keys)]
                    found = {"A" if " A " in text else "B" for text in texts}
                    result = {(opened.manifest.documents, len(texts) - 2)}
                if len(found) != 1 or result != {(len(WORDS), len(WORDS))}:
                    wrong.append(f"{found} {result}")
                seen.update(found)
        except Exception as error:  # noqa: BLE001 - any failure of a reader counts
            wrong.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for corpus, rebuild in (("B", False), ("A", True), ("B", True), ("A", False)):
        build(database, corpora[corpus], rebuild=rebuild)  # type: ignore[arg-type]
    stop.set()
    for thread in threads:
        thread.join()
    live.close()
    assert not wrong, wrong[:3]
    assert seen == {"A", "B"}


def test_an_open_index_stays_as_it_is_and_its_tables_go_after_it(database: str, corpora: dict[str, Path]) -> None:
    build(database, corpora["A"])  # type: ignore[arg-type]
    with index.open(database) as opened:
        build(database, corpora["B"], rebuild=True)  # type: ignore[arg-type]
        build(database, corpora["B"], rebuild=True)  # type: ignore[arg-type]
        assert all(" A " in opened.store.document(name).text for name in opened.store.document_ids())
        vector, _ = opened.embed_query("the harbour")
        assert " A " in opened.store.passages([opened.store.dense(vector, 1)[0].key])[0].text
        assert len(tables(database)) == 2, "what is read, and what is current"
    assert corpus_of(database) == "B"  # type: ignore[arg-type]
    build(database, corpora["A"], rebuild=True)  # type: ignore[arg-type]
    assert len(tables(database)) == 1


def test_a_second_build_is_told_who_is_building(database: str, corpora: dict[str, Path]) -> None:
    started, go_on = threading.Event(), threading.Event()

    def wait(progress: index.Progress) -> None:
        started.set()
        assert go_on.wait(20)

    first = threading.Thread(target=lambda: build(database, corpora["A"], progress=wait))  # type: ignore[arg-type]
    first.start()
    assert started.wait(20)
    begun = time.monotonic()
    try:
        with pytest.raises(IndexBusyError, match=rf"process {os.getpid()} on .+ since 20"):
            build(database, corpora["B"])  # type: ignore[arg-type]
        assert time.monotonic() - begun < 15
    finally:
        go_on.set()
        first.join()
    assert corpus_of(database) == "A"  # type: ignore[arg-type]


def test_a_build_that_fails_leaves_what_was_there(database: str, corpora: dict[str, Path]) -> None:
    build(database, corpora["A"])  # type: ignore[arg-type]

    def stop(step: index.Progress) -> None:
        if step.stage == "switching":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(database, corpora["B"], progress=stop)  # type: ignore[arg-type]
    assert corpus_of(database) == "A"  # type: ignore[arg-type]
    assert index.status(database).generation == 1
    build(database, corpora["B"])  # type: ignore[arg-type]
    assert corpus_of(database) == "B"  # type: ignore[arg-type]


@posix
@pytest.mark.slow
def test_killed_builders_lose_nothing() -> None:
    _expect_no_loss(harness("postgres", 4, random.randrange(10**6)), kills=4, questions=20)


@posix
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_killed_builders_lose_nothing() -> None:
    """A hundred; as many as `RAG_KILLS` says when it is set."""
    _expect_no_loss(harness("postgres", int(os.environ.get("RAG_KILLS", "100")), random.randrange(10**6)))


def test_a_question_takes_at_most_eight_statements(database: str, corpora: dict[str, Path]) -> None:
    build(database, corpora["A"])  # type: ignore[arg-type]
    live = index.LiveIndex(database)
    counted = list[int]()

    class Counting:
        def reading(self) -> Any:
            return self._counted()

        def _counted(self) -> Any:
            from contextlib import contextmanager

            @contextmanager
            def reading() -> Any:
                with live.reading() as opened:
                    yield opened
                    counted.append(opened.store.statements)  # type: ignore[attr-defined]

            return reading()

    assistant = Assistant(index=Counting())
    for question in ("What is told of the harbour?", "Where does the violin stand?"):
        assert assistant.retrieve(question)
        assert assistant.retrieve(question, where=index.Filter(languages=("en",)))
    live.close()
    assert max(counted) <= 8, counted


def test_watching_follows_a_folder_into_a_database(database: str, corpora: dict[str, Path]) -> None:
    build(database, corpora["A"])  # type: ignore[arg-type]
    reports, stop = list[index.BuildReport](), threading.Event()
    watcher = threading.Thread(
        target=watch, args=(database, lambda one: (reports.append(one), stop.set()), pytest.fail, stop)
    )
    watcher.start()
    time.sleep(0.5)
    (corpora["A"] / "new.txt").write_text("Something new. " * 20)
    assert stop.wait(30)
    watcher.join(30)
    assert reports[0].added == ("texts/new.txt",)


# What stands in the way


def test_nothing_there_yet_is_said(database: str) -> None:
    for look in (index.open, index.LiveIndex, index.status, index.sources_of):
        with pytest.raises(IndexMissingError, match="there is no index yet"):
            look(database)


def test_another_embedder_is_refused(database: str, corpora: dict[str, Path]) -> None:
    build(database, corpora["A"])  # type: ignore[arg-type]
    other = HashingEmbedder()
    other.fingerprint = "another"
    with pytest.raises(IndexIncompatibleError, match="run `rag index` to embed again"):
        index.open(database, embedder=other)


def test_a_newer_format_is_neither_read_nor_overwritten(database: str, corpora: dict[str, Path]) -> None:
    build(database, corpora["A"])  # type: ignore[arg-type]
    run(database, "UPDATE babelquote_index SET format = 2")
    for look in (index.open, index.LiveIndex, index.sources_of):
        with pytest.raises(IndexIncompatibleError, match="format 2, this program reads 1; update this program"):
            look(database)
    assert "format 2" in index.status(database).problems[0][0]
    with pytest.raises(IndexIncompatibleError, match="update this program"):
        build(database, corpora["B"])  # type: ignore[arg-type]
    run(database, "UPDATE babelquote_index SET format = 1")
    assert corpus_of(database) == "A"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "expected"),
    [((16, (0, 9, 0)), "pgvector is 0.8.6, .*0.9.0 or newer"), ((99, (0, 8, 4)), "PostgreSQL 18; 99")],
)
def test_versions_that_are_too_old_are_refused_by_name(
    found: tuple[int, tuple[int, ...]], expected: str, database: str, corpora: dict[str, Path], monkeypatch: Any
) -> None:
    build(database, corpora["A"])  # type: ignore[arg-type]
    monkeypatch.setattr(connections, "_SERVER", found[0])
    monkeypatch.setattr(connections, "_VECTOR", found[1])
    for look in (index.open, index.LiveIndex, lambda url: build(url, corpora["A"])):
        with pytest.raises(IndexIncompatibleError, match=expected):
            look(database)


def test_a_database_without_pgvector_is_refused(corpora: dict[str, Path]) -> None:
    server = shared_server()
    run(server.url(), "CREATE DATABASE without_vector TEMPLATE template0")
    try:
        with pytest.raises(IndexIncompatibleError, match="no pgvector; an administrator adds it"):
            build(server.url(database="without_vector"), corpora["A"])  # type: ignore[arg-type]
    finally:
        run(server.url(), "DROP DATABASE without_vector WITH (FORCE)")


def test_what_was_changed_behind_its_back_is_found_by_verifying(database: str, corpora: dict[str, Path]) -> None:
    build(database, corpora["A"])  # type: ignore[arg-type]
    assert index.verify(database) == ()
    (name,) = tables(database)
    run(database, f"UPDATE {name} SET text = 'nothing of the kind' WHERE key = 3")
    run(database, f"DELETE FROM {name.replace('documents', 'embeddings')} WHERE key = 1")
    assert len(index.verify(database)) == 2


def test_a_status_tells_what_the_vector_index_finds(
    database: str, corpora: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.stores.postgres.tables.methods.EXACT_UPTO", 5)
    build(database, corpora["A"])  # type: ignore[arg-type]
    state = index.status(database)
    assert state.vectors.startswith("hnsw, effort 100: finds 100.0% of the nearest, measured at")
    assert state.size_bytes > 10_000
    run(database, "UPDATE babelquote_index SET search = replace(search, '\"recall\": 1.0', '\"recall\": 0.71')")
    assert "finds only 71.0%" in index.status(database).problems[0][0]


def test_a_path_and_an_address_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert location_of(tmp_path) == tmp_path
    assert location_of("postgres-notes") == Path("postgres-notes")
    assert str(location_of("postgres://h/db")) == "postgresql://h/db"
    monkeypatch.setenv("RAG_INDEX", "postgresql://me:secret@h1:1,h2:2/db?password=secret&passfile=x&sslmode=require")
    assert str(location_of()) == "postgresql://me@h1:1,h2:2/db?sslmode=require"
    assert "secret" not in repr(location_of())
