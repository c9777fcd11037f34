"""What has changed is noticed, however it hides; what was doubtful in reading is told."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import index
from index.disk import files
from index.disk.generations import read_current
from index.disk.ledger import read_ledger
from index.opening.listing import list_documents
from tests.harness.index_helpers import build
from ui.cli.commands.indexing import report_lines

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def _edited_in_place(path: Path, old: str, new: str) -> None:
    """Change a file to another text of the same size and put its time back, as `touch -r` does."""
    before = path.stat()
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def _replaced(path: Path, old: str, new: str) -> None:
    """Put another file of the same size and time in its place, as unpackers and synchronisers do."""
    before, other = path.stat(), path.with_suffix(".other")
    other.write_text(path.read_text().replace(old, new))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


def _aged(texts: Path, folder: Path) -> None:
    """Build long enough after the files were written that their times alone would do."""
    for path in texts.rglob("*.txt"):
        os.utime(path, ns=(10**18, 10**18))
    time.sleep(2.1)
    build(folder, texts)


@pytest.mark.parametrize("change", [_edited_in_place, _replaced])
def test_the_same_size_and_a_restored_time_hide_no_change(
    change: Callable[[Path, str, str], None], texts: Path, folder: Path
) -> None:
    _aged(texts, folder)
    change(texts / "one.txt", "The one text", "The won text")
    report = build(folder, texts)
    assert [source.rsplit("/")[-1] for source in report.changed] == ["one.txt"] and len(report.unchanged) == 3
    with index.open(folder) as opened:
        texts_now = [opened.store.document(name).text for name in opened.store.document_ids()]
    assert sum("The won text" in text for text in texts_now) == 1 and not any(
        "The one text" in text for text in texts_now
    )


def test_unchanged_files_are_not_read_again(texts: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _aged(texts, folder)
    hashed: list[str] = []

    def noted(path: Path) -> list[bytes]:
        hashed.extend([path.name] if path.suffix == ".txt" else [])
        return [path.read_bytes()]

    monkeypatch.setattr(files, "read_blocks", noted)
    assert build(folder, texts).unchanged and hashed == []
    assert build(folder, texts, by_content=True).unchanged and sorted(hashed) == [
        "four.txt",
        "one.txt",
        "three.txt",
        "two.txt",
    ]


def test_an_index_of_an_earlier_version_notes_more_of_its_files_once(texts: Path, folder: Path) -> None:
    _aged(texts, folder)
    current = read_current(folder)
    ledger = read_ledger(current.folder)
    assert all(record.ctime_ns and record.inode for record in ledger.files)
    fields = {
        "size": 1,
        "mtime_ns": 2,
        "digest": "d",
        "source": "s",
        "path": "p",
        "documents": ["a"],
        "state": "indexed",
    }
    (folder / "old").mkdir()
    content = {"files": [fields], "left_out": [], "started_ns": 3}
    (folder / "old" / "sources.json").write_text(json.dumps(content))
    (record,) = read_ledger(folder / "old").files
    assert (record.ctime_ns, record.inode, record.warnings, record.documents) == (0, 0, (), ("a",))


def test_what_was_doubtful_in_reading_is_told_everywhere(tmp_path: Path, folder: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "table.csv").write_text("title,text\nA,The harbour opened in 1911.\nB,one,too,many,columns,here\n")
    old = "Кит живёт в море и поёт. Маяк стоит на берегу уже сто лет, и его видно издалека. " * 4
    (texts / "old.txt").write_bytes(old.encode("koi8-r"))
    report = build(folder, texts)
    assert report.warnings
    sources = {warning.split(": ")[0].rsplit("/")[-1] for warning in report.warnings}
    assert "old.txt" in sources
    shown = "\n".join(map(str, report_lines(report)))
    assert all(f"check: {warning}" in shown for warning in report.warnings)
    assert len(index.status(folder).warned) == len(report.warnings)
    again = build(folder, texts)
    assert again.unchanged and not again.warnings
    assert len(index.status(folder).warned) == len(report.warnings)  # what was not read again keeps them
    listed = {one.source.rsplit("/")[-1]: one for one in list_documents(folder).documents}
    assert listed["old.txt"].state == "indexed" and listed["old.txt"].reason
