"""What a checker of accessibility finds on every view of the page: nothing serious, whatever size, colours or language.

Each of three sizes, both schemes and four languages comes several times; all their combinations would take minutes.
"""

from __future__ import annotations

import threading
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
from rag.errors import LLMError
from rag.llms.events import StreamEvent
from rag.types import Answer, Style, Turn
from tests.harness.ui_browser import DONE, PASSWORD, Guest, Visitor, browser, come
from tests.harness.ui_server import Site, chat_site
from tests.index.sources.pdf.test_pdf_places import LINES
from tests.index.sources.pdf.test_sources_pdf_pages import _pdf
from tests.rag.overview.test_library_overview import BEES, SHIPS
from ui.http.sign_in.login import Users, hash_password
from ui.service.library.builds import Builds
from ui.service.library.library import Library, Rights

__all__ = ["browser", "come"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMED = "openai-compatible:a-model-with-a-long-name-32b@127.0.0.1:9"
QUESTION = "Who was asked about the vote in the council?"
HELD, FAILING = "Who is asked and waits?", "Who is asked in vain?"
COMPARED = "Compare the leases"
LEASES = {
    "lease one": "The rent of the flat is 800 euros a month. The tenant may keep a cat. The lease ends in May.",
    "lease two": "Die Miete der Wohnung beträgt 900 Euro im Monat. Die Mieterin darf eine Katze halten.",
}
DRAFT = "“the long vote in the council” and “the long vote in the office” were two. Nobody has seen 7 ships."
LOOKS = [(360, "light", "de"), (360, "dark", "ar"), (820, "dark", "zh"), (1280, "light", "en")]


class Differing(Assistant):
    """An assistant whose answers name another thing than the reader found, and that suggests questions."""

    pdf = ""  # id of a document that has pages
    go_on: threading.Event  # lets the question go on that is held

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
        if question == HELD:
            assert self.go_on.wait(60)
        if question == FAILING:
            raise LLMError("The model at 127.0.0.1 did not answer; is it running?")
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
    for name, text in LEASES.items():
        (folder / f"{name}.txt").write_text(text, "utf-8")
    pages = [[(72.0, 700.0 - 16 * at, 11.0, line) for at, line in enumerate(LINES)] for _ in range(2)]
    (folder / "news.pdf").write_bytes(_pdf(pages))
    index.build([folder], index_dir=folder / "index")
    bees = Collection("Bees and what they make", (), (f"{folder.name}/bees",), "group:board", closed=True)
    change_collections(folder / "index", lambda kept: kept.put(bees))
    live = index.LiveIndex(folder / "index")
    library = Library(live.folder, Rights(local=True), Builds(live.folder))
    assistant = Differing(index=live, config=AnswerConfig(reader="none", min_confidence=0.0))
    assistant.go_on = threading.Event()
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


def asking(me: Visitor, site: Site) -> None:
    site.assistant.go_on.clear()
    me.ask(HELD, "#bq-live [data-state=thinking]")


def error(me: Visitor, site: Site) -> None:
    site.assistant.go_on.set()
    me.page.wait_for_selector(DONE)
    me.ask(FAILING, "#bq-live [data-state=failed] [role=alert]")


def comparison(me: Visitor, _site: Site) -> None:
    me.ask(COMPARED)
    me.page.wait_for_selector("#bq-live .bq-answer table")


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
    asking,
    error,
    comparison,
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
        accessible(me, axe, f"{width}-{scheme}-{language}-{step.__name__}")


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_nothing_serious_where_people_sign_in(come: Any, width: int, scheme: str, language: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    with chat_site(users=Users({"noor": hash_password(PASSWORD)}), host="0.0.0.0") as site:
        look = {"viewport": {"width": width, "height": 860}, "color_scheme": scheme, "locale": language}
        me: Guest = come(site.url, Guest, **look)
        accessible(me, axe, f"{width}-{scheme}-{language}-sign-in")
        me.page.fill("input[name=user]", "noor")
        me.page.fill("input[name=password]", "wrong")
        me.page.click("button[type=submit]")
        me.page.wait_for_selector("[role=alert]")
        accessible(me, axe, f"{width}-{scheme}-{language}-not-signed-in")


def accessible(me: Visitor, axe: Any, name: str) -> None:
    """Look at what is shown now: a screenshot, nothing wider than the window, nothing serious."""
    me.shot(f"axe-{name}")
    assert me.overflow() == 0, name
    found = axe.Axe().run(me.page).response["violations"]
    serious = [
        (one["id"], [node["target"] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert (name, serious) == (name, [])
