"""The embedded store: the contract of all stores, and what is its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import IndexDamagedError, StoreError
from index.stores.embedded import updating
from index.stores.embedded.keywords.postings import Postings, PostingsWriter
from index.stores.embedded.store import EmbeddedStore, EmbeddedStoreWriter
from index.stores.embedded.updated import open_store
from index.stores.embedded.updating import UpdateWriter
from index.stores.embedded.vectors import flat
from index.stores.embedded.vectors.passage_vectors import open_vectors, write_vectors
from index.stores.embedded.vectors.shifts import Shifts, Slab
from index.stores.embedded.vectors.small import Small
from index.stores.embedded.vectors.twelve_bits import Rows, values_of
from index.stores.embedded.writing import GenerationWriter, places
from index.stores.memory import MemoryStore
from index.stores.spool import Spool, SpooledWriter
from index.stores.terms import terms
from index.stores.vector_cache import VectorCache, text_digest
from index.testing.store_contract import DIMENSION, StoreContract, document, put, unit
from index.types import Document, FloatArray


class TestEmbeddedStore(StoreContract):
    def writer(self, folder: Path) -> Any:
        target = folder / "store"
        target.mkdir()
        return EmbeddedStoreWriter(target, DIMENSION)

    def reader(self, writer: Any) -> Any:
        writer.finish()
        return EmbeddedStore(writer._folder)

    def test_a_finished_store_has_no_way_to_change(self, filled: Any) -> None:
        assert not any(hasattr(filled, name) for name in ("put", "delete", "finish"))


class _Halves:
    """Writes everything as one generation, then every other document again as what changed since, and one away."""

    def __init__(self, folder: Path) -> None:
        self.first, self.second = folder / "first", folder / "second"
        for each in (self.first, self.second):
            each.mkdir()
        self._writer = GenerationWriter(self.first)
        self._written = dict[str, tuple[Any, ...]]()
        self.put(document("gone", "a fox that is gone"), [], [])

    def put(self, one: Document, *args: Any) -> None:
        self._writer.put(one, *args)
        self._written[one.id] = (one, *args)

    def delete(self, document_id: str) -> None:
        self._writer.delete(document_id)
        self._written.pop(document_id, None)

    def finish(self, fetch: Any) -> None:
        numbers, languages = self._writer.records.totals(), self._writer.records.counts()
        about = dict(zip(("documents", "passages", "sentences"), numbers, strict=True))
        stamps = self._writer.finish(fetch, DIMENSION)
        manifest: Any = SimpleNamespace(**about, languages=languages, files=stamps, base=None, vectors="", search=None)
        update = UpdateWriter(self.second, self.first, manifest)
        for written in list(self._written.values())[::2]:
            update.put(*written)
        update.delete("gone")
        update.finish(fetch, DIMENSION, keep_vectors=True)
        update.close()


class _SpooledHalves(SpooledWriter[_Halves]):
    def __init__(self, folder: Path) -> None:
        self._writer, self._spool = _Halves(folder), Spool(folder / "spool.sqlite", DIMENSION)

    def finish(self) -> Path:
        self._writer.finish(self._spool.get)
        self._spool.close()
        return self._writer.second


class TestStoreInTwoParts(StoreContract):
    @pytest.fixture(autouse=True)
    def of_any_size(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(updating, "LEAST", 0)
        monkeypatch.setattr(updating, "_SHARE", 10**6)

    def writer(self, folder: Path) -> Any:
        target = folder / "store"
        target.mkdir()
        return _SpooledHalves(target)

    def reader(self, writer: Any) -> Any:
        return open_store(writer.finish())


class TestMemoryStore(StoreContract):
    def writer(self, folder: Path) -> Any:
        return MemoryStore(DIMENSION)

    def reader(self, writer: Any) -> Any:
        writer.finish()
        return writer


def plain(rows: FloatArray, pieces: int) -> Iterator[Slab]:
    """Rows that are compared as they are."""
    return (Slab(some, np.zeros(len(some), np.uint8)) for some in np.array_split(rows, pieces))


def test_a_store_without_passages_answers_with_nothing(tmp_path: Path) -> None:
    writer = EmbeddedStoreWriter(tmp_path, DIMENSION)
    writer.finish()
    store = EmbeddedStore(tmp_path)
    assert len(store) == 0
    assert store.dense(unit(1)[0], 5) == []
    assert store.keyword("word", 5).hits == ()


@settings(max_examples=30, deadline=None)
@given(count=st.integers(1, 300), dimension=st.integers(1, 48), k=st.integers(1, 40), seed=st.integers(0, 9999))
def test_faiss_finds_what_numpy_finds(count: int, dimension: int, k: int, seed: int, tmp_path_factory: Any) -> None:
    rows = unit(count, seed, dimension)
    path = tmp_path_factory.mktemp("faiss") / "v"
    write_vectors(path, lambda: plain(rows, 3), count, Shifts.none(dimension))
    query, allowed = unit(1, seed + 1, dimension)[0], np.flatnonzero(np.random.default_rng(seed).random(count) < 0.3)
    few = open_vectors(path)
    assert isinstance(few, Small)
    for index in (few, flat.Flat(flat.made_of(Rows(path)))):
        stored = index.rows(np.arange(count))
        assert np.allclose(stored, rows, atol=1e-3)
        found, scores = index.search(query, k)
        exact = stored @ query
        assert len(found) == min(k, count)
        assert np.allclose(scores, np.sort(exact)[::-1][:k], atol=1e-5)
        assert np.allclose(exact[found], scores, atol=1e-5)
        kept, kept_scores = index.search(query, k, allowed)
        assert set(kept.tolist()) <= set(allowed.tolist())
        assert np.allclose(kept_scores, np.sort(exact[allowed])[::-1][:k], atol=1e-5)


def test_rows_that_are_many_or_lie_otherwise_are_left_to_faiss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, left = unit(30), np.array([3, 7])
    write_vectors(tmp_path / "v", lambda: plain(rows, 1), 30, Shifts.none(DIMENSION))
    few = open_vectors(tmp_path / "v", without=left)
    assert isinstance(few, Small)
    assert set(few.search(rows[3], 30)[0].tolist()) == set(range(30)) - set(left.tolist())
    with monkeypatch.context() as patch:
        patch.setattr("index.stores.embedded.vectors.small.MOST", 29)
        assert isinstance(open_vectors(tmp_path / "v"), flat.Flat)
    for kind in ("SQ8", "Flat"):
        other = faiss.index_factory(DIMENSION, kind, faiss.METRIC_INNER_PRODUCT)
        other.train(rows)
        other.add(rows)
        flat.save(tmp_path / kind, other, 30)
        assert isinstance(open_vectors(tmp_path / kind), flat.Flat)
    other = faiss.index_factory(DIMENSION, flat.KIND, faiss.METRIC_L2)
    other.add(rows)
    flat.save(tmp_path / "distances", other, 30)
    assert isinstance(open_vectors(tmp_path / "distances"), flat.Flat)


def test_a_question_to_a_small_index_does_without_faiss(tmp_path: Path) -> None:
    writer = EmbeddedStoreWriter(tmp_path, DIMENSION)
    put(writer, document("d", "word " * 30), seed=5)
    writer.finish()
    code = (
        "import sys, numpy; from pathlib import Path; from index.stores.embedded.store import EmbeddedStore; "
        f"store = EmbeddedStore(Path({str(tmp_path)!r})); "
        f"assert store.dense(numpy.ones({DIMENSION}, numpy.float32), 3); print('faiss' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_too_few_vectors_are_no_index(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nothing was switched"):
        write_vectors(tmp_path / "v", lambda: plain(unit(3), 1), 4, Shifts.none(DIMENSION))


def test_a_truncated_vector_file_is_named(tmp_path: Path) -> None:
    write_vectors(tmp_path / "v", lambda: plain(unit(50), 1), 50, Shifts.none(DIMENSION))
    values = values_of(tmp_path / "v")
    values.write_bytes(values.read_bytes()[:-100])
    with pytest.raises(IndexDamagedError, match="rag index"):
        open_vectors(tmp_path / "v")


def _postings(folder: Path, texts: list[str]) -> Postings:
    folder.mkdir(exist_ok=True)
    writer = PostingsWriter(folder, len(texts))
    for row, text in enumerate(texts):
        writer.add(row, text)
    writer.finish()
    return Postings(folder)


def _bm25(texts: list[str], query: str) -> list[float]:
    """The textbook, without any index."""
    bags = [terms(text) for text in texts]
    mean = max(sum(map(len, bags)) / len(bags), 1)
    scores = []
    for bag in bags:
        score = 0.0
        for term in set(terms(query)):
            holders, count = sum(term in other for other in bags), bag.count(term)
            weight = np.log(1 + (len(bags) - holders + 0.5) / (holders + 0.5))
            score += weight * 2.2 * count / (count + 1.2 * (0.25 + 0.75 * len(bag) / mean))
        scores.append(score)
    return scores


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(st.text(st.sampled_from("abc dé中文ไทย"), max_size=30), min_size=1, max_size=8),
    query=st.text("abc 中"),
)
def test_scores_are_those_of_the_textbook(texts: list[str], query: str, tmp_path_factory: Any) -> None:
    found = _scores(_postings(tmp_path_factory.mktemp("p"), texts), query)
    assert np.allclose(found, _bm25(texts, query), rtol=1e-4, atol=1e-5)


def _scores(postings: Postings, query: str) -> Any:
    """The score of every row."""
    scores = np.zeros(len(postings.lengths))
    rows, found, _ = postings.best(query, len(scores))
    scores[rows] = found
    return scores


def test_what_goes_through_files_comes_out_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"word{number % 7} thing{number} other{number % 3}" for number in range(200)]
    whole = _postings(tmp_path / "a", texts)
    monkeypatch.setattr("index.stores.embedded.keywords.postings._SPILL", 150)
    parts = _postings(tmp_path / "b", texts)
    assert np.array_equal(whole.lengths, parts.lengths)
    first, second = (each.piece(0, 2**64 - 1) for each in (whole, parts))
    for name in ("terms", "holders", "rows", "counts"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_an_update_equals_a_fresh_index(tmp_path: Path) -> None:
    old = _postings(tmp_path / "old", ["alpha beta", "gamma delta", "alpha gamma"])
    (tmp_path / "new").mkdir()
    writer = PostingsWriter(tmp_path / "new", 3)
    writer.keep(old, places(np.array([10, 20, 30]), np.array([10, 30, 40])))  # the passage 20 is gone, 40 is new
    writer.add(2, "epsilon alpha")
    writer.finish()
    fresh = _postings(tmp_path / "fresh", ["alpha beta", "alpha gamma", "epsilon alpha"])
    for query in ("alpha", "gamma epsilon", "delta"):
        assert np.allclose(_scores(Postings(tmp_path / "new"), query), _scores(fresh, query))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café Straße", "cafe STRASSE"),
        ("الأسلحة", "الاسلحه"),
        ("کتاب فارسی", "كتاب فارسي"),
        ("سنة ٢٠٢٤", "سنه 2024"),
        ("ｆｕｌｌ width", "full ＷＩＤＴＨ"),
        ("مُحَمَّد", "محمد"),
        ("naïve", "nai\u0308ve"),
        ("१२", "12"),
    ],
)
def test_spellings_of_one_word_give_the_same_terms(one: str, other: str) -> None:
    assert terms(one) == terms(other)


def test_words_of_scripts_without_spaces_are_found_inside() -> None:
    assert set(terms("东京")) <= set(terms("我住在东京都"))
    assert set(terms("ไทย")) <= set(terms("ภาษาไทยง่าย"))
    assert terms("हिन्दी भाषा")  # vowel signs do not break the word
    assert not any(" " in term for term in terms("हिन्दी भाषा में"))


@given(st.text())
def test_terms_of_any_text_are_its_own(text: str) -> None:
    found = terms(text)
    assert all(found)
    assert terms(text) == found


def test_cached_vectors_survive_and_damaged_rows_do_not(tmp_path: Path) -> None:
    digests = [text_digest(f"text {number}") for number in range(5)]
    with VectorCache(tmp_path / "c", "model", DIMENSION) as cache:
        assert cache.missing([*digests, digests[0]]) == [0, 1, 2, 3, 4]
        cache.put(digests, unit(5))
        assert cache.missing(digests) == []
        cache._run("UPDATE vectors SET vector = zeroblob(32) WHERE rowid = 2")
    with VectorCache(tmp_path / "c", "model", DIMENSION) as cache:
        vectors, missing = cache.get(digests)
        assert missing == [1]
        assert np.allclose(np.delete(vectors, 1, 0), np.delete(unit(5), 1, 0), atol=1e-3)
    with VectorCache(tmp_path / "c", "another model", DIMENSION) as cache:
        assert len(cache.missing(digests)) == 5


def test_a_ruined_cache_starts_anew_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(b"no database " * 1000)
    with VectorCache(tmp_path / "c", "model", DIMENSION) as cache:
        assert cache.restarted
        cache.put([text_digest("x")], unit(1))
        assert cache.get([text_digest("x")])[1] == []


def test_unusable_vectors_are_refused(tmp_path: Path) -> None:
    with VectorCache(tmp_path / "c", "model", DIMENSION) as cache:
        with pytest.raises(StoreError):
            cache.put([text_digest("x")], np.full((1, DIMENSION), np.nan, np.float32))
        with pytest.raises(StoreError):
            cache.put([text_digest("x")], unit(1, dimension=DIMENSION + 1))


def test_threads_share_nothing_that_breaks(tmp_path: Path) -> None:
    writer = EmbeddedStoreWriter(tmp_path, DIMENSION)
    for number in range(20):
        put(writer, document(f"d{number}", f"word{number} " * 20), seed=number)
    writer.finish()
    store, failures = EmbeddedStore(tmp_path), []

    def work(seed: int) -> None:
        try:
            for query in unit(20, seed):
                for hit in store.dense(query, 5):
                    store.sentences([hit.key])
                    store.vectors([hit.key])
        except Exception as error:  # noqa: BLE001 - any failure counts
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
