"""Codes that a process keeps propose passages, and the database decides: what is found is what looking at all finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

import index
from index.errors import StoreError
from index.stores.base import Filter
from index.stores.postgres.searching import codes, nearest
from index.stores.postgres.searching.codes import Codes, Seen
from index.stores.postgres.searching.store import PostgresStore
from index.stores.postgres.tables import methods
from index.testing.store_contract import DIMENSION, unit
from tests.harness.crash_harness import WORDS
from tests.harness.index_helpers import build
from tests.harness.postgres_server import fresh_schema
from tests.index.stores.postgres.test_postgres_store import both

SENTENCE = "The {} keeps a {} at {} for the long winter."


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few passages are searched as many are, after one question, and fewer than all of them are proposed."""
    for module, name, value in (
        *((methods, "EXACT_UPTO", 10), (nearest, "FEW", 5)),
        *((codes, "_AFTER", 1), (codes, "_LEAST", 20), (codes, "_DEEP", (10,)), (codes, "_FEW", 30)),
    ):
        monkeypatch.setattr(module, name, value)


@pytest.fixture
def by_codes_alone(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let any search of the server's own index fail from now on."""
    return lambda: monkeypatch.setattr(nearest, "_INDEXED", "SELECT {embeddings} broken {only}")


def ready(store: PostgresStore) -> Codes:
    """Return the codes of a store, which are there once a question was asked."""
    store.dense(unit(1, dimension=store.dimension)[0], 1)
    store._shared.codes.wait()
    found = store._shared.codes._codes
    assert found is not None
    return found


EVERY = Seen(10_000, np.empty(0, np.int64))
WHERE = (None, Filter(languages=("en",)), Filter(metadata=(("topics", "SEA"),)), Filter(date_to="2010"))


def test_what_codes_propose_is_what_looking_at_all_finds(tmp_path: Path, by_codes_alone: Callable[[], None]) -> None:
    embedded, database = both(tmp_path, 200)
    found = ready(database)
    assert len(found.keys) == len(embedded)
    assert len(found.propose(unit(1)[0], 5, EVERY)) == 50 < len(embedded)
    by_codes_alone()
    for query, where in product(unit(20, 5), WHERE):
        here, there = embedded.dense(query, 8, where), database.dense(query, 8, where)
        assert [hit.key for hit in there] == [hit.key for hit in here]
        assert [hit.score for hit in there] == pytest.approx([hit.score for hit in here], abs=1e-5)


def test_the_server_is_asked_until_codes_are_there_and_where_they_find_too_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_codes_alone: Callable[[], None]
) -> None:
    monkeypatch.setattr(codes, "_AFTER", 4)
    monkeypatch.setattr(codes, "_recall", lambda *_: 0.97)
    embedded, database = both(tmp_path, 100)
    for number, query in enumerate(unit(10, 6)):
        assert [hit.key for hit in database.dense(query, 5)] == [hit.key for hit in embedded.dense(query, 5)]
        database._shared.codes.wait()
        assert database._shared.codes._asked < 0 or number < 3
    assert database._shared.codes._codes is None
    by_codes_alone()
    with pytest.raises(StoreError):
        database.dense(unit(1)[0], 5)


def test_codes_that_propose_other_passages_are_measured_to_do_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, database = both(tmp_path, 200)
    ready(database)
    monkeypatch.setattr(Codes, "propose", lambda self, vector, k, seen: self.keys[:k])  # careless
    assert codes._made(database._snapshot) is None


def test_a_question_finds_no_more_than_its_snapshot_has(tmp_path: Path, by_codes_alone: Callable[[], None]) -> None:
    embedded, database = both(tmp_path, 100)
    found = ready(database)
    strange = np.arange(10_000, 10_100), unit(100, 8)
    database._shared.codes._codes = codes.replace(found, added=strange)
    keys = {hit.key for query in unit(5, 9) for hit in database.dense(query, 60)}
    assert keys.isdisjoint(strange[0].tolist())
    assert len(embedded) > 60


def test_passages_that_left_or_came_later_take_no_places_among_the_proposals(tmp_path: Path) -> None:
    _, database = both(tmp_path, 200)
    found, query = ready(database), unit(1, 3)[0]
    near = found.propose(query, 20, EVERY)
    for seen in (
        Seen(10_000, np.sort(near)),
        Seen(int(np.median(near)), np.sort(near[::2])),
        Seen(10_000, near[:0], np.setdiff1d(found.keys, near)),
    ):
        proposed = found.propose(query, 10, seen)
        left = np.setdiff1d(found.keys[found.keys <= seen.last], seen.dead)
        assert len(proposed) == min(100, len(left))
        assert np.isin(proposed, left if seen.allowed is None else seen.allowed).all()


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr("index.building.aligning.TOLERANCE", 10.0)  # vectors stay where they are
    (tmp_path / "texts").mkdir()
    for number in range(120):
        write(tmp_path / "texts", number, WORDS[number % len(WORDS)])
    yield tmp_path / "texts"


def write(folder: Path, number: int, word: str) -> None:
    text = " ".join(SENTENCE.format(word, f"{word}{number}x{n}", f"place{number}") for n in range(3))
    (folder / f"{number}.txt").write_text(text)


def test_codes_go_on_through_updates(
    texts: Path,
    by_codes_alone: Callable[[], None],
    read_in_this_process: Any,
) -> None:
    url = fresh_schema()
    build(url, texts)  # type: ignore[arg-type]
    live = index.LiveIndex(url)
    with live.reading() as opened:
        first = ready(opened.store)  # type: ignore[arg-type]
        kept = opened.store._shared.codes  # type: ignore[attr-defined]
    by_codes_alone()
    (texts / "7.txt").unlink()
    for number in range(200, 204):
        write(texts, number, "submarine")
    build(url, texts)  # type: ignore[arg-type]
    with live.reading() as opened:
        assert opened.store._shared.codes is kept  # type: ignore[attr-defined]
        assert found(opened, "submarine203x1 at place203") == "203.txt"
        assert found(opened, f"{WORDS[7]}7x1 at place7") != "7.txt"
        assert kept._codes.index is first.index
        assert len(kept._codes.added[0]) >= 4
    live.close()


def found(opened: index.Index, text: str) -> str:
    (hit, *_) = opened.store.dense(opened.embed_query(text)[0], 3)
    (passage,) = opened.store.passages([hit.key])
    return Path(opened.store.headers([passage.document_id])[passage.document_id].source).name


def test_vectors_written_anew_get_codes_of_their_own(
    texts: Path, monkeypatch: pytest.MonkeyPatch, read_in_this_process: Any
) -> None:
    url = fresh_schema()
    build(url, texts)  # type: ignore[arg-type]
    live = index.LiveIndex(url)
    with live.reading() as opened:
        shared = opened.store._shared  # type: ignore[attr-defined]
    monkeypatch.setattr("index.building.aligning.TOLERANCE", 0.0)  # every vector changes
    (texts / "200.txt").write_text("Der Hafen wurde verlegt, und das Schiff blieb im Winter am Ufer liegen. " * 40)
    build(url, texts)  # type: ignore[arg-type]
    with live.reading() as opened:
        assert opened.store._snapshot.pointer.epoch == 2  # type: ignore[attr-defined]
        assert opened.store._shared.codes is not shared.codes  # type: ignore[attr-defined]
    live.close()


def test_a_server_that_is_gone_leaves_questions_without_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded, database = both(tmp_path, 60)

    def gone(*_: object) -> psycopg.Connection[Any]:
        raise StoreError("no server")

    monkeypatch.setattr(codes, "connect", gone)
    query = unit(1, 4)[0]
    for _ in range(3):
        assert [hit.key for hit in database.dense(query, 5)] == [hit.key for hit in embedded.dense(query, 5)]
        database._shared.codes.wait()
    assert database._shared.codes._codes is None
    assert database.dimension == DIMENSION
