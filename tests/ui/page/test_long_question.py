"""Long questions in a real browser: set as a text and folded; too long ones are refused at once and not lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.ui_browser import BOX, DONE, browser, visit
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import Site, chat_site
from ui.view.question_html import LONG, question_html

__all__ = ["browser", "visit"]
QUESTION = "Where does the factory stand, and what did the ministers say about it in the summer of that year? "


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with chat_site(FakeAssistant(delay=0.01)) as served:
        yield served


def test_only_long_questions_are_folded() -> None:
    assert "bq-long" not in question_html("x" * LONG, "en") and "<button" not in question_html("What?", "en")
    for long in ("x" * (LONG + 1), "a\n" * 6, "ب " * LONG):
        html = question_html(long, "de")
        assert "bq-long" in html and "Alles zeigen" in html and 'aria-expanded="false"' in html
    assert "<script>" not in question_html("<script>" * 100, "en")


@pytest.mark.browser
@pytest.mark.parametrize(("width", "code", "scheme"), [(1280, "en", "light"), (360, "ar", "dark")])
@pytest.mark.slow
def test_a_long_question_is_folded_and_can_be_read_whole(visit: Any, width: int, code: str, scheme: str) -> None:
    me = visit(viewport={"width": width, "height": 860}, color_scheme=scheme, locale=code)
    me.ask((QUESTION * 40)[:3_900].strip(), wait="#bq-live .bq-turn")
    thinking = me.page.eval_on_selector("#bq-live .bq-question", "node => node.getBoundingClientRect().height")
    me.page.wait_for_selector(DONE)
    box = me.page.locator("#bq-live .bq-question")
    small = box.bounding_box()["height"]
    assert max(small, thinking) < 180
    assert float(me.style("#bq-live .bq-question", "fontSize").removesuffix("px")) < 20
    me.shot(f"long-question-{width}-{code}-{scheme}")
    me.page.click("#bq-live .bq-fold")
    assert box.bounding_box()["height"] > 2 * small
    me.page.click("#bq-live .bq-fold")
    assert box.bounding_box()["height"] == small
    assert me.overflow() == 0
    me.ask("Where is it?")
    assert float(me.style("#bq-live .bq-question", "fontSize").removesuffix("px")) >= 24
    assert me.page.locator("#bq-live .bq-fold").count() == 0


@pytest.mark.browser
@pytest.mark.slow
def test_what_is_too_long_is_refused_at_once_and_kept_for_its_author(visit: Any, site: Site) -> None:
    me = visit()
    me.ask("Where is it?")
    asked = len(site.assistant.questions)
    for text in ("x" * 9_000, QUESTION * 61):
        begun = time.monotonic()
        me.ask(text, wait="#bq-live [data-state=failed]")
        assert time.monotonic() - begun < 20  # of which nearly all is the browser's, on a machine with much to do
        output = me.text("#bq-live .bq-failed")
        assert str(len(text.strip())) in output and "4000" in output.replace(",", "")
        assert me.page.locator("#bq-live .bq-question").bounding_box()["height"] < 180
        me.page.click("#bq-live [data-do=edit]")
        assert me.page.input_value(BOX) == text.strip()
        me.page.fill(BOX, "")
    assert len(site.assistant.questions) == asked  # no model was asked for any of it


@pytest.mark.browser
@pytest.mark.slow
def test_the_box_stands_in_the_middle_and_a_finger_finds_what_it_taps(visit: Any) -> None:
    for width in (360, 800, 1280, 1920):
        me = visit(viewport={"width": width, "height": 860})
        box = me.page.locator(BOX).bounding_box()
        assert abs(box["x"] + box["width"] / 2 - me.page.evaluate("document.documentElement.clientWidth") / 2) < 1
    me = visit(viewport={"width": 360, "height": 740}, has_touch=True)
    me.ask("Where is the factory?")
    sizes = me.page.eval_on_selector_all(
        "#bq-live .bq-chip, #bq-live .bq-tool, .bq-header button",
        "nodes => nodes.filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect())"
        ".map((box) => Math.min(box.width, box.height))",
    )
    assert len(sizes) > 6 and min(sizes) >= 24
    me.shot("phone-chips")
