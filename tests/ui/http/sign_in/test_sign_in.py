"""A person signs in, asks, adds a document, signs out, in a real browser, however the server is called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.partly_slow import partly_slow
from tests.harness.ui_browser import BOX, DONE, PATIENCE, SHOTS, browser  # noqa: F401 - a fixture
from tests.harness.ui_server import Site, chat_site
from ui.http.guard import Guard, _is_foreign
from ui.http.public import public_address
from ui.http.sign_in.login import Users, hash_password

PASSWORD = "öffne dich"


@pytest.fixture(scope="module")
def locked() -> Iterator[Site]:
    with chat_site(users=Users({"noor": hash_password(PASSWORD)}), host="0.0.0.0") as site:
        yield site


def sign_in(page: Any, url: str, password: str) -> None:
    page.goto(url)
    page.fill("input[name=user]", "noor")
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")


@pytest.mark.browser
@pytest.mark.parametrize("name", partly_slow(["127.0.0.1", "localhost"]))
def test_a_person_signs_in_asks_and_signs_out(browser: Any, locked: Site, name: str) -> None:  # noqa: F811
    url = locked.url.replace("127.0.0.1", name)
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 860})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    sign_in(page, url, "wrong")
    page.wait_for_selector("[role=alert]")
    assert page.text_content("[role=alert]")
    sign_in(page, url, PASSWORD)
    page.wait_for_selector("html[data-ready=true]")
    page.fill(BOX, "Who painted the bridge?")
    page.keyboard.press("Enter")
    page.wait_for_selector(DONE)
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"signed-in-{name}.png")
    page.click("[data-do=sign-out]")
    page.wait_for_selector("input[name=password]")
    page.screenshot(path=SHOTS / f"signed-out-{name}.png")
    assert page.evaluate("fetch('/config').then((answer) => answer.status)") == 401
    assert page.evaluate("Object.keys(localStorage).length") == 0
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.slow
def test_the_page_to_sign_in_on_is_as_dark_as_the_device(browser: Any, locked: Site, scheme: str) -> None:  # noqa: F811
    context = browser.new_context(color_scheme=scheme)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(locked.url)
    page.wait_for_selector("input[name=password]")
    paper = page.eval_on_selector("body", "node => getComputedStyle(node).backgroundColor")
    bright = sum(int(part) for part in re.findall(r"\d+", paper)[:3]) / 3
    assert (bright > 200) == (scheme == "light")
    context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_two_people_at_one_browser_see_nothing_of_each_other(browser: Any) -> None:  # noqa: F811
    """Signing out clears what the browser kept; where nobody signs out, conversations are apart all the same."""
    asked = {"noor": "Who painted the bridge?", "omid": "Where is the oldest tree?"}
    users = Users({name: hash_password(PASSWORD) for name in asked})
    with chat_site(users=users) as site:
        context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 860})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()

        def enter(name: str) -> str:
            context.clear_cookies()  # the session ends without a sign-out: what the browser kept is still there
            page.goto(site.url)
            page.fill("input[name=user]", name)
            page.fill("input[name=password]", PASSWORD)
            page.click("button[type=submit]")
            page.wait_for_selector("html[data-ready=true]")
            page.click("[data-do=drawer]")
            return str(page.inner_text("body"))

        def ask(name: str) -> None:
            page.click("[data-do=close-drawer]")
            page.fill(BOX, asked[name])
            page.keyboard.press("Enter")
            page.wait_for_selector(DONE)

        enter("noor")
        ask("noor")
        assert page.evaluate("JSON.stringify(localStorage).includes('painted')")
        assert asked["noor"] not in enter("omid")
        ask("omid")
        seen = enter("noor")
        assert asked["noor"] in seen and asked["omid"] not in seen
        page.click("[data-do=close-drawer]")
        page.click("[data-do=sign-out]")
        page.wait_for_selector("input[name=password]")
        assert page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
        assert not any(text in enter(name) for name in asked for text in asked.values())
        context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_without_a_password_there_is_no_sign_out(browser: Any) -> None:  # noqa: F811
    with chat_site() as site:
        page = browser.new_page()
        page.goto(site.url)
        page.wait_for_selector("html[data-ready=true]", timeout=PATIENCE)
        assert not page.is_visible("[data-do=sign-out]")
        page.close()


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({}, False),
        ({"origin": "http://docs.example:7860"}, False),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, False),
        ({"origin": "http://docs.example:7860", "sec-fetch-site": "same-origin"}, False),
        ({"origin": "null"}, True),
        ({"origin": "null", "sec-fetch-site": "none"}, True),
        ({"origin": "null", "sec-fetch-site": "same-site"}, True),
        ({"origin": "null", "sec-fetch-site": "cross-site"}, True),
        ({"origin": "http://evil.example", "sec-fetch-site": "same-origin"}, True),
        ({"origin": "http://docs.example:7860", "sec-fetch-site": "cross-site"}, True),
        ({"origin": "http://docs.example:1", "sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "nonsense"}, True),
    ],
)
def test_which_requests_are_another_site_s(headers: dict[str, str], foreign: bool) -> None:
    assert _is_foreign(headers, "docs.example:7860") is foreign


def test_a_form_of_another_site_signs_nobody_in(locked: Site) -> None:
    form = {"user": "noor", "password": PASSWORD}
    for headers in ({"origin": "null"}, {"origin": "null", "sec-fetch-site": "cross-site"}):
        assert httpx.post(f"{locked.url}/login", data=form, headers=headers).status_code == 403
    ours = {"origin": "null", "sec-fetch-site": "same-origin"}
    assert httpx.post(f"{locked.url}/login", data=form, headers=ours).status_code == 303


def test_another_site_signs_nobody_out(locked: Site) -> None:
    for method in ("GET", "POST"):
        answer = httpx.request(method, f"{locked.url}/logout", headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403
        assert "clear-site-data" not in answer.headers


def test_the_public_address_has_a_scheme() -> None:
    guard = Guard(lambda scope, receive, send: None, public=public_address("https://docs.example.org/ask"))
    for origin, refused in (("http://docs.example.org", True), ("https://docs.example.org", False)):
        headers = {"host": "docs.example.org", "origin": origin}
        assert (guard._refusal({"path": "/login", "method": "POST"}, headers) is not None) is refused


def test_the_picture_of_signing_out_is_in_the_style_sheet() -> None:
    style = (Path(__file__).parents[4] / "ui" / "static" / "chat.css").read_text("utf-8")
    assert ".bq-icon-sign-out" in style
