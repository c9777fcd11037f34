"""A build in a process of its own does what `index.build` does, gives way, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import index
from index.background import build_behind
from index.disk.locks import BuildLock
from index.errors import IndexBusyError, RagError
from index.sources.types import ReadOptions

ROOT = Path(__file__).resolve().parents[3]
posix = pytest.mark.skipif(os.name != "posix", reason="needs process priorities as on Unix")


@pytest.fixture
def folder(tmp_path: Path, texts: Path) -> Path:
    index.build([texts], index_dir=tmp_path / "index", embedder="hashing")
    return tmp_path / "index"


@pytest.mark.slow
def test_it_reports_as_a_build_in_this_process_does(texts: Path, folder: Path) -> None:
    (texts / "one.txt").write_text("Quite another text.")
    (texts / "new.txt").write_text("A new text.")
    (texts / "binary.bin").write_bytes(bytes(range(256)) * 20)
    steps = list[index.Progress]()
    report = build_behind(index_dir=folder, progress=steps.append)
    assert (report.added, report.changed) == (("texts/new.txt",), ("texts/one.txt",))
    assert [source for source, _ in report.skipped] == ["texts/binary.bin"]
    assert isinstance(report.skipped[0], tuple)
    assert {step.stage for step in steps} >= {"reading", "embedding", "writing", "switching"}
    assert (index.status(folder).generation, index.status(folder).documents) == (report.generation, 5)


@pytest.mark.slow
def test_it_takes_paths_patterns_and_options(tmp_path: Path, folder: Path) -> None:
    other = tmp_path / "añ other"
    other.mkdir()
    (other / "rows.jsonl").write_text('{"body": "What a row tells."}\n')
    (other / "left.txt").write_text("Left out.")
    options = ReadOptions(text_field="body")
    report = build_behind([other], index_dir=folder, exclude=["left.txt"], read_options=options)
    assert len(report.added) == 1
    assert index.status(folder).documents == 1
    assert build_behind([other], index_dir=folder, exclude=["left.txt"], read_options=options).embedded == 0


def test_errors_come_in_their_own_words(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(RagError, match="nowhere"):
        build_behind([tmp_path / "nowhere"], index_dir=folder)
    with BuildLock(folder), pytest.raises(IndexBusyError, match=f"process {os.getpid()} since"):
        build_behind(index_dir=folder)


@posix
def test_the_child_is_nice_and_a_killed_one_is_an_error_that_loses_nothing(texts: Path, folder: Path) -> None:
    (texts / "one.txt").write_text("Quite another text.")
    seen = list[int]()

    def kill(step: index.Progress) -> None:
        for child in psutil.Process().children():
            if "index.background" in child.cmdline():
                seen.append(child.nice())
                child.kill()

    with pytest.raises(RagError, match="code -9"):
        build_behind(index_dir=folder, progress=kill)
    assert min(seen) == max(5, psutil.Process().nice())
    assert index.status(folder).generation == 1
    assert build_behind(index_dir=folder).generation == 2


@posix
@pytest.mark.slow
def test_the_child_ends_with_its_parent(texts: Path, folder: Path) -> None:
    for path in texts.rglob("*.txt"):
        path.write_text(f"Another {path.name}.")
    code = (
        "import os, psutil\nfrom index.background import build_behind\n"
        "def show(step):\n    print(psutil.Process().children()[0].pid, flush=True)\n    os.kill(os.getpid(), 9)\n"
        f"build_behind(index_dir={str(folder)!r}, progress=show)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=240)
    child = int(done.stdout.split()[0])
    until = time.monotonic() + 5
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert build_behind(index_dir=folder).generation >= 2


@posix
def test_stepping_back_twice_is_stepping_back_once() -> None:
    code = "import os; from index.background import step_back; step_back(); step_back(); print(os.nice(0))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) == max(5, os.nice(0))
