"""What a checker of accessibility finds on every view of the page: nothing serious, whatever size, colours or language.

Each of three sizes, both schemes and four languages comes several times; all their combinations would take minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

import index
from index.opening.listing import list_documents
from index.stores.collections import Collection
from index.stores.keeping import change_collections
from rag import Assistant
from rag.assistant import Where
from rag.config import AnswerConfig
from rag.llms.events import StreamEvent
from rag.types import Answer, Style, Turn
from tests.harness.ui_browser import Visitor, browser, come
from tests.harness.ui_server import Site, chat_site
from tests.index.sources.pdf.test_pdf_places import LINES
from tests.index.sources.pdf.test_sources_pdf_pages import _pdf
from tests.rag.overview.test_library_overview import BEES, SHIPS
from ui.service.library.builds import Builds
from ui.service.library.library import Library, Rights

__all__ = ["browser", "come"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMED = "openai-compatible:a-model-with-a-long-name-32b@127.0.0.1:9"
QUESTION = "Who was asked about the vote in the council?"
DRAFT = "“the long vote in the council” and “the long vote in the office” were two. Nobody has seen 7 ships."
LOOKS = [(360, "light", "de"), (360, "dark", "ar"), (820, "dark", "zh"), (1280, "light", "en")]


class Differing(Assistant):
    """An assistant whose answers name another thing than the reader found, and that suggests questions."""

    pdf = ""  # id of a document that has pages

    def suggestions(self, language: str = "en", most: int = 4, documents: Sequence[str] = ()) -> list[str]:
        """Suggest."""
        return [QUESTION, "Wer wurde nach der Donaudampfschifffahrtsgesellschaftsversammlung befragt?"][:most]

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        k: int | None = None,
        where: Where = None,
        style: Style | None = None,
    ) -> Iterator[StreamEvent]:
        """Say what the assistant says, as if a language model had said another thing than it quotes."""
        for event in super().stream(question, history, k=k, where=where, style=style):
            if isinstance(event, Answer) and event.citations:
                yield replace(event, llm="ollama:qwen3", differs=True, short=replace(event.citations[0], number=1))
            else:
                yield event


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("axe")
    for kind, texts in (("bees", BEES), ("ships", SHIPS)):
        (folder / kind).mkdir()
        for number, text in enumerate(texts):
            (folder / kind / f"{kind}{number}.txt").write_text(text, "utf-8")
    pages = [[(72.0, 700.0 - 16 * at, 11.0, line) for at, line in enumerate(LINES)] for _ in range(2)]
    (folder / "news.pdf").write_bytes(_pdf(pages))
    index.build([folder], index_dir=folder / "index")
    bees = Collection("Bees and what they make", (), (f"{folder.name}/bees",), "group:board", closed=True)
    change_collections(folder / "index", lambda kept: kept.put(bees))
    live = index.LiveIndex(folder / "index")
    library = Library(live.folder, Rights(local=True), Builds(live.folder))
    assistant = Differing(index=live, config=AnswerConfig(reader="none", min_confidence=0.0))
    assistant.pdf = next(one.id for one in list_documents(folder / "index").documents if one.source.endswith("pdf"))
    model = f"{NAMED.partition('@')[0]}@http://127.0.0.1:9/v1"
    with chat_site(assistant, library=library, others={model: assistant}) as served:
        yield served
    live.close()


def first_page(me: Visitor, _site: Site) -> None:
    me.page.wait_for_selector(".bq-examples button")


def choice_of_a_model(me: Visitor, _site: Site) -> None:
    me.page.evaluate("name => localStorage.setItem('babelquote.backend', name)", NAMED)
    me.visit()
    me.page.wait_for_selector(".bq-style:not([hidden])")
    me.page.click("#bq-backend")
    me.page.wait_for_function(
        "[...document.querySelectorAll('.bq-choice-state')].every(n => n.dataset.state !== 'checking')"
    )


def answer(me: Visitor, _site: Site) -> None:
    me.page.keyboard.press("Escape")
    me.ask(QUESTION)
    me.page.wait_for_selector("#bq-live .bq-further button")
    for summary in me.page.locator("#bq-live details:not([open]) > summary").all():
        summary.click()


def overview(me: Visitor, site: Site) -> None:
    me.page.goto(f"{site.url}/#d={site.assistant.pdf}")
    me.page.wait_for_selector("#bq-page .bq-overview")


def page_of_a_pdf(me: Visitor, _site: Site) -> None:
    me.page.click('[data-do="view-page"]')
    me.page.wait_for_selector(".bq-paper img")


def library_and_topics(me: Visitor, _site: Site) -> None:
    me.page.click("#bq-reader [data-do=close-reader]")
    me.page.click("[data-do=library]")
    me.page.wait_for_selector("#bq-topics button")


def folder_and_collection(me: Visitor, _site: Site) -> None:
    me.page.click("#bq-folders button")
    me.page.wait_for_selector("#bq-folders [aria-pressed=true]")
    me.page.click("#bq-collections button")
    me.page.wait_for_selector("#bq-picked .bq-primary")


def changing_a_collection(me: Visitor, _site: Site) -> None:
    me.page.locator("#bq-picked .bq-outline").last.click()
    me.page.wait_for_selector("#bq-collection-name")


def forgetting_a_collection(me: Visitor, _site: Site) -> None:
    me.page.locator(".bq-form-buttons .bq-tool").first.click()
    me.page.wait_for_selector("#bq-picked .bq-sure")
    assert me.page.is_visible(".bq-sure-detail")


def check_within_a_collection(me: Visitor, _site: Site) -> None:
    me.page.keyboard.press("Escape")
    me.page.click('.bq-header [data-do="check"]')
    assert me.page.is_visible("#bq-check-scope")


def check(me: Visitor, _site: Site) -> None:
    me.page.keyboard.press("Escape")
    me.page.click('.bq-header [data-do="check"]')
    me.page.fill("#bq-draft", DRAFT)
    me.page.click('[data-do="check-now"]')
    me.page.wait_for_selector(".bq-finding")


STEPS: tuple[Callable[[Visitor, Site], None], ...] = (
    first_page,
    choice_of_a_model,
    answer,
    overview,
    page_of_a_pdf,
    library_and_topics,
    folder_and_collection,
    changing_a_collection,
    forgetting_a_collection,
    check_within_a_collection,
    check,
)


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_nothing_serious_on_any_view(come: Any, site: Site, width: int, scheme: str, language: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    me: Visitor = come(
        site.url,
        viewport={"width": width, "height": 860},
        color_scheme=scheme,
        locale=language,
        reduced_motion="reduce",
    )
    for step in STEPS:
        step(me, site)
        me.shot(f"axe-{width}-{scheme}-{language}-{step.__name__}")
        assert me.overflow() == 0, step.__name__
        found = axe.Axe().run(me.page).response["violations"]
        serious = [
            (one["id"], [node["target"] for node in one["nodes"]])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert (step.__name__, serious) == (step.__name__, [])
