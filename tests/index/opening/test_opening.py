"""Opening, asking, status: what a reader may rely on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import pytest

import index
from index.disk import generations
from index.disk.manifest import FORMAT
from index.embedders.hashing import HashingEmbedder
from index.errors import IndexDamagedError, IndexIncompatibleError, IndexMissingError, StoreError
from tests.harness.crash_harness import make_corpora, read_here

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def corpora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    monkeypatch.setattr("index.building.build.read_many", read_here)
    return make_corpora(tmp_path)


@pytest.fixture
def folder(tmp_path: Path, corpora: dict[str, Path]) -> Path:
    index.build([corpora["A"]], index_dir=tmp_path / "index", embedder="hashing")
    return tmp_path / "index"


def test_every_public_name_is_there() -> None:
    for name in index.__all__:
        assert getattr(index, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = index.nothing  # type: ignore[attr-defined]


def test_a_question_finds_its_passage(folder: Path) -> None:
    with index.open(folder) as opened:
        vector, language = opened.embed_query("Where does the lantern stand?")
        (hit, *_) = opened.store.dense(vector, 3)
        assert "lantern" in opened.store.passages([hit.key])[0].text
        assert language == "en"
        assert vector.shape == (opened.manifest.embedder.dimension,)
        assert opened.generation == opened.manifest.generation == 1


def test_no_index_yet_says_what_to_do(tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(IndexMissingError, match="rag index"):
            index.open(place)
        with pytest.raises(IndexMissingError):
            index.status(place)
        with pytest.raises(IndexMissingError):
            index.LiveIndex(place)
        with pytest.raises(IndexMissingError):
            index.verify(place)


def test_the_place_comes_from_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX", str(folder))
    with index.open() as opened:
        assert opened.folder.parent == folder
    assert index.status().documents == 12


class Other(HashingEmbedder):
    fingerprint = "hashing/changed"


def test_an_embedder_that_changed_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(IndexIncompatibleError, match="rag index"):
        index.open(folder, embedder=Other())
    monkeypatch.setattr("index.opening.opened.load", lambda spec: Other())
    with index.open(folder) as opened, pytest.raises(IndexIncompatibleError, match="embed again"):
        opened.embed_query("question")


def test_a_newer_format_is_refused_and_stays(folder: Path, corpora: dict[str, Path]) -> None:
    path = folder / "gen-000001" / "manifest.json"
    fields = json.loads(path.read_bytes())
    path.write_text(json.dumps({**fields, "format": FORMAT + 1}))
    from hashlib import sha256

    (folder / "CURRENT").write_text(f"gen-000001 {sha256(path.read_bytes()).hexdigest()}\n")
    with pytest.raises(IndexIncompatibleError, match=f"format {FORMAT + 1}"):
        index.open(folder)
    ((problem, fix),) = index.status(folder).problems
    assert f"format {FORMAT + 1}" in problem
    assert "rebuild" in fix
    report = index.build([corpora["A"]], index_dir=folder, embedder="hashing")
    assert report.embedded == report.passages  # nothing is taken from files that can't be understood
    assert index.open(folder).generation == 2


def test_status_is_plain_json_and_right(folder: Path, corpora: dict[str, Path]) -> None:
    state = index.status(folder)
    assert json.loads(json.dumps(asdict(state)))["documents"] == 12
    assert (state.documents, state.generation, state.problems) == (12, 1, ())
    assert state.passages == sum(state.languages.values())
    assert state.size_bytes > 10_000
    assert 0 <= state.age_seconds < 300
    assert state.embedder["spec"] == "hashing"
    assert state.sources == index.sources_of(folder) == (str(corpora["A"]),)
    assert index.verify(folder) == ()


def test_status_names_damage_and_the_fix(folder: Path) -> None:
    (folder / "gen-000001" / "keys.npy").write_bytes(b"")
    ((problem, fix),) = index.status(folder).problems
    assert "keys.npy" in problem
    assert "rag index" in fix
    (result,) = index.verify(folder)
    assert "keys.npy" in result
    (folder / "CURRENT").write_bytes(b"")
    assert index.status(folder).problems
    assert index.verify(folder)


def test_files_that_do_not_fit_each_other_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.stores.embedded.store.EmbeddedStore.__len__", lambda self: 1)
    with pytest.raises(IndexDamagedError, match="do not fit"):
        index.open(folder)


def test_opening_leaves_no_descriptors_behind(folder: Path) -> None:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("counts descriptors in /proc")
    index.open(folder).close()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        with index.open(folder) as opened:
            opened.store.keyword("lantern", 1)
    (folder / "gen-000001" / "keys.npy").write_bytes(b"")
    for _ in range(20):
        with pytest.raises(StoreError):
            index.open(folder)
    del opened  # the arrays are mapped as long as somebody holds the index
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2


def test_closing_twice_is_no_error(folder: Path) -> None:
    opened = index.open(folder)
    opened.close()
    opened.close()
    live = index.LiveIndex(folder)
    live.close()
    live.close()


def test_a_live_index_moves_on_and_lets_the_old_go(folder: Path, corpora: dict[str, Path]) -> None:
    live = index.LiveIndex(folder)
    with live.reading() as first:
        embedder = first.embedder
        index.build([corpora["B"]], index_dir=folder, embedder="hashing")
        with live.reading() as second:
            assert (first.generation, second.generation) == (1, 2)
            assert second.embedder is embedder  # a loaded model is not loaded again
        assert first.store.keyword("lantern", 1).hits  # still open
        assert (folder / "gen-000001").exists()
    index.build([corpora["A"]], index_dir=folder, embedder="hashing")
    assert not (folder / "gen-000001").exists()
    live.close()


def test_threads_share_a_live_index(folder: Path, corpora: dict[str, Path]) -> None:
    live, failures = index.LiveIndex(folder), []

    def ask() -> None:
        for _ in range(30):
            with live.reading() as opened:
                vector, _ = opened.embed_query("Where is the violin?")
                hits = opened.store.dense(vector, 2)
                if "violin" not in opened.store.passages([hits[0].key])[0].text:
                    failures.append(opened.generation)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for corpus in "BAB":
        index.build([corpora[corpus]], index_dir=folder, embedder="hashing")
    for thread in threads:
        thread.join()
    assert not failures
    live.close()


def test_a_read_only_index_can_be_asked(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        with index.open(folder) as opened:
            assert opened.store.keyword("lantern", 1).hits
    finally:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_asking_imports_nothing_that_building_needs(folder: Path) -> None:
    code = (
        "import sys, index\n"
        "with index.open(sys.argv[1]) as opened:\n"
        "    opened.store.dense(opened.embed_query('Where is the lantern?')[0], 3)\n"
        "print([name for name in ('torch', 'transformers', 'openvino', 'index.building.build', 'trafilatura', 'gradio',"
        " 'charset_normalizer', 'pathspec') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, folder], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


@pytest.mark.slow
def test_memory_stays_flat_across_generations(folder: Path, corpora: dict[str, Path]) -> None:
    if not Path("/proc/self/statm").is_file():
        pytest.skip("reads memory from /proc")

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    live, sizes = index.LiveIndex(folder), list[int]()
    for number in range(20):
        index.build([corpora["BA"[number % 2]]], index_dir=folder, embedder="hashing")
        with live.reading() as opened:
            opened.store.dense(opened.embed_query("Where is the lantern?")[0], 3)
        sizes.append(resident())
    assert sizes[-1] - sizes[9] < 8 << 20
    live.close()


@pytest.fixture
def most(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many finished generations there were whenever one had just become current, before old ones were deleted."""
    seen = list[int]()

    def commit(index_dir: Path, folder: Path, digest: str) -> Path:
        final = generations.commit(index_dir, folder, digest)
        seen.append(len(list(index_dir.glob("gen-*"))))
        return final

    monkeypatch.setattr("index.building.finishing.commit", commit)
    return seen


@pytest.mark.slow
def test_builds_in_quick_succession_need_room_for_two_generations(
    folder: Path, corpora: dict[str, Path], most: list[int]
) -> None:
    live = index.LiveIndex(folder)  # nobody asks it: it looks for something newer once a second
    for number in range(4):
        index.build([corpora["BA"[number % 2]]], index_dir=folder, embedder="hashing")
    live.close()
    assert most == [2, 2, 2, 2]


def test_a_reader_that_stays_holds_no_build_up(
    folder: Path, corpora: dict[str, Path], most: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.disk.generations._READERS_SECONDS", 0.2)
    with index.open(folder) as opened:
        for number in range(3):
            index.build([corpora["BA"[number % 2]]], index_dir=folder, embedder="hashing")
        assert opened.store.keyword("lantern", 1).hits
    assert most == [2, 3, 3]
