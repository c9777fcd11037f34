"""A backup is one sound generation whoever builds meanwhile, and a damaged one is never put back."""

from __future__ import annotations

import io
import json
import os
import random
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

import index
from index.backup.archiving import uploads_of
from index.disk.files import sha256_file
from index.errors import ConfigError, IndexBusyError, IndexDamagedError, IndexMissingError, RagError
from index.opening.listing import list_documents
from rag.receipts.seals import receipt_key
from ui.cli import app

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def made(folder: Path, texts: Path) -> Path:
    """Build an index with all that may lie beside one."""
    place = uploads_of(folder) / "uploads" / "0123456789abcdef"
    place.mkdir(parents=True)
    (place / "letter.md").write_text("The lighthouse keeper writes about herons.\n" * 3)
    (uploads_of(folder) / "names").mkdir()
    (uploads_of(folder) / "names" / place.name).write_text("My letter.md")
    index.build([texts, uploads_of(folder) / "uploads"], index_dir=folder, embedder="hashing")
    receipt_key(folder)
    (folder / "feedback.jsonl").write_text('{"question": "?"}\n')
    return folder


def contents(folder: Path) -> list[tuple[str, str]]:
    """Return what an index holds: id and text of every document."""
    with index.open(folder) as opened:
        store = opened.store
        hits = [hit.key for hit in store.dense(opened.embed_query("lighthouse herons")[0], 3)]
        assert hits
        return sorted((one, store.document(one).text) for one in store.document_ids())


@pytest.mark.parametrize("name", ["all.tar", "all.tar.gz"])
def test_what_comes_back_is_what_was_there(tmp_path: Path, texts: Path, name: str) -> None:
    old = made(tmp_path / "old", texts)
    written = index.back_up(tmp_path / name, old)
    assert os.name != "posix" or (tmp_path / name).stat().st_mode & 0o077 == 0
    done = index.restore(tmp_path / name, tmp_path / "new")
    assert (done.documents, done.passages, done.files) == (written.documents, written.passages, written.files)
    assert contents(tmp_path / "new") == contents(old)
    assert index.verify(tmp_path / "new") == ()
    for same in ("receipts.key", "feedback.jsonl"):
        assert (tmp_path / "new" / same).read_bytes() == (old / same).read_bytes()
    assert index.sources_of(tmp_path / "new") == (str(texts), str(tmp_path / "new-files" / "uploads"))
    report = index.build(index_dir=tmp_path / "new")
    assert (report.added, report.changed, report.removed, report.embedded) == ((), (), (), 0)
    assert "My letter.md" in {one.source for one in list_documents(tmp_path / "new").documents}


def test_an_index_is_replaced_only_where_that_was_said(tmp_path: Path, texts: Path) -> None:
    old = made(tmp_path / "old", texts)
    index.back_up(tmp_path / "all.tar", old)
    before = contents(old)
    with pytest.raises(ConfigError, match="--force"):
        index.back_up(tmp_path / "all.tar", old)
    (texts / "later.md").write_text("Something that came later.\n")
    index.build(index_dir=old)
    with pytest.raises(ConfigError, match="--force"):
        index.restore(tmp_path / "all.tar", old)
    with index.LiveIndex(old).reading() as opened:
        assert opened.manifest.generation == 2
        index.restore(tmp_path / "all.tar", old, force=True)
        assert len(list(opened.store.document_ids())) == len(before) + 1  # who reads goes on with what he had
    assert contents(old) == before and index.verify(old) == ()
    assert index.status(old).generation == 3


def test_a_backup_while_builds_follow_each_other_is_one_generation(tmp_path: Path, corpora: dict[str, Path]) -> None:
    folder = tmp_path / "index"
    index.build([corpora["A"]], index_dir=folder, embedder="hashing")
    pure = {}
    for name in ("A", "B"):
        index.build([corpora[name]], index_dir=folder)
        pure[name] = contents(folder)
    done = threading.Event()

    def rebuild() -> None:
        turn = 0
        while not done.is_set():
            turn += 1
            index.build([corpora["AB"[turn % 2]]], index_dir=folder)

    builder = threading.Thread(target=rebuild)
    builder.start()
    try:
        for number in range(6):
            index.back_up(tmp_path / f"{number}.tar", folder)
    finally:
        done.set()
        builder.join()
    for number in range(6):
        index.restore(tmp_path / f"{number}.tar", tmp_path / f"back-{number}")
        assert contents(tmp_path / f"back-{number}") in pure.values()


@pytest.mark.slow
def test_a_damaged_backup_changes_nothing(tmp_path: Path, texts: Path) -> None:
    old = made(tmp_path / "old", texts)
    index.back_up(tmp_path / "all.tar", old)
    whole, before = (tmp_path / "all.tar").read_bytes(), contents(old)
    files = {path: sha256_file(path) for path in old.rglob("*") if path.is_file()}
    chance, refused = random.Random(4), 0
    for turn in range(60):
        broken = bytearray(whole)
        if turn % 3 == 0:
            del broken[chance.randrange(len(whole)) :]
        else:
            broken[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        (tmp_path / "broken.tar").write_bytes(broken)
        try:
            index.restore(tmp_path / "broken.tar", tmp_path / "trial", force=True)
        except RagError as error:
            refused += 1
            assert "\n" not in str(error)
            continue
        assert contents(tmp_path / "trial") == before  # it fell on padding, which says nothing
    assert refused > 30
    with pytest.raises(IndexDamagedError):
        (tmp_path / "broken.tar").write_bytes(whole[: len(whole) // 2])
        index.restore(tmp_path / "broken.tar", old, force=True)
    assert {path: sha256_file(path) for path in old.rglob("*") if path.is_file()} == files


def rewritten(path: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> None:
    """Write an archive again with its members changed."""
    with tarfile.open(path) as archive:
        members = [(entry, archive.extractfile(entry).read()) for entry in archive]  # type: ignore[union-attr]
    change(members)
    with tarfile.open(path, "w") as archive:
        for entry, content in members:
            entry.size = len(content) if entry.isreg() else 0
            archive.addfile(entry, io.BytesIO(content))


@pytest.mark.parametrize(
    "name",
    ["../escaped", "/tmp/escaped", "beside/../escaped", "beside/pages/../../escaped", "beside/CURRENT",
     "files/uploads/x",
     "files/uploads/0123456789abcdef/../../escaped", "beside/gen-000009/manifest.json"],
)  # fmt: skip
def test_an_archive_that_would_write_elsewhere_is_refused(tmp_path: Path, texts: Path, name: str) -> None:
    index.back_up(tmp_path / "all.tar", made(tmp_path / "old", texts))
    before = set(tmp_path.rglob("*"))

    def add(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        members.insert(-1, (tarfile.TarInfo(name), b"escaped"))

    rewritten(tmp_path / "all.tar", add)
    with pytest.raises(IndexDamagedError, match="which no backup does"):
        index.restore(tmp_path / "all.tar", tmp_path / "new")
    left = {path.name for path in tmp_path.rglob("*") if path not in before} - {"new", "lock"}
    assert left == set() and not Path("/tmp/escaped").exists()


def test_a_link_in_an_archive_is_refused(tmp_path: Path, texts: Path) -> None:
    index.back_up(tmp_path / "all.tar", made(tmp_path / "old", texts))

    def add(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        link = tarfile.TarInfo("beside/receipts.key")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        members.insert(-1, (link, b""))

    rewritten(tmp_path / "all.tar", add)
    with pytest.raises(IndexDamagedError, match="is no file"):
        index.restore(tmp_path / "all.tar", tmp_path / "new")


def test_a_file_of_the_index_that_is_not_as_it_was_written_is_not_backed_up(tmp_path: Path, texts: Path) -> None:
    old = made(tmp_path / "old", texts)
    victim = next(old.glob("gen-*/documents.sqlite"))
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    with pytest.raises(IndexDamagedError, match=r"documents\.sqlite"):
        index.back_up(tmp_path / "all.tar", old)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old", "old-files", "texts"]


def test_wrong_calls_get_one_line(tmp_path: Path, texts: Path) -> None:
    with pytest.raises(IndexMissingError):
        index.back_up(tmp_path / "a.tar", tmp_path / "nothing")
    with pytest.raises(ConfigError, match=r"\.tar"):
        index.back_up(tmp_path / "a.zip", tmp_path / "nothing")
    with pytest.raises(ConfigError, match="pg_dump"):
        index.back_up(tmp_path / "a.tar", "postgresql://me:sesame@host/db")
    with pytest.raises(ConfigError, match="psql"):
        index.restore(tmp_path / "a.tar", "postgresql://host/db")
    with pytest.raises(ConfigError, match="no such file"):
        index.restore(tmp_path / "a.tar", tmp_path / "new")
    (tmp_path / "b.tar").write_text("no archive")
    with pytest.raises(IndexDamagedError, match="no whole backup"):
        index.restore(tmp_path / "b.tar", tmp_path / "new")
    old = made(tmp_path / "old", texts)
    index.back_up(tmp_path / "c.tar", old)
    from index.disk.locks import BuildLock

    with BuildLock(old), pytest.raises(IndexBusyError):
        index.restore(tmp_path / "c.tar", old, force=True)
    called = CliRunner().invoke(app, ["backup", str(tmp_path / "d.tar"), "--index", str(old), "--json"])
    assert json.loads(called.output)["documents"] == 5
    called = CliRunner().invoke(app, ["restore", str(tmp_path / "d.tar"), "--index", str(tmp_path / "e")])
    assert called.exit_code == 0 and "5 documents" in called.output
