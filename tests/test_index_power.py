"""Power cuts and full disks: a disk that forgets what was not synced, or takes nothing more."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from index_helpers import answers, build, corpus_of

from index import files
from index.errors import RagError, StoreError

posix = pytest.mark.skipif(os.name != "posix", reason="needs fork, SIGKILL and flock")
pytestmark = pytest.mark.usefixtures("read_in_this_process")


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
