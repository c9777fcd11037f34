"""Many vectors: short codes propose, 12-bit values decide, and the index measures what that finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import index
from index.disk.manifest import VectorSearch
from index.errors import IndexDamagedError, IndexIncompatibleError
from index.stores.embedded.vectors import flat, inverted, measuring
from index.stores.embedded.vectors import passage_vectors as vectors_module
from index.stores.embedded.vectors.inverted import Inverted
from index.stores.embedded.vectors.passage_vectors import (
    Vectors,
    Written,
    extend_vectors,
    open_vectors,
    write_vectors,
)
from index.stores.embedded.vectors.shifts import Shifts, Slab
from index.stores.embedded.vectors.twelve_bits import values_of
from index.stores.fixed_point import rounded
from index.stores.recall import ENOUGH
from index.testing.store_contract import unit
from tests.harness.crash_harness import WORDS, read_here
from tests.harness.former_layouts import as_layout_five
from tests.harness.index_helpers import build
from tests.index.building.test_versions import rewrite_manifest

COUNT, DIMENSION = 4000, 32
NAMES = ("values", "rests", "scales", "steps", "languages")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors_module, "FLAT_LIMIT", 1000)
    monkeypatch.setattr(inverted, "_EXACT_UPTO", 100)
    monkeypatch.setattr(measuring, "_QUERIES", 30)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def clustered(count: int = COUNT, dimension: int = DIMENSION) -> NDArray[np.float32]:
    centres = unit(40, 1, dimension)
    rows = centres[np.arange(count) % 40] + 0.4 * unit(count, 2, dimension)
    found: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return found


def even(count: int = COUNT, dimension: int = DIMENSION) -> NDArray[np.float32]:
    return unit(count, 7, dimension)


def plain(rows: NDArray[np.float32], pieces: int) -> Iterator[Slab]:
    """Rows as a cache gives them, compared as they are."""
    return (Slab(rounded(some), np.zeros(len(some), np.uint8)) for some in np.array_split(rows, pieces))


def write(path: Path, rows: NDArray[np.float32], asked: Callable[[], NDArray[np.float32]] | None = None) -> Written:
    return write_vectors(path, lambda: plain(rows, 7), len(rows), Shifts.none(rows.shape[1]), asked=asked)


def recall(found: Inverted, rows: NDArray[np.float32], queries: NDArray[np.float32], only: slice) -> float:
    """Share of the ten nearest that is found, among some rows only."""
    numbers = np.arange(len(rows))[only]
    hits = []
    for query in queries:
        exact = set(numbers[np.argsort(-(rows[numbers] @ query))[:10]].tolist())
        hits.append(len(exact & set(found.search(query, 10, numbers)[0].tolist())) / 10)
    return float(np.mean(hits))


@pytest.mark.parametrize("rows", [clustered(), even(), even(dimension=30)], ids=["clustered", "even", "padded"])
def test_what_was_measured_is_found(rows: NDArray[np.float32], tmp_path: Path) -> None:
    written = write(tmp_path / "v", rows)
    assert written.search is not None
    assert set(written.stamps) == {"v", "v_shifts.npz", *(f"v_{name}.npy" for name in NAMES)}
    assert written.search.recall >= ENOUGH
    assert written.search.measured == COUNT
    found = Inverted(tmp_path / "v", written.search)
    queries = unit(60, 3, rows.shape[1])
    assert recall(found, rows, queries, slice(None)) > 0.9
    assert recall(found, rows, queries, slice(0, None, 3)) > 0.9  # a filter
    assert recall(found, rows, queries, slice(0, None, 50)) > 0.97  # one that keeps so few that each is compared
    least = Inverted(tmp_path / "v", VectorSearch(1, 10))
    assert recall(least, rows, queries, slice(None)) < 0.8  # looking at less finds less


def test_scores_are_those_of_the_stored_rows_and_ties_go_by_row(tmp_path: Path) -> None:
    rows = np.concatenate([even(), even()[:5]])
    written = write(tmp_path / "v", rows)
    found = open_vectors(tmp_path / "v", written.search)
    stored = found.rows(np.arange(len(rows)))
    lengths = np.linalg.norm(stored, axis=1)
    assert np.allclose(lengths, 1, atol=1e-3)
    assert ((stored * rows).sum(axis=1) / lengths > 0.99999).all()
    for number in range(5):
        hits, scores = found.search(rows[number], 3)
        assert hits[:2].tolist() == [number, COUNT + number]
        assert np.allclose(scores, stored[hits] @ rows[number], atol=1e-5)
    assert found.search(rows[0], 0)[0].size == 0
    assert len(found.search(rows[0], len(rows))[0]) == len(rows)  # more than a search looks at


def test_many_threads_find_what_one_finds(tmp_path: Path) -> None:
    rows = even()
    found = open_vectors(tmp_path / "v", write(tmp_path / "v", rows).search)
    queries, some = unit(40, 5, DIMENSION), np.arange(0, COUNT, 3)

    def ask(_: int) -> list[list[int]]:
        return [found.search(query, 10, only)[0].tolist() for query in queries for only in (None, some)]

    with ThreadPoolExecutor(8) as pool:
        alone, *others = pool.map(ask, range(8))
    assert all(each == alone for each in others)
    assert ask(0) == alone


def test_search_is_raised_where_vectors_are_spread_evenly(tmp_path: Path) -> None:
    close, far = write(tmp_path / "a", clustered()).search, write(tmp_path / "b", even()).search
    assert close is not None
    assert far is not None
    assert (far.probes, far.depth) > (close.probes, close.depth)


def test_search_is_raised_where_questions_lie_far_from_all_passages(tmp_path: Path) -> None:
    rows, questions = clustered(), unit(60, 3, DIMENSION)
    one = write(tmp_path / "v", rows).search
    other = write(tmp_path / "w", rows, lambda: unit(60, 4, DIMENSION)).search
    assert one is not None
    assert other is not None
    found = [recall_of_hundred(open_vectors(tmp_path / "v", each), rows, questions) for each in (one, other)]
    assert found[0] < found[1]
    assert found[1] >= ENOUGH


def recall_of_hundred(found: Vectors, rows: NDArray[np.float32], queries: NDArray[np.float32]) -> float:
    """Share of the hundred nearest that is found."""
    exact = [set(np.argsort(-(rows @ query))[:100].tolist()) for query in queries]
    got = [found.search(query, 100)[0].tolist() for query in queries]
    return float(np.mean([len(near.intersection(some)) / 100 for near, some in zip(exact, got, strict=True)]))


def test_an_index_that_finds_too_little_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "_raised", lambda search, lists: [])
    written = write(tmp_path / "v", even())
    assert written.search is not None
    assert written.search.recall < ENOUGH


def test_texts_that_stand_many_times_are_no_loss(tmp_path: Path) -> None:
    rows = np.repeat(even(40), 100, axis=0)  # any ten of a hundred equal ones are the nearest
    written = write(tmp_path / "v", rows)
    assert written.search is not None
    assert written.search.recall >= ENOUGH


@pytest.mark.parametrize("form", ["flat", "inverted"])
def test_vectors_are_taken_over_under_their_new_rows(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors_module, "FLAT_LIMIT", 1000 if form == "inverted" else 10_000)
    rows, dice = even(), np.random.default_rng(1)
    before = write(tmp_path / "old", rows[:3600])
    kept = dice.random(3600) < 0.7
    places = np.where(kept, np.cumsum(kept) - 1, -1)
    expected = np.concatenate([rows[:3600][kept], rows[3600:]])
    paths, shifts = (tmp_path / "new", tmp_path / "old"), Shifts.none(DIMENSION)
    written = extend_vectors(
        *paths, places, plain(rows[3600:], 3), len(expected), shifts, every=lambda: iter([]), search=before.search
    )
    assert written.search == before.search  # it did not grow, and is not measured again
    assert written.kind == before.kind
    found, former = open_vectors(tmp_path / "new", before.search), open_vectors(tmp_path / "old", before.search)
    assert isinstance(found, flat.Flat if form == "flat" else Inverted)
    assert len(found) == len(expected)
    assert np.array_equal(found.rows(np.arange(kept.sum())), former.rows(np.flatnonzero(kept)))
    for query in expected[::50]:
        assert found.search(query, 1)[0][0] == int(np.argmax(expected @ query))


def test_an_index_that_has_grown_is_measured_again(tmp_path: Path) -> None:
    rows = even()
    before = write(tmp_path / "old", rows[:2000])
    written = extend_vectors(
        tmp_path / "new",
        tmp_path / "old",
        np.arange(2000),
        plain(rows[2000:], 1),
        COUNT,
        Shifts.none(DIMENSION),
        every=lambda: plain(rows, 5),
        search=before.search,
    )
    assert before.search is not None
    assert written.search is not None
    assert (before.search.measured, written.search.measured) == (2000, COUNT)
    assert written.search.recall >= ENOUGH


def test_files_that_do_not_fit_are_named(tmp_path: Path) -> None:
    write(tmp_path / "v", even())
    write(tmp_path / "w", even(3000))
    values_of(tmp_path / "w").replace(values_of(tmp_path / "v"))
    with pytest.raises(IndexDamagedError, match="do not fit each other"):
        open_vectors(tmp_path / "v")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hold an index of few passages that is stored as one of many."""
    monkeypatch.setattr("index.building.build.read_many", read_here)
    monkeypatch.setattr(vectors_module, "FLAT_LIMIT", 30)
    (tmp_path / "texts").mkdir()
    for number in range(40):
        word = f"{WORDS[number % len(WORDS)]} {number}"
        (tmp_path / "texts" / f"{number}.txt").write_text(
            f"The {word} stands by the river. Of the {word} much is told."
        )
    build(tmp_path / "index", tmp_path / "texts")
    return tmp_path / "index"


def test_the_manifest_and_the_status_tell_what_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with index.open(folder) as opened:
        manifest = opened.manifest
    assert manifest.vectors.startswith("IVF")
    assert manifest.search is not None
    assert manifest.search.recall >= ENOUGH
    result = index.status(folder)
    assert (
        f"finds {manifest.search.recall:.1%} of the nearest, measured at {manifest.passages} passages" in result.vectors
    )
    assert not result.problems
    rewrite_manifest(folder, search={"probes": 1, "depth": 300, "recall": 0.71, "measured": 4})
    ((problem, fix),) = index.status(folder).problems
    assert problem == "the vector index finds only 71.0% of the nearest passages"
    assert "--rebuild" in fix


def test_an_index_is_measured_with_sentences_of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, of = list[NDArray[np.float32]](), measuring.Truth.of

    def noted(own: NDArray[np.float32], sentences: NDArray[np.float32]) -> measuring.Truth:
        asked.append(sentences)
        return of(own, sentences)

    monkeypatch.setattr(measuring.Truth, "of", noted)
    for number in range(10):
        (folder.parent / "texts" / f"more{number}.txt").write_text(f"Of number {number} more is told. So it is.")
    build(folder, folder.parent / "texts")  # it has grown by so many that it is measured again
    index.build(index_dir=folder, rebuild=True)
    with index.open(folder) as opened:
        keys = [key for name in opened.store.document_ids() for key in opened.store.keys(name)]
        stored = np.concatenate([rows for _, rows in opened.store.sentences(keys)])
    assert len(asked) == 2
    for some in asked:
        assert len(some) > 10
        assert (some @ stored.T).max(axis=1).min() > 0.99


def test_an_index_becomes_one_of_many_and_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = folder.parent / "texts"
    for limit, kind in ((1000, flat.KIND), (30, "IVF")):
        monkeypatch.setattr(vectors_module, "FLAT_LIMIT", limit)
        (texts / f"more{limit}.txt").write_text("Nothing that anybody asks for stands here.")
        report = build(folder, texts)
        assert report.embedded <= 1  # only what is new
        with index.open(folder) as opened:
            assert opened.manifest.vectors.startswith(kind)
            assert (opened.manifest.search is None) == (kind == flat.KIND)
            for number in range(0, 40, 7):
                word = WORDS[number % len(WORDS)]
                (hit,) = opened.store.dense(opened.embed_query(f"What is told of the {word}?")[0], 1)
                assert word in opened.store.passages([hit.key])[0].text


def test_the_layout_before_is_refused_and_written_again(folder: Path) -> None:
    with index.open(folder) as opened:
        manifest = opened.manifest
    assert replace(manifest, format=1).to_json() != manifest.to_json()
    as_layout_five(folder)
    rewrite_manifest(folder, format=1, search=None)
    with pytest.raises(IndexIncompatibleError, match="stored by another version of the program; run `rag index`"):
        index.open(folder)
    report = index.build(index_dir=folder)
    assert report.embedded == 0
    assert any("vectors written again" in reason for reason in report.reasons)
    with index.open(folder) as opened:
        assert opened.manifest.search is not None
