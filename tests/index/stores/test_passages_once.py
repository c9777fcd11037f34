"""Vectors of passages lie in the generation only, in 12 bits, and are what they were in whatever form they are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import index
from index.building import aligning
from index.embedders.hashing import HashingEmbedder
from index.stores.embedded import updating
from index.stores.embedded.vectors import passage_vectors
from index.stores.embedded.vectors.shifts import Shifts, Slab
from index.stores.embedded.vectors.twelve_bits import Rows, pieces_of, write_rows
from index.stores.fixed_point import rounded
from index.types import FloatArray
from tests.harness.former_layouts import as_layout_five, newest
from tests.harness.index_helpers import CountingEmbedder, answers, make_texts

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def rows_of(seed: int, count: int, dimension: int) -> FloatArray:
    rows = np.random.default_rng(seed).standard_normal((count, dimension), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 9999),
    dimension=st.integers(1, 70),
    size=st.floats(2.0**-20, 30.0, width=32),
)
def test_rounded_numbers_are_the_same_in_every_form(
    seed: int, dimension: int, size: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = rows_of(seed, 20, dimension) * np.float32(size)
    rows[0] = 0
    found = rounded(rows)
    assert np.array_equal(rounded(found), found)
    assert np.array_equal(found.astype(np.float16).astype(np.float32), found)
    near = np.abs(rows).max(axis=1, keepdims=True) / 2039 + 2.0**-24
    assert (np.abs(found - rows) <= near).all()
    shifts, path = Shifts(("en", "de"), rows_of(seed + 1, 2, dimension) / 2), tmp_path_factory.mktemp("v") / "v"
    languages = np.arange(20) % 2
    write_rows(path, pieces_of([Slab(found, languages)], shifts), 20, shifts)
    stored = Rows(path)
    assert np.array_equal(stored.raw(np.arange(20)), found)
    aligned = found - shifts.rows[languages]
    aligned /= np.linalg.norm(aligned, axis=1, keepdims=True)
    assert np.allclose(stored.fine(np.arange(20)), aligned, atol=1e-5)


def test_rough_scores_are_near_those_of_the_stored_rows(tmp_path: Path) -> None:
    shifts = Shifts(("en", "de"), rows_of(5, 2, 64) / 2)
    rows, query = rounded(rows_of(6, 300, 64) + shifts.rows[0]), rows_of(7, 1, 64)[0]
    write_rows(tmp_path / "v", pieces_of([Slab(rows, np.arange(300) % 2)], shifts), 300, shifts)
    stored, every = Rows(tmp_path / "v"), np.arange(300)
    exact = stored.fine(every) @ query
    assert np.abs(stored.rough_scores(query, every) - exact).max() < 0.02
    assert np.abs(exact - stored.raw(every) @ query).max() > 0.05  # what is compared is not what is stored
    found, scores = stored.nearest(query, every, 10)
    assert set(found.tolist()) == set(np.argsort(-exact)[:10].tolist())
    assert np.allclose(scores, exact[found], atol=1e-6)


@pytest.fixture(params=["looked at in full", "inverted", "inverted, in two parts"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param != "looked at in full":
        monkeypatch.setattr(passage_vectors, "FLAT_LIMIT", 3)
    if request.param.endswith("two parts"):
        monkeypatch.setattr(updating, "LEAST", 1)
        monkeypatch.setattr(updating, "_SHARE", 0.9)
    return str(request.param)


def many_texts(folder: Path) -> Path:
    """As many as an inverted file can be trained with."""
    make_texts(folder)
    for number in range(20):
        (folder / f"{number}.txt").write_text(f"The house number {number} stands by the river of the {number}th town. ")
    return folder


def beside(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith("embeddings")]


def test_nothing_lies_beside_and_a_new_alignment_embeds_nothing(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, folder, embedder = many_texts(tmp_path / "texts"), tmp_path / "index", CountingEmbedder()
    index.build([texts], index_dir=folder, embedder=embedder)
    assert not beside(folder)
    news = (
        "A text that came later tells of a mill. ",
        "Ein Text über die Mühlen am Fluss. ",
        "Noch einer über Mühlen. ",
    )
    for step, text in enumerate(news):
        monkeypatch.setattr(aligning, "TOLERANCE", 0.0 if step == 1 else 2.0)
        (texts / f"more{step}.txt").write_text(text * 30)
        embedder.texts.clear()
        index.build([texts], index_dir=folder, embedder=embedder)
        assert (newest(folder) / "since").is_dir() == (step != 1 and "two parts" in form)
        assert all(text.strip() in each for each in embedder.texts)
        assert not beside(folder)
    monkeypatch.setattr(updating, "LEAST", 10**9)
    index.build([texts], index_dir=tmp_path / "fresh", embedder=HashingEmbedder())
    stored, fresh = (_raw(each) for each in (folder, tmp_path / "fresh"))
    assert stored == fresh


def _raw(folder: Path) -> dict[str, list[list[float]]]:
    """What the embedder gave for the passages of each document."""
    found = {}
    for part in (newest(folder), newest(folder) / "since"):
        if part.is_dir():
            rows, keys = Rows(part / "passages.faiss"), np.load(part / "keys.npy").tolist()
            with index.open(folder) as opened:
                for name in opened.store.document_ids():
                    places = [keys.index(key) for key in opened.store.keys(name) if key in keys]
                    if places:
                        found[name] = rows.raw(np.array(places)).tolist()
    return found


@pytest.mark.parametrize("damaged", ["keywords/gaps.bin", "alignment.npz", "manifest.json"])
def test_vectors_outlive_damage_to_other_files(damaged: str, tmp_path: Path) -> None:
    texts, folder, embedder = many_texts(tmp_path / "texts"), tmp_path / "index", CountingEmbedder()
    index.build([texts], index_dir=folder, embedder=embedder)
    before = answers(folder)
    embedder.texts.clear()
    path = newest(folder) / damaged
    path.write_bytes(path.read_bytes().replace(b'"passages": ', b'"passages":  ') + b" ")
    report = index.build([texts], index_dir=folder, embedder=embedder)
    assert not embedder.texts
    assert report.reasons
    assert [type(each) for each in answers(folder)] == [type(each) for each in before]


def test_a_vector_of_a_damaged_file_is_embedded_again(tmp_path: Path) -> None:
    texts, folder, embedder = many_texts(tmp_path / "texts"), tmp_path / "index", CountingEmbedder()
    index.build([texts], index_dir=folder, embedder=embedder)
    before = answers(folder)
    embedder.texts.clear()
    path = newest(folder) / "passages_values.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    report = index.build([texts], index_dir=folder, embedder=embedder)
    assert len(embedder.texts) == report.passages  # the files of sentences are whole
    assert answers(folder) == before


def test_an_index_of_layout_five_is_read_and_brought_along(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, folder, embedder = many_texts(tmp_path / "texts"), tmp_path / "index", CountingEmbedder()
    index.build([texts], index_dir=folder, embedder=embedder)
    if "two parts" in form:
        (texts / "more.txt").write_text("A text that came later tells of a mill. " * 30)
        (texts / "one.txt").unlink()
        index.build([texts], index_dir=folder, embedder=embedder)
        assert (newest(folder) / "since").is_dir()
    now = answers(folder)
    as_layout_five(folder, embedder)
    assert not (newest(folder) / "keywords" / "gaps.bin").exists()
    assert [type(each) for each in answers(folder)] == [type(each) for each in now]
    embedder.texts.clear()
    report = index.build([texts], index_dir=folder, embedder=embedder)
    assert any("passage vectors written again" in reason for reason in report.reasons)
    assert not embedder.texts
    assert not beside(folder)
    monkeypatch.setattr(updating, "LEAST", 10**9)
    index.build([texts], index_dir=tmp_path / "fresh", embedder=HashingEmbedder())
    assert _raw(folder) == _raw(tmp_path / "fresh")
    assert not index.build([texts], index_dir=folder, embedder=embedder).reasons
