"""The PostgreSQL store: the contract of all stores, and what is its own."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.errors import ConfigError
from index.locations import location_of
from index.stores.base import Filter, Hit
from index.stores.embedded.keywords import ranking
from index.stores.embedded.store import EmbeddedStore, EmbeddedStoreWriter
from index.stores.postgres.connection import connect
from index.stores.postgres.searching import nearest
from index.stores.postgres.tables import methods
from index.stores.postgres.tables.methods import Method
from index.stores.postgres.writing import recall, terms_writing
from index.stores.postgres.writing.making import PostgresStoreWriter, open_store
from index.testing.store_contract import DIMENSION, StoreContract, cut, document, put, unit
from tests.harness.partly_slow import partly_slow
from tests.harness.postgres_server import fresh_schema


class TestPostgresStore(StoreContract):
    def writer(self, folder: Path) -> Any:
        return PostgresStoreWriter(location_of(fresh_schema()), DIMENSION)

    def reader(self, writer: Any) -> Any:
        writer.finish()
        return open_store(writer._location)


WORDS = (
    *("sea", "light", "ship", "harbour", "northern", "wind", "market", "bridge"),
    *("river", "stone", "garden", "winter", "letter", "music", "river-boat"),
)


def both(tmp_path: Path, count: int = 300) -> tuple[Any, Any]:
    """The same documents in both stores."""
    dice = random.Random(7)
    (tmp_path / "store").mkdir()
    embedded = EmbeddedStoreWriter(tmp_path / "store", DIMENSION)
    location = location_of(fresh_schema())
    database = PostgresStoreWriter(location, DIMENSION)
    for number in range(count):
        text = " ".join(dice.choices(WORDS, k=dice.randint(5, 60)))
        about: dict[str, Any] = {"date": f"20{number % 25:02}", "topics": dice.sample(WORDS, 2), "number": number}
        doc = document(f"d{number}", text, source=f"shelf {number % 7}/d{number}.txt", **about)
        for writer in (embedded, database):
            put(writer, doc, 90, seed=number)
    for number in range(0, count, 9):
        embedded.delete(f"d{number}")
        database.delete(f"d{number}")
    for number in range(0, count, 7):
        doc = document(f"d{number}", f"written anew: {WORDS[number % 5]} {WORDS[number % 11]}", language="de")
        for writer in (embedded, database):
            put(writer, doc, 90, seed=number)
    embedded.finish()
    database.finish()
    return EmbeddedStore(tmp_path / "store"), open_store(location)


WHERE = (
    None,
    Filter(languages=("de",)),
    Filter(folder="shelf 3", date_to="2010"),
    Filter(metadata=(("topics", "SEA"),)),
    Filter(metadata=(("number", "7"), ("title", "title of d1"))),
)


def same(one: Sequence[Hit], other: Sequence[Hit], tolerance: float) -> None:
    assert [hit.key for hit in one] == [hit.key for hit in other]
    assert [hit.score for hit in one] == pytest.approx([hit.score for hit in other], abs=tolerance)


@pytest.mark.parametrize("few", [20_000, 0], ids=["keys", "server"])
def test_both_stores_rank_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(nearest, "FEW", few)
    embedded, database = both(tmp_path)
    assert len(database) == len(embedded)
    assert database.languages() == embedded.languages()
    assert list(database.document_ids()) == list(embedded.document_ids())
    keys = [key for name in embedded.document_ids() for key in embedded.keys(name)]
    assert keys == [key for name in database.document_ids() for key in database.keys(name)]
    assert np.array_equal(embedded.vectors(keys), database.vectors(keys))
    for (one, rows), (other, others) in zip(embedded.sentences(keys), database.sentences(keys), strict=True):
        assert one == other
        assert np.array_equal(rows, others)
    for number, where in enumerate(WHERE):
        for query in unit(10, 1000 + number):
            same(embedded.dense(query, 20, where), database.dense(query, 20, where), 1e-5)
        for asked in ("ships in the harbour", "northern WINDS, river boat", "stone 12", "anew shelf"):
            here, there = embedded.keyword(asked, 30, where), database.keyword(asked, 30, where)
            same(here.hits, there.hits, 0)
            assert there.ceiling == here.ceiling


@pytest.fixture
def _indexed_from_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(methods, "EXACT_UPTO", 100)


@pytest.mark.usefixtures("_indexed_from_few")
@pytest.mark.parametrize("method", partly_slow(["hnsw", "ivfflat", "none"]))
def test_an_index_of_any_method_finds_as_many_as_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setenv("RAG_VECTOR_INDEX", method)
    monkeypatch.setattr(nearest, "FEW", 0)  # filters go to the index, not to the keys
    embedded, database = both(tmp_path, 700)
    search = database._snapshot.pointer.search
    assert search.method == ("" if method == "none" else method)
    assert search.recall >= 0.98
    for where in WHERE:
        for k in (1, 10, 100, 5000):
            for query in unit(3, k):
                exact, found = embedded.dense(query, k, where), database.dense(query, k, where)
                assert len(found) == len(exact)
                assert len({hit.key for hit in found} & {hit.key for hit in exact}) >= 0.9 * len(exact)
                assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


@pytest.mark.usefixtures("_indexed_from_few")
@pytest.mark.slow
def test_an_index_that_finds_too_little_is_searched_with_more_effort(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(methods._METHODS, "hnsw", Method("hnsw.ef_search", 1, 1000))  # stops where it stands
    _, database = both(tmp_path, 700)
    search = database._snapshot.pointer.search
    assert search.effort > 50
    assert search.recall >= 0.98


def test_keywords_rank_alike_in_whatever_order_the_server_gives_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms_writing, "_MOST", 500)  # several rows a term
    monkeypatch.setattr(ranking, "_FREQUENT", 20)  # most terms are looked up, not read whole
    embedded, database = both(tmp_path)
    location, tables = database._snapshot.location, database._snapshot.pointer.tables
    with connect(location, writing=True) as connection:
        moved = tables.fill("UPDATE {postings} SET packed = packed WHERE ctid < '(0,20)'")
        assert connection.execute(moved.encode()).rowcount > 10
    moved_store = open_store(location)
    for question in ("river stone garden", "light of the northern harbour at sea", "river-boat music"):
        for k in (3, 40):
            assert moved_store.keyword(question, k) == embedded.keyword(question, k)


def test_an_index_is_measured_with_sentences_of_its_own(tmp_path: Path) -> None:
    _, database = both(tmp_path, 60)
    snapshot = database._snapshot
    keys = [key for name in database.document_ids() for key in database.keys(name)]
    stored = np.concatenate([rows for _, rows in database.sentences(keys)])
    kinds = recall._asked(snapshot._connection, snapshot.pointer)
    assert [only == "true" for only, _ in kinds] == [True, True, True, False]
    for _, asked in kinds[2:]:
        vectors = np.array([json.loads(each) for each in asked], np.float32)
        assert len(vectors) == len({*asked}) == 50
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
        assert (vectors @ stored.T).max(axis=1).min() > 0.999


def test_an_index_without_sentences_is_measured_with_vectors_between_passages() -> None:
    writer = PostgresStoreWriter(location_of(fresh_schema()), DIMENSION)
    for number in range(3):
        doc = document(f"d{number}", "light at sea")
        writer.put(doc, cut(doc, 20)[0], unit(1, number), [], unit(0))
    writer.finish()
    snapshot = open_store(writer._location)._snapshot
    own, between, sentences, half = recall._asked(snapshot._connection, snapshot.pointer)
    assert [len(own[1]), len(between[1]), len(sentences[1])] == [3, 3, 0]
    assert half[1] == between[1]


def test_a_name_that_is_no_method_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(methods, "EXACT_UPTO", 10)
    monkeypatch.setenv("RAG_VECTOR_INDEX", "hnsw; DROP TABLE x")
    with pytest.raises(ConfigError, match="RAG_VECTOR_INDEX"):
        both(tmp_path, 20)
