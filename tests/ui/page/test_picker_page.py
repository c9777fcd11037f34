"""Choosing the backend and saving a receipt in a real browser."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import index
from rag import Assistant
from tests.harness.ui_browser import DONE, Visitor, browser, come, visit
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import Site, chat_site
from ui.cli import app

__all__ = ["browser", "come", "visit"]
pytestmark = pytest.mark.browser
QUESTION = "Where is Factory 200 located?"
OLLAMA = "ollama:qwen3"
NAMED = "openai-compatible:a-model-with-a-long-name-32b@127.0.0.1:9"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch, socket.create_server(("127.0.0.1", 0)) as listener:
        patch.delenv("OPENAI_API_KEY", raising=False)
        near = f"openai-compatible:mistral@http://127.0.0.1:{listener.getsockname()[1]}/v1"
        others = {near: FakeAssistant(llm=near), "openai:gpt-x": FakeAssistant(llm="openai:gpt-x")}
        with chat_site(others=others) as served:
            yield served


def named(me: Visitor, text: str) -> None:
    """Wait until the line under the question box names a backend; the page asks for them once it stands."""
    line = "document.querySelector('#bq-backend')"
    shown = f"text => !{line}.hidden && {line}.textContent.includes(text)"
    me.page.wait_for_function(shown, arg=text)


def opened(me: Visitor) -> None:
    me.page.click("#bq-backend")
    me.page.wait_for_function(
        "[...document.querySelectorAll('.bq-choice-state')].every(n => n.dataset.state !== 'checking')"
    )


@pytest.mark.slow
def test_a_backend_is_chosen_answers_and_is_remembered(visit: Any) -> None:
    me = visit()
    named(me, "Exact quotes·Stays on this machine")
    opened(me)
    rows = me.page.locator("#bq-choices .bq-choice")
    result = [re.sub(r"\s+", " ", text) for text in rows.all_text_contents()]
    assert "No language model" in result[0] and "Stays on this machine" in result[0] and result[0].endswith("Ready")
    assert "mistral" in result[1] and "Stays on this machine" in result[1] and result[1].endswith("Ready")
    assert "Sent to api.openai.com" in result[2] and "OPENAI_API_KEY" in result[2] and result[2].endswith("No key")
    assert me.page.locator("#bq-unready .bq-choice").count() >= 2
    assert "rag chat --offer anthropic:MODEL" in me.text("#bq-unready")
    me.shot("picker")
    rows.nth(2).click(force=True)  # without a key there is nothing to choose
    assert me.page.locator("#bq-backends").is_visible()
    rows.nth(1).click()
    assert me.page.locator("#bq-backends").is_hidden()
    named(me, "mistral")
    me.ask(QUESTION)
    assert "openai-compatible:mistral@127.0.0.1" in me.text("#bq-live .bq-origin")
    me.visit()
    named(me, "mistral")
    other = visit()
    named(other, "Exact quotes")


@pytest.fixture
def written() -> Iterator[tuple[FakeAssistant, Site]]:
    """A site on which a language model answers, and the model's assistant."""
    model = FakeAssistant(llm="openai-compatible:a-model-with-a-long-name-32b@http://127.0.0.1:9/v1")
    with chat_site(others={model.llm: model}) as served:
        yield model, served


@pytest.mark.slow
def test_how_long_a_model_writes_is_chosen_by_keyboard_and_kept(
    come: Callable[..., Visitor], written: tuple[FakeAssistant, Site]
) -> None:
    model, site = written
    me = come(site.url)
    named(me, "Exact quotes")
    assert me.page.locator(".bq-style").is_hidden()  # quotes are as long as they are
    me.page.evaluate(f"localStorage.setItem('babelquote.backend', {json.dumps(NAMED)})")
    me.visit()
    pick = me.page.get_by_role("combobox", name="Length of the answer")
    pick.wait_for()
    assert pick.input_value() == "normal"
    pick.focus()
    me.page.keyboard.press("ArrowDown")
    me.page.wait_for_function("localStorage.getItem('babelquote.style') === 'detailed'")
    me.ask(QUESTION)
    assert model.styles[-1] == "detailed"
    me.visit()
    me.page.wait_for_function("document.querySelector('#bq-style').value === 'detailed'")
    me.page.select_option("#bq-pick", "ar")
    assert me.page.locator("#bq-style option:checked").text_content() == "مفصّلة"
    me.page.evaluate("localStorage.setItem('babelquote.style', 'endless')")  # none of ours: the server's own counts
    me.visit()
    me.page.wait_for_function("!document.querySelector('.bq-style').hidden")
    me.ask(QUESTION)
    assert model.styles[-1] == "normal"


@pytest.mark.slow
def test_the_choice_of_length_fits_a_phone_beside_a_long_name(
    come: Callable[..., Visitor], written: tuple[FakeAssistant, Site]
) -> None:
    me = come(written[1].url, viewport={"width": 360, "height": 640})
    me.page.evaluate(f"localStorage.setItem('babelquote.backend', {json.dumps(NAMED)})")
    me.visit()
    me.page.wait_for_function("!document.querySelector('.bq-style').hidden")
    box = me.page.locator(".bq-style").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["height"] >= 32
    assert me.overflow() == 0


def open_and_go_down(me: Any) -> None:
    me.page.keyboard.press("Enter")
    me.page.wait_for_function("document.activeElement.getAttribute('aria-checked') === 'true'")
    me.page.keyboard.press("ArrowDown")
    me.page.wait_for_function("document.activeElement.dataset.name?.includes('mistral')")


@pytest.mark.slow
def test_the_keyboard_chooses_and_escape_leaves(visit: Any) -> None:
    me = visit(locale="ar")
    named(me, "اقتباسات حرفية")
    me.page.focus("#bq-backend")
    open_and_go_down(me)
    me.page.keyboard.press("Escape")
    me.page.wait_for_function("document.activeElement.id === 'bq-backend'")
    assert me.text("#bq-backend-name") == "اقتباسات حرفية"
    open_and_go_down(me)
    me.page.keyboard.press("Enter")
    me.page.wait_for_function("document.querySelector('#bq-backend-name').textContent.includes('mistral')")
    assert "mistral" in me.text("#bq-backend-name")
    assert me.style("#bq-backends", "direction") == "rtl"
    assert me.overflow() == 0


@pytest.mark.slow
def test_a_choice_that_is_gone_falls_back_in_sight_and_asks_nobody_else(visit: Any, site: Site) -> None:
    me = visit()
    me.page.evaluate("localStorage.setItem('babelquote.backend', 'openai:gone')")
    me.visit()
    me.page.wait_for_function("document.querySelector('#bq-backend').textContent.includes('Exact quotes')")
    me.page.evaluate("babelquote.backend = () => 'openai-compatible:m@http://169.254.169.254/'")  # an attacker's own
    asked = len(site.assistant.questions)
    me.page.fill("#bq-question textarea", QUESTION)
    me.page.keyboard.press("Enter")
    me.page.wait_for_selector("#bq-live [data-state=failed]")
    assert "not offered here" in me.text("#bq-live [role=alert]")
    assert len(site.assistant.questions) == asked


@pytest.mark.slow
def test_the_open_list_fits_a_phone(visit: Any) -> None:
    me = visit(viewport={"width": 360, "height": 640}, color_scheme="dark")
    opened(me)
    box = me.page.locator("#bq-backends").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["y"] >= 0
    beyond = "n => n.checkVisibility() && n.getBoundingClientRect().right > 361"
    seen = f"[...document.querySelectorAll('#bq-engine *')].filter({beyond}).map(n => n.className)"
    assert me.page.evaluate(seen) == []
    assert me.overflow() == 0
    me.page.mouse.click(180, 20)
    assert me.page.locator("#bq-backends").is_hidden()


@pytest.mark.parametrize("question", ["What burnt down?", "Who was the mayor of Atlantis in 1750?"])
@pytest.mark.slow
def test_a_saved_receipt_is_one_that_rag_verify_accepts(browser: Any, tmp_path: Path, question: str) -> None:
    (tmp_path / "mills.md").write_text("# Mills\n\nThe mill of \U0001f33e Ünterau burnt down in May 1788.", "utf-8")
    index.build([tmp_path / "mills.md"], index_dir=tmp_path / "index", embedder="hashing")
    with chat_site(Assistant(index_dir=tmp_path / "index")) as served:
        me = Visitor(browser, served.url)
        me.ask(question)
        with me.page.expect_download() as download:
            me.page.click(f"{DONE} [data-do=receipt]")
        download.value.save_as(tmp_path / "receipt.json")
        me.context.close()
    receipt = json.loads((tmp_path / "receipt.json").read_text("utf-8"))
    verify = ["verify", str(tmp_path / "receipt.json"), "--index", str(tmp_path / "index")]
    assert CliRunner().invoke(app, verify).exit_code == 0
    if receipt["refused"]:
        assert receipt["citations"] == []
        return
    ask = ["ask", question, "--index", str(tmp_path / "index"), "--save", str(tmp_path / "cli.json")]
    assert CliRunner().invoke(app, ask).exit_code == 0
    written = json.loads((tmp_path / "cli.json").read_text("utf-8"))
    assert receipt["signature"]["key"] == written["signature"]["key"]
    for name in ("created", "timings", "digest", "signature"):  # the digest is over the time as well
        assert written.pop(name) and receipt.pop(name)
    assert receipt == written  # field by field what the command line writes
    (tmp_path / "mills.md").write_text("# Mills\n\nThe mill stands.", "utf-8")
    index.build([tmp_path / "mills.md"], index_dir=tmp_path / "index", embedder="hashing")
    assert CliRunner().invoke(app, verify).exit_code == 1
