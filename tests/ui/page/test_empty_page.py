"""A server without an index in a real browser: it opens with an empty library, and answers after the first upload."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import index
from rag import Assistant
from tests.harness.ui_browser import DONE, browser, visit
from tests.harness.ui_server import Site, chat_site
from tests.ui.service.library.test_library import TREES
from tests.ui.service.library.test_library_page import OPEN, dropped
from ui.service.library.builds import Builds
from ui.service.library.library import Library, Rights

__all__ = ["browser", "visit"]
pytestmark = pytest.mark.browser


def quick(**settings: Any) -> index.BuildReport:
    """Build with an embedder that needs no model."""
    first = not (Path(settings["index_dir"]) / "CURRENT").exists()
    return index.build(**settings, embedder="hashing" if first else None)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    live = index.LiveIndex(tmp_path / "none" / "index", wait=True)
    library = Library(live.folder, Rights(local=True), Builds(live.folder, quick))
    with chat_site(Assistant(index=live), library=library) as served:
        yield served
    live.close()


@pytest.mark.slow
def test_the_first_upload_makes_the_chat_work(visit: Any, tmp_path: Path, site: Site) -> None:
    me = visit()
    me.page.wait_for_selector("#bq-library .bq-nothing")
    assert "No documents yet" in me.text("#bq-library")
    assert me.page.locator("[data-do=library-update]").is_hidden()  # it would index the samples unasked
    assert me.page.locator(".bq-nothing button").count() == 2
    me.shot("empty-library")
    me.page.keyboard.press("Escape")
    me.ask("Who is Ulrich?", wait="#bq-live [data-state=failed]")
    assert "Nothing is indexed yet" in me.text("#bq-live")
    reply = httpx.post(f"{site.url}/api/answer", json={"question": "Who is Ulrich?"}, timeout=60)
    assert (reply.status_code, reply.json()["error"]["message"].count("\n")) == (503, 0)
    me.page.click(OPEN)
    (tmp_path / "the old trees.txt").write_text(TREES, "utf-8")
    (tmp_path / "photo.pdf").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    dropped(me, tmp_path / "photo.pdf")
    me.page.wait_for_selector("#bq-build [role=alert]")
    assert me.text(".bq-stage") == ""  # a failure stands under no sentence that all is well
    dropped(me, tmp_path / "the old trees.txt", tmp_path / "photo.pdf")
    me.page.wait_for_selector(".bq-document[data-state=indexed]")
    me.page.wait_for_selector(".bq-report .bq-counts")
    said = me.page.locator(".bq-stage", has_text="The index was updated, but not everything could be read.")
    said.wait_for()  # also where the second file is still on its way while the first one is indexed
    assert "the old trees.txt" in me.text(".bq-report [data-kind=added]")
    assert "uploads/" not in me.text("body #bq-library")
    me.shot("empty-first-upload")
    me.page.keyboard.press("Escape")
    me.ask("How is the oldest tree of the forest called?", wait=DONE)
    assert "called Ulrich" in me.text("#bq-live")
    assert "the old trees.txt" in me.text("#bq-live")


def test_programs_get_one_line(site: Site) -> None:
    body = {"messages": [{"role": "user", "content": "Who is Ulrich?"}]}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    call |= {"params": {"name": "answer", "arguments": {"question": "Who is Ulrich?"}}}
    accept = {"accept": "application/json, text/event-stream"}
    for path, sent, status in (
        ("api/answer", {"question": "Who is Ulrich?"}, 503),
        ("api/search", {"question": "Who is Ulrich?"}, 503),
        ("v1/chat/completions", body, 503),
        ("mcp", call, 200),
    ):
        answer = httpx.post(f"{site.url}/{path}", json=sent, headers=accept, timeout=60)
        assert answer.status_code == status, path
        assert "Nothing is indexed yet: add documents" in answer.text
    assert httpx.get(f"{site.url}/library/documents", timeout=60).json()["total"] == 0
    streamed = httpx.post(f"{site.url}/api/answer", json={"question": "Who?", "stream": True}, timeout=60).text
    assert "Nothing is indexed yet" in streamed and streamed.endswith("data: [DONE]\n\n")


@pytest.mark.slow
def test_it_holds_on_a_phone_and_from_right_to_left(visit: Any) -> None:
    for width, height, code, scheme in (
        (360, 740, "en", "light"),
        (360, 740, "ar", "dark"),
        (1280, 860, "ar", "light"),
        (1280, 860, "en", "dark"),
    ):
        me = visit(viewport={"width": width, "height": height}, color_scheme=scheme)
        me.page.wait_for_selector("#bq-library .bq-nothing")
        me.page.evaluate("code => babelquote.speak(code)", code)
        assert me.overflow() == 0
        close = me.page.locator("#bq-library .bq-library-head > .bq-round")
        assert close.is_visible()
        box = close.bounding_box()
        assert box["width"] >= 24 and box["height"] >= 24
        me.shot(f"empty-{width}-{code}-{scheme}")
        close.click()
        assert me.page.locator("#bq-library").is_hidden()
