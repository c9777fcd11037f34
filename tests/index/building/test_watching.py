"""Following folders: no change is missed, and a busy index is told once and tried again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import index
from index import watching
from index.building.report import BuildReport
from index.errors import IndexBusyError, RagError, SourceError, StoreError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(watching, "SETTLE_MS", 50)
    monkeypatch.setattr(watching, "LOOK_AGAIN_MS", 50)
    source = tmp_path / "articles"
    source.mkdir()
    (source / "a.txt").write_text("The lighthouse was built in 1860.", encoding="utf-8")
    index.build([source], index_dir=tmp_path / "index", embedder="hashing")
    return tmp_path


class Watched:
    """A watcher in a thread, and what it told."""

    def __init__(self, index_dir: Path) -> None:
        self.reports: list[BuildReport] = []
        self.errors: list[RagError] = []
        self.reported = threading.Event()
        self.stop = threading.Event()
        self.thread = threading.Thread(
            target=watching.watch, args=(index_dir, self._report, self._error, self.stop), daemon=True
        )

    def _report(self, report: BuildReport) -> None:
        self.reports.append(report)
        self.reported.set()

    def _error(self, error: RagError) -> None:
        self.errors.append(error)

    def next_report(self) -> BuildReport:
        assert self.reported.wait(30), self.errors
        self.reported.clear()
        return self.reports[-1]


@pytest.fixture
def watched(folder: Path) -> Iterator[Watched]:
    made = Watched(folder / "index")
    yield made
    made.stop.set()
    if made.thread.is_alive():
        made.thread.join(10)


def test_a_change_made_before_the_watcher_looked_is_found(folder: Path, watched: Watched) -> None:
    (folder / "articles" / "b.txt").write_text("The pier was rebuilt in 1988.", encoding="utf-8")
    watched.thread.start()
    assert len(watched.next_report().added) == 1


def test_changes_are_followed_one_after_another(folder: Path, watched: Watched) -> None:
    watched.thread.start()
    for number in range(3):
        (folder / "articles" / f"{number}.txt").write_text(f"Ship {number} sank.", encoding="utf-8")
        assert len(watched.next_report().added) == 1
    (folder / "articles" / "a.txt").unlink()
    assert len(watched.next_report().removed) == 1


def test_a_busy_index_is_told_once_and_tried_again(
    folder: Path, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def busy_thrice(**options: object) -> BuildReport:
        tries.append(1)
        if len(tries) <= 3:
            raise IndexBusyError("another build is at work")
        return index.build(index_dir=folder / "index")

    monkeypatch.setattr(watching, "build", busy_thrice)
    (folder / "articles" / "b.txt").write_text("The pier was rebuilt in 1988.", encoding="utf-8")
    watched.thread.start()
    assert len(watched.next_report().added) == 1
    assert [type(error) for error in watched.errors] == [IndexBusyError]


def test_another_error_is_told_and_waits_for_the_next_change(
    folder: Path, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def full_once(**options: object) -> BuildReport:
        tries.append(1)
        if len(tries) == 1:
            raise StoreError("the disk is full")
        return index.build(index_dir=folder / "index")

    monkeypatch.setattr(watching, "build", full_once)
    watched.thread.start()
    assert not watched.reported.wait(1)
    assert len(tries) == 1
    (folder / "articles" / "b.txt").write_text("The pier was rebuilt in 1988.", encoding="utf-8")
    assert len(watched.next_report().added) == 1
    assert [type(error) for error in watched.errors] == [StoreError]


def test_nothing_left_to_follow_is_an_error(folder: Path) -> None:
    (folder / "articles" / "a.txt").unlink()
    (folder / "articles").rmdir()
    with pytest.raises(SourceError, match="articles"):
        watching.watch(folder / "index", lambda _: None, lambda _: None)


def test_places_are_visited_from_time_to_time_and_a_failure_is_reported_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_in_this_process: None
) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    fs = MemoryFileSystem()
    monkeypatch.setattr(MemoryFileSystem, "store", {})
    monkeypatch.setattr(MemoryFileSystem, "pseudo_dirs", [""])
    monkeypatch.setattr(watching, "LOOK_AGAIN_MS", 20)
    monkeypatch.setattr(watching, "VISIT_S", 0.05)
    fs.pipe_file("/watched/a.txt", b"The lighthouse was built in 1860.")
    index.build(["memory://watched"], index_dir=tmp_path / "index", embedder="hashing")
    watched = Watched(tmp_path / "index")
    builds: list[bool] = []
    build = index.watching.build

    def counted(**options: bool) -> BuildReport:
        builds.append(options["revisit"])
        return build(**options)

    monkeypatch.setattr(watching, "build", counted)
    watched.thread.start()
    fs.pipe_file("/watched/b.txt", b"The pier was rebuilt in 1988.")
    assert watched.next_report().added == ("memory://watched/b.txt",)
    fs.rm("/watched", recursive=True)
    assert len(watched.next_report().failed) == 2  # there is nothing: all of it is kept, and that is said
    count = len(builds)
    while len(builds) < count + 3:
        assert watched.thread.is_alive()
        watched.stop.wait(0.01)
    fs.pipe_file("/watched/b.txt", b"The pier was rebuilt in 1988.")
    report = watched.next_report()
    watched.stop.set()
    watched.thread.join(60)
    assert report.removed == ("memory://watched/a.txt",) and len(watched.reports) == 3 and not watched.errors
    assert not all(builds) or builds[0] is False  # the first look after the start is at folders
