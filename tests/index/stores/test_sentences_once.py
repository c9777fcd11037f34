"""Vectors of sentences lie in the generation only: nothing is embedded again for that, and rows stay what they were."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import index
from index.building import aligning, finishing
from index.building.homes import folder as folders
from index.config import ChunkingConfig
from index.embedders.alignment.language_table import LanguageTable
from index.embedders.hashing import HashingEmbedder
from index.stores import vector_cache
from index.stores.embedded import former, updating
from index.stores.embedded.vectors.codes import coded, decoded
from index.stores.embedded.vectors.quantized import Quantized
from index.stores.embedded.writing import GenerationWriter
from index.stores.vector_cache import VectorCache
from index.types import FloatArray
from tests.harness.index_helpers import CountingEmbedder, answers, make_texts

pytestmark = pytest.mark.usefixtures("read_in_this_process")
DIMENSION = HashingEmbedder.dimension


def rows_of(seed: int, count: int = 40) -> FloatArray:
    rows = np.random.default_rng(seed).standard_normal((count, 64), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


@pytest.mark.parametrize(("bits", "nearest"), [(8, 0.9999), (4, 0.98)])
def test_codes_are_near_and_give_themselves_again(bits: int, nearest: float) -> None:
    rows = rows_of(1)
    rows[0, 5] = 3.0  # one large number
    rows[1] = 0
    rows[2] *= 1e-9
    codes, scales = coded(rows, bits)
    found = decoded(codes, scales)
    lengths = np.maximum(np.linalg.norm(found, axis=1) * np.linalg.norm(rows, axis=1), 1e-9)
    assert ((found * rows).sum(axis=1) / lengths)[3:].min() > nearest
    assert not found[1:3].any()
    centre = rows_of(2, 1)
    for _ in range(3):  # as they are read, put back beside their centre, and written again
        again, other_scales = coded((decoded(codes, scales) + centre) - centre, bits)
        assert np.array_equal(again, codes)
        assert np.array_equal(other_scales, scales)


def test_digests_are_found_by_looking_through_them_and_by_sorting_them() -> None:
    dice = np.random.default_rng(3)
    numbers = dice.integers(0, 2**63, (3000, 2)).astype(np.uint64)
    numbers[2000:2900] = numbers[:900]  # sentences that stand in several documents
    numbers[2900:2990, 0] = numbers[:90, 0]  # digests that begin alike: neither has to be found, no other one may be
    strange = dice.integers(0, 2**63, (5, 2)).astype(np.uint64)
    wanted = np.concatenate([numbers[1000:1010], strange, numbers[1005:1010], numbers[:5], numbers[2900:2903]])
    digests = [row.tobytes() for row in wanted]
    part = former._Part(None, numbers)  # type: ignore[arg-type]
    for _ in range(2 * former._SCANS):
        rows = part.rows_of(digests)
        assert (rows[:10] >= 0).all()
        assert (rows[10:15] == -1).all()
        assert (rows[15:20] >= 0).all()
        assert np.array_equal(numbers[rows[rows >= 0]], wanted[rows >= 0])
    assert (former._Part(None, numbers[:0]).rows_of(digests) == -1).all()  # type: ignore[arg-type]


@pytest.fixture(params=["eight bits", "four bits"])
def bits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Take the embedder of the tests for one that nothing is known of, or one whose languages are known."""
    if request.param == "eight bits":
        return 8
    names = ("en", "de", "und", "und-Latn")
    some, pairs = np.full((len(names), DIMENSION), 0.01, np.float32), np.ones((len(names), len(names)), np.float32)
    table = LanguageTable(names, some, some, pairs, some, np.zeros(len(names), np.float32), frozenset(names))
    monkeypatch.setattr(finishing, "bundled_table", lambda _: table)
    return 4


@pytest.fixture(params=["in one piece", "in two parts"])
def parts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.param == "in two parts":
        monkeypatch.setattr(updating, "LEAST", 1)
        monkeypatch.setattr(updating, "_SHARE", 0.9)
    yield


def newest(folder: Path) -> Path:
    return folder / (folder / "CURRENT").read_text().split()[0]


def kept(folder: Path) -> int:
    """How many vectors lie beside the generations."""
    count = 0
    for path in folder.glob("embeddings.sqlite*"):
        with VectorCache(path, "", 1) as cache:
            count += len(cache._all("SELECT 1 FROM vectors"))
    return count


@pytest.mark.usefixtures("parts")
def test_they_are_kept_once_and_never_embedded_again(tmp_path: Path, bits: int) -> None:
    texts, folder, embedder = make_texts(tmp_path / "texts"), tmp_path / "index", CountingEmbedder()
    index.build([texts], index_dir=folder, embedder=embedder)
    assert Quantized(newest(folder) / "sentences").form == (bits, DIMENSION)
    assert not kept(folder)
    first = frozenset(embedder.texts)
    for step in range(2):  # the second one finds sentences among what changed since
        embedder.texts.clear()
        with (texts / "two.txt").open("a") as file:
            file.write(f"\n\nA sentence number {step} more.")
        index.build([texts], index_dir=folder, embedder=embedder)
        news = [text for text in embedder.texts if f"number {step} more" in text]
        assert news
        assert len(embedder.texts) <= len(news) + 1  # the passage before it may end elsewhere
    embedder.texts.clear()
    index.build([texts], index_dir=folder, embedder=embedder, chunking=ChunkingConfig(max_tokens=100))
    assert embedder.texts
    assert not first & set(embedder.texts)  # passages are cut otherwise, sentences are the same
    fresh = tmp_path / "fresh"
    index.build([texts], index_dir=fresh, embedder=HashingEmbedder(), chunking=ChunkingConfig(max_tokens=100))
    assert answers(folder) == answers(fresh)


def test_an_alignment_that_moves_leaves_them_as_they_lie(
    tmp_path: Path, bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, folder, embedder = make_texts(tmp_path / "texts"), tmp_path / "index", CountingEmbedder()
    index.build([texts], index_dir=folder, embedder=embedder)
    before, aligned = np.array(Quantized(newest(folder) / "sentences")._values), index.open(folder).alignment.digest
    monkeypatch.setattr(aligning, "TOLERANCE", 0.0)
    (texts / "sub/four.txt").write_text("Ein deutscher Text über die Mühlen am Fluss. " * 30)
    embedder.texts.clear()
    index.build([texts], index_dir=folder, embedder=embedder)
    assert index.open(folder).alignment.digest != aligned
    assert all("deutscher" in text for text in embedder.texts)
    after = np.array(Quantized(newest(folder) / "sentences")._values)
    assert {row.tobytes() for row in after} & {row.tobytes() for row in before}
    index.build([texts], index_dir=tmp_path / "fresh", embedder=HashingEmbedder())
    assert _documents_and_sentences(folder) == _documents_and_sentences(tmp_path / "fresh")


def _documents_and_sentences(folder: Path) -> dict[str, Any]:
    with index.open(folder) as opened:
        store = opened.store
        return {
            name: [(spans, rows.tolist()) for spans, rows in store.sentences(store.keys(name))]
            for name in store.document_ids()
        }


def test_a_build_that_was_killed_goes_on_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, folder, embedder = make_texts(tmp_path / "texts"), tmp_path / "index", CountingEmbedder()

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for place, name in ((GenerationWriter, "finish"), (folders.FolderHome, "prune")):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(place, name, killed)
            index.build([texts], index_dir=folder, embedder=embedder)
        assert (folder / "embeddings.sqlite.new").exists()
    assert len(embedder.texts) == len(set(embedder.texts))
    index.build([texts], index_dir=folder, embedder=embedder)
    assert not (folder / "embeddings.sqlite.new").exists()
    assert len(embedder.texts) == len(set(embedder.texts))
    index.build([texts], index_dir=tmp_path / "fresh", embedder=HashingEmbedder())
    assert answers(folder) == answers(tmp_path / "fresh")


def test_nothing_is_taken_from_a_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updating, "LEAST", 1)
    monkeypatch.setattr(updating, "_SHARE", 0.9)
    monkeypatch.setattr("index.disk.verifying.ALWAYS", 1000)
    texts, folder = make_texts(tmp_path / "texts"), tmp_path / "index"
    index.build([texts], index_dir=folder, embedder=HashingEmbedder())
    path = newest(folder) / "sentences/sentences.npy"
    about, content = path.stat(), bytearray(path.read_bytes())
    content[-100:] = bytes(100)
    path.write_bytes(content)
    _note_as_sound(newest(folder), path)
    assert path.stat().st_size == about.st_size
    with (texts / "two.txt").open("a") as file:
        file.write("\n\nA sentence more.")
    index.build([texts], index_dir=folder, embedder=HashingEmbedder())
    index.build([texts], index_dir=tmp_path / "fresh", embedder=HashingEmbedder())
    assert answers(folder) == answers(tmp_path / "fresh")


def _note_as_sound(folder: Path, path: Path) -> None:
    """Let a file look as if nobody had written to it, like one on a medium that decays."""
    notes, status = json.loads((folder / "verified.json").read_bytes()), path.stat()
    looks = [status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns]
    name = path.relative_to(folder).as_posix()
    notes[name] = [*looks, notes[name][-1]]
    (folder / "verified.json").write_text(json.dumps(notes))


@pytest.mark.parametrize("version", [0, 1])
def test_an_index_that_kept_them_twice_is_read_and_brought_along(
    version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, folder, embedder = make_texts(tmp_path / "texts"), tmp_path / "index", CountingEmbedder()
    with monkeypatch.context() as patch:
        _as_format_four(patch, version)
        index.build([texts], index_dir=folder, embedder=embedder)
    _say_format_four(folder)
    index.build([texts], index_dir=tmp_path / "fresh", embedder=HashingEmbedder())
    assert Quantized(newest(folder) / "sentences").centres is None
    count = kept(folder)
    assert [type(each) for each in answers(folder)] == [type(each) for each in answers(tmp_path / "fresh")]
    embedder.texts.clear()
    report = index.build([texts], index_dir=folder, embedder=embedder)
    assert any("keeps them once" in reason for reason in report.reasons)
    assert not embedder.texts
    assert not kept(folder)
    assert count > report.passages
    if version:  # before that they were kept more exactly
        assert answers(folder) == answers(tmp_path / "fresh")
    assert not index.build([texts], index_dir=folder, embedder=embedder).reasons


def _as_format_four(patch: pytest.MonkeyPatch, version: int) -> None:
    """Keep vectors of sentences in the cache, in half precision before its version 1, and ready ones in the files."""
    finish = GenerationWriter.finish

    def ready(self: GenerationWriter, *args: Any, **options: Any) -> Any:
        return finish(self, *args, **{**options, "raw": None})

    patch.setattr(GenerationWriter, "finish", ready)
    patch.setattr(folders, "FolderVectors", lambda folder, *of: VectorCache(folder / "embeddings.sqlite", *of[:2]))
    patch.setattr(folders.FolderHome, "prune", lambda *_: None)
    if not version:
        packed = vector_cache.packed
        patch.setattr(vector_cache, "packed", lambda digests, vectors, _: packed(digests, vectors, ()))


def _say_format_four(folder: Path) -> None:
    path = newest(folder) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "format": 4}))
    (folder / "CURRENT").write_text(f"{path.parent.name} {sha256(path.read_bytes()).hexdigest()}\n")
