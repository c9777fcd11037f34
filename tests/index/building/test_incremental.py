"""An update takes over what did not change: every row stays with its own text, whatever was added or left."""

from __future__ import annotations

import json
import random
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index
from index.building.aligning import CorpusMeans
from index.building.homes.kept import FolderVectors
from index.building.passages.chunking import embedding_text, sentence_embedding_text
from index.disk import files, verifying
from index.disk.manifest import MEANS, read_manifest
from index.errors import IndexDamagedError
from index.folders import titled
from index.stores.vector_cache import VectorCache, text_digest
from tests.harness.crash_harness import read_here

WORDS = ["amber", "birch", "cedar", "delta", "ember", "flint", "grove", "heath", "inlet", "jetty", "knoll", "larch"]


@pytest.fixture(autouse=True)
def _read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.building.build.read_many", read_here)


def build(folder: Path, texts: Path) -> index.BuildReport:
    return index.build([texts], index_dir=folder, embedder="hashing")


def write(path: Path, seed: int) -> None:
    dice = random.Random(seed)
    sentences = [f"The {dice.choice(WORDS)} near the {dice.choice(WORDS)} was measured in {seed}." for _ in range(4)]
    path.write_text(f"# About {seed}\n\n" + " ".join(sentences), encoding="utf-8")


def check_rows(folder: Path) -> None:
    """Every stored vector is that of its own text under the alignment of the index."""
    with index.open(folder) as opened:
        store, embedder, alignment = opened.store, opened.embedder, opened.alignment

        def expected(texts: list[str], languages: list[str]) -> Any:
            raw = embedder.embed_passages(texts).astype(np.float16).astype(np.float32)
            return alignment.align_passages(raw, languages)

        for name in store.document_ids():
            document, keys = store.document(name), store.keys(name)
            passages = store.passages(keys)
            title = titled(document.title, document.source)
            texts = [embedding_text(title, each) for each in passages]
            assert np.allclose(store.vectors(keys), expected(texts, [each.language for each in passages]), atol=2e-3)
            for key, passage in zip(keys, passages, strict=True):
                ((spans, found),) = store.sentences([key])
                cut = [sentence_embedding_text(title, passage, document.text[each.start : each.end]) for each in spans]
                assert np.allclose(found, expected(cut, [passage.language] * len(cut)), atol=0.02)


def keywords(folder: Path) -> list[object]:
    """Scores by words with the passages they belong to, whatever their keys."""
    with index.open(folder) as opened:
        found = []
        for word in WORDS:
            got = opened.store.keyword(word, 50)
            passages = opened.store.passages([hit.key for hit in got.hits])
            scores = sorted((each.text, hit.score) for each, hit in zip(passages, got.hits, strict=True))
            found.append((got.ceiling, scores))
        return found


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rounds=st.lists(
        st.dictionaries(st.sampled_from("abcdefgh"), st.one_of(st.none(), st.integers(1, 30)), min_size=1),
        min_size=1,
        max_size=4,
    )
)
@pytest.mark.slow
def test_after_any_updates_every_row_is_that_of_its_text(
    rounds: list[dict[str, int | None]], tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.building.aligning.TOLERANCE", np.inf)  # whatever can be taken over is
    monkeypatch.setattr("index.building.aligning._GROWN", np.inf)
    place = tmp_path_factory.mktemp("updates")
    texts = place / "texts"
    texts.mkdir()
    for at, name in enumerate("wxyz"):
        write(texts / f"{name}.md", 100 + at)
    build(place / "index", texts)
    for changes in rounds:
        for name, seed in changes.items():
            (texts / f"{name}.md").unlink(missing_ok=True)
            if seed is not None:
                write(texts / f"{name}.md", seed)
        build(place / "index", texts)
    build(place / "fresh", texts)
    check_rows(place / "index")
    assert keywords(place / "index") == keywords(place / "fresh")


@pytest.fixture
def many(tmp_path: Path) -> Path:
    texts = tmp_path / "texts"
    texts.mkdir()
    for number in range(150):
        write(texts / f"{number:03}.md", number)
    build(tmp_path / "index", texts)
    return texts


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    asked, get = list[int](), FolderVectors.get

    def counting(cache: FolderVectors, digests: Any) -> Any:
        asked.append(len(digests))
        return get(cache, digests)

    monkeypatch.setattr(FolderVectors, "get", counting)
    return asked


def test_one_changed_file_of_many_asks_for_its_own_vectors_only(
    many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "index"
    before = index.open(folder).alignment.passages
    write(many / "007.md", 1007)
    asked = counted(monkeypatch)
    report = build(folder, many)
    assert report.changed == ("texts/007.md",)
    assert sum(asked) < 20
    assert np.array_equal(index.open(folder).alignment.passages, before)
    check_rows(folder)


def test_a_corpus_that_has_moved_is_aligned_anew(many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        (many / f"{number:03}.md").write_text("Etwas ganz anderes steht heute in diesem Text über Mühlen und Wälder.")
    asked = counted(monkeypatch)
    build(tmp_path / "index", many)
    assert sum(asked) > 150
    build(tmp_path / "fresh", many)
    opened, fresh = index.open(tmp_path / "index"), index.open(tmp_path / "fresh")
    assert opened.alignment.digest == fresh.alignment.digest
    check_rows(tmp_path / "index")


@pytest.mark.slow
def test_small_steps_add_up(many: Path, tmp_path: Path) -> None:
    """Each step alone moves too little to count; the alignment must not stay behind for ever."""
    folder = tmp_path / "index"
    first = index.open(folder).alignment
    for number in range(24):
        (many / f"{number:03}.md").write_text(
            "Etwas ganz anderes steht heute in diesem Text über Mühlen. " * (number + 1)
        )
        if number % 4 == 3:
            build(folder, many)
    assert index.open(folder).alignment.languages != first.languages or not np.array_equal(
        index.open(folder).alignment.passages, first.passages
    )


def test_a_generation_without_means_is_written_whole(
    many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "index"
    path = folder / (folder / "CURRENT").read_text().split()[0] / "manifest.json"
    fields = json.loads(path.read_bytes())
    del fields["files"][MEANS]
    (path.parent / MEANS).unlink()
    path.write_text(json.dumps(fields))
    (folder / "CURRENT").write_text(f"{path.parent.name} {sha256(path.read_bytes()).hexdigest()}\n")
    write(many / "007.md", 1007)
    asked = counted(monkeypatch)
    assert build(folder, many).changed == ("texts/007.md",)
    assert sum(asked) > 150
    check_rows(folder)


@given(steps=st.lists(st.tuples(st.integers(0, 29), st.booleans()), max_size=60))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_means_are_exact_in_any_order(steps: list[tuple[int, bool]], tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("means")
    rows = np.random.default_rng(3).normal(size=(30, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    digests = [text_digest(str(number)) for number in range(30)]
    with VectorCache(folder / "cache.sqlite", "test", 16) as cache:
        cache.put(digests, rows)
        records = [(number, digests[number], ("en", "de", "und")[number % 3]) for number in range(30)]
        updated, present = CorpusMeans(1, 30), set[int]()
        assert updated.add(records, cache)
        present = set(range(30))
        for number, wanted in steps:
            if wanted != (number in present):
                updated.add([records[number]], cache, 1 if wanted else -1)
                present ^= {number}
        updated.save(folder / MEANS)
        scratch = CorpusMeans(1, 30)
        scratch.add([records[number] for number in sorted(present)], cache)
    one, other = CorpusMeans.load(folder / MEANS).means(), scratch.means()
    assert list(one) == list(other)
    assert all(np.array_equal(one[code][0], other[code][0]) and one[code][1] == other[code][1] for code in one)


def test_the_first_reader_hashes_no_large_file_unless_it_was_touched(
    many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, hashed, real = tmp_path / "index", list[str](), files.sha256_file
    monkeypatch.setattr(verifying, "ALWAYS", 0)
    write(many / "007.md", 1007)
    build(folder, many)
    generation = folder / (folder / "CURRENT").read_text().split()[0]
    monkeypatch.setattr(files, "sha256_file", lambda path: (hashed.append(path.name), real(path))[1])
    index.open(folder).close()
    assert not hashed
    content = bytearray((generation / "passages_values.npy").read_bytes())
    content[-1] ^= 1
    (generation / "passages_values.npy").write_bytes(content)
    with pytest.raises(IndexDamagedError, match=r"passages_values\.npy: its checksum does not hold"):
        index.open(folder)
    assert hashed == ["passages_values.npy"]


def test_a_build_reads_large_files_again_though_they_look_as_before(
    many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an update takes over gets a new checksum, so decay that opening does not look for must not pass."""
    folder = tmp_path / "index"
    monkeypatch.setattr(verifying, "ALWAYS", 0)
    generation = folder / (folder / "CURRENT").read_text().split()[0]
    index.open(folder).close()  # notes how the files look
    path = generation / "sentences" / "sentences.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    notes = json.loads((generation / "verified.json").read_bytes())
    notes["sentences/sentences.npy"][:4] = verifying._looks(path)  # as a medium that decays leaves them
    (generation / "verified.json").write_text(json.dumps(notes))
    index.open(folder).close()
    manifest = read_manifest(generation)
    with pytest.raises(IndexDamagedError, match="its checksum does not hold"):
        verifying.verify(generation, manifest, whole=True)
    write(many / "007.md", 1007)
    assert any("built whole again" in reason for reason in build(folder, many).reasons)
    check_rows(folder)
