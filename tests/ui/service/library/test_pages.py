"""Pages of PDF documents as they look, and original files: for who may see the document, as they were indexed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import index
from index.opening.listing import list_documents
from index.sources.sandbox.pictures import Pictures
from rag import Assistant, Filter
from tests.harness.partly_slow import partly_slow
from tests.harness.ui_browser import browser, visit  # noqa: F401 - fixtures
from tests.harness.ui_server import Site, chat_site
from tests.index.sources.pdf.test_pdf_places import LINES
from tests.index.sources.pdf.test_sources_pdf_pages import _pdf

QUOTE = "the long vote in the council, which had been postponed twice."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    pages = [[(72.0, 700.0 - 16 * at, 11.0, line) for at, line in enumerate(LINES)] for _ in range(2)]
    (folder / "texts").mkdir()
    (folder / "texts" / "news.pdf").write_bytes(_pdf(pages))
    (folder / "texts" / "note.txt").write_text("A note that is no page at all.", encoding="utf-8")
    (folder / "texts" / "rows.jsonl").write_text('{"id": "a", "text": "One row."}\n{"id": "b", "text": "Two rows."}\n')
    index.build([folder / "texts"], index_dir=folder / "index", embedder="hashing")
    return folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    with chat_site(Assistant(index_dir=folder / "index")) as served:
        yield served


def ids(folder: Path) -> dict[str, str]:
    return {one.source.rpartition("/")[2]: one.id for one in list_documents(folder / "index").documents}


def get(site: Site, path: str, **query: object) -> httpx.Response:
    return httpx.get(f"{site.url}/chat/{path}", params={k: str(v) for k, v in query.items()}, timeout=120)


def place(site: Site, name: str, words: str) -> tuple[int, int]:
    start = site.assistant.document(name).text.index(words)
    return start, start + len(words)


def test_the_page_of_a_quote_is_drawn_with_its_marks(site: Site, folder: Path) -> None:
    name = ids(folder)["news.pdf"]
    start, end = place(site, name, QUOTE)
    reply = get(site, "page", id=name, start=start, end=end).json()
    assert (reply["page"], reply["pages"], reply["note"]) == (1, 2, "")
    assert len(reply["boxes"]) == 3
    assert reply["image"].startswith("data:image/webp;base64,")
    other = get(site, "page", id=name, start=start, end=end, page=2).json()
    assert other["page"] == 2
    larger = get(site, "page", id=name, zoom=1).json()
    assert larger["width"] > reply["width"]
    assert larger["boxes"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [({"id": "nothing"}, 404), ({"id": "note.txt"}, 409), ({"id": "news.pdf", "page": 99}, 409), ({}, 404)],
)
def test_what_cannot_be_drawn_is_reported(site: Site, folder: Path, query: dict[str, object], status: int) -> None:
    query = {**query, "id": ids(folder).get(str(query.get("id")), query.get("id", ""))}
    answer = get(site, "page", **query)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}


def test_the_original_is_sent_to_be_kept_and_never_shown(site: Site, folder: Path) -> None:
    answer = get(site, "original", id=ids(folder)["news.pdf"])
    assert answer.content == (folder / "texts" / "news.pdf").read_bytes()
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''news.pdf"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_reader_says_what_there_is(site: Site, folder: Path) -> None:
    names = ids(folder)
    assert 'data-pages="yes"' in get(site, "document", id=names["news.pdf"]).text
    note = get(site, "document", id=names["note.txt"]).text
    assert "data-pages" not in note
    assert 'data-original="yes"' in note


@pytest.mark.slow
def test_who_may_not_see_a_document_sees_neither_page_nor_file(folder: Path) -> None:
    names = ids(folder)
    narrow = Assistant(index_dir=folder / "index", where=Filter(documents=(names["note.txt"], "a")))
    with chat_site(narrow) as site:
        for path in ("page", "original"):
            assert get(site, path, id=names["news.pdf"]).status_code == 404
        assert get(site, "original", id=names["note.txt"]).status_code == 200
        # The file holds a row that may not be seen as well.
        assert get(site, "original", id="a").status_code == 404
        assert "data-original" not in get(site, "document", id="a").text


def test_what_draws_gets_ready_when_the_text_of_a_pdf_is_opened(
    site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    monkeypatch.setattr(Pictures, "prepare", lambda _: started.append(1))
    for name, count in (("note.txt", 0), ("news.pdf", 1)):
        assert get(site, "document", id=ids(folder)[name]).status_code == 200
        assert len(started) == count


@pytest.mark.slow
def test_a_file_that_has_changed_is_neither_drawn_nor_sent(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    path = tmp_path / "texts" / "news.pdf"
    path.write_bytes((folder / "texts" / "news.pdf").read_bytes())
    index.build([path], index_dir=tmp_path / "index", embedder="hashing")
    with chat_site(Assistant(index_dir=tmp_path / "index")) as site:
        (name,) = ids(tmp_path).values()
        path.write_bytes(path.read_bytes().replace(b"minister", b"monister"))
        for route in ("page", "original"):
            answer = get(site, route, id=name)
            assert (answer.status_code, answer.json()) == (409, {"error": "original_gone"})
        path.unlink()
        assert get(site, "page", id=name).json() == {"error": "original_gone"}


@pytest.mark.browser
@pytest.mark.parametrize(("width", "code"), partly_slow([(390, "ar"), (1280, "en")]))
def test_the_reader_turns_from_text_to_page(
    visit: Any,  # noqa: F811
    site: Site,
    folder: Path,
    width: int,
    code: str,
) -> None:
    name = ids(folder)["news.pdf"]
    start, end = place(site, name, QUOTE)
    me = visit(locale=code, viewport={"width": width, "height": 860})
    page = me.page
    page.goto(f"{site.url}/#d={name}&q={start}-{end}")
    page.wait_for_selector('[data-do="view-page"]', state="visible")
    assert page.is_hidden("#bq-sheet")
    assert not any("chat/page" in url for url in me.requests)  # nothing is drawn that nobody looks at
    page.click('[data-do="view-page"]')
    page.wait_for_selector(".bq-paper img")
    assert page.locator(".bq-box").count() == 3
    assert page.is_hidden("#bq-page")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click('[data-do="page-on"]')
    page.wait_for_function("document.querySelector('[data-do=page-on]').disabled")
    assert page.locator(".bq-box").count() in (0, 3)
    page.click('[data-do="view-text"]')
    assert page.is_hidden("#bq-sheet")
    assert page.locator("#bq-page mark[aria-current]").count() >= 1
