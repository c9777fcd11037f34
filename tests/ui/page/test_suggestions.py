"""Questions to begin with: made once for each state of the index, shown where no samples are, asked by a click."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

import index
from index.errors import StoreError
from rag import Assistant
from rag.config import AnswerConfig
from tests.harness.ui_browser import DONE, browser, visit
from tests.harness.ui_server import Site, chat_site
from ui.service.library.builds import Builds
from ui.service.library.library import Library, Rights

__all__ = ["browser", "visit"]

NOTE = "Ada Brandt kept the light at Torvik. Ada Brandt wrote down every ship that passed the island."


class Counting(Assistant):
    """An assistant that says one thing and counts how often it was asked for it."""

    made = 0
    fails = False

    def suggestions(self, language: str = "en", most: int = 4, documents: Sequence[str] = ()) -> list[str]:
        """Suggest."""
        self.made += 1
        if documents:
            return ["Who kept the light at Torvik?", "Who painted the <b>lamp</b>?"]
        if self.fails:
            raise StoreError("broken")
        return [f"Who kept the light at Torvik ({language})?", "<b>What</b> did she write down?"]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "note.txt").write_text(NOTE, "utf-8")
    index.build([tmp_path / "note.txt"], index_dir=tmp_path / "index", embedder="hashing")
    live = index.LiveIndex(tmp_path / "index")
    library = Library(live.folder, Rights(local=True), Builds(live.folder))
    assistant = Counting(index=live, config=AnswerConfig(min_confidence=0.0))
    with chat_site(assistant, library=library) as served:
        yield served
    live.close()


@pytest.mark.slow
def test_they_are_made_once_for_each_language(site: Site) -> None:
    def asked(language: str) -> Any:
        return httpx.get(f"{site.url}/chat/suggestions?language={language}", timeout=60).json()["questions"]

    assert asked("en") == asked("en")
    assert "(de)" in asked("de")[0]
    assert site.assistant.made == 2


def test_what_cannot_be_suggested_is_no_error(site: Site) -> None:
    site.assistant.fails = True
    answer = httpx.get(f"{site.url}/chat/suggestions?language=en", timeout=60)
    assert (answer.status_code, answer.json()) == (200, {"questions": []})


@pytest.mark.browser
@pytest.mark.slow
def test_they_stand_on_the_first_page_and_are_asked_by_a_click(visit: Any, site: Site) -> None:
    me = visit()
    me.page.wait_for_selector(".bq-examples button")
    shown = me.page.locator(".bq-examples button").all_inner_texts()
    assert shown == ["Who kept the light at Torvik (en)?", "<b>What</b> did she write down?"]  # text, never markup
    me.page.locator(".bq-examples button").first.click()
    me.page.wait_for_selector(DONE)
    assert "Ada Brandt" in me.text("#bq-live")
    me.page.wait_for_selector("#bq-live .bq-further button")  # what else can be asked, without what was asked just now
    assert me.page.locator(".bq-further button").all_inner_texts() == ["Who painted the <b>lamp</b>?"]
    me.shot("further")
    me.page.locator(".bq-further button").click()
    me.page.wait_for_function("document.querySelector('#bq-live .bq-question')?.textContent.includes('lamp')")
