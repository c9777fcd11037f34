"""Uploaded files are called by their own names: in reports, lists, answers, warnings and on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

import index
from index.building.report import BuildReport, merged
from index.opening.listing import list_documents
from index.sources.uploaded import own_name
from tests.harness.ui_library import library, site
from tests.harness.ui_server import Site
from tests.ui.service.library.test_library import TREES, Admin
from ui.service.library.library import Library
from ui.service.library.uploads import shown_name

__all__ = ["library", "site"]
NAMES = ("the old trees.txt", "Ünïcode – Ağaç.md", "تقرير السنة ٢٠٢٤.txt", "کتاب‌ها.txt", "年度报告（终稿）.txt")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    (folder / "texts").mkdir()
    (folder / "texts" / "mill.txt").write_text("The mill burnt down.", "utf-8")
    index.build([folder / "texts"], index_dir=folder / "index", embedder="hashing")
    return folder


@pytest.mark.slow
def test_own_names_everywhere(site: Site, library: Library) -> None:
    me = Admin(site)
    for number, name in enumerate(NAMES):
        assert me.upload(name, f"{TREES} It is tree number {number}.".encode()).status_code == 202
    broken = b'{"title": "A", "text": "Tree number nine."}\n{"title": \n{"title": "B", "text": "Tree number ten."}\n'
    assert me.upload("my rows.jsonl", broken).status_code == 202
    me.wait()
    report = httpx.get(f"{site.url}/library/state", params={"since": 0}).json()["build"]["report"]
    assert sorted(report["added"]) == sorted((*NAMES, "my rows.jsonl"))
    assert report["warnings"] and all(one.startswith("my rows.jsonl: ") for one in report["warnings"])
    assert "no valid JSON" in str(report["warnings"])
    result: list[Any] = [me.documents(), report]
    for question in ("How is the oldest tree called?", "Which tree is number ten?"):
        result += [
            httpx.post(f"{site.url}/api/{way}", json={"question": question}, timeout=120).json()
            for way in ("answer", "search")
        ]
        body = {"messages": [{"role": "user", "content": question}]}
        result.append(httpx.post(f"{site.url}/v1/chat/completions", json=body, timeout=120).json())
    result += [
        index.status(library.index_dir).warned,
        [one.source for one in list_documents(library.index_dir).documents],
    ]
    text = json.dumps(result, ensure_ascii=False)
    assert "uploads/" not in text
    assert all(path.name not in text for path in library.uploads.folder.iterdir())
    assert all(name in text for name in NAMES)
    (document,) = [one for one in me.documents()["documents"] if one["source"] == NAMES[0]]
    page = httpx.get(f"{site.url}/chat/document", params={"id": document["id"]}).text
    assert NAMES[0] in page and "uploads/" not in page


@pytest.mark.slow
def test_two_files_of_one_name_are_told_apart_and_stay_so(site: Site, library: Library) -> None:
    me = Admin(site)
    for number in range(4):
        assert me.upload("notes.txt", f"Note {number}: {TREES}".encode()).status_code == 202
        me.wait()
    wanted = {"notes.txt", "notes (2).txt", "notes (3).txt", "notes (4).txt"}
    assert {one["source"] for one in me.documents()["documents"] if one["uploaded"]} == wanted
    (first,) = [one for one in me.documents()["documents"] if one["source"] == "notes.txt"]
    me.post("remove", {"id": first["id"]})
    assert me.wait()["report"]["removed"] == ["notes.txt"]
    assert me.wait()["report"]["changed"] == []


def test_uploads_of_an_earlier_version_are_renamed_and_not_read_anew(library: Library) -> None:
    place = library.uploads.folder / "0123456789abcdef"
    place.mkdir(parents=True)
    (place / "the-trees.txt").write_text(TREES, "utf-8")
    assert own_name(place / "the-trees.txt") == "the-trees.txt"
    report = index.build([library.uploads.folder], index_dir=library.index_dir)
    assert report.added == ("the-trees.txt",)


def test_names_that_would_mislead_are_made_plain() -> None:
    assert shown_name("../../etc/the trees.txt") == "the trees.txt"
    assert shown_name("C:\\users\\me\\a.txt") == "a.txt"
    assert shown_name("invoice\u202ecod.txt") == "invoice cod.txt"
    assert shown_name("two\nlines\x1b[31m.txt") == "two lines [31m.txt"
    assert shown_name("کتاب\u200cها.txt") == "کتاب\u200cها.txt"
    assert shown_name(".txt") == "document.txt"
    assert len(shown_name("x" * 5_000 + ".pdf")) < 200
    assert shown_name("A B.TXT") == "A B.TXT"


def test_a_name_that_was_tampered_with_is_not_believed(tmp_path: Path) -> None:
    place = tmp_path / "i-files" / "uploads" / "0123456789abcdef"
    (tmp_path / "i-files" / "names").mkdir(parents=True)
    place.mkdir(parents=True)
    for kept in (b"", b"\xff\xfe", b"a/b.txt", b"a\x1b[31m.txt"):
        (tmp_path / "i-files" / "names" / place.name).write_bytes(kept)
        assert own_name(place / "safe.txt") == "safe.txt"
    assert own_name(tmp_path / "notes" / "a.txt") is None


def _report(**fields: Any) -> BuildReport:
    empty: dict[str, Any] = dict.fromkeys(
        ("added", "changed", "renamed", "removed", "unchanged", "skipped", "failed"), ()
    )
    return BuildReport(**{**empty, "passages": 1, "embedded": 1, "generation": 1, "seconds": 1.0, **fields})


def test_reports_of_several_builds_become_one() -> None:
    first = _report(added=("a", "b"), unchanged=("x",), warnings=("a: guessed",))
    second = _report(added=("c",), changed=("a",), removed=("b", "x"), unchanged=(), warnings=("c: guessed",))
    both = merged([first, second])
    assert (both.added, both.changed, both.removed) == (("a", "c"), (), ("x",))
    assert both.unchanged == () and both.warnings == ("a: guessed", "c: guessed") and both.embedded == 2
    assert merged([second]) == second


def test_doubts_stay_in_the_status_and_in_the_list(library: Library, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "old.txt").write_bytes("Der Müller heißt Jürgen und wohnt in Köln.".encode("latin-1"))
    good = '{"id": "%s", "title": "A", "text": "Tree number nine."}\n'
    rows = good % 7 + good % 8 + "{broken\n" * 2
    (tmp_path / "more" / "rows.jsonl").write_text(rows, "utf-8")
    (tmp_path / "more" / "twin.jsonl").write_text(rows.replace("nine", "ten"), "utf-8")
    report = index.build([tmp_path / "more"], index_dir=library.index_dir)
    result = {"encoding is not stated", "2 lines are no valid JSON", "its id '7' is that of another document"}
    assert all(any(part in one for one in report.warnings) for part in result)
    for _ in range(2):  # also after an update that reads nothing
        warned = [f"{source}: {text}" for source, text in index.status(library.index_dir).warned]
        assert all(any(part in one for one in warned) for part in result), warned
        listed = {one.source: one.warnings for one in list_documents(library.index_dir).documents}
        assert any("encoding" in one for one in listed["more/old.txt"])
        assert index.build(index_dir=library.index_dir).warnings == ()
