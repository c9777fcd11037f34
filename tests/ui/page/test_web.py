"""The page in a real browser: asked, read, stopped, switched, resized, attacked."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.ui_browser import BOX, DONE, Visitor, browser, visit
from tests.harness.ui_fakes import DOCUMENTS, FakeAssistant
from tests.harness.ui_server import Site, chat_site, separate_server

__all__ = ["browser", "visit"]

pytestmark = pytest.mark.browser
ENGLISH = "Where is Factory 200 located?"
ARABIC = "ماذا قال المتحدث عن AOI؟"
CHINESE = "埃及愿意在伊拉克建立什么？"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with chat_site() as served:
        yield served


def test_a_question_is_answered_with_its_sources_beside_it(visit: Any) -> None:
    me = visit()
    assert me.page.locator(".bq-example").count() == 3
    me.shot("empty")
    me.ask(ENGLISH)
    assert me.page.input_value(BOX) == ""
    assert "Factory 200 stands in Helwan" in me.text("#bq-live .bq-answer")
    assert me.page.locator("#bq-live .bq-card[data-cite]").count() == 3
    main, side = (
        me.page.locator("#bq-live .bq-main").bounding_box(),
        me.page.locator("#bq-live .bq-sources").bounding_box(),
    )
    assert side["x"] >= main["x"] + main["width"]
    assert me.text("#bq-live .bq-card[data-cite='1'] mark") == "Factory 200 stands in Helwan, south of Cairo."
    assert "Al-Monitor·English·November 4, 2021" in me.text("#bq-live .bq-card[data-cite='1'] .bq-meta")
    me.shot("answer-english")
    me.page.click("#bq-live .bq-why summary")
    assert me.page.locator("#bq-live .bq-passage").count() == 4
    me.page.locator("#bq-live .bq-why").scroll_into_view_if_needed()
    me.shot("why")


@pytest.mark.slow
def test_text_streams_and_stops_on_demand(visit: Any) -> None:
    me = visit()
    me.ask("an endless one", wait="#bq-live [data-state=streaming] .bq-answer")
    first = len(me.text("#bq-live .bq-answer"))
    assert me.page.get_attribute("#bq-ask", "aria-label") == "Stop"
    me.page.wait_for_function(f"document.querySelector('#bq-live .bq-answer').textContent.length > {first + 40}")
    me.shot("streaming")
    me.page.click("#bq-ask")
    me.page.wait_for_selector("#bq-live [data-state=stopped]")
    stood = me.text("#bq-live .bq-answer")
    me.page.wait_for_timeout(400)
    assert me.text("#bq-live .bq-answer") == stood
    assert len(stood) > first
    me.shot("stopped")
    me.ask(ENGLISH)
    assert me.page.get_attribute("#bq-ask", "aria-label") == "Ask"


def test_a_citation_opens_its_document_at_the_words(visit: Any) -> None:
    me = visit()
    me.ask(ENGLISH)
    me.page.hover("#bq-live .bq-chip[data-cite='2']")
    assert "Mohamed Ahmed Morsi" in me.text("#bq-float mark")
    me.shot("hover")
    me.page.click("#bq-live .bq-chip[data-cite='2']")
    me.page.wait_for_selector("#bq-page mark[aria-current]")
    for step in (2, 3, 1):
        me.page.wait_for_selector(f"#bq-page mark[aria-current][data-cite='{step}']")
        quote = me.page.text_content(f"#bq-live .bq-card[data-cite='{step}'] mark")
        assert me.text("#bq-page mark[aria-current]") == quote
        assert me.text("#bq-nth") == f"{step} of 3"
        document = me.page.get_attribute(f"#bq-live .bq-card[data-cite='{step}']", "data-doc")
        assert me.text("#bq-page .bq-text") == DOCUMENTS[document].text
        box = me.page.locator("#bq-page mark[aria-current]").bounding_box()
        assert 0 < box["y"] < 860
        if step == 2:
            me.shot("reader")
        me.page.click("#bq-reader [data-do=next]")
    me.page.keyboard.press("Escape")
    assert me.page.locator("#bq-reader").is_hidden()
    me.page.click("#bq-live .bq-card[data-cite='3']")
    me.page.wait_for_selector("#bq-page .bq-text[dir=rtl]")


def test_arabic_runs_from_right_to_left(visit: Any) -> None:
    me = visit()
    me.ask(ARABIC)
    card = ".bq-card[data-cite='1']"
    for part in (".bq-question", ".bq-answer p:first-child", card, f"{card} .bq-quote"):
        assert me.page.get_attribute(f"#bq-live {part}", "dir") == "rtl"
        assert me.style(f"#bq-live {part}", "direction") == "rtl"
    assert me.page.get_attribute("#bq-live .bq-card[data-cite='2'] .bq-quote", "dir") == "ltr"
    me.shot("answer-arabic")
    where = """word => {
        const mark = document.querySelector('#bq-live .bq-card[data-cite="1"] mark');
        const walker = document.createTreeWalker(mark, NodeFilter.SHOW_TEXT);
        const node = walker.nextNode(), at = node.data.indexOf(word), range = document.createRange();
        range.setStart(node, at); range.setEnd(node, at + word.length);
        const box = range.getClientRects()[0]; return [box.top, box.left];
    }"""
    before, name, after = (me.page.evaluate(where, word) for word in ("وتعتزم", "AOI", "توسيع"))
    assert before[0] == name[0] == after[0]
    assert before[1] > name[1] > after[1]
    me.page.select_option("#bq-pick", "ar")
    assert me.page.get_attribute("html", "dir") == "rtl"
    assert me.text("#bq-live .bq-side-title") == "المصادر"
    assert "الإنجليزية" in me.text("#bq-live .bq-card[data-cite='2'] .bq-meta")
    me.shot("answer-arabic-interface")
    assert me.overflow() == 0


@pytest.mark.slow
def test_a_question_keeps_its_direction_from_the_first_moment(visit: Any, site: Site) -> None:
    me = visit()
    for question, way in (
        ("AOI Helwan: ماذا قال المتحدث عن المصنع؟ endless", "rtl"),
        ("endless: what is مصر here?", "ltr"),
    ):
        me.ask(question, wait="#bq-live [data-state=thinking], #bq-live [data-state=streaming]")
        assert me.page.get_attribute("#bq-live .bq-question", "dir") == way
        me.page.wait_for_selector("#bq-live [data-state=streaming]")
        assert me.page.get_attribute("#bq-live .bq-question", "dir") == way
        me.page.click("#bq-ask")
        me.page.wait_for_selector(DONE)


def test_a_refusal_says_so_and_shows_what_came_nearest(visit: Any) -> None:
    me = visit()
    me.ask("How far is the moon?")
    assert me.page.get_attribute("#bq-live .bq-turn", "data-state") == "refused"
    assert "Your documents don’t answer this." in me.text("#bq-live .bq-note")
    assert me.page.locator("#bq-live .bq-passage").count() == 3
    assert me.page.locator("#bq-live .bq-chip").count() == 0
    me.shot("refused")


@pytest.mark.slow
def test_a_failure_is_told_without_secrets_and_can_be_retried(visit: Any, site: Site) -> None:
    me = visit()
    me.ask("unreachable please")
    assert "The model at example.org did not answer" in me.text("#bq-live [role=alert]")
    me.ask("explode please")
    assert "passwd" not in me.page.content()
    assert "server’s log" in me.text("#bq-live [role=alert]")
    me.shot("failed")
    asked = len(site.assistant.questions)
    me.page.click("#bq-live [data-do=retry]")
    me.page.wait_for_function("document.querySelectorAll('#bq-history .bq-turn').length === 2")
    me.page.wait_for_selector(DONE)
    assert [question for question, _ in site.assistant.questions[asked:]] == ["explode please"]


def test_hostile_documents_stay_text(visit: Any) -> None:
    me = visit()
    me.ask("hostile")
    assert me.text("#bq-live .bq-card mark").startswith('Before <img src=x onerror="alert(1)"> the <script>')
    assert me.text("#bq-live .bq-open") == DOCUMENTS["hostile"].title
    me.page.hover("#bq-live .bq-chip")
    me.page.click("#bq-live .bq-chip")
    me.page.wait_for_selector("#bq-page mark[aria-current]")
    assert me.text("#bq-page .bq-text") == DOCUMENTS["hostile"].text
    for place in ("#bq-live", "#bq-page", "#bq-float"):
        assert me.page.locator(f"{place} :is(img, script, svg, iframe, form, a, style, link)").count() == 0
    me.ask('<img src="https://evil.example/x" onerror="alert(9)"> hostile ![x](https://evil.example/y)')
    assert me.page.locator("#bq-live img, #bq-history img").count() == 0


@pytest.mark.slow
def test_dark_follows_the_system_and_the_switch(visit: Any) -> None:
    light, dark = visit(), visit(color_scheme="dark")
    paper = "rgb(250, 248, 244)"
    assert light.style("body", "backgroundColor") == paper
    assert dark.style("body", "backgroundColor") != paper
    dark.ask(ENGLISH)
    dark.shot("dark")
    dark.page.click("#bq-live .bq-chip[data-cite='1']")
    dark.page.wait_for_selector("#bq-page mark")
    dark.shot("dark-reader")
    dark.page.click("#bq-reader [data-do=close-reader]")
    dark.page.click("[data-do=theme]")
    assert dark.style("body", "backgroundColor") == paper
    dark.visit()
    assert dark.style("body", "backgroundColor") == paper


@pytest.mark.slow
def test_a_phone_needs_no_sideways_scrolling(visit: Any) -> None:
    me = visit(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, device_scale_factor=2)
    assert me.overflow() == 0
    me.shot("phone-empty")
    for question, name in (
        (ENGLISH, "phone-answer"),
        (ARABIC, "phone-arabic"),
        ("How far is the moon?", "phone-refused"),
    ):
        me.ask(question)
        assert me.overflow() == 0, question
        me.shot(name)
    me.ask("unbroken" * 60)
    assert me.overflow() == 0
    me.page.tap("#bq-live .bq-chip[data-cite='1']")  # the first tap shows the card, the second opens the document
    assert me.page.locator("#bq-float").is_visible()
    assert me.page.locator("#bq-reader").is_hidden()
    me.page.tap("#bq-live .bq-chip[data-cite='1']")
    me.page.wait_for_selector("#bq-page mark[aria-current]")
    assert me.overflow() == 0
    assert me.page.locator("#bq-reader").bounding_box()["width"] == 360
    me.shot("phone-reader")


@pytest.mark.parametrize(("width", "height", "name"), [(768, 1024, "tablet"), (1920, 1080, "wide"), (3840, 2160, "4k")])
@pytest.mark.slow
def test_every_width_holds(visit: Any, width: int, height: int, name: str) -> None:
    me = visit(viewport={"width": width, "height": height})
    me.ask(CHINESE)
    assert me.overflow() == 0
    assert me.page.locator("#bq-live .bq-answer").bounding_box()["width"] < 0.62 * width or width < 800
    me.shot(f"{name}-chinese")


@pytest.mark.slow
def test_the_keyboard_alone_is_enough(visit: Any) -> None:
    me = visit()
    me.page.keyboard.press("Escape")
    me.ask(ENGLISH)
    me.page.focus("#bq-live .bq-chip[data-cite='1']")
    me.page.keyboard.press("Tab")
    assert me.page.evaluate("document.activeElement.dataset.cite") == "2"
    assert me.page.locator("#bq-float").is_visible()
    me.page.keyboard.press("Enter")
    me.page.wait_for_selector("#bq-page mark[aria-current]")
    assert me.page.evaluate("document.activeElement.matches('mark')")
    me.page.keyboard.press("Escape")
    assert me.page.evaluate("document.activeElement.dataset.cite") == "2"
    unnamed = me.page.evaluate(
        "[...document.querySelectorAll('button, select, input, textarea')].filter(n => n.checkVisibility() &&"
        " !(n.getAttribute('aria-label') || n.textContent.trim() || n.labels?.length)).length"
    )
    assert unnamed == 0


@pytest.mark.slow
def test_axe_finds_nothing_serious(visit: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    steps: list[Callable[[Visitor], object]] = [
        lambda _: None,
        lambda me: me.ask(ENGLISH),
        lambda me: me.ask("How far is the moon?"),
        lambda me: me.page.click("#bq-history .bq-chip[data-cite='1']"),
        lambda me: me.page.click("[data-do=drawer]"),
    ]
    for scheme in ("light", "dark"):
        me = visit(color_scheme=scheme)
        for step in steps:
            step(me)
            me.page.wait_for_timeout(300)
            found = axe.Axe().run(me.page).response["violations"]
            assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.slow
def test_contrast_is_readable(visit: Any) -> None:
    ratio = """selector => {
        const rgb = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
        const linear = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
        const light = colour => { const [r, g, b] = colour.map(linear); return .2126 * r + .7152 * g + .0722 * b; };
        const node = document.querySelector(selector); let behind = node;
        const ground = one => getComputedStyle(one).backgroundColor;
        while (/, 0\\)|transparent/.test(ground(behind)) && behind.parentElement) behind = behind.parentElement;
        const both = [rgb(getComputedStyle(node).color), rgb(ground(behind))];
        const [a, b] = both.map(light).sort((x, y) => y - x);
        return (a + .05) / (b + .05);
    }"""
    for scheme in ("light", "dark"):
        me = visit(color_scheme=scheme)
        assert me.page.evaluate(ratio, ".bq-promise p") >= 4.5
        me.ask(ENGLISH)
        for part in (
            ".bq-question",
            ".bq-answer",
            ".bq-chip",
            ".bq-meta",
            ".bq-context",
            ".bq-support",
            ".bq-tool",
            ".bq-origin",
            "mark",
        ):
            assert me.page.evaluate(ratio, f"#bq-live {part}") >= 4.5, (scheme, part)


@pytest.mark.slow
def test_conversations_stay_in_the_browser(visit: Any, site: Site) -> None:
    me = visit()
    me.ask(ENGLISH)
    me.ask("And who runs it?")
    history = site.assistant.questions[-1][1]
    assert [turn.question for turn in history] == [ENGLISH]
    me.page.reload()
    me.page.wait_for_selector("#bq-history .bq-turn:nth-child(2)")
    assert me.text("#bq-history .bq-turn:first-child .bq-question") == ENGLISH
    me.page.click("#bq-history .bq-turn:first-child .bq-chip[data-cite='1']")
    me.page.wait_for_selector("#bq-page mark[aria-current]")
    me.page.click("[data-do=new]")
    assert me.page.locator(".bq-promise").is_visible()
    me.ask(ARABIC)
    assert site.assistant.questions[-1][1] == []
    me.page.click("[data-do=drawer]")
    assert me.page.locator("#bq-saved li").count() == 2
    me.shot("conversations")
    me.page.fill("#bq-find", "who runs")
    assert me.page.locator("#bq-saved li").count() == 1
    me.page.click("#bq-saved .bq-saved-open")
    me.page.wait_for_selector("#bq-history .bq-turn:nth-child(2)")
    me.page.click("[data-do=drawer]")
    me.page.fill("#bq-find", "")
    for _ in range(2):
        me.page.click("#bq-saved li:first-child .bq-small:last-child")
    assert "Nothing here yet" in me.text("#bq-saved")
    assert (
        visit().page.evaluate("localStorage.getItem('babelquote.conversations')") is None
    )  # another browser has its own


@pytest.mark.slow
def test_a_saved_conversation_loses_no_character(visit: Any, tmp_path: Path) -> None:
    me = visit()
    me.ask(ARABIC)
    record = json.loads(str(me.page.get_attribute(DONE, "data-record")))
    me.page.click("[data-do=drawer]")
    for kind in ("json", "markdown", "html"):
        with me.page.expect_download() as download:
            me.page.click(f"[data-do=save-{kind}]")
        download.value.save_as(tmp_path / kind)
    (saved,) = json.loads((tmp_path / "json").read_text("utf-8"))["turns"]
    assert saved.pop("made_by")["llm"] == record["llm"]
    assert saved == record
    (tmp_path / "page.html").write_bytes((tmp_path / "html").read_bytes())
    other = me.context.new_page()
    other.goto((tmp_path / "page.html").as_uri())
    assert other.text_content("h2") == ARABIC
    assert other.eval_on_selector("h2", "node => getComputedStyle(node).direction") == "rtl"
    assert other.locator("blockquote").all_text_contents() == [one["quote"] for one in record["sources"]]
    assert other.eval_on_selector_all("blockquote", "all => all.map(n => getComputedStyle(n).direction)") == [
        "rtl",
        "ltr",
    ]
    assert other.get_attribute("a >> nth=0", "href") == "#q0-1"
    assert other.locator("script, img, link").count() == 0
    written = (tmp_path / "markdown").read_text("utf-8")
    assert written.startswith(f"## {ARABIC}")
    for source in record["sources"]:
        assert f"“{source['quote']}”" in written


@pytest.mark.slow
def test_a_conversation_can_be_named(visit: Any) -> None:
    me = visit()
    me.ask(ENGLISH)
    me.page.click("[data-do=drawer]")
    me.page.click("#bq-saved .bq-small >> nth=0")
    me.page.fill(".bq-name-field", "  <b>Fabriken</b>  ")
    me.page.keyboard.press("Enter")
    assert me.text("#bq-saved .bq-saved-open") == "<b>Fabriken</b>"
    me.shot("named")
    me.page.keyboard.press("Escape")
    me.ask("And who runs it?")
    assert me.text("#bq-saved .bq-saved-open") == "<b>Fabriken</b>"


@pytest.mark.slow
def test_the_reader_says_in_which_language_the_source_is(visit: Any) -> None:
    me = visit(locale="de-DE")
    me.ask(ARABIC)
    me.page.click("#bq-live .bq-chip[data-cite='1']")
    me.page.wait_for_selector("#bq-page mark")
    assert "Arabisch" in me.text("#bq-page .bq-original")
    me.page.select_option("#bq-pick", "ar")
    me.page.wait_for_function("document.querySelector('#bq-page .bq-original') === null")


@pytest.mark.slow
def test_an_answer_can_be_judged(visit: Any) -> None:
    me = visit()
    kept: list[str] = []
    me.page.route("**/chat/feedback", lambda route: (kept.append(route.request.post_data), route.fulfill(json={})))
    me.ask(ENGLISH)
    me.page.click("#bq-live [data-do=bad]")
    me.page.click("#bq-live [data-why=incomplete]")
    me.page.wait_for_function("document.querySelector('.bq-reasons').textContent.includes('Thank you')")
    assert [(json.loads(one)["rating"], json.loads(one)["reason"]) for one in kept] == [
        ("bad", ""),
        ("bad", "incomplete"),
    ]
    assert me.page.get_attribute("#bq-live [data-do=bad]", "aria-pressed") == "true"
    me.page.click("#bq-live [data-do=bad]")
    me.page.wait_for_selector("[data-why=wrong]")
    me.shot("judged")


@pytest.mark.slow
def test_the_interface_speaks_the_browser_s_language(visit: Any) -> None:
    me = visit(locale="de-AT")
    assert me.text(".bq-empty h2") == "Fragen Sie Ihre Dokumente, in jeder Sprache."
    assert me.page.get_attribute(BOX, "placeholder") == "Stellen Sie eine Frage …"
    me.ask(ENGLISH)
    assert "Englisch" in me.text("#bq-live .bq-meta")
    for code in ("he", "zh", "ru"):
        me.page.select_option("#bq-pick", code)
        left = me.page.evaluate(
            "[...document.querySelectorAll('[data-i18n]')].filter(n => n.textContent !== "
            "babelquote.text(n.dataset.i18n, {n: n.dataset.valueN})).length"
        )
        assert left == 0
    me.visit()
    assert me.page.get_attribute("html", "lang") == "ru"


@pytest.mark.slow
def test_an_example_asks_itself_and_copy_takes_the_sources_along(visit: Any) -> None:
    me = visit(permissions=["clipboard-read", "clipboard-write"])
    question = me.text(".bq-example >> nth=1")
    me.page.click(".bq-example >> nth=1")
    me.page.wait_for_selector(DONE)
    assert me.text("#bq-live .bq-question") == question
    me.page.click("#bq-live [data-do=copy]")
    copied = me.page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"\[1\] Egypt offers Iraq production lines \(Al-Monitor, 2021-11-04\): “Factory 200", copied)
    me.page.click("#bq-live [data-do=edit]")
    assert me.page.input_value(BOX) == question


@pytest.mark.slow
def test_a_server_that_went_away_is_told_and_asked_again_when_it_is_back(browser: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    first = separate_server(port, delay=0.05)
    me = Visitor(browser, f"http://127.0.0.1:{port}")
    me.ask(ENGLISH)
    me.ask("a slow one", wait="#bq-live [data-state=streaming] .bq-answer")
    first.kill()
    first.wait()
    me.page.wait_for_selector("#bq-live [data-state=failed]")
    output = me.text("#bq-live [role=alert]")  # which of the two, depends on what the browser hears first
    assert "can’t be reached" in output or "The server ended" in output
    me.shot("lost")
    second = separate_server(port, delay=0.0)
    try:
        me.page.click("#bq-live [data-do=retry]")
        me.page.wait_for_selector(DONE)
        assert me.text("#bq-live .bq-question") == "a slow one"
        assert me.text("#bq-history .bq-question") == ENGLISH
    finally:
        second.kill()
        second.wait()
        me.context.close()


@pytest.mark.slow
def test_too_many_at_once_are_told_to_come_back(browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.page.chat._AT_ONCE", 1)
    monkeypatch.setattr("ui.page.chat._WAITING", 1)
    with chat_site(FakeAssistant(delay=0.05)) as site:
        speaking, waiting, me = others = [Visitor(browser, site.url) for _ in range(3)]
        speaking.ask("an endless one", wait="#bq-live [data-state=streaming]")
        with waiting.page.expect_response("**/queue/join*"):
            waiting.page.fill(BOX, ENGLISH)
            waiting.page.keyboard.press("Enter")
        me.page.fill(BOX, ENGLISH)
        me.page.keyboard.press("Enter")
        me.page.wait_for_selector("#bq-live [data-state=failed]")
        assert "Many people are asking right now" in me.text("#bq-live [role=alert]")
        speaking.page.click("#bq-ask")
        waiting.page.wait_for_selector(DONE)
        for other in others:
            other.context.close()


@pytest.mark.slow
def test_nothing_is_asked_by_an_empty_box(visit: Any, site: Site) -> None:
    me = visit()
    asked = len(site.assistant.questions)
    me.page.fill(BOX, "   ")
    me.page.keyboard.press("Enter")
    me.page.click("#bq-ask")
    me.page.wait_for_timeout(400)
    assert len(site.assistant.questions) == asked
    assert me.page.locator(".bq-promise").is_visible()
