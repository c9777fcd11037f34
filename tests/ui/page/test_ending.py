"""Servers that end, lines that break, pages that are loaded anew: every wait on the page has an end."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.harness.ui_browser import BOX, DONE, PASSWORD, Guest, browser, come
from tests.harness.ui_fakes import FakeAssistant, Paced
from tests.harness.ui_line import Line, line_to
from tests.harness.ui_server import chat_site, separate_server
from ui.http.sign_in.login import Users, hash_password

__all__ = ["browser", "come"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ENGLISH = "Where is Factory 200 located?"
STREAMING = "#bq-live [data-state=streaming] .bq-answer"
THINKING = "#bq-live [data-state=thinking]"
TOLD = "#bq-live [data-state=failed] [role=alert]"
RETRY = "#bq-live [data-do=retry]"
SECONDS = 40_000  # milliseconds in which every wait is over, on a crowded machine
ENDLESS = {STREAMING: "an endless one", THINKING: "hold an endless one"}
LONG = {STREAMING: "a long one", THINKING: "hold a long one"}


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def started(port: int) -> Iterator[Callable[[float], subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []

    def start(delay: float) -> subprocess.Popen[bytes]:
        processes.append(separate_server(port, delay))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
@pytest.mark.parametrize("when", [THINKING, STREAMING], ids=["thinking", "streaming"])
def test_the_end_of_the_server_ends_the_wait(come: Any, started: Any, port: int, how: int, when: str) -> None:
    first = started(3.0 if when == THINKING else 0.05)
    me = come(f"http://127.0.0.1:{port}")
    me.ask(ENDLESS[when], when)
    me.page.wait_for_timeout(300)
    first.send_signal(how)
    me.page.wait_for_selector(TOLD, timeout=SECONDS)
    output = me.text(TOLD)
    assert "The server ended" in output or "can’t be reached" in output
    assert me.page.get_attribute("#bq-ask", "aria-label") == "Ask"
    me.shot(f"ended-{how}-{'thinking' if when == THINKING else 'streaming'}")
    first.wait(20)
    # Asked of nobody: said at once, and again possible.
    me.page.fill(BOX, ENGLISH)
    me.page.keyboard.press("Enter")
    me.page.wait_for_function("q => document.querySelector('#bq-live .bq-question')?.textContent === q", arg=ENGLISH)
    me.page.wait_for_selector(TOLD, timeout=SECONDS)
    me.page.evaluate("window.mark = 'the same page'")
    started(0.0)
    me.page.click(RETRY)
    me.page.wait_for_selector(DONE, timeout=SECONDS)
    assert me.text("#bq-live .bq-question") == ENGLISH
    me.ask("And who runs it?")
    assert me.page.evaluate("window.mark") == "the same page"  # it was never loaded anew


def test_a_server_that_is_back_at_once_is_asked_again_by_the_page_itself(come: Any, started: Any, port: int) -> None:
    first = started(30.0)
    me = come(f"http://127.0.0.1:{port}")
    me.ask(ENGLISH, THINKING)
    me.page.wait_for_timeout(300)
    first.send_signal(signal.SIGTERM)
    first.wait(20)
    started(0.0)
    me.page.wait_for_selector(f"{DONE}, {TOLD}", timeout=SECONDS)
    if me.page.locator(DONE).count() == 0:  # it took longer than the page looks for a server
        me.page.click(RETRY)
        me.page.wait_for_selector(DONE, timeout=SECONDS)
    assert me.text("#bq-live .bq-question") == ENGLISH


def test_every_language_tells_it(come: Any, started: Any, port: int) -> None:
    first = started(0.05)
    me = come(f"http://127.0.0.1:{port}")
    me.ask("an endless one", STREAMING)
    first.kill()
    me.page.wait_for_selector(TOLD, timeout=SECONDS)
    said = set()
    for code in me.page.eval_on_selector_all("#bq-pick option", "all => all.map(one => one.value)"):
        me.page.select_option("#bq-pick", code)
        said.add((me.text(f"{TOLD} span"), me.text(RETRY)))
    assert len(said) == 10 and all(all(pair) for pair in said)


@pytest.fixture
def line() -> Iterator[Line]:
    with chat_site(Paced(delay=0.05)) as site, line_to(site.url) as line:
        line.assistant = site.assistant  # type: ignore[attr-defined]
        yield line


def asked(line: Line) -> list[str]:
    return [question for question, _ in line.assistant.questions]  # type: ignore[attr-defined]


@pytest.mark.parametrize("when", [THINKING, STREAMING], ids=["thinking", "streaming"])
@pytest.mark.parametrize("mode", ["stall", "refuse"])
def test_a_line_that_is_dead_ends_the_wait(come: Any, line: Line, mode: str, when: str) -> None:
    me = come(f"http://127.0.0.1:{line.port}")
    me.ask(ENDLESS[when], when)
    line.mode = mode
    if mode == "refuse":
        line.cut()
    me.page.wait_for_selector(TOLD, timeout=SECONDS)
    assert me.page.get_attribute("#bq-ask", "aria-label") == "Ask"
    line.cut()
    line.mode = "pass"
    me.ask(ENGLISH)  # in the same page, over the same address


def test_a_question_into_a_dead_line_is_told_and_kept(come: Any, line: Line) -> None:
    me = come(f"http://127.0.0.1:{line.port}")
    for mode in ("stall", "refuse"):
        line.mode = mode
        line.cut()
        me.page.fill(BOX, ENGLISH)
        me.page.keyboard.press("Enter")
        me.page.wait_for_selector(TOLD, timeout=SECONDS)
        assert "can’t be reached" in me.text(TOLD)
        assert me.text("#bq-live .bq-question") == ENGLISH
    line.cut()
    line.mode = "pass"
    me.page.click(RETRY)
    me.page.wait_for_selector(DONE, timeout=SECONDS)


@pytest.mark.parametrize("how", ["stall", "cut"])
def test_an_answer_whose_connection_alone_is_lost_goes_on(come: Any, line: Line, how: str) -> None:
    me = come(f"http://127.0.0.1:{line.port}")
    me.ask("a long one", STREAMING)
    line.stall_what_is_open()
    if how == "cut":
        line.cut()
    me.page.wait_for_selector(DONE, timeout=SECONDS)
    assert "Factory 200 stands in Helwan" in me.text("#bq-live .bq-answer")
    assert asked(line) == ["a long one"]  # taken up, not asked and paid for again


def test_a_server_that_only_slept_answers_after_all(come: Any, line: Line) -> None:
    me = come(f"http://127.0.0.1:{line.port}")
    me.ask("a long one", wait=STREAMING)
    line.mode = "stall"
    me.page.wait_for_selector(TOLD, timeout=SECONDS)
    line.mode = "pass"
    line.stall_what_is_open()  # what was open before stays dead, as after a sleep
    me.page.wait_for_selector(DONE, timeout=SECONDS)
    assert asked(line) == ["a long one"]


@pytest.mark.parametrize("when", [THINKING, STREAMING], ids=["thinking", "streaming"])
def test_a_reload_in_the_middle_keeps_the_question_and_finishes_the_answer(come: Any, line: Line, when: str) -> None:
    me = come(f"http://127.0.0.1:{line.port}")
    me.ask(ENGLISH)
    me.ask(LONG[when], when)
    me.page.reload()
    me.page.wait_for_selector("#bq-live .bq-question")
    assert me.text("#bq-live .bq-question") == LONG[when]
    me.shot(f"reloaded-{'thinking' if when == THINKING else 'streaming'}")
    me.page.wait_for_selector(DONE, timeout=SECONDS)
    assert me.page.locator("#bq-history .bq-question").all_text_contents() == [ENGLISH]
    assert asked(line).count(LONG[when]) == 1
    me.page.reload()
    me.page.wait_for_selector("#bq-history .bq-turn:nth-child(2)")
    assert me.page.locator(".bq-question").all_text_contents() == [ENGLISH, LONG[when]]


def test_a_reload_of_the_first_question_keeps_its_conversation(come: Any, line: Line) -> None:
    me = come(f"http://127.0.0.1:{line.port}")
    me.ask("a long one", STREAMING)
    address = me.page.url
    me.page.reload()
    me.page.wait_for_selector(DONE, timeout=SECONDS)
    assert me.page.url == address and "#c=" in address
    me.ask("And who runs it?")
    me.page.click("[data-do=drawer]")
    assert me.page.locator("#bq-saved li").count() == 1


def test_a_reload_after_the_server_was_restarted_keeps_the_question(come: Any, started: Any, port: int) -> None:
    first = started(0.05)
    me = come(f"http://127.0.0.1:{port}")
    me.ask("a long one", STREAMING)
    first.kill()
    first.wait()
    me.page.wait_for_selector(TOLD, timeout=SECONDS)
    started(0.0)
    # As if the server had been back at once: a crowded machine takes minutes.
    key = "babelquote.asked"
    me.page.evaluate("k => babelquote.put(k, babelquote.got(k).map(o => ({...o, at: Date.now()})))", key)
    me.page.reload()
    me.page.wait_for_selector(DONE, timeout=SECONDS)
    assert me.text("#bq-live .bq-question") == "a long one"


def test_an_old_question_is_not_asked_again_by_itself(come: Any, line: Line) -> None:
    me = come(f"http://127.0.0.1:{line.port}")
    me.page.evaluate(
        "bq => { const conversation = babelquote.begin(); babelquote.put('babelquote.asked', [{id: 'f'.repeat(32), "
        "question: 'Long ago?', conversation, context: '[]', backend: '', at: Date.now() - 3600e3}]); }"
    )
    me.page.reload()
    me.page.wait_for_selector(TOLD)
    assert "no longer has this answer" in me.text(TOLD)
    assert asked(line) == []
    me.page.click(RETRY)
    me.page.wait_for_selector(DONE)
    assert asked(line) == ["Long ago?"]


def test_enter_while_an_answer_comes_stops_it_and_asks(come: Any, line: Line) -> None:
    me = come(f"http://127.0.0.1:{line.port}")
    for when in (STREAMING, THINKING):
        me.ask(ENDLESS[when], when)
        me.page.fill(BOX, ENGLISH)
        me.page.keyboard.press("Enter")
        me.page.wait_for_selector(DONE, timeout=SECONDS)
        assert me.text("#bq-live .bq-question") == ENGLISH
        assert me.page.input_value(BOX) == ""
        me.page.wait_for_selector("#bq-history .bq-turn:last-child[data-state=stopped]", timeout=SECONDS)
    assert me.page.locator("[aria-busy=true]").count() == 0
    me.page.reload()
    me.page.wait_for_selector("#bq-history .bq-turn:nth-child(4)")
    turns = [ENDLESS[STREAMING], ENGLISH, ENDLESS[THINKING], ENGLISH]
    assert me.page.locator(".bq-question").all_text_contents() == turns


def test_stop_ends_the_wait_though_the_line_is_dead(come: Any, line: Line) -> None:
    me = come(f"http://127.0.0.1:{line.port}")
    me.ask("an endless one", STREAMING)
    line.mode = "stall"
    me.page.click("#bq-ask")
    me.page.wait_for_selector("#bq-live [data-state=stopped]", timeout=8_000)
    assert me.page.get_attribute("#bq-ask", "aria-label") == "Ask"


def test_who_was_signed_out_is_told_and_led_back(come: Any) -> None:
    users = Users({"noor": hash_password(PASSWORD)})
    with chat_site(FakeAssistant(delay=0.01), users=users) as site:
        me = come(site.url, Guest)
        me.sign_in("noor")
        me.ask(ENGLISH)
        me.context.clear_cookies(name="babelquote_session")
        me.page.fill(BOX, "And who runs it?")
        me.page.keyboard.press("Enter")
        me.page.wait_for_selector(TOLD, timeout=SECONDS)
        assert "signed out" in me.text(TOLD)
        me.page.click("#bq-live [data-do=sign-in]")
        me.sign_in("noor")
        me.page.wait_for_selector(DONE, timeout=SECONDS)
        assert me.page.locator(".bq-question").all_text_contents() == [ENGLISH, "And who runs it?"]


def test_a_phone_shows_the_end_without_sideways_scrolling(come: Any, started: Any, port: int) -> None:
    first = started(0.05)
    size = {"width": 360, "height": 740}
    me = come(f"http://127.0.0.1:{port}", viewport=size, has_touch=True, is_mobile=True, device_scale_factor=2)
    me.ask("an endless one", STREAMING)
    first.kill()
    me.page.wait_for_selector("#bq-live .bq-thinking, #bq-live [role=alert]", timeout=SECONDS)
    me.shot("phone-reconnecting")
    me.page.wait_for_selector(TOLD, timeout=SECONDS)
    assert me.overflow() == 0
    me.page.locator(RETRY).scroll_into_view_if_needed()
    me.shot("phone-ended")
    assert me.page.locator(RETRY).bounding_box()["height"] >= 44
