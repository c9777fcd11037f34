"""What is indexed, uploaded, judged and left over is its owner's, made now or before; temporary folders go."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import index
from index.config import forget_parts
from index.disk.private import owned_folder, tighten
from index.disk.scratch import remove_scratch, scratch, scratch_folder
from tests.conftest import ROOT
from tests.harness.ui_fakes import FakeAssistant
from ui.service.library.uploads import Uploads
from ui.service.watching.feedback import Feedback
from ui.view.cards import turn_of
from ui.view.records import turn_to_json

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs the permissions of POSIX")


def open_to_others(folder: Path) -> list[str]:
    """Return what in a folder, itself included, another account may do anything with."""
    found = [folder, *folder.rglob("*")]
    return [str(path.relative_to(folder)) for path in found if path.lstat().st_mode & 0o077 and not path.is_symlink()]


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.md").write_text("# Harbour\n\nThe harbour opened in 1911. It has two lighthouses.")
    return folder


def test_everything_of_an_index_is_its_owners(texts: Path, tmp_path: Path, umask: int) -> None:
    folder = tmp_path / "deep" / "index"
    index.build([texts], index_dir=folder, embedder="hashing")
    Feedback(folder).add(judged(), "good", "")
    assert (folder / "feedback.jsonl").exists() and len(list(folder.rglob("*"))) > 8
    assert open_to_others(folder) == []
    mode = tmp_path / "mine.txt"
    mode.touch()
    assert stat.S_IMODE(mode.stat().st_mode) == 0o666 & ~umask  # the umask is as it was


def judged() -> str:
    return turn_to_json(turn_of(FakeAssistant().answer("Who heads the AOI?"), "t", 0.1))


def test_an_index_from_before_is_tightened(texts: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    index.build([texts], index_dir=folder, embedder="hashing")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert len(open_to_others(folder)) > 8  # what a careless version leaves is seen
    index.LiveIndex(folder)
    assert open_to_others(folder) == []


def test_what_is_not_ours_in_the_folder_stays_as_it_is(texts: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    (folder / "notes.txt").touch(mode=0o644)
    outside = tmp_path / "outside.txt"
    outside.touch(mode=0o644)
    (folder / "uploads").symlink_to(outside)
    index.build([texts], index_dir=folder, embedder="hashing")
    assert set(open_to_others(folder)) == {".", "notes.txt"}
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


def test_a_tighter_mode_stays(tmp_path: Path) -> None:
    owned_folder(tmp_path / "index")
    (tmp_path / "index" / "CURRENT").touch(mode=0o400)
    tighten(tmp_path / "index")
    assert stat.S_IMODE((tmp_path / "index" / "CURRENT").stat().st_mode) == 0o400


def test_uploads_are_their_owners(tmp_path: Path, umask: int) -> None:
    uploads = Uploads(tmp_path / "x-files" / "uploads")
    (tmp_path / "x-files").mkdir(mode=0o777)

    async def blocks() -> object:
        yield b"The harbour opened in 1911."

    path = asyncio.run(uploads.receive("a.txt", blocks()))  # type: ignore[arg-type]
    uploads.accept(path)
    assert stat.S_IMODE((tmp_path / "x-files").stat().st_mode) == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "x-files").rglob("*"))


HOLDS = """
import sys, time
from index.disk.scratch import scratch_folder
print(scratch_folder(), flush=True)
time.sleep(60)
"""


def test_temporary_folders_go_at_the_end_and_after_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", HOLDS], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    held = Path(process.stdout.readline().strip())
    own, linked = scratch_folder(), tmp_path / "babelquote-link"
    linked.symlink_to(tmp_path)
    assert held.is_dir() and own.is_dir() and stat.S_IMODE(own.stat().st_mode) == 0o700
    process.send_signal(signal.SIGKILL)
    process.wait()
    (tmp_path / "babelquote-new").mkdir()  # made this moment by another server
    (tmp_path / "babelquote-old").mkdir()
    os.utime(tmp_path / "babelquote-old", (time.time() - 100_000,) * 2)
    second = scratch_folder()
    assert not held.exists() and not (tmp_path / "babelquote-old").exists()
    assert own.is_dir() and second.is_dir() and linked.is_symlink() and (tmp_path / "babelquote-new").is_dir()
    remove_scratch()
    assert not own.exists() and not second.exists()


def test_a_build_removes_what_a_killed_process_left(
    texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed conversion or import leaves its folder; nobody may ever start a server, which would sweep it away."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    held = place / "babelquote-killed"
    held.mkdir()
    (held / "in-use").touch()
    (held / "letter.docx").write_bytes(b"what somebody wrote")
    with scratch() as used:
        index.build([texts], index_dir=tmp_path / "index", embedder="hashing")
        assert used.is_dir() and not held.exists()
    assert list(place.iterdir()) == []


def test_what_was_begun_in_the_cache_and_not_finished_goes(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "old.part").write_bytes(b"half")
    (cache / "folder.part").mkdir()
    (cache / "folder.part" / "a.npy").write_bytes(b"half")
    (cache / "link.part").symlink_to(outside)
    (cache / "kept.blob").touch()
    for path in cache.iterdir():
        os.utime(path, (time.time() - 100_000,) * 2, follow_symlinks=False)
    (cache / "new.part").touch()  # another process writes it just now
    forget_parts(cache)
    assert {path.name for path in cache.iterdir()} == {"new.part", "kept.blob"} and outside.is_dir()


COUNTS = "from rag.prompts.tokenizer import count_tokens; assert count_tokens('The harbour opened.') == 4"


def test_nothing_is_kept_under_a_name_that_every_account_knows(tmp_path: Path) -> None:
    """The table of tokens: a naive program leaves a copy beside which anybody may have put another before."""
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment.pop("TIKTOKEN_CACHE_DIR", None)
    subprocess.run([sys.executable, "-c", COUNTS], env=environment, check=True, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []
