"""Back, Forward and addresses: what is open can be left step by step, and opened again by those who may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import index
from rag import Assistant
from tests.harness.ui_browser import DONE, PASSWORD, Guest, Visitor, browser, come
from tests.harness.ui_fakes import Paced
from tests.harness.ui_line import Line
from tests.harness.ui_server import Site, chat_site
from ui.http.public import public_address
from ui.http.sign_in.login import Users, hash_password
from ui.service.library.library import Library, Rights

__all__ = ["browser", "come"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MILL = "What burnt down?"
ENGLISH = "Where is Factory 200 located?"
OPEN_LIBRARY = ".bq-header [data-do=library]"
MARK = "#bq-page mark[aria-current]"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    (folder / "texts").mkdir()
    (folder / "texts" / "mills & more.md").write_text("# Mills\n\nThe mill burnt down. It was old.", "utf-8")
    (folder / "texts" / "masr.md").write_text("# مصر والعراق\n\nوصل الوزير إلى القاهرة يوم السبت.", "utf-8")
    index.build([folder / "texts"], index_dir=folder / "index", embedder="hashing")
    return folder


@pytest.fixture(scope="module")
def site(texts: Path) -> Iterator[Site]:
    library = Library(texts / "index", Rights(local=True))
    with chat_site(Assistant(index_dir=texts / "index"), library=library) as served:
        yield served


def here(me: Visitor, shown: str = "", hidden: str = "") -> None:
    """Wait until the page stands, with some panes open and others closed."""
    for pane in shown.split():
        me.page.wait_for_selector(f"#bq-{pane}", state="visible")
    for pane in hidden.split():
        me.page.wait_for_selector(f"#bq-{pane}", state="hidden")
    me.page.wait_for_timeout(150)  # the history is in step
    assert me.page.locator(DONE).count() or me.page.locator(".bq-empty, #bq-history .bq-turn").count()


def read(me: Visitor) -> None:
    me.page.locator(".bq-chip[data-cite='1']").first.click()
    me.page.wait_for_selector(MARK)
    me.page.wait_for_function("location.hash.includes('q=')")


@pytest.mark.parametrize("device", [{}, PHONE], ids=["desktop", "phone"])
def test_back_closes_what_is_open_and_forward_opens_it_again(come: Any, site: Site, device: Any) -> None:
    me = come(site.url, **device)
    me.ask(MILL)
    before = me.page.url
    me.page.locator("#bq-live .bq-open").first.click()
    me.page.wait_for_selector(MARK)
    for _ in range(2):
        me.page.go_back()
        here(me, hidden="reader")
        assert me.page.url == before and me.page.locator(DONE).count() == 1
        me.page.go_forward()
        here(me, shown="reader")
        me.page.wait_for_selector(MARK)
    me.page.go_back()
    me.page.click(OPEN_LIBRARY)
    me.page.click(".bq-document-title >> nth=0")
    me.page.wait_for_selector("#bq-page .bq-text")
    here(me, shown="library reader")
    me.page.go_back()
    here(me, shown="library", hidden="reader")
    me.page.go_back()
    here(me, hidden="library reader")
    me.page.go_forward()
    here(me, shown="library", hidden="reader")
    me.page.wait_for_selector(".bq-document")
    me.page.go_back()
    here(me, hidden="library")
    me.page.click("#bq-backend")
    here(me, shown="backends")
    me.page.go_back()
    here(me, hidden="backends")
    me.page.click("[data-do=drawer]")
    here(me, shown="drawer")
    me.page.go_back()
    here(me, hidden="drawer")
    assert me.page.url == before and me.page.locator(DONE).count() == 1


def test_what_is_closed_by_hand_leaves_no_steps_behind(come: Any, site: Site) -> None:
    me = come(site.url)
    me.ask(MILL)
    length = me.page.evaluate("history.length")
    for _ in range(3):
        read(me)
        me.page.keyboard.press("Escape")
        here(me, hidden="reader")
        me.page.click(OPEN_LIBRARY)
        here(me, shown="library")
        me.page.click("#bq-library [data-do=library]")
        here(me, hidden="library")
        me.page.click("#bq-backend")
        here(me, shown="backends")
        me.page.locator(".bq-brand").click()
        here(me, hidden="backends")
    assert me.page.evaluate("history.length") <= length + 1


def test_back_goes_through_the_conversations(come: Any, site: Site) -> None:
    me = come(site.url)
    me.ask(MILL)
    first = me.page.url
    me.page.click(".bq-header [data-do=new]")
    me.page.wait_for_selector(".bq-empty")
    assert "#c=" not in me.page.url
    me.ask("Who came on Saturday?")
    assert me.page.url != first and "#c=" in me.page.url
    me.page.go_back()
    me.page.wait_for_function("q => document.querySelector('#bq-history .bq-question')?.textContent === q", arg=MILL)
    assert me.page.url == first
    me.page.go_forward()
    me.page.wait_for_function("() => document.querySelector('#bq-history .bq-question')?.textContent.startsWith('Who')")
    me.page.click("[data-do=drawer]")
    me.page.click(f"#bq-saved .bq-saved-open:has-text('{MILL}')")
    me.page.wait_for_function("q => document.querySelector('#bq-history .bq-question')?.textContent === q", arg=MILL)
    me.page.go_back()  # past the list, which is no place
    me.page.wait_for_function("() => document.querySelector('#bq-history .bq-question')?.textContent.startsWith('Who')")
    here(me, hidden="drawer")


def test_an_answer_that_comes_meanwhile_belongs_to_its_conversation(come: Any) -> None:
    with chat_site(Paced(delay=0.05)) as slow:
        me = come(slow.url)
        me.ask(ENGLISH)
        me.page.click(".bq-header [data-do=new]")
        me.ask("a long one", wait="#bq-live [data-state=streaming]")
        me.page.go_back()
        me.page.wait_for_function(
            "q => document.querySelector('#bq-history .bq-question')?.textContent === q", arg=ENGLISH
        )
        assert me.page.locator("#bq-live .bq-turn").count() == 0
        me.page.go_forward()
        me.page.wait_for_selector("#bq-live .bq-turn")
        me.page.wait_for_selector(DONE)
        me.page.go_back()
        me.page.wait_for_function(
            "q => document.querySelector('#bq-history .bq-question')?.textContent === q", arg=ENGLISH
        )
        assert me.page.locator(".bq-question").all_text_contents() == [ENGLISH]


def test_addresses_open_what_they_name(come: Any, site: Site) -> None:
    me = come(site.url)
    me.ask(MILL)
    conversation = me.page.url
    read(me)
    quote, marked = me.page.url, me.text(MARK)
    assert marked == "The mill burnt down."
    me.page.click("#bq-reader [data-do=close-reader]")
    me.page.click(OPEN_LIBRARY)
    library = me.page.url
    me.page.click(".bq-document-title:has-text('Mills')")
    me.page.wait_for_selector("#bq-page .bq-text")
    document = me.page.url
    assert len({conversation, quote, library, document}) == 4
    other = me.context.new_page()  # the same browser, another window
    other.goto(conversation)
    other.wait_for_selector("#bq-history .bq-turn")
    assert other.text_content("#bq-history .bq-question") == MILL
    stranger = come(site.url)  # another browser: what everyone may read, and nobody's conversation
    for address, wanted in ((quote, MARK), (document, "#bq-page .bq-text"), (library, ".bq-document")):
        stranger.page.goto("about:blank")
        stranger.page.goto(address)
        stranger.page.wait_for_selector(wanted)
    stranger.page.goto("about:blank")
    stranger.page.goto(quote)
    stranger.page.wait_for_selector(MARK)
    assert stranger.text(MARK) == marked
    stranger.shot("address-quote")
    stranger.page.go_back()
    assert stranger.page.url == "about:blank"  # the reader was the place itself
    stranger.page.goto(conversation)
    stranger.page.wait_for_selector("#bq-said")
    assert stranger.text("#bq-said") == "This conversation is not kept in this browser."
    assert stranger.page.locator(".bq-turn").count() == 0
    stranger.shot("address-conversation-gone")
    stranger.ask(MILL)
    assert stranger.page.locator("#bq-said").count() == 0


def test_a_reload_keeps_what_is_open(come: Any, site: Site) -> None:
    me = come(site.url)
    me.ask(MILL)
    read(me)
    address = me.page.url
    me.page.reload()
    me.page.wait_for_selector(MARK)
    me.page.wait_for_selector("#bq-history .bq-turn")
    assert me.page.url == address
    me.page.go_back()
    here(me, hidden="reader")
    assert me.text("#bq-history .bq-question") == MILL


def test_an_address_of_what_is_gone_says_so_in_one_line(come: Any, site: Site) -> None:
    me = come(site.url)
    me.ask(MILL)
    read(me)
    quote = me.page.url
    for address in (
        re.sub("d=[^&]+", "d=nothing", quote),
        f"{site.url}/#d=%00%3Cimg%20src=x%20onerror=alert(1)%3E&q=1-9",
    ):
        me.page.goto("about:blank")
        me.page.goto(address)
        me.page.wait_for_selector("#bq-page [role=alert]")
        assert me.text("#bq-page") == "This document is not here any more."
        me.shot("address-document-gone")
    me.page.goto("about:blank")
    me.page.goto(re.sub("w=[^&]+", "w=zzzzzz", quote))  # as if the document had been changed since
    me.page.wait_for_selector("#bq-page [role=alert]")
    assert "has changed" in me.text("#bq-page [role=alert]")
    assert me.page.locator("#bq-page mark").count() == 0
    for nonsense in ("#c=%3Cb%3E", "#q=1-2", "#d=", "#%", "#c=&d=&q=&w=&library"):
        me.page.goto("about:blank")
        me.page.goto(f"{site.url}/{nonsense}")
        me.page.wait_for_selector("html[data-ready=true]")


def test_an_address_typed_into_an_open_page_is_followed(come: Any, site: Site) -> None:
    me = come(site.url)
    me.ask(MILL)
    read(me)
    quote = me.page.url
    me.page.keyboard.press("Escape")
    here(me, hidden="reader")
    me.page.evaluate("address => { location.href = address; }", quote)
    me.page.wait_for_selector(MARK)
    me.page.go_back()
    here(me, hidden="reader")


def test_signing_in_leads_to_the_address_and_not_to_another_s_conversation(come: Any) -> None:
    users = Users({name: hash_password(PASSWORD) for name in ("noor", "omid")})
    line = Line()
    url = f"http://127.0.0.1:{line.port}/ask"
    with closing(line), chat_site(users=users, public=public_address(url)) as site:
        line.to = int(site.url.rsplit(":", 1)[1])
        me = come(f"{url}/", Guest)
        me.sign_in("noor")
        me.ask(ENGLISH)
        conversation = me.page.url
        read(me)
        quote = me.page.url
        assert conversation.startswith(f"{url}/#c=") and quote.startswith(f"{url}/#d=")
        me.context.clear_cookies()  # the session is over; the browser and its store are the same
        me.page.goto("about:blank")
        me.page.goto(conversation)
        me.sign_in("omid")
        me.page.wait_for_selector("#bq-said")
        assert me.page.locator(".bq-turn").count() == 0
        assert ENGLISH not in me.page.inner_text("body")
        me.page.goto("about:blank")
        me.page.goto(quote)
        me.page.wait_for_selector(MARK)
        me.context.clear_cookies()
        me.page.goto("about:blank")
        me.page.goto(quote)
        me.page.fill("input[name=user]", "noor")
        me.page.fill("input[name=password]", "wrong")
        me.page.click("button[type=submit]")
        me.page.wait_for_selector("[role=alert]")
        me.sign_in("noor")
        me.page.wait_for_selector(MARK)
        me.page.goto("about:blank")
        me.page.goto(conversation)
        me.page.wait_for_selector("#bq-history .bq-turn")
        assert me.text("#bq-history .bq-question") == ENGLISH
