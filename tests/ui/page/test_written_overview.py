"""An overview that a language model writes on request: over the API, and in the reader of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

import index
from rag import Assistant
from rag.config import AnswerConfig
from rag.testing.doubles import FakeLLM
from tests.harness.ui_browser import Visitor, browser, come
from tests.harness.ui_server import Site, chat_site
from ui.service.library.builds import Builds
from ui.service.library.library import Library, Rights

__all__ = ["browser", "come"]

WRITER, BROKEN = "openai-compatible:writer@http://127.0.0.1:9/v1", "openai-compatible:broken@http://127.0.0.1:9/v1"
TEXT = "# The light at Torvik\n\nAda Brandt kept the light at Torvik for thirty years.\n\nIt burnt oil until 1931.\n"
WORDS = (
    "Ada Brandt kept the light at Torvik for thirty years [1]. "
    "It burnt oil until 1931 [1]. <img src=x onerror=alert(1)>"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("light")
    (folder / "note.txt").write_text(TEXT, "utf-8")
    index.build([folder / "note.txt"], index_dir=folder / "index", embedder="hashing")
    live = index.LiveIndex(folder / "index")
    library = Library(live.folder, Rights(local=True), Builds(live.folder))
    config = AnswerConfig(min_confidence=0.0, reader="none")
    own = Assistant(index=live, config=config)
    others = {
        WRITER: Assistant(index=live, llm=FakeLLM(WORDS), config=config),
        BROKEN: Assistant(index=live, llm=FakeLLM(""), config=config),
    }
    with chat_site(own, library=library, others=others) as served:
        yield served
    live.close()


def document_of(site: Site) -> str:
    return str(httpx.get(f"{site.url}/library/documents").json()["documents"][0]["id"])


def overview_of(site: Site, **body: object) -> httpx.Response:
    return httpx.post(f"{site.url}/api/overview", json={"document": document_of(site), **body}, timeout=60)


def test_the_api_tells_the_documents_own_sentences_and_what_a_model_wrote(site: Site) -> None:
    plain = overview_of(site).json()
    assert plain["written"] is None and plain["warnings"] == []
    first = plain["sentences"][0]
    assert first["end"] - first["start"] == len(first["text"]) > 20
    written = overview_of(site, written=True, backend="openai-compatible:writer@127.0.0.1:9").json()["written"]
    assert written["citations"][0]["quote"].startswith("Ada Brandt kept the light")
    failed = overview_of(site, written=True, backend="openai-compatible:broken@127.0.0.1:9").json()
    assert failed["written"] is None and failed["warnings"] and failed["sentences"]


def test_what_the_api_returns_fits_its_description(site: Site) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="needs the package jsonschema")
    whole: Any = httpx.get(f"{site.url}/api/openapi.json").json()
    schema = {**whole["components"]["schemas"]["Overview"], "components": whole["components"]}
    for body in ({}, {"written": True, "backend": "openai-compatible:writer@127.0.0.1:9", "language": "de"}):
        jsonschema.Draft202012Validator(schema).validate(overview_of(site, **body).json())


@pytest.mark.parametrize(
    ("body", "status"),
    [({"document": "none"}, 404), ({"written": "yes"}, 422), ({"backend": "openai:x"}, 422), ({"language": 7}, 422)],
)
def test_what_makes_no_sense_is_refused(site: Site, body: dict[str, object], status: int) -> None:
    answer = overview_of(site, **body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def read(me: Visitor, backend: str) -> None:
    """Open the document in the reader with a backend chosen."""
    me.page.evaluate(f"localStorage.setItem('babelquote.backend', '{backend}')")
    me.visit()
    me.page.wait_for_function("!document.querySelector('#bq-backend').hidden")
    me.page.click("[data-do=library]")
    me.page.locator("#bq-documents .bq-document-title").first.click()
    me.page.wait_for_selector("#bq-page .bq-overview[open]")


@pytest.mark.browser
@pytest.mark.slow
def test_the_reader_shows_what_was_written_above_the_own_sentences(come: Callable[..., Visitor], site: Site) -> None:
    me = come(site.url)
    read(me, "extractive")
    assert me.page.locator("[data-do=overview-write]").is_hidden()  # nobody would write it
    read(me, "openai-compatible:writer@127.0.0.1:9")
    me.page.get_by_role("button", name="Write an overview").focus()
    me.page.keyboard.press("Enter")
    me.page.wait_for_selector("#bq-page .bq-written .bq-chip")
    assert "written by fake" in me.text("#bq-page .bq-written .bq-origin")
    assert me.page.locator("#bq-page .bq-point").count() >= 1
    assert me.page.locator("#bq-page img").count() == 0
    me.shot("reader-written")
    me.page.locator("#bq-page .bq-written .bq-chip").first.click()
    me.page.wait_for_selector("#bq-page mark[aria-current]")
    assert me.text("#bq-page mark[aria-current]").startswith("Ada Brandt kept the light")
    assert me.page.locator("#bq-page .bq-written").count() == 1  # it stays while its document is read
    read(me, "openai-compatible:broken@127.0.0.1:9")
    me.page.click("[data-do=overview-write]")
    me.page.wait_for_selector("#bq-page .bq-write [role=alert]")
    assert me.page.locator("#bq-page .bq-point").count() >= 1
    assert me.page.locator("[data-do=overview-write]").is_enabled()
