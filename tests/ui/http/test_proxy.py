"""Behind a proxy: nginx and Caddy as the docs set them up, and what follows from the public address."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from index.errors import ConfigError
from tests.conftest import ROOT
from tests.harness.partly_slow import partly_slow
from tests.harness.ui_browser import BOX, DONE, PATIENCE, SHOTS, browser  # noqa: F401 - a fixture
from tests.harness.ui_server import Site, chat_site
from ui.app.serve_options import ServeOptions
from ui.app.web import serve
from ui.http.prefix import Prefix
from ui.http.public import host_name, public_address
from ui.http.sign_in.login import Users, hash_password

PASSWORD = "öffne dich"
USERS = Users({"noor": hash_password(PASSWORD)})


def documented(language: str) -> str:
    """Return a configuration as the docs give it."""
    found = re.search(rf"```{language}\n(.*?)```", (ROOT / "docs" / "proxy.md").read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


def nginx(folder: Path, port: int, upstream: str) -> list[str]:
    server = documented("nginx").replace("443 ssl", str(port)).replace("127.0.0.1:7860", upstream)
    server = re.sub(r"\n *ssl_certificate.*", "", server)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    head = f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/log; events {{}}"
    (folder / "nginx.conf").write_text(f"{head} http {{ access_log off; {temporary} {server} }}")
    return ["nginx", "-p", str(folder), "-e", f"{folder}/log", "-c", f"{folder}/nginx.conf"]


def nginx_that_writes_its_own_host(folder: Path, port: int, upstream: str) -> list[str]:
    command = nginx(folder, port, upstream)
    configuration = folder / "nginx.conf"
    kept = configuration.read_text()
    configuration.write_text(kept.replace("proxy_set_header Host $http_host;", ""))
    assert kept != configuration.read_text()
    return command


def nginx_that_keeps_the_path(folder: Path, port: int, upstream: str) -> list[str]:
    command = nginx(folder, port, upstream)
    configuration = folder / "nginx.conf"
    kept = configuration.read_text()
    configuration.write_text(kept.replace(f"http://{upstream}/;", f"http://{upstream};"))
    assert kept != configuration.read_text()
    return command


def caddy(folder: Path, port: int, upstream: str) -> list[str]:
    site = documented("caddy").replace("docs.example.org {", f"http://docs.example.org:{port} {{")
    options = "{\nadmin off\nauto_https off\n}\n"
    (folder / "Caddyfile").write_text(options + site.replace("127.0.0.1:7860", upstream))
    return ["caddy", "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"]


@contextmanager
def proxied(made: Callable[[Path, int, str], list[str]], folder: Path, sub: str = "/ask") -> Iterator[str]:
    """Run the chat and a proxy before it; yields the public address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://docs.example.org:{port}{sub}"
    with chat_site(users=USERS, public=public_address(url)) as site:
        command = made(folder, port, site.url.removeprefix("http://"))
        if shutil.which(command[0]) is None:
            pytest.skip(f"needs {command[0]}")
        home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
        process = subprocess.Popen(command, env={**os.environ, **home}, stderr=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield url
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the proxy did not start")


@pytest.mark.browser
@pytest.mark.parametrize("made", partly_slow([nginx, nginx_that_writes_its_own_host, nginx_that_keeps_the_path, caddy]))
def test_a_person_signs_in_and_asks_behind_a_proxy(browser: Any, tmp_path: Path, made: Any) -> None:  # noqa: F811
    with proxied(made, tmp_path) as url:
        _sign_in_and_ask(browser, url)


@pytest.mark.browser
@pytest.mark.parametrize("sub", ["/chat", "/login"])
@pytest.mark.parametrize("made", [nginx, nginx_that_keeps_the_path])
@pytest.mark.slow
def test_a_person_asks_below_a_sub_path_called_like_a_route(
    browser: Any,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    made: Any,
    sub: str,
) -> None:
    configured = documented("nginx").replace("/ask", sub)
    monkeypatch.setitem(globals(), "documented", lambda _: configured)
    with proxied(made, tmp_path, sub) as url:
        _sign_in_and_ask(browser, url)


def _sign_in_and_ask(browser: Any, url: str) -> None:  # noqa: F811
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 860})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    bad: list[str] = []
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("response", lambda got: bad.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    page.goto(url)  # without a slash: still the page
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "proxy-sign-in.png")
    page.fill("input[name=user]", "noor")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("html[data-ready=true]")
    page.fill(BOX, "Who painted the bridge?")
    page.keyboard.press("Enter")
    page.wait_for_selector(DONE)
    page.screenshot(path=SHOTS / "proxy-answer.png")
    assert page.url.partition("#")[0].rstrip("/") == url
    assert bad == []
    assert [each for each in requested if not each.startswith((f"{url}/", "data:", "blob:")) and each != url] == []
    assert {cookie["path"] for cookie in context.cookies()} == {f"/{url.rpartition('/')[2]}"}
    context.close()


@pytest.mark.slow
def test_a_further_name_is_known_and_no_other() -> None:
    with chat_site(names=frozenset({"host.docker.internal"})) as site:
        for host, status in (
            ("host.docker.internal:7860", 200),
            ("HOST.docker.internal", 200),
            ("docker.internal", 421),
        ):
            assert httpx.get(f"{site.url}/health", headers={"host": host}).status_code == status


@pytest.fixture(scope="module")
def public() -> Iterator[Site]:
    with chat_site(users=USERS, public=public_address("https://docs.example.org/ask")) as site:
        yield site


def sign_in(site: Site, **headers: str) -> httpx.Response:
    form = {"user": "noor", "password": PASSWORD}
    return httpx.post(f"{site.url}/login", data=form, headers=headers)


def test_cookies_and_ways_follow_from_the_public_address(public: Site) -> None:
    answer = sign_in(public, host="docs.example.org", origin="https://docs.example.org")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/ask/"
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) == 2
    assert all("; Path=/ask;" in each and each.endswith("; Secure") for each in cookies)
    assert httpx.get(public.url).headers["location"] == "/ask/login"
    assert httpx.get(f"{public.url}/logout").headers["location"] == "/ask/login"
    assert httpx.get(f"{public.url}/ask").headers["location"] == "/ask/"


@pytest.mark.parametrize("host", ["docs.example.org", "docs.example.org:443", "127.0.0.1:7860"])
@pytest.mark.parametrize("path", ["/health", "/ask/health"])
def test_host_and_path_may_be_kept_or_rewritten(public: Site, host: str, path: str) -> None:
    assert httpx.get(f"{public.url}{path}", headers={"host": host}).json() == {"status": "ok"}


def test_only_the_public_origin_is_our_own(public: Site) -> None:
    rewritten = {"host": "127.0.0.1:7860"}
    assert sign_in(public, origin="http://127.0.0.1:7860", **rewritten).status_code == 303  # rewritten, too
    assert sign_in(public, origin="https://docs.example.org", **rewritten).status_code == 303
    for origin in (
        "http://docs.example.org",
        "https://docs.example.org:8443",
        "https://docs.example.org.evil.example",
        "https://evil.example",
        "null",
    ):
        assert sign_in(public, origin=origin, **rewritten).status_code == 403, origin
    cross = {"origin": "https://docs.example.org", "sec-fetch-site": "cross-site"}
    assert sign_in(public, **cross, **rewritten).status_code == 403


def test_what_a_proxy_says_of_the_client_changes_nothing(public: Site) -> None:
    forged = {"x-forwarded-host": "evil.example", "x-forwarded-proto": "http", "x-forwarded-prefix": "/evil"}
    assert httpx.get(public.url, headers=forged).headers["location"] == "/ask/login"
    assert httpx.get(f"{public.url}/health", headers={"host": "evil.example", **forged}).status_code == 421
    assert httpx.get(f"{public.url}/ask", headers={"host": "evil.example"}).status_code == 421
    assert httpx.get(f"{public.url}/ask/gradio_api/file=/etc/passwd").status_code == 403
    assert httpx.get(f"{public.url}/asking/health").status_code == 403


OWN = frozenset({"/chat/document", "/api/answer", "/api/search", "/library/files", "/mcp", "/health", "/v1/models"})


def own(path: str) -> bool:
    return path in OWN or path.startswith(("/v1/", "/chat/stop/"))


@pytest.mark.parametrize("sub", ["/ask", "/chat", "/api", "/library", "/login", "/v1", "/assets", "/mcp", "/a/chat"])
@pytest.mark.parametrize("kept", [True, False])
def test_a_sub_path_may_be_called_like_a_route(sub: str, kept: bool) -> None:
    prefix = Prefix(public_address(f"https://docs.example.org{sub}"), own)
    paths = ["/", "/login", "/assets/x.js", "/config", "/chat/document", "/chat/stop/x", "/api/answer", "/v1/models"]
    paths += ["/v1/chat/completions", "/library/files", "/mcp", "/login", "/gradio_api/queue/join", "/health"]
    for path in paths:
        assert prefix.inner(f"{sub if kept else ''}{path}", "GET") == path, path
    if kept:
        assert prefix.inner(sub, "GET") is None


@pytest.mark.parametrize("sub", partly_slow(["/chat", "/login"]))
@pytest.mark.parametrize("kept", [True, False])
def test_one_signs_in_and_asks_below_a_sub_path_called_like_a_route(sub: str, kept: bool) -> None:
    url = f"https://docs.example.org{sub}"
    with chat_site(users=USERS, public=public_address(url)) as site:
        front = site.url + (sub if kept else "")
        first = httpx.get(f"{front}/", follow_redirects=False)
        assert first.headers["location"] == f"{sub}/login"
        assert "password" in httpx.get(f"{front}/login").text
        form = {"user": "noor", "password": PASSWORD}
        signed = httpx.post(f"{front}/login", data=form, headers={"origin": "https://docs.example.org"})
        assert signed.headers["location"] == f"{sub}/"
        asked = httpx.post(f"{front}/api/answer", json={"question": "Where is it?"}, auth=("noor", PASSWORD))
        assert "Helwan" in asked.json()["text"]


def test_a_public_address_without_users_says_who_can_ask(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("ui.app.web._app", lambda *_: None)
    monkeypatch.setattr("ui.app.web.server_of", lambda *_, **__: SimpleNamespace(run=lambda sockets: None))
    serve(tmp_path, "extractive", ServeOptions(port=0, public_url="https://docs.example.org/ask"))
    assert "note: everyone who reaches https://docs.example.org/ask can ask" in capsys.readouterr().err
    serve(tmp_path, "extractive", ServeOptions(port=0))
    assert "note" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://docs.example.org/ask/", "https://docs.example.org/ask"),
        ("https://Docs.Example.org:443", "https://docs.example.org"),
        ("http://docs.example.org:8080/a/b", "http://docs.example.org:8080/a/b"),
        ("https://bücher.example/häuser", "https://xn--bcher-kva.example/h%C3%A4user"),
        ("http://[::1]:80/x", "http://[::1]/x"),
    ],
)
def test_a_public_address_is_written_as_browsers_do(text: str, url: str) -> None:
    assert public_address(text).url == url


@pytest.mark.parametrize(
    "text",
    [
        "docs.example.org",
        "ftp://docs.example.org",
        "https://",
        "https://me:secret@docs.example.org",
        "https://docs.example.org/a?b",
        "https://docs.example.org/#a",
        "https://docs.example.org/a/../b",
        "https://docs.example.org//a",
        "https://docs.example.org/a%0d%0ab",
        "https://docs.example.org/a;b",
        "https://docs.example.org:99999",
    ],
)
def test_what_is_no_public_address_is_refused_by_name(text: str) -> None:
    with pytest.raises(ConfigError, match="--public-url"):
        public_address(text)


@pytest.mark.parametrize("text", ["", "a b", "host:80", "http://host", "host/path"])
def test_what_is_no_host_name_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="host name"):
        host_name(text)


def test_a_server_with_a_public_address_has_no_local_user() -> None:
    assert ServeOptions().local
    assert ServeOptions(public_url="http://127.0.0.1:8000/ask").local
    assert not ServeOptions(public_url="https://docs.example.org/ask").local
    assert not ServeOptions(host="0.0.0.0").local
