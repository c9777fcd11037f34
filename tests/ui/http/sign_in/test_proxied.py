"""A proxy says who asks: nobody else is believed, and nobody else is answered."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from index.errors import ConfigError
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import running
from ui.app.serve_options import ServeOptions
from ui.app.server import build_app
from ui.app.web import serve
from ui.http.sign_in.login import USER
from ui.http.sign_in.proxied import Proxied, header_name, networks
from ui.service.asking.asking import ChatService

PROXY = networks(["10.1.0.0/16", "::1"])


def asked(headers: list[tuple[bytes, bytes]], client: str = "10.1.2.3", path: str = "/") -> tuple[int, str]:
    """Return the status, and who asks in the application's eyes."""
    seen: list[str] = []
    statuses: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope.get(USER, "nobody"))
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {"type": "http", "path": path, "headers": headers, "client": (client, 1)}
    asyncio.run(Proxied(app, header_name("X-Remote-User"), PROXY)(scope, None, send))  # type: ignore[arg-type]
    return statuses[0], "".join(seen)


def test_the_header_of_a_trusted_proxy_names_who_asks() -> None:
    assert asked([(b"X-REMOTE-USER", "Zoë".encode())]) == (200, "Zoë")
    assert asked([(b"x-remote-user", b"mia")], "::ffff:10.1.9.9") == (200, "mia")
    assert asked([(b"x-remote-user", b"mia")], "::1") == (200, "mia")


@pytest.mark.parametrize(
    ("headers", "client", "status"),
    [
        ([(b"x-remote-user", b"admin")], "10.2.0.1", 403),  # somebody past the proxy
        ([(b"x-remote-user", b"admin")], "", 403),
        ([(b"x-remote-user", b"admin")], "not an address", 403),
        ([], "10.1.2.3", 401),
        ([(b"x-remote-user", b"")], "10.1.2.3", 401),
        ([(b"x-remote-user", b"admin"), (b"x-remote-user", b"mia")], "10.1.2.3", 401),  # the client's own beside it
        ([(b"x-remote-user", b"a\x00b")], "10.1.2.3", 401),
        ([(b"x-remote-user", b"\xff")], "10.1.2.3", 401),
        ([(b"x-remote-user", b"a" * 201)], "10.1.2.3", 401),
        ([(b"x_remote_user", b"admin")], "10.1.2.3", 401),
    ],
)
def test_nobody_else_is_let_through(headers: list[tuple[bytes, bytes]], client: str, status: int) -> None:
    assert asked(headers, client) == (status, "")


def test_whether_it_lives_everybody_may_ask() -> None:
    assert asked([], "192.0.2.1", "/health") == (200, "nobody")


def test_a_server_behind_such_a_proxy() -> None:
    app = build_app(ChatService(FakeAssistant(), "extractive"))
    with running(Proxied(app, header_name("X-Remote-User"), networks(["127.0.0.1"]))) as url:
        assert httpx.get(url, timeout=60).status_code == 401
        page = httpx.get(url, headers={"X-Remote-User": "mia"}, timeout=60)
        assert page.status_code == 200 and page.headers["content-security-policy"]
    with running(Proxied(app, header_name("X-Remote-User"), networks(["10.0.0.1"]))) as url:
        assert httpx.get(url, headers={"X-Remote-User": "admin"}, timeout=60).status_code == 403


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"auth_header": "X-Remote-User"}, "--trusted-proxy"),
        ({"auth_header": "X-Remote-User", "trusted_proxies": ("nonsense",)}, "--trusted-proxy"),
        ({"auth_header": "Cookie", "trusted_proxies": ("127.0.0.1",)}, "Cookie"),
        ({"auth_header": "a b", "trusted_proxies": ("127.0.0.1",)}, "a b"),
        ({"trusted_proxies": ("127.0.0.1",)}, "without --auth-header"),
    ],
)
def test_what_makes_no_sense_is_reported(
    options: dict[str, Any], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.app.web._app", lambda *_: None)
    with pytest.raises(ConfigError, match=expected):
        serve(None, "extractive", ServeOptions(port=0, **options))


def test_who_is_behind_a_proxy_is_not_the_local_user() -> None:
    assert ServeOptions().local and not ServeOptions(auth_header="X-Remote-User").local
