"""Topics on the library page: each narrows the list to its documents, and is a button that tells its state."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

import index
from rag import Assistant
from rag.config import AnswerConfig
from tests.harness.ui_browser import Visitor, browser, come
from tests.harness.ui_server import Site, chat_site
from tests.rag.overview.test_library_overview import BEES, SHIPS
from ui.service.library.builds import Builds
from ui.service.library.library import Library, Rights

__all__ = ["browser", "come"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("topics")
    for kind, texts in (("bees", BEES), ("ships", SHIPS)):
        for number, text in enumerate(texts):
            (folder / f"{kind}{number}.txt").write_text(text, "utf-8")
    index.build([folder], index_dir=folder / "index")
    live = index.LiveIndex(folder / "index")
    library = Library(live.folder, Rights(local=True), Builds(live.folder))
    with chat_site(Assistant(index=live, config=AnswerConfig(reader="none")), library=library) as served:
        yield served
    live.close()


def test_the_list_is_narrowed_to_a_topic_and_a_key_that_is_gone_narrows_nothing(site: Site) -> None:
    reply = httpx.get(f"{site.url}/library/topics?language=en", timeout=60).json()
    assert [one["documents"] for one in reply["topics"]] == [4, 4]
    for one in reply["topics"]:
        found = httpx.get(f"{site.url}/library/documents", params={"topic": one["key"]}).json()
        assert found["found"] == 4 and len({row["title"][:4] for row in found["documents"]}) <= 4
    for key in ("9-en-0", "1-en-99", "x", "1-en-x", "-", "1" * 99 + "-en-0", "²-en-0"):
        assert httpx.get(f"{site.url}/library/documents", params={"topic": key}).json()["found"] == 8


@pytest.mark.browser
@pytest.mark.slow
def test_a_topic_is_chosen_by_keyboard_and_left_again(come: Callable[..., Visitor], site: Site) -> None:
    me = come(site.url)
    me.page.click("[data-do=library]")
    me.page.wait_for_selector("#bq-topics button")
    assert me.page.locator("#bq-documents .bq-document").count() == 8
    topic = me.page.locator("#bq-topics button").first
    topic.focus()
    me.page.keyboard.press("Enter")
    me.page.wait_for_function("document.querySelectorAll('#bq-documents .bq-document').length === 4")
    assert me.page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    me.shot("library-topics")
    me.page.keyboard.press("Enter")
    me.page.wait_for_function("document.querySelectorAll('#bq-documents .bq-document').length === 8")
    assert me.overflow() == 0
