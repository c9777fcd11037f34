"""The library in a real browser: a file is dropped, indexed and asked while another tab goes on asking."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import index
from rag import Assistant
from tests.harness.ui_browser import BOX, DONE, Visitor, browser, visit
from tests.harness.ui_server import Site, chat_site
from tests.ui.service.library.test_library import TREES
from ui.service.library.library import Library, Rights

__all__ = ["browser", "visit"]
pytestmark = pytest.mark.browser
OPEN = ".bq-header [data-do=library]"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("library")
    (folder / "texts").mkdir()
    (folder / "texts" / "<img src=x onerror=alert(1)>.md").write_text("# <b>Mills</b>\n\nThe mill burnt down.", "utf-8")
    (folder / "texts" / "masr.md").write_text("# مصر والعراق\n\nوصل الوزير إلى القاهرة يوم السبت.", "utf-8")
    index.build([folder / "texts"], index_dir=folder / "index", embedder="hashing")
    library = Library(folder / "index", Rights(local=True))
    with chat_site(Assistant(index_dir=folder / "index"), library=library) as served:
        yield served


def enter(me: Visitor) -> None:
    me.page.click(OPEN)
    me.page.wait_for_selector(".bq-document")


def settled(me: Visitor, documents: int) -> None:
    me.page.wait_for_function(f"document.querySelectorAll('.bq-document[data-state=indexed]').length === {documents}")
    me.page.wait_for_selector(".bq-report .bq-counts")


def dropped(me: Visitor, *paths: Path) -> None:
    """Drop files from outside the browser, as a hand does: the browser itself makes the events.

    A busy Chromium drops nothing when the answer to the last movement has not come back; then the hand tries again.
    """
    wire = me.context.new_cdp_session(me.page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    me.page.evaluate("() => document.addEventListener('drop', () => { document.body.dataset.drops = 'yes'; })")
    me.page.evaluate("() => { delete document.body.dataset.drops; }")

    def event(kind: str) -> None:
        wire.send("Input.dispatchDragEvent", {"type": kind, "x": 600, "y": 400, "data": data})

    for _ in range(5):
        event("dragEnter")
        for _ in range(100):  # a hand that waits goes on sending events; one alone may come before the page is drawn
            event("dragOver")
            if me.page.locator(".bq-dropping .bq-drop").is_visible():
                break
            me.page.wait_for_timeout(100)
        assert "Drop files here" in me.text(".bq-drop")
        event("drop")
        me.page.wait_for_function("() => !document.body.classList.contains('bq-dropping')")
        if me.page.evaluate("() => document.body.dataset.drops"):
            return
    raise AssertionError("the browser lost every drop")


@pytest.mark.slow
def test_the_veil_goes_when_a_drag_ends_without_a_word(visit: Any) -> None:
    me = visit()
    enter(me)
    wire = me.context.new_cdp_session(me.page)
    data = {"items": [], "files": [__file__], "dragOperationsMask": 1}
    wire.send("Input.dispatchDragEvent", {"type": "dragEnter", "x": 600, "y": 400, "data": data})
    wire.send("Input.dispatchDragEvent", {"type": "dragOver", "x": 600, "y": 400, "data": data})
    me.page.wait_for_selector(".bq-dropping .bq-drop")
    me.page.wait_for_function("() => !document.body.classList.contains('bq-dropping')")


@pytest.mark.slow
def test_a_dropped_file_answers_while_another_tab_asks(visit: Any, tmp_path: Path) -> None:
    me, other = visit(), visit()
    enter(me)
    assert me.page.locator(".bq-document").count() == 2
    (tmp_path / "old trees.txt").write_text(TREES, "utf-8")
    (tmp_path / "photo.pdf").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    dropped(me, tmp_path / "old trees.txt", tmp_path / "photo.pdf")
    asked = 0
    while asked < 3 or me.page.locator(".bq-document[data-state=indexed]").count() < 3:
        asked += 1
        other.ask("What burnt down" + "?" * asked)  # the same words again would be waited for in vain
        assert "mill burnt" in other.text("#bq-live"), asked
        assert asked < 200
    assert other.page.locator("[data-state=failed]").count() == 0
    settled(me, 3)
    assert "photo.pdf: No text could be read" in me.text("#bq-build [role=alert]")
    assert "Added 1" in me.text(".bq-report")
    assert "old trees.txt" in me.text(".bq-report [data-kind=added]")
    assert "up to date" not in me.text("#bq-build")  # a failure stands there
    me.shot("library-report")
    other.ask("Who is Ulrich, the oldest tree?")
    assert "called Ulrich" in other.text("#bq-live")
    mine = me.page.locator(".bq-document", has_text="old trees")
    mine.locator("button.bq-trash").click()
    assert "The uploaded copy is deleted" in me.text(".bq-sure")
    me.shot("library-sure")
    me.page.keyboard.press("Escape")  # asked and taken back: nothing is gone, and the library is still open
    assert me.page.locator(".bq-sure").count() == 0
    assert me.page.locator(".bq-document[data-state=indexed]").count() == 3
    mine.locator("button.bq-trash").click()
    me.page.click(".bq-sure .bq-primary")
    me.page.wait_for_function("document.querySelectorAll('.bq-document[data-state=indexed]').length === 2")
    other.ask("Who is Ulrich, the oldest tree?")
    assert "called Ulrich" not in other.text("#bq-live")


def test_a_folder_is_added_from_the_page(visit: Any, tmp_path: Path) -> None:
    me = visit()
    enter(me)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "trees.txt").write_text(TREES, "utf-8")
    me.page.fill("#bq-place", str(tmp_path / "nowhere"))
    me.page.keyboard.press("Enter")
    me.page.wait_for_selector("#bq-build [role=alert]")
    assert "nothing at that place" in me.text("#bq-build [role=alert]")
    me.page.fill("#bq-place", str(tmp_path / "notes"))
    me.page.click("[data-do=library-place]")
    settled(me, 3)
    assert me.page.input_value("#bq-place") == ""
    me.page.keyboard.press("Escape")
    me.ask("Who is Ulrich, the oldest tree?")
    assert "called Ulrich" in me.text("#bq-live")
    me.page.click(OPEN)
    notes = me.page.locator(".bq-place", has_text="notes")
    notes.locator("button.bq-trash").click()
    assert "No file is deleted" in me.text(".bq-sure")
    me.shot("library-place-sure")
    me.page.click(".bq-sure .bq-primary")  # the next test finds the index as it was
    assert (tmp_path / "notes" / "trees.txt").exists()
    me.page.wait_for_function("document.querySelectorAll('.bq-document[data-state=indexed]').length === 2")


@pytest.mark.slow
def test_an_update_shows_its_progress_and_refuses_a_second_one(visit: Any) -> None:
    me = visit()
    state = {"admin": True, "local": True, "token": "x", "bytes": 5e7, "extensions": [".txt"]}
    build = {"number": 9, "running": True, "stage": "embedding", "done": 3, "total": 4, "source": "", "problem": ""}
    result: dict[str, Any] = {**state, "build": build}
    me.page.route("**/library/state", lambda route: route.fulfill(json=result))
    enter(me)
    me.page.wait_for_selector(".bq-progress[aria-valuenow='75']")
    assert me.text(".bq-stage") == "Working out the meaning: 3 of 4"
    me.page.route("**/library/update", lambda route: route.fulfill(status=409, json={"error": "already_running"}))
    me.page.click("[data-do=library-update]", force=True)
    me.page.wait_for_selector("#bq-build [role=alert]")
    assert "already running" in me.text("#bq-build [role=alert]")
    me.shot("library-progress")
    result["build"] = {**build, "running": False, "problem": "disk full; make room", "busy": False, "report": None}
    me.page.wait_for_function("document.querySelector('#bq-build').textContent.includes('disk full')")
    assert "still answers" in me.text("#bq-build")


@pytest.mark.slow
def test_titles_are_text_and_open_in_the_reader(visit: Any) -> None:
    me = visit()
    enter(me)
    assert me.page.locator("#bq-library :is(img, script, iframe, a, svg)").count() == 0
    assert "onerror" in me.text("#bq-documents")
    me.page.fill("#bq-library-find", "مصر")
    me.page.wait_for_function("document.querySelectorAll('.bq-document').length === 1")
    me.page.click(".bq-document-title")
    me.page.wait_for_selector("#bq-page .bq-text[dir=rtl]")
    me.shot("library-reader")
    me.page.keyboard.press("Escape")
    assert me.page.locator("#bq-reader").is_hidden()
    me.page.fill("#bq-library-find", "zzz")
    me.page.wait_for_selector("#bq-documents .bq-none")
    me.page.keyboard.press("Escape")
    assert me.page.locator("#bq-library").is_hidden()
    assert me.page.evaluate("document.activeElement.dataset.do") == "library"
    me.ask("What burnt down?", wait=DONE)


@pytest.mark.slow
def test_the_library_holds_in_every_width_and_direction(visit: Any) -> None:
    me = visit()
    enter(me)
    beyond = "one => { const box = one.getBoundingClientRect(); return box.left < -1 || box.right > innerWidth + 1; }"
    parts = "'#bq-library *, .bq-header *'"
    seen = f"[...document.querySelectorAll({parts})].filter(n => n.checkVisibility()).filter({beyond})"
    for width, code, scheme in (
        (360, "en", "light"),
        (360, "ar", "dark"),
        (768, "fa", "light"),
        (1280, "he", "light"),
        (3840, "zh", "dark"),
    ):
        me.page.set_viewport_size({"width": width, "height": 780})
        me.page.emulate_media(color_scheme=scheme)
        me.page.evaluate("code => babelquote.speak(code)", code)
        assert me.overflow() == 0
        assert me.page.evaluate(f"{seen}.map(n => n.className)") == [], (width, code)
        assert me.style("#bq-library", "direction") == ("rtl" if code in ("ar", "fa", "he") else "ltr")
        me.shot(f"library-{width}-{code}-{scheme}")


@pytest.mark.slow
def test_the_chat_behind_the_library_is_out_of_reach(visit: Any) -> None:
    me = visit()
    enter(me)
    assert me.page.evaluate("document.querySelector('#bq-composer').inert")
    me.page.click(OPEN)
    assert not me.page.evaluate("document.querySelector('#bq-composer').inert")
    me.page.fill(BOX, "now")


@pytest.mark.slow
def test_axe_finds_nothing_serious_in_the_library(visit: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    for scheme in ("light", "dark"):
        me = visit(color_scheme=scheme)
        enter(me)
        me.page.wait_for_timeout(400)
        found = axe.Axe().run(me.page).response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
