"""Whatever stops a build, the index before it answers, whole; whatever happens to its files, no answer is wrong."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from crash_harness import WORDS, make_corpora, read_here

import index
from index import files
from index.errors import IndexBusyError, RagError, StoreError

HARNESS = Path(__file__).parent / "crash_harness.py"
posix = pytest.mark.skipif(os.name != "posix", reason="needs fork, SIGKILL and flock")


@pytest.fixture(autouse=True)
def _read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.building.read_many", read_here)


@pytest.fixture
def corpora(tmp_path: Path) -> dict[str, Path]:
    return make_corpora(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def build(folder: Path, corpus: Path, **options: Any) -> index.BuildReport:
    return index.build([corpus], index_dir=folder, embedder="hashing", **options)


def answers(folder: Path) -> list[object]:
    """Everything that a reader can see of an index."""
    found: list[object] = []
    with index.open(folder) as opened:
        for word in WORDS:
            vector, language = opened.embed_query(f"What is told of the {word}?")
            hits, words = opened.store.dense(vector, 3), opened.store.keyword(word, 3)
            found += [language, hits, words, opened.store.passages([hit.key for hit in hits])]
            found += [[(s, v.tolist()) for s, v in [opened.store.sentences(hit.key)]] for hit in hits]
        found += [opened.store.document(name) for name in opened.store.document_ids()]
    return found


def corpus_of(folder: Path) -> str:
    with index.open(folder) as opened:
        texts = [opened.store.document(name).text for name in opened.store.document_ids()]
    assert len(texts) == len(WORDS)
    (name,) = {"A" if " A " in text else "B" for text in texts}
    return name


# Kills


def harness(subject: str, kills: int, seed: int = 1) -> dict[str, Any]:
    """Run the harness in memory where that is offered: what a killed process wrote is there in any case."""
    shared = Path("/dev/shm")
    place = shared if shared.is_dir() and os.access(shared, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        options = ["--subject", subject, "--kills", str(kills), "--seed", str(seed)]
        done = subprocess.run(
            [sys.executable, HARNESS, folder, *options], capture_output=True, text=True, timeout=3600, check=False
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    found["errors"] = done.stderr
    return found


@posix
def test_killed_builds_lose_nothing() -> None:
    _expect_no_loss(harness("ours", 20, random.randrange(10**6)))


@posix
@pytest.mark.slow
def test_many_killed_builds_lose_nothing() -> None:
    """A hundred; as many as `RAG_KILLS` says when it is set."""
    _expect_no_loss(harness("ours", int(os.environ.get("RAG_KILLS", "100")), random.randrange(10**6)))


def _expect_no_loss(found: dict[str, Any]) -> None:
    assert found["kills"] >= 10, found
    assert found["questions_asked"] > 100, found
    for name in ("lost", "unfinished", "questions_failed", "leftovers"):
        assert found[name] == 0, found


@posix
def test_the_harness_catches_a_writer_in_place() -> None:
    found = harness("naive", 20)
    assert found["lost"] > 0
    assert found["questions_failed"] > 0


@posix
@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_build_that_is_told_to_stop_stops_soon_and_loses_nothing(
    signal_number: int, folder: Path, corpora: dict[str, Path]
) -> None:
    build(folder, corpora["A"])
    for delay in (0.3, 0.8, 1.2):
        code = f"import index; index.build([{str(corpora['B'])!r}], index_dir={str(folder)!r}, rebuild=True)"
        child = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL, cwd=HARNESS.parent.parent)
        time.sleep(delay)
        child.send_signal(signal_number)
        started = time.monotonic()
        child.wait(10)
        assert time.monotonic() - started < 5
        assert corpus_of(folder) in "AB"
    build(folder, corpora["B"])
    assert corpus_of(folder) == "B"


# Power cuts: a disk that forgets whatever was not synced


class Disk:
    """Records what would be on the disk after each step of `index.files`, were the power cut there.

    A file's content is durable once it was synced, a name once its folder was. Names may also reach the disk earlier
    than asked: `eager` is the disk that keeps every name at once, and still no content that was not synced.
    """

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.content: dict[int, bytes] = {}  # by inode
        self.names: dict[int, dict[str, int]] = {}  # of each folder that was synced, by its inode
        self.shots: list[tuple[str, dict[str, bytes], dict[str, bytes]]] = []
        for path in [root, *root.rglob("*")]:
            self._sync(path)
        for step in ("fsync_file", "fsync_dir", "rename", "replace", "remove_tree", "_write"):
            monkeypatch.setattr(files, step, self._watched(step, getattr(files, step)))

    def _watched(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any) -> Any:
            self.shots.append((f"before {name}", self._lazy(), self._eager()))
            result = step(*arguments)
            if name.startswith("fsync"):
                self._sync(arguments[0])
            self.shots.append((f"after {name}", self._lazy(), self._eager()))
            return result

        return watched

    def _sync(self, path: Path) -> None:
        if path.is_dir():
            self.names[path.stat().st_ino] = {each.name: each.stat().st_ino for each in path.iterdir()}
        elif path.is_file():
            self.content[path.stat().st_ino] = path.read_bytes()

    def _lazy(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}

        def walk(folder: Path, inodes: dict[int, Path], prefix: str) -> None:
            for name, inode in self.names.get(folder.stat().st_ino, {}).items():
                actual = inodes.get(inode)
                if actual is not None and actual.is_dir():
                    walk(actual, inodes, f"{prefix}{name}/")
                else:
                    found[prefix + name] = self.content.get(inode, b"")

        inodes = {path.stat().st_ino: path for path in self.root.rglob("*")}
        walk(self.root, inodes, "")
        return found

    def _eager(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.root).as_posix(): self.content.get(path.stat().st_ino, b"")
            for path in self.root.rglob("*")
            if path.is_file()
        }


def _restore(state: dict[str, bytes], folder: Path) -> None:
    for name, content in state.items():
        if not name.startswith("embeddings.sqlite"):  # SQLite looks after its own; a cache may be lost
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)


def _survivors(disk: Disk, place: Path) -> Iterator[tuple[str, str]]:
    """Give (step, what the index answers) for each different state of the disk."""
    seen = set[int]()
    for step, *states in disk.shots:
        for state in states:
            mark = hash(tuple(sorted(state.items())))
            if mark in seen:
                continue
            seen.add(mark)
            target = place / f"cut{len(seen)}"
            _restore(state, target)
            try:
                yield step, corpus_of(target)
            except (RagError, ValueError) as error:
                yield step, f"{type(error).__name__}: {error}"
            shutil.rmtree(target)


@posix
def test_a_power_cut_at_any_step_leaves_the_old_or_the_new(
    folder: Path, corpora: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(folder, corpora["A"])
    with monkeypatch.context() as patch:
        disk = Disk(folder, patch)
        build(folder, corpora["B"])
    found = list(_survivors(disk, tmp_path))
    assert len(found) > 20
    assert {name for _, name in found} == {"A", "B"}, [each for each in found if each[1] not in "AB"]
    assert found[-1][1] == "B"


@posix
@pytest.mark.parametrize("forgotten", ["fsync_file", "fsync_dir"])
def test_the_power_cut_catches_a_sync_that_is_left_out(
    forgotten: str, folder: Path, corpora: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(folder, corpora["A"])
    monkeypatch.setattr(files, forgotten, lambda path: None)
    with monkeypatch.context() as patch:
        disk = Disk(folder, patch)
        disk._sync = lambda path: None if (path.is_dir() == (forgotten == "fsync_dir")) else Disk._sync(disk, path)  # type: ignore[method-assign]
        build(folder, corpora["B"])
    assert {name for _, name in _survivors(disk, tmp_path)} - {"A", "B"} or list(_survivors(disk, tmp_path))[-1][
        1
    ] == "A"


# Full disks


@pytest.mark.parametrize("step", ["_write", "fsync_file", "fsync_dir", "rename", "replace"])
def test_an_error_at_any_write_keeps_the_old_index(
    step: str, folder: Path, corpora: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    build(folder, corpora["A"])
    before, real = answers(folder), getattr(files, step)
    for fail_at in range(60):
        calls = 0

        def failing(*arguments: Any, at: int = fail_at) -> Any:
            nonlocal calls
            calls += 1
            if calls > at:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(files, step, failing)
            try:
                build(folder, corpora["B"])
            except StoreError as error:
                assert "No space left" in str(error)
            else:
                break
        if corpus_of(folder) == "B":  # the switch was done, only its last sync failed
            break
        assert answers(folder) == before
        assert len([each for each in folder.iterdir() if each.name.startswith("gen-")]) == 1
    assert fail_at > 0
    build(folder, corpora["B"])
    assert corpus_of(folder) == "B"


def _is_root_on_linux() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("mount") is not None


@pytest.mark.skipif(not _is_root_on_linux(), reason="needs root on Linux to mount a small file system")
def test_a_full_disk_of_any_size_is_a_clear_error(corpora: dict[str, Path], tmp_path: Path) -> None:
    disk, outcomes = tmp_path / "disk", []
    disk.mkdir()
    for size in range(40, 1240, 30):  # KiB, around what two generations need
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", disk], check=False)
        if mounted.returncode:
            pytest.skip("mounting is not allowed here")
        try:
            outcomes.append(_fill(disk / "index", corpora))
        finally:
            subprocess.run(["umount", "-l", disk], check=True)
    assert {"refused", "updated"} <= set(outcomes)
    assert len(outcomes) == 40


def _fill(folder: Path, corpora: dict[str, Path]) -> str:
    try:
        build(folder, corpora["A"])
    except StoreError as error:
        assert "space" in str(error)
        return "refused"
    before = answers(folder)
    try:
        build(folder, corpora["B"])
    except StoreError as error:
        assert "space" in str(error)
        assert answers(folder) == before
        assert len([each for each in folder.iterdir() if each.name.startswith("gen-")]) == 1
        return "kept"
    assert corpus_of(folder) == "B"
    return "updated"


# Damage


def _flip(path: Path, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ (1 << bit % 8)]))


@pytest.mark.parametrize("flips", [500])
def test_a_flipped_bit_is_an_error_or_changes_nothing(flips: int, folder: Path, corpora: dict[str, Path]) -> None:
    build(folder, corpora["A"])
    expected, dice = answers(folder), random.Random(7)
    paths = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size]
    assert len(paths) > 12
    noticed = 0
    for number in range(flips):
        path = paths[number % len(paths)]
        bit = dice.randrange(8 * path.stat().st_size)
        _flip(path, bit)
        try:
            found = answers(folder)
        except StoreError as error:
            noticed += 1
            assert str(folder) in str(error)
            assert "; " in str(error)  # says what to do
        else:
            assert found == expected, f"bit {bit} of {path} changed an answer"
        _flip(path, bit)
    assert noticed > 0.7 * flips
    assert answers(folder) == expected


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_a_truncated_or_missing_file_is_named_and_a_build_mends_it(
    keep: int, folder: Path, corpora: dict[str, Path]
) -> None:
    build(folder, corpora["A"])
    expected = answers(folder)
    names = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    for name in names:
        if name.name in ("lock", "in-use", "verified.json") or name.name.startswith("embeddings"):
            continue
        (current,) = (each for each in folder.iterdir() if each.name.startswith("gen-"))
        path = folder / name if len(name.parts) == 1 else current.joinpath(*name.parts[1:])
        if keep < 0:
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[: min(keep, path.stat().st_size - 1)])
        with pytest.raises(StoreError):
            answers(folder)
        if not (name.name == "CURRENT" and keep < 0):
            assert index.verify(folder) or index.status(folder).problems
        report = build(folder, corpora["A"])
        assert report.embedded == 0  # the vectors were kept
        assert [type(each) for each in answers(folder)] == [type(each) for each in expected]
        assert corpus_of(folder) == "A"


def test_damaged_kept_vectors_are_never_used(folder: Path, corpora: dict[str, Path]) -> None:
    build(folder, corpora["A"])
    expected, dice = answers(folder), random.Random(3)
    cache = folder / "embeddings.sqlite"
    for _ in range(10):
        for _ in range(30):
            _flip(cache, dice.randrange(8 * cache.stat().st_size))
        (corpora["A"] / "extra.txt").write_text(f"Another text, number {dice.random()}.")
        build(folder, corpora["A"])
        (corpora["A"] / "extra.txt").unlink()
        build(folder, corpora["A"])
        with index.open(folder) as opened:
            for word in WORDS:
                hits = opened.store.dense(opened.embed_query(f"What is told of the {word}?")[0], 1)
                assert word in opened.store.passages([hits[0].key])[0].text
    assert len(answers(folder)) == len(expected)


# Together


def test_a_second_build_is_told_who_is_building(folder: Path, corpora: dict[str, Path]) -> None:
    started, go_on = threading.Event(), threading.Event()

    def wait(progress: index.Progress) -> None:
        started.set()
        assert go_on.wait(20)

    first = threading.Thread(target=lambda: build(folder, corpora["A"], progress=wait))
    first.start()
    assert started.wait(20)
    begun = time.monotonic()
    try:
        with pytest.raises(IndexBusyError, match=str(os.getpid())):
            build(folder, corpora["B"])
        assert time.monotonic() - begun < 2
    finally:
        go_on.set()
        first.join()
    assert corpus_of(folder) == "A"
    build(folder, corpora["B"])


@posix
def test_a_killed_build_leaves_no_lock(folder: Path, corpora: dict[str, Path]) -> None:
    build(folder, corpora["A"])
    code = (
        "import os, sys, time, index\n"
        f"index.build([{str(corpora['B'])!r}], index_dir={str(folder)!r},"
        " progress=lambda p: (print('at work', flush=True), time.sleep(60)))"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=HARNESS.parent.parent)
    assert child.stdout is not None
    child.stdout.readline()
    with pytest.raises(IndexBusyError, match=f"process {child.pid} since"):
        build(folder, corpora["B"])
    child.kill()
    child.wait()
    child.stdout.close()
    build(folder, corpora["B"])
    assert corpus_of(folder) == "B"


def test_a_reader_across_ten_builds_sees_one_generation_each_time(folder: Path, corpora: dict[str, Path]) -> None:
    build(folder, corpora["A"])
    live, failures, stop = index.LiveIndex(folder), [], threading.Event()
    seen = set[int]()

    def ask() -> None:
        while not stop.is_set():
            try:
                with live.reading() as opened:
                    seen.add(opened.generation)
                    texts = [opened.store.document(name).text for name in opened.store.document_ids()]
                    assert len({" A " in text for text in texts}) == 1
                    assert len(texts) == len(WORDS)
            except (AssertionError, RagError) as error:
                failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(10):
        build(folder, corpora["BA"[number % 2]])
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(seen) > 3
    with live.reading() as opened:
        assert opened.generation == max(seen | {opened.generation})
    build(folder, corpora["B"])
    with live.reading() as opened:
        assert opened.generation == 12
    assert len([each for each in folder.iterdir() if each.name.startswith("gen-")]) <= 2
    live.close()


def test_a_reader_keeps_the_old_when_the_new_is_damaged_and_says_so(folder: Path, corpora: dict[str, Path]) -> None:
    build(folder, corpora["A"])
    live = index.LiveIndex(folder)
    build(folder, corpora["B"])
    (newest,) = folder.glob("gen-000002")
    (newest / "keys.npy").write_bytes(b"nonsense")
    with live.reading() as opened:
        assert opened.generation == 1
        assert opened.store.keyword("harbour", 1).hits
    assert live.problem is not None
    assert "keys.npy" in live.problem
    build(folder, corpora["B"])
    with live.reading() as opened:
        assert opened.generation == 3
    assert live.problem is None
    live.close()
