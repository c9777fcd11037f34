"""Heads of requests: bounded while they come and when they are read, and of cookies only ours are looked at."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from tests.harness.ui_server import running
from tests.ui.http.test_crowd import HELD, ROUTES
from ui.http import connections, guard
from ui.http.guard import Guard
from ui.http.sign_in.login import Login, Users, hash_password

SLASHES = 'babelquote_session="' + "\\" * 15_000 + '"'
OTHERS = f'session={"x" * 9_000}; {SLASHES}; a="{chr(92) * 500}"; babelquote_session=abc-D_1; babelquote_whose=%6f.x'


def seen(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return the headers that reach the application; none where it is not reached."""
    found: dict[bytes, bytes] = {}

    async def app(scope: Any, *_: object) -> None:
        found.update(scope["headers"])

    async def ask() -> None:
        scope = {"type": "http", "path": "/health", "method": "GET", "headers": [(b"host", b"localhost"), *headers]}

        async def nothing(*_: object) -> Any:
            return {"type": "http.disconnect"}

        await Guard(app)(scope, nothing, nothing)

    asyncio.run(ask())
    return found


def test_only_our_cookies_reach_the_application() -> None:
    assert seen([(b"cookie", OTHERS.encode())])[b"cookie"] == b"babelquote_session=abc-D_1; babelquote_whose=%6f.x"
    assert seen([(b"cookie", SLASHES.encode())])[b"cookie"] == b""


def test_a_wall_that_passes_any_cookie_on_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_ours", lambda _, value: value)
    with pytest.raises(AssertionError):
        test_only_our_cookies_reach_the_application()


def test_who_is_signed_in_stays_so_beside_cookies_of_others() -> None:
    async def whole(scope: Any, receive: Any, send: Any) -> None:
        await Starlette(routes=ROUTES)(scope, receive, send)

    login = Login(whole, Users({"noor": hash_password("right")}))
    with running(Guard(login)) as url:
        signed = httpx.post(f"{url}/login", data={"user": "noor", "password": "right"})
        own = "; ".join(cookie.split(";")[0] for cookie in signed.headers.get_list("set-cookie"))
        for cookie, status in ((own, 405), (f"a=b; {own}; {SLASHES}", 405), (SLASHES, 401)):
            assert httpx.get(f"{url}/api/answer", headers={"cookie": cookie}).status_code == status, cookie[:60]


@pytest.mark.parametrize(
    "headers", [[(b"x-a", b"a" * 33_000)], [(b"cookie", b"a=b;" * 9_000)], [(b"x-%d" % at, b"") for at in range(300)]]
)
def test_a_long_head_is_refused_before_anything_reads_it(headers: list[tuple[bytes, bytes]]) -> None:
    assert seen(headers) == {}
    with running(Guard(Starlette(routes=ROUTES))) as url:
        refused = httpx.get(f"{url}/health", headers=headers)
    assert refused.status_code == 431 and refused.headers["connection"] == "close"


def ends(url: str, first: bytes) -> bool:
    """Tell whether the server cuts off a head of three megabytes before all of it is sent."""
    with closing(socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=60)) as line:
        try:
            line.sendall(first)
            for number in range(3_000):
                line.sendall(b"x-%d: " % number + b"a" * 990 + b"\r\n")
            line.settimeout(1)
            return not line.recv(65_536).startswith(b"HTTP/1.1 200")
        except TimeoutError:
            return False
        except OSError:
            return True


BEGUN = {
    "a head": b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n",
    "behind a request": HELD["an answer that never ends"],
}
BEGUN["behind a request"] += BEGUN["a head"]


@pytest.mark.parametrize("begun", BEGUN)
def test_a_head_without_end_is_cut_off(begun: str) -> None:
    with running(Starlette(routes=ROUTES)) as url:
        assert ends(url, BEGUN[begun])


def test_a_server_that_keeps_any_head_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_MOST_HEAD", 1 << 40)
    with running(Starlette(routes=ROUTES)) as url:
        assert not any(ends(url, begun) for begun in BEGUN.values())


def test_long_bodies_and_many_requests_are_no_long_head() -> None:
    with running(Starlette(routes=ROUTES)) as url, httpx.Client(base_url=url, timeout=60) as client:
        assert client.post("/api/answer", content=b"x" * 3_000_000).text == "3000000"
        for _ in range(40):
            assert client.get("/health", headers={"x-a": "a" * 9_000}).status_code == 200
