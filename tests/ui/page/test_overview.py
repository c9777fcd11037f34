"""What a document is about, above the document in the reader: its own sentences, each a way to its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import index
from rag import Assistant
from rag.config import AnswerConfig
from tests.harness.ui_browser import browser, visit
from tests.harness.ui_server import Site, chat_site
from ui.service.library.builds import Builds
from ui.service.library.library import Library, Rights

__all__ = ["browser", "visit"]
pytestmark = pytest.mark.browser

TEXT = (
    "# The light at Torvik\n\nAda Brandt kept the light at Torvik for <b>thirty</b> years.\n\n"
    + "".join(f"She wrote down the names of {number} ships that passed the island.\n\n" for number in range(60))
    + "The lamp became electric, and nobody wrote down the ships any more.\n"
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "note.txt").write_text(TEXT, "utf-8")
    index.build([tmp_path / "note.txt"], index_dir=tmp_path / "index", embedder="hashing")
    live = index.LiveIndex(tmp_path / "index")
    library = Library(live.folder, Rights(local=True), Builds(live.folder))
    with chat_site(Assistant(index=live, config=AnswerConfig(min_confidence=0.0)), library=library) as served:
        yield served
    live.close()


@pytest.mark.slow
def test_it_stands_unfolded_above_a_document_of_the_library_and_leads_to_its_words(visit: Any, site: Site) -> None:
    me = visit()
    me.page.click("[data-do=library]")
    me.page.locator("#bq-documents .bq-document-title").first.click()
    me.page.wait_for_selector("#bq-page .bq-overview[open] .bq-point")
    points = me.page.locator("#bq-page .bq-point")
    assert 1 <= points.count() <= 4
    words = points.last.inner_text()
    assert words in " ".join(TEXT.split())
    points.last.click()
    me.page.wait_for_selector("#bq-page mark[aria-current]")
    assert me.text("#bq-page mark[aria-current]") == words
    assert me.page.locator("#bq-page .bq-overview[open]").count() == 0  # the words come first now
    assert me.page.locator("#bq-page .bq-overview").count() == 1
    me.shot("reader-overview")


@pytest.mark.slow
def test_words_of_a_document_are_text_and_never_markup(visit: Any, site: Site) -> None:
    me = visit()
    me.page.click("[data-do=library]")
    me.page.locator("#bq-documents .bq-document-title").first.click()
    me.page.wait_for_selector("#bq-page .bq-overview")
    assert me.page.locator("#bq-page .bq-overview b").count() == 0
