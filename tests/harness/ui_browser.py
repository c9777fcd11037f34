"""People with a browser window before the page: fixtures and what they do, for every test that drives Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.harness.ui_server import Site

SHOTS = ROOT / "var" / "screenshots"
DONE = "#bq-live .bq-turn[data-record]"
PASSWORD = "öffne dich"
BOX = "#bq-question textarea"
# Milliseconds until a page is given up: tests wait for states, and a crowded machine reaches them late.
PATIENCE = 180_000
# A name that leads to this machine, yet is none of its own names.
NAMES = "--host-resolver-rules=MAP docs.example.org 127.0.0.1"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("needs Chromium on the PATH to drive the page")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", NAMES]
        opened = playwright.chromium.launch(executable_path=program, args=flags, timeout=PATIENCE)
        yield opened
        opened.close()


class Visitor:
    """A person with a browser window; notices every request, dialog and error of the page."""

    def __init__(self, browser: Any, url: str, **context: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}, "locale": "en-US", **context})
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.url = url
        self.requests: list[str] = []
        self.troubles: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: (self.troubles.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.visit()

    def visit(self) -> None:
        self.page.goto(self.url)
        self.page.wait_for_selector("html[data-ready=true]")

    def ask(self, question: str, wait: str = DONE) -> None:
        self.page.fill(BOX, question)
        self.page.keyboard.press("Enter")
        self.page.wait_for_function(
            "q => document.querySelector('#bq-live .bq-question')?.textContent === q", arg=question.strip()
        )
        self.page.wait_for_selector(wait)

    def shot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(250)  # the pane's slide and the card's rise are over
        self.page.screenshot(path=SHOTS / f"{name}.png")

    def text(self, selector: str) -> str:
        return str(self.page.text_content(selector))

    def style(self, selector: str, name: str) -> str:
        return str(self.page.eval_on_selector(selector, f"node => getComputedStyle(node)[{name!r}]"))

    def overflow(self) -> int:
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


class Guest(Visitor):
    """A visitor who has to sign in."""

    def visit(self) -> None:
        self.page.goto(self.url)

    def sign_in(self, name: str) -> None:
        self.page.fill("input[name=user]", name)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector("html[data-ready=true]")


@pytest.fixture
def come(browser: Any) -> Iterator[Callable[..., Visitor]]:
    """Let people come to any address; no error of the page is overlooked."""
    visitors: list[Visitor] = []

    def visit(url: str, kind: type[Visitor] = Visitor, **context: Any) -> Visitor:
        visitors.append(kind(browser, url, **context))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.context.close()
        assert visitor.troubles == []


@pytest.fixture
def visit(browser: Any, site: Site) -> Iterator[Any]:
    visitors: list[Visitor] = []

    def come(**context: Any) -> Visitor:
        visitors.append(Visitor(browser, site.url, **context))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.context.close()
        assert [url for url in visitor.requests if not url.startswith((site.url, "data:", "blob:"))] == []
        assert visitor.troubles == []
