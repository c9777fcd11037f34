"""The manifest and what hangs on it: formats, seals, generations, locks, files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.config import ChunkingConfig
from index.disk import files, generations, verifying
from index.disk.files import FileStamp
from index.disk.ledger import LEDGER, Ledger, SourceRecord, read_ledger, write_ledger
from index.disk.locks import BuildLock
from index.disk.manifest import MANIFEST, EmbedderInfo, Manifest, read_manifest
from index.errors import IndexBusyError, IndexDamagedError, IndexIncompatibleError, IndexMissingError
from index.stores.embedded.arrays import read_array, write_arrays

ROOT = Path(__file__).resolve().parents[3]


def manifest(**fields: Any) -> Manifest:
    values: dict[str, Any] = {
        "generation": 3,
        "built_at": "2024-05-06T07:08:09+00:00",
        "version": "0.1",
        "embedder": EmbedderInfo("hashing", "hashing/1", 256),
        "chunking": ChunkingConfig(100, 2),
        "chunking_version": "1",
        "keywords_version": "1",
        "vectors": "SQfp16",
        "alignment": "abc",
        "roots": ("/a b/ü", "/文"),
        "options": {"include": ["*.md"], "exclude": []},
        "documents": 1,
        "passages": 2,
        "sentences": 5,
        "languages": {"en": 2},
        "files": {"keys.npy": FileStamp("0" * 64, 10)},
        **fields,
    }
    return Manifest(**values)


def put(folder: Path, content: bytes) -> str:
    (folder / MANIFEST).write_bytes(content)
    return sha256(content).hexdigest()


def test_a_manifest_comes_back_as_it_was(tmp_path: Path) -> None:
    assert read_manifest(tmp_path, put(tmp_path, manifest().to_json())) == manifest()
    assert manifest().to_json() == manifest().to_json()


def test_a_root_that_is_no_valid_text_comes_back(tmp_path: Path) -> None:
    odd = manifest(roots=(os.fsdecode(b"/caf\xe9"),))
    assert read_manifest(tmp_path, put(tmp_path, odd.to_json())).roots == odd.roots


def test_a_newer_format_is_refused_with_the_mend(tmp_path: Path) -> None:
    digest = put(tmp_path, manifest(format=99).to_json())
    with pytest.raises(IndexIncompatibleError, match=r"format 99.*update this program"):
        read_manifest(tmp_path, digest)
    digest = put(tmp_path, manifest(format=0).to_json())
    with pytest.raises(IndexIncompatibleError, match="rebuild"):
        read_manifest(tmp_path, digest)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"{", b"\xff\xfe", b'{"format": 1}', b"null", b"1e999"])
def test_what_is_no_manifest_is_named(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(IndexDamagedError, match=MANIFEST):
        read_manifest(tmp_path, put(tmp_path, content))


def test_a_manifest_with_another_checksum_is_not_parsed(tmp_path: Path) -> None:
    put(tmp_path, manifest().to_json())
    with pytest.raises(IndexDamagedError, match="checksum"):
        read_manifest(tmp_path, "0" * 64)


@given(
    st.lists(
        st.builds(
            SourceRecord,
            source=st.text(),
            path=st.text(st.characters()),
            size=st.integers(0, 2**63),
            mtime_ns=st.integers(),
            digest=st.text("0123456789abcdef", max_size=64),
            documents=st.lists(st.text()).map(tuple),
            state=st.sampled_from(["indexed", "stale", "skipped", "failed"]),
            reason=st.text(),
        )
    )
)
def test_a_ledger_comes_back_as_it_was(tmp_path_factory: Any, records: list[SourceRecord]) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    ledger = Ledger(tuple(records), (("a", "hidden"),), 7)
    stamp = write_ledger(folder, ledger)
    assert read_ledger(folder) == ledger
    assert stamp == files.sha256_file(folder / LEDGER)


def test_what_is_no_ledger_is_named(tmp_path: Path) -> None:
    (tmp_path / LEDGER).write_text('{"files": [{}]}')
    with pytest.raises(IndexDamagedError, match=LEDGER):
        read_ledger(tmp_path)


def test_an_array_is_written_from_pieces_and_never_with_pickle(tmp_path: Path) -> None:
    whole = np.arange(30, dtype=np.float32).reshape(10, 3)
    stamp = write_arrays(tmp_path / "a.npy", iter(np.array_split(whole, 4)), np.float32, (10, 3))
    assert np.array_equal(read_array(tmp_path / "a.npy"), whole)
    assert stamp == files.sha256_file(tmp_path / "a.npy")
    np.save(tmp_path / "p.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(IndexDamagedError, match=r"p\.npy"):
        read_array(tmp_path / "p.npy")


def test_an_atomic_write_leaves_the_old_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    files.write_atomic(path, b"old")
    monkeypatch.setattr(files, "_write", lambda *_: None)  # a disk that takes nothing and says nothing
    with pytest.raises(OSError, match="only 0 of 3 bytes"):
        files.write_atomic(path, b"new")
    assert path.read_bytes() == b"old"


def test_the_current_generation_is_read_back(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="rag index"):
        generations.read_current(tmp_path)
    number, folder = generations.fresh_folder(tmp_path)
    assert (number, folder.name) == (1, "gen-000001.tmp")
    final = generations.commit(tmp_path, folder, "a" * 64)
    assert generations.read_current(tmp_path) == generations.Current(final, "a" * 64)
    assert final.name == "gen-000001"
    assert generations.fresh_folder(tmp_path)[0] == 2


@pytest.mark.parametrize("line", [b"", b"gen-000001", b"gen-000001 xyz\n", b"../evil " + b"a" * 64 + b"\n",
                                  b"gen-000001 " + b"A" * 64 + b"\n", b"gen-000001 " + b"a" * 64])  # fmt: skip
def test_a_damaged_pointer_is_named(line: bytes, tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_bytes(line)
    with pytest.raises(IndexDamagedError, match="CURRENT"):
        generations.read_current(tmp_path)


def test_generations_go_when_nobody_reads_them(tmp_path: Path) -> None:
    first = generations.commit(tmp_path, generations.fresh_folder(tmp_path)[1], "a" * 64)
    second = generations.commit(tmp_path, generations.fresh_folder(tmp_path)[1], "b" * 64)
    held = generations.hold(first)
    assert held is not None
    (tmp_path / "gen-000009.tmp" / "inner").mkdir(parents=True)
    (tmp_path / "notes").mkdir()
    generations.sweep(tmp_path, second)
    assert {each.name for each in tmp_path.iterdir()} == {"CURRENT", "gen-000001", "gen-000002", "notes"}
    os.close(held)
    generations.sweep(tmp_path, second)
    assert not first.exists()
    assert generations.hold(first) is None


def test_a_failed_generation_goes_and_a_current_one_never(tmp_path: Path) -> None:
    current = generations.commit(tmp_path, generations.fresh_folder(tmp_path)[1], "a" * 64)
    generations.discard(tmp_path, current.with_suffix(".tmp"))
    assert current.exists()
    failed = generations.fresh_folder(tmp_path)[1]
    failed.rename(failed.with_suffix(""))
    generations.discard(tmp_path, failed)
    assert [each.name for each in tmp_path.glob("gen-*")] == ["gen-000001"]


def test_a_lock_is_held_once_and_given_back(tmp_path: Path) -> None:
    with BuildLock(tmp_path):
        with pytest.raises(IndexBusyError, match=str(os.getpid())), BuildLock(tmp_path):
            pass
        code = "import sys, pathlib, index.disk.locks as l\nwith l.BuildLock(pathlib.Path(sys.argv[1])): pass"
        child = subprocess.run(
            [sys.executable, "-c", code, tmp_path], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert "already being built by process" in child.stderr
    with BuildLock(tmp_path):
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_does_not_hold_the_lock_of_its_parent(tmp_path: Path) -> None:
    lock = BuildLock(tmp_path)
    lock.__enter__()
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write_end, b"x")  # it is past what happens at a fork, and outlives the lock
        time.sleep(60)
        os._exit(0)
    try:
        assert os.read(read_end, 1)
        os.close(lock._descriptor)  # as the system does when the parent is killed
        with BuildLock(tmp_path):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _verified(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Manifest, list[Path]]:
    (folder / "small").write_bytes(b"small")
    (folder / "large").write_bytes(b"large" * 100)
    stamps = {name: files.sha256_file(folder / name) for name in ("small", "large")}
    hashed: list[Path] = []
    real = files.sha256_file
    monkeypatch.setattr(verifying, "ALWAYS", 100)
    monkeypatch.setattr(files, "sha256_file", lambda path: (hashed.append(path), real(path))[1])
    return manifest(files=stamps), hashed


def test_large_files_are_hashed_once_and_again_when_they_were_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed, hashed = _verified(tmp_path, monkeypatch)
    verifying.verify(tmp_path, sealed)
    verifying.verify(tmp_path, sealed)
    assert [path.name for path in hashed] == ["small", "large", "small"]
    before = (tmp_path / "large").stat()
    with (tmp_path / "large").open("r+b") as file:
        file.write(b"L")
    os.utime(tmp_path / "large", ns=(before.st_atime_ns, before.st_mtime_ns))  # hides the change of the content
    with pytest.raises(IndexDamagedError, match="large"):
        verifying.verify(tmp_path, sealed)


def test_large_files_are_not_hashed_by_their_first_reader_but_when_they_were_touched_since_they_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed, hashed = _verified(tmp_path, monkeypatch)
    verifying.note_written(tmp_path, sealed)
    verifying.verify(tmp_path, sealed)
    assert [path.name for path in hashed] == ["small"]
    with (tmp_path / "large").open("r+b") as file:
        file.write(b"L")
    with pytest.raises(IndexDamagedError, match="large"):
        verifying.verify(tmp_path, sealed)


def test_a_large_file_that_is_shorter_than_it_was_written_is_not_noted_as_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed, _ = _verified(tmp_path, monkeypatch)
    (tmp_path / "large").write_bytes(b"large" * 99)
    verifying.note_written(tmp_path, sealed)
    with pytest.raises(IndexDamagedError, match="large"):
        verifying.verify(tmp_path, sealed)


def test_a_copy_of_a_generation_is_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").mkdir()
    sealed, hashed = _verified(tmp_path / "one", monkeypatch)
    verifying.note_written(tmp_path / "one", sealed)
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    verifying.verify(tmp_path / "two", sealed)
    assert [path.name for path in hashed] == ["small", "large"]


def test_small_files_are_hashed_every_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed, _ = _verified(tmp_path, monkeypatch)
    verifying.verify(tmp_path, sealed)
    (tmp_path / "small").write_bytes(b"smalL")
    with pytest.raises(IndexDamagedError, match="small"):
        verifying.verify(tmp_path, sealed)


@pytest.mark.parametrize("notes", [b"", b"[]", b"nonsense", json.dumps({"large": "yes"}).encode()])
def test_odd_notes_are_only_ignored(notes: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed, hashed = _verified(tmp_path, monkeypatch)
    (tmp_path / "verified.json").write_bytes(notes)
    verifying.verify(tmp_path, sealed)
    assert len(hashed) == 2


def test_everything_is_read_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed, hashed = _verified(tmp_path, monkeypatch)
    verifying.verify(tmp_path, sealed)
    hashed.clear()
    assert verifying.problems(tmp_path, sealed) == []
    assert len(hashed) == 2
    (tmp_path / "large").unlink()
    (problem,) = verifying.problems(tmp_path, sealed)
    assert "large" in problem
